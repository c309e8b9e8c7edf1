import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Delivery } from '../../../src/lib/conversation/delivery';
import { LearnedTimes } from '../../../src/lib/conversation/learned-times';
import { group, type Person } from './people';

let counter = 0;

/** What one says of what they hold and have read, and the other hears. */
async function tells(from: Person, to: Person): Promise<Uint8Array> {
	const frontier = await from.conversation.frontier(++counter);
	if (frontier === null) throw new Error('there is no lane to sign with');
	await to.conversation.receiveFrontier(frontier);
	return frontier;
}

const open = { receipts: true, online: true };
const closed = { receipts: false, online: false };

function stateOf(person: Person, text: string): string {
	const { segment, lane, clock } = person.shownAs(text);
	return person.conversation.deliveryOf(segment, lane, clock);
}

const accountOf = (person: Person): string => person.conversation.account;

describe('read receipts', () => {
	it('say what was on screen, and not what has come since', async () => {
		const { founder: alice, bob } = await group('bob');
		alice.sharing = bob.sharing = open;
		await alice.say('one');
		await bob.hear(alice);
		await tells(bob, alice);
		expect(stateOf(alice, 'one')).toBe('delivered');
		expect(bob.conversation.markRead(bob.shownAs('one'))).toBe(true);
		await alice.say('two');
		await bob.hear(alice);
		await tells(bob, alice);
		expect(stateOf(alice, 'one')).toBe('read');
		expect(stateOf(alice, 'two')).toBe('delivered');
	});

	it('do not take for read what comes late from long ago', async () => {
		const { founder: alice, bob, carol } = await group('bob', 'carol');
		for (const person of [alice, bob, carol]) person.sharing = open;
		await carol.say('written offline');
		for (const text of ['one', 'two']) await alice.say(text);
		await bob.hear(alice);
		bob.conversation.markRead(bob.shownAs('two'));
		await bob.hear(carol);
		expect(bob.shownAs('written offline').time).toBeLessThanOrEqual(bob.shownAs('two').time);
		await tells(bob, carol);
		expect(stateOf(carol, 'written offline')).toBe('delivered');
		expect(bob.conversation.markRead(bob.shownAs('two'))).toBe(true);
		await tells(bob, carol);
		expect(stateOf(carol, 'written offline')).toBe('read');
	});

	it('of all make "read by all", and tell who has read', async () => {
		const { founder: alice, bob, carol } = await group('bob', 'carol');
		for (const person of [alice, bob, carol]) person.sharing = open;
		await alice.say('hello');
		for (const person of [bob, carol]) await person.hear(alice);
		bob.conversation.markRead(bob.shownAs('hello'));
		await tells(bob, alice);
		await tells(carol, alice);
		expect(stateOf(alice, 'hello')).toBe('read');
		const { segment, lane, clock } = alice.shownAs('hello');
		const receipts = alice.conversation.receiptsOf(segment, lane, clock);
		expect(new Map(receipts.map(({ account, read }) => [account, read]))).toEqual(
			new Map([
				[accountOf(bob), true],
				[accountOf(carol), false]
			])
		);
		expect(receipts.every(({ deliveredAtMs }) => deliveredAtMs !== null)).toBe(true);
		carol.conversation.markRead(carol.shownAs('hello'));
		await tells(carol, alice);
		expect(stateOf(alice, 'hello')).toBe('read-by-all');
	});

	it('are not given without consent, not even later of what was read meanwhile', async () => {
		const { founder: alice, bob } = await group('bob');
		alice.sharing = open;
		bob.sharing = closed;
		await alice.say('one');
		await bob.hear(alice);
		expect(bob.conversation.markRead(bob.shownAs('one'))).toBe(false);
		await tells(bob, alice);
		expect(stateOf(alice, 'one')).toBe('delivered');
		expect(alice.conversation.lastWords.get(accountOf(bob))?.online).toBe(false);
		bob.sharing = open;
		await tells(bob, alice);
		expect(stateOf(alice, 'one')).toBe('delivered');
		expect(alice.conversation.lastWords.get(accountOf(bob))?.online).toBe(true);
		bob.sharing = { receipts: false, online: false };
		bob.conversation.markRead(bob.shownAs('one'));
		await tells(bob, alice);
		expect(stateOf(alice, 'one')).toBe('delivered');
	});

	it('say the same, byte for byte but for what is random, whether nothing was read or nobody is to know', async () => {
		const { founder: alice, bob } = await group('bob');
		bob.sharing = { receipts: true, online: false };
		await alice.say('one');
		await bob.hear(alice);
		const unread = await tells(bob, alice);
		bob.conversation.markRead(bob.shownAs('one'));
		bob.sharing = closed;
		const hidden = await tells(bob, alice);
		expect(hidden.length).toBe(unread.length);
		expect(stateOf(alice, 'one')).toBe('delivered');
	});

	it('are mutual: who gives none sees none', async () => {
		const { founder: alice, bob } = await group('bob');
		alice.sharing = bob.sharing = open;
		await alice.say('one');
		await bob.hear(alice);
		bob.conversation.markRead(bob.shownAs('one'));
		await tells(bob, alice);
		alice.sharing = closed;
		expect(stateOf(alice, 'one')).toBe('delivered');
		const { segment, lane, clock } = alice.shownAs('one');
		expect(alice.conversation.receiptsOf(segment, lane, clock)).toMatchObject([
			{ read: false, readAtMs: null }
		]);
	});
});

describe('delivery, with whatever is heard in whatever order', () => {
	const order = ['queued', 'sent', 'delivered', 'delivered-to-all', 'read', 'read-by-all'];
	const fact = fc.record({
		kind: fc.constantFrom('acknowledge' as const, 'cover' as const, 'read' as const),
		account: fc.constantFrom('a', 'b', 'c'),
		next: fc.integer({ min: 1, max: 6 })
	});

	it('never falls back, and comes back from its record as it was', () => {
		fc.assert(
			fc.property(fc.array(fact, { maxLength: 40 }), (facts) => {
				let delivery = new Delivery();
				const stateAt = (clock: number): number =>
					order.indexOf(delivery.stateOf(1, 7, clock, ['a', 'b', 'c']));
				for (const [atMs, { kind, account, next }] of facts.entries()) {
					const before = [0, 1, 2, 3, 4, 5].map(stateAt);
					if (kind === 'acknowledge') delivery.acknowledge(1, 7, next);
					else delivery[kind](account, 1, 7, next, atMs);
					const after = [0, 1, 2, 3, 4, 5].map(stateAt);
					expect(after.every((state, clock) => state >= (before[clock] ?? 0))).toBe(true);
					delivery = new Delivery(structuredClone(delivery.toRecord()));
					expect([0, 1, 2, 3, 4, 5].map(stateAt)).toEqual(after);
				}
			})
		);
	});

	it('opens what was kept before there were read receipts', () => {
		const delivery = new Delivery({ acknowledged: [['1/7', 2]], coveredByAccount: [['a', [['1/7', 2]]]] });
		expect(delivery.stateOf(1, 7, 1, ['a'])).toBe('delivered');
		expect(delivery.receiptsOf(1, 7, 1)).toEqual([
			{ account: 'a', deliveredAtMs: null, read: false, readAtMs: null }
		]);
		delivery.cover('a', 1, 7, 5, 99);
		expect(delivery.receiptsOf(1, 7, 1)[0]?.deliveredAtMs).toBe(null);
		expect(delivery.receiptsOf(1, 7, 4)[0]?.deliveredAtMs).toBe(99);
	});
});

describe('times at which something was learned', () => {
	it('are the first that covered an entry, and unknown once too many came after', () => {
		const times = new LearnedTimes();
		for (let next = 1; next <= 40; next++) times.add('k', next - 1, next, 1000 + next);
		expect(times.at('k', 39)).toBe(1040);
		expect(times.at('k', 20)).toBe(1021);
		expect(times.at('k', 0)).toBe(null);
		expect(new LearnedTimes(times.toRecord()).at('k', 39)).toBe(1040);
		expect(times.toRecord()[0]?.[1].length).toBe(32);
	});
});
