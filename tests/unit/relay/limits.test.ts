import { describe, expect, it } from 'vitest';
import { addressKey, BoundedCounts, TokenBucket } from '../../../relay/limits';
import { ManualClock } from './manual-clock';

describe('TokenBucket', () => {
	it('gives the burst at once, then the rate', () => {
		const clock = new ManualClock();
		const bucket = new TokenBucket(clock, 10, 100);
		for (let i = 0; i < 100; i++) expect(bucket.take(1)).toBe(0);
		expect(bucket.take(1)).toBe(100);
		clock.advance(100);
		expect(bucket.take(0)).toBe(0);
		clock.advance(60_000);
		expect(bucket.take(100)).toBe(0);
		expect(bucket.take(5)).toBe(500);
	});

	it('takes something larger than the burst whole, and has it paid off', () => {
		const clock = new ManualClock();
		const bucket = new TokenBucket(clock, 1000, 1000);
		expect(bucket.take(5000)).toBe(4000);
		clock.advance(3999);
		expect(bucket.take(0)).toBe(1);
		clock.advance(1);
		expect(bucket.take(0)).toBe(0);
	});
});

describe('BoundedCounts', () => {
	it('keeps each key to the limit and forgets keys without any', () => {
		const counts = new BoundedCounts(2);
		expect([counts.add('a'), counts.add('a'), counts.add('a'), counts.add('b')]).toEqual([
			true,
			true,
			false,
			true
		]);
		counts.remove('a');
		expect(counts.add('a')).toBe(true);
		for (const key of ['a', 'a', 'b']) counts.remove(key);
		expect(counts.size).toBe(0);
	});
});

describe('addressKey', () => {
	it.each([
		['10.1.2.3', undefined, '10.1.2.3'],
		['::ffff:10.1.2.3', undefined, '10.1.2.3'],
		['2001:db8:1:2:3:4:5:6', undefined, '2001:db8:1:2::/64'],
		['2001:0db8:0001:0002::1', undefined, '2001:db8:1:2::/64'],
		['2001:db8::7', undefined, '2001:db8:0:0::/64'],
		['::1', undefined, '0:0:0:0::/64'],
		['fe80::1%eth0', undefined, 'fe80:0:0:0::/64'],
		[undefined, undefined, 'unknown'],
		['127.0.0.1', '203.0.113.9, 198.51.100.7', '198.51.100.7'],
		['127.0.0.1', '', '127.0.0.1']
	])('of %s behind %s is %s', (remote, forwarded, key) => {
		expect(addressKey(remote, forwarded)).toBe(key);
	});
});
