import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import { Conversation } from '../../../src/lib/conversation/conversation';
import { Delivery } from '../../../src/lib/conversation/delivery';
import { foundGroup, writeFounding } from '../../../src/lib/conversation/founding';
import type {
	JournalEntry,
	JournalFailure,
	OwnLane,
	ProjectedMessage
} from '../../../src/lib/conversation/ports';
import { HybridClock, hlcOfMs } from '../../../src/lib/protocol/clock';
import { encodeUpdate } from '../../../src/lib/protocol/guard/update';
import { newAccount } from '../../new-account';
import { fakeSealPort } from '../../simulation/keys/fake-seals';
import { seededCryptoPort } from '../../simulation/seeded-crypto';
import { SeededRandom } from '../../simulation/seeded-random';

async function group(entriesPerSegment = 10_000) {
	const crypto = seededCryptoPort(new SeededRandom(1));
	const { author } = await newAccount(crypto);
	const founding = await foundGroup(crypto, author);
	const disk = {
		failing: null as JournalFailure | null,
		failingFlush: null as JournalFailure | null,
		lanes: new Map<number, OwnLane>([[founding.controlLane.lane, founding.controlLane]]),
		entries: [] as JournalEntry[],
		docs: new Map<number, Y.Doc>(),
		shown: [] as ProjectedMessage[],
		rejected: [] as string[]
	};
	const conversation = await Conversation.open(
		founding.identity,
		{
			crypto,
			clock: new HybridClock(() => 1_800_000_000_000),
			seals: fakeSealPort(new SeededRandom(2)),
			epochs: { load: async () => [], keep: async () => ({ ok: true, value: undefined }) },
			journal: {
				load: async () => ({ lanes: [...disk.lanes.values()], entries: disk.entries }),
				commit: async (lane, entries) => {
					if (disk.failing !== null) return { ok: false, reason: disk.failing };
					disk.lanes.set(lane.lane, lane);
					disk.entries.push(...entries);
					return { ok: true, value: undefined };
				},
				settle: async () => {
					if (disk.failingFlush !== null) return { ok: false, reason: disk.failingFlush };
					return { ok: true, value: undefined };
				},
				release: async () => undefined
			},
			documents: {
				open: async (segment) => {
					const doc = disk.docs.get(segment) ?? new Y.Doc();
					disk.docs.set(segment, doc);
					return doc;
				},
				close: async () => undefined,
				metas: async () => [],
				saveMeta: async () => undefined
			},
			projection: {
				messages: async (messages) => void disk.shown.push(...messages),
				withdrawn: async () => undefined,
				deleted: async () => undefined,
				authority: async () => undefined
			},
			yieldTurn: async () => undefined
		},
		{ cursors: [], newestSegmentHint: 1, limits: { entries: entriesPerSegment, bytes: 4 * 1024 * 1024 } },
		{
			admitted: () => undefined,
			authorityChanged: () => undefined,
			deliveryChanged: () => undefined,
			rejected: (reason) => void disk.rejected.push(reason)
		}
	);
	const founded = await writeFounding(conversation, founding.genesis, 'Trip', 'Anna');
	if (!founded.ok) throw new Error(founded.reason);
	return { conversation, disk };
}

const say = (text: string) => ({ type: 'message', text }) as const;

describe('a conversation', () => {
	it('that cannot save says so, and nothing is half done; the next one is saved in its place', async () => {
		const { conversation, disk } = await group();
		await conversation.write(say('one'));
		const [before, shown] = [conversation.inventory(), disk.shown.length];
		for (const failing of ['not-saved', 'storage-full', 'fenced'] as const) {
			disk.failing = failing;
			expect(await conversation.write(say('lost'))).toEqual({ ok: false, reason: failing });
		}
		expect([conversation.inventory(), disk.shown.length]).toEqual([before, shown]);
		disk.failing = null;
		expect(await conversation.write(say('two'))).toMatchObject({ ok: true, value: { clock: 2 } });
		expect(disk.shown.map(({ text }) => text)).toEqual(['one', 'two']);
		expect(conversation.waiting().messages).toBe(2);
	});

	it('says nothing of a message but that it is being saved before it is on stable storage', async () => {
		const { conversation, disk } = await group();
		disk.failingFlush = 'not-saved';
		const one = await conversation.write(say('one'));
		if (!one.ok) throw new Error(one.reason);
		const { segment, lane, clock } = one.value;
		expect(conversation.deliveryOf(segment, lane, clock)).toBe('saving');
		// Somebody else has it: still not safe here, where its author may be offline next.
		const [head] = (await conversation.heads(segment)).filter((each) => each.lane === lane);
		if (head === undefined) throw new Error('it is not in the document');
		await conversation.acknowledged(segment, lane, head.next, head.id);
		expect(conversation.deliveryOf(segment, lane, clock)).toBe('saving');
		expect(disk.rejected).toContain('not-settled: not-saved');
		disk.failingFlush = null;
		await conversation.write(say('two'));
		expect(conversation.deliveryOf(segment, lane, clock)).not.toBe('saving');
	});

	it('tells the place of what is written before it is shown', async () => {
		const { conversation, disk } = await group();
		let shownBefore = -1;
		const written = await conversation.write(say('one'), () => (shownBefore = disk.shown.length));
		expect([written.ok, shownBefore, disk.shown.length]).toEqual([true, 0, 1]);
	});

	it('takes 16 KiB of text and throws at more, with nothing written', async () => {
		const { conversation, disk } = await group();
		expect((await conversation.write(say('ä'.repeat(8 * 1024)))).ok).toBe(true);
		await expect(conversation.write(say('ä'.repeat(8 * 1024) + 'b'))).rejects.toThrow(RangeError);
		expect(disk.shown).toHaveLength(1);
		expect((await conversation.write(say('after'))).ok).toBe(true);
	});

	it('goes on in a next segment when one is full', async () => {
		const { conversation, disk } = await group(5);
		for (let i = 0; i < 12; i++) await conversation.write(say(`m${i}`));
		expect(conversation.newestSegment).toBe(3);
		expect(disk.shown.map(({ text }) => text)).toEqual(Array.from({ length: 12 }, (_, i) => `m${i}`));
	});

	it('is not led astray by a segment that somebody claims, nor written to once it is closed', async () => {
		const { conversation } = await group();
		expect(conversation.noteSegment(65_000)).toBe(false);
		expect((await conversation.ingest(65_000, encodeUpdate([]), null)).violations).toEqual(['segment']);
		expect(conversation.newestSegment).toBe(1);
		await conversation.close();
		expect(await conversation.write(say('late'))).toEqual({ ok: false, reason: 'not-saved' });
		expect(await conversation.heads(1)).toEqual([]);
	});
});

describe('delivery', () => {
	it('never goes back', () => {
		const delivery = new Delivery();
		expect(delivery.stateOf(1, 7, 3, ['a', 'b'])).toBe('queued');
		expect(delivery.acknowledge(1, 7, 4)).toBe(true);
		expect(delivery.acknowledge(1, 7, 2)).toBe(false);
		expect(delivery.stateOf(1, 7, 3, ['a', 'b'])).toBe('sent');
		delivery.cover('a', 1, 7, 4, 0);
		expect(delivery.stateOf(1, 7, 3, ['a', 'b'])).toBe('delivered');
		delivery.cover('b', 1, 7, 9, 0);
		expect(new Delivery(delivery.toRecord()).stateOf(1, 7, 3, ['a', 'b'])).toBe('delivered-to-all');
		expect(delivery.stateOf(1, 7, 8, ['a', 'b'])).toBe('delivered');
	});
});

describe('the hybrid clock', () => {
	it('goes on when the wall clock goes back, follows what it sees, but not into the far future', () => {
		let nowMs = 1_000;
		const clock = new HybridClock(() => nowMs);
		const first = clock.tick();
		nowMs = 10;
		expect(clock.tick()).toBe(first + 1);
		clock.observe(hlcOfMs(5_000));
		expect(clock.tick()).toBe(hlcOfMs(5_000) + 1);
		clock.observe(hlcOfMs(10 * 60_000 + 11));
		expect(clock.tick()).toBe(hlcOfMs(5_000) + 2);
	});
});
