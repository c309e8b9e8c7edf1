/** How far a removal says lanes count (protocol 4): a cap counts if what it names is here; of several, the minimum. */
import { describe, expect, it } from 'vitest';
import { LaneCaps, narrow } from '../../../src/lib/conversation/authority/lane-caps';
import type { CapClaim } from '../../../src/lib/conversation/authority/statement';

const cap = (segment: number, lane: number, clock: number, idPrefix = 'a'): CapClaim => ({
	segment,
	lane,
	clock,
	idPrefix
});
const capsOf = (...claims: readonly CapClaim[]): LaneCaps =>
	LaneCaps.of(claims, ({ idPrefix }) => idPrefix !== 'not here');
const ofMessages = (caps: LaneCaps): readonly CapClaim[] => [...caps.claimByMessageLane.values()];

describe('caps', () => {
	it('accept a control lane up to and with the entry that they name', () => {
		const caps = capsOf(cap(0, 5, 3));
		expect([0, 3, 4].map((clock) => caps.allows(5, clock))).toEqual([true, true, false]);
		expect(caps.limitOf(5)).toBe(4);
	});

	it('accept nothing of a lane that they do not list, or of which they name what is not here', () => {
		const caps = capsOf(cap(0, 5, 3, 'not here'), cap(1, 6, 3));
		for (const lane of [5, 6, 7]) expect([caps.allows(lane, 0), caps.limitOf(lane)]).toEqual([false, 0]);
	});

	it('are kept as stated of message lanes, which may be elsewhere, by segment and lane', () => {
		const claims = [cap(1, 5, 3, 'not here'), cap(2, 5, 4), cap(1, 6, 0)];
		const caps = capsOf(...claims, cap(0, 5, 9));
		expect([...caps.claimByMessageLane]).toEqual([
			['1/5', claims[0]],
			['2/5', claims[1]],
			['1/6', claims[2]]
		]);
	});
});

describe('of several caps', () => {
	it('the lower clock counts in each lane, and nothing of a lane that one of them leaves out', () => {
		const one = capsOf(cap(0, 5, 3), cap(0, 6, 1), cap(0, 7, 8));
		const other = capsOf(cap(0, 5, 2), cap(0, 6, 4), cap(0, 8, 8));
		for (const both of [one.and(other), other.and(one)])
			expect([...both.controlClockByLane].sort()).toEqual([
				[5, 2],
				[6, 1]
			]);
	});

	it.each([
		['the lower clock, whatever the names', cap(1, 5, 2, 'z'), cap(1, 5, 3, 'a')],
		['at one clock the lower name, so that all choose the same branch', cap(1, 5, 2, 'a'), cap(1, 5, 2, 'b')]
	])('over a message lane counts %s', (_, lower, higher) => {
		for (const [a, b] of [
			[lower, higher],
			[higher, lower]
		] as const)
			expect(ofMessages(capsOf(a).and(capsOf(b)))).toEqual([lower]);
	});

	it('one that leaves a message lane out leaves nothing of it', () => {
		expect(ofMessages(capsOf(cap(1, 5, 2)).and(capsOf(cap(1, 6, 2), cap(2, 5, 2))))).toEqual([]);
	});

	it('of one key the minimum is kept, and other keys are as they were', () => {
		const capsByKey = new Map<string, LaneCaps>();
		narrow(capsByKey, 'one', capsOf(cap(0, 5, 3)));
		narrow(capsByKey, 'other', capsOf(cap(0, 5, 9)));
		narrow(capsByKey, 'one', capsOf(cap(0, 5, 6)));
		expect([...capsByKey].map(([key, caps]) => [key, caps.limitOf(5)])).toEqual([
			['one', 4],
			['other', 10]
		]);
	});
});
