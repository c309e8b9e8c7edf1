/** What the entries of a segment say that counts, by whom and at which place on screen (protocol 4), rule by rule. */
import { describe, expect, it } from 'vitest';
import type { Authority } from '../../../src/lib/conversation/authority';
import { LaneCaps } from '../../../src/lib/conversation/authority/lane-caps';
import type { FoldedBatch } from '../../../src/lib/conversation/message-log';
import type { OpeningRejection } from '../../../src/lib/conversation/opening';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import { accountIdOf } from '../../../src/lib/protocol/ids';
import { depIdLength, type KnownRecord } from '../../../src/lib/protocol/records';
import { fail, ok } from '../../../src/lib/protocol/result';
import { ModelLog, ModelSegment, makeEntry, type ModelEntry } from '../../simulation/content/model-segment';
import { World } from '../../simulation/authority/world';

interface Author {
	readonly account: Uint8Array;
	readonly grant: Uint8Array;
}

const conversation = new Uint8Array(32).fill(9);
const segmentNumber = 1;
const ownLane = 77;
const author = (byte: number): Author => ({
	account: new Uint8Array(32).fill(byte),
	grant: new Uint8Array(32).fill(byte + 1)
});
const [ann, ben] = [author(1), author(3)];
const idOf = ({ id }: ModelEntry): string => toBase64url(id);
const grantOf = ({ grant }: Author): string => toBase64url(grant);
const neverOpened = { subtle: crypto.subtle, conversation, keysOf: () => null };

const knowing = (authors: readonly Author[], rest: Partial<Authority> = {}): Authority => ({
	...new World(1).fold([]),
	accountByGrant: new Map(authors.map((each) => [grantOf(each), accountIdOf(each.account)])),
	...rest
});
const forkedAt = (lane: number, clock: number) => ({
	forkClockByLane: new Map([[`${segmentNumber}/${lane}`, clock]])
});
/** What a removal of an author has accepted of a lane. */
const removedAt = (of: Author, lane: number, clock: number, idPrefix: string) => ({
	capsByGrant: new Map([
		[grantOf(of), LaneCaps.of([{ segment: segmentNumber, lane, clock, idPrefix }], () => true)]
	])
});

const message = (text: string): KnownRecord => ({ type: 'message', text });
const reaction = (emoji: string): KnownRecord => ({
	type: 'reaction',
	target: new Uint8Array(32),
	emoji,
	on: true
});
const again = (origin: ModelEntry): KnownRecord => ({ type: 'again', origin: origin.id, text: 'again' });

class Room {
	readonly segment = new ModelSegment(conversation, segmentNumber);
	readonly rejected: OpeningRejection[] = [];
	readonly log = new ModelLog(
		this.segment,
		neverOpened,
		(lane) => lane === ownLane,
		accountIdOf(ann.account),
		(reason) => this.rejected.push(reason)
	);
	authority: Authority;

	constructor(...known: readonly Author[]) {
		this.authority = knowing(known);
	}

	/** An entry that is held, at the end of its lane. */
	write(lane: number, record: KnownRecord, hlc = 10, standsOn: readonly ModelEntry[] = []): ModelEntry {
		const before = this.segment.held(lane).at(-1);
		const deps = standsOn.map(({ lane: below, clock, id }) => ({
			lane: below,
			clock,
			id: id.subarray(0, depIdLength)
		}));
		const clock = this.segment.nextClock(lane);
		const place = { segment: segmentNumber, lane, clock, prev: before?.id ?? new Uint8Array() };
		const entry = makeEntry(place, { hlc, deps, record });
		expect(this.segment.take(entry)).toBe(true);
		return entry;
	}

	begin(lane: number, { account, grant }: Author): ModelEntry {
		return this.write(lane, {
			type: 'lane',
			account,
			grant,
			device: new Uint8Array(32),
			agreement: new Uint8Array(32),
			deviceNumber: 1,
			deviceSignature: new Uint8Array(64),
			laneSignature: new Uint8Array(64)
		});
	}

	fold(entries: readonly ModelEntry[], projected = new Map<number, number>()): FoldedBatch {
		const opened = entries.map(({ lane, clock, envelope }) => ({
			lane,
			start: clock,
			envelopes: [ok(envelope)]
		}));
		return this.log.fold(opened, this.authority, projected);
	}

	/** Of an entry that is held but does not open. */
	foldUnopened({ lane, clock }: ModelEntry, reason: OpeningRejection): FoldedBatch {
		return this.log.fold([{ lane, start: clock, envelopes: [fail(reason)] }], this.authority, new Map());
	}

	outdatedBy(authority: Authority) {
		return this.log.outdatedLanes(authority);
	}
}

/** A room with a lane of Ann's that says so many messages. */
function written(count: number, lane = 5) {
	const room = new Room(ann);
	const first = room.begin(lane, ann);
	const said = Array.from({ length: count }, (_, i) => room.write(lane, message(`${i + 1}`), 10 + i));
	return { room, lane, first, said, all: [first, ...said] };
}

describe('what is said', () => {
	it('is given with its place, its time and whose it is', () => {
		const { room, lane, first, said, all } = written(1);
		const { messages, acts, cursors, withdrawn } = room.fold(all);
		expect(messages).toMatchObject([
			{
				segment: segmentNumber,
				lane,
				clock: 1,
				id: idOf(said[0]!),
				account: accountIdOf(ann.account),
				hlc: 10,
				// One after the entry below it.
				time: 11,
				text: '1'
			}
		]);
		expect([acts, withdrawn]).toEqual([[], []]);
		expect(cursors.at(-1)).toEqual({ segment: segmentNumber, lane, next: 2 });
		expect(room.log.timeOf(lane, 1)).toBe(11);
		expect(room.log.certificateOf(lane)).toEqual(first.envelope.record);
		expect(room.log.hasLifts).toBe(true);
	});

	it('about a message is an act, and told apart from what is said last by the same account', () => {
		const room = new Room(ann);
		room.fold([room.begin(5, ann)]);
		const { messages, acts } = room.fold([room.write(5, reaction('🙂'), 20)]);
		expect(messages).toEqual([]);
		expect(acts).toMatchObject([{ kind: 'reaction', emoji: '🙂', on: true, clock: 1, hlc: 20 }]);
		const act = acts[0]!;
		expect([19, 20, 21].map((hlc) => room.log.isOutdated(hlc, act))).toEqual([true, true, false]);
	});

	it('by nobody who is known is kept back, is nobody’s, and is not taken for shown', () => {
		const { room, lane, all } = written(1);
		room.authority = knowing([]);
		expect(room.fold(all)).toEqual({ messages: [], acts: [], cursors: [], withdrawn: [] });
		expect(room.log.unattributedLanes()).toEqual([lane]);
		expect(room.outdatedBy(knowing([ann]))).toEqual([{ lane, voidFrom: null }]);
	});

	it('under a grant of somebody else is nobody’s', () => {
		const room = new Room(ann, ben);
		const lane = [room.begin(5, { account: ben.account, grant: ann.grant }), room.write(5, message('x'))];
		expect(room.fold(lane).messages).toEqual([]);
		expect(room.log.unattributedLanes()).toEqual([5]);
	});

	it('in a lane whose beginning does not open, or certifies nobody, is nobody’s', () => {
		const { room, first, said, lane } = written(1);
		room.foldUnopened(first, 'entry-sealed');
		expect(room.fold(said).messages).toEqual([]);
		expect(room.log.certificateOf(lane)).toBe(undefined);
		const strange = [room.write(6, message('no certificate')), room.write(6, message('x'))];
		expect(room.fold(strange).messages).toEqual([]);
		expect(room.log.unattributedLanes()).toEqual([5, 6]);
	});

	it('by this device is shown to who has said it before it is known to count', () => {
		const room = new Room();
		const entries = [room.begin(ownLane, ann), room.write(ownLane, message('own'))];
		expect(room.fold(entries).messages).toMatchObject([{ text: 'own' }]);
		expect(room.log.unattributedLanes()).toEqual([]);
	});

	it('is not given again to a read model that has it', () => {
		const { room, lane, all, said } = written(2);
		const { messages, cursors } = room.fold(all, new Map([[lane, 2]]));
		expect(messages.map(({ id }) => id)).toEqual([idOf(said[1]!)]);
		expect(cursors.at(-1)?.next).toBe(3);
	});

	it('has to stand in the segment', () => {
		const { room, all } = written(1);
		const elsewhere = new Room(ann);
		expect(() => elsewhere.fold(all)).toThrow('not in its segment');
		expect(room.rejected).toEqual([]);
	});
});

describe('a lane of messages', () => {
	it('counts up to a fork, and nothing from there is given or taken for shown', () => {
		const { room, lane, all } = written(3);
		room.authority = knowing([ann], forkedAt(lane, 2));
		const { messages, cursors } = room.fold(all);
		expect(messages.map(({ text }) => text)).toEqual(['1']);
		expect(cursors.map(({ next }) => next)).toEqual([1, 2, 2, 2]);
		expect(room.log.limits()).toEqual([[lane, 2]]);
	});

	it('of nobody who is known has its limit too', () => {
		const room = new Room();
		room.authority = knowing([], forkedAt(5, 0));
		room.fold([room.write(5, message('x'))]);
		expect(room.log.limits()).toEqual([[5, 0]]);
	});

	it('without a limit has none to tell', () => {
		const { room, all } = written(1);
		room.fold(all);
		expect(room.log.limits()).toEqual([]);
	});

	it('counts up to the entry that a removal names, if that is the one that is held', () => {
		const { room, lane, all, said } = written(3);
		const textsAt = (clock: number, idPrefix: string) => {
			room.authority = knowing([ann], removedAt(ann, lane, clock, idPrefix));
			return room.fold(all).messages.map(({ text }) => text);
		};
		expect(textsAt(2, idOf(said[1]!).slice(0, 21))).toEqual(['1', '2']);
		expect(textsAt(2, 'of another branch')).toEqual([]);
		// What is not here yet says nothing about the branch.
		expect(textsAt(9, 'not here')).toEqual(['1', '2', '3']);
	});

	it('is outdated by who is known, and by how far it counts, with what is void of it', () => {
		const { room, lane, all } = written(3);
		room.fold(all);
		expect(room.outdatedBy(knowing([ann]))).toEqual([]);
		expect(room.outdatedBy(knowing([]))).toEqual([{ lane, voidFrom: 0 }]);
		expect(room.outdatedBy(knowing([ann], forkedAt(lane, 2)))).toEqual([{ lane, voidFrom: 2 }]);
		room.authority = knowing([ann], forkedAt(lane, 2));
		room.fold(all);
		expect(room.outdatedBy(room.authority)).toEqual([]);
		expect(room.outdatedBy(knowing([ann]))).toEqual([{ lane, voidFrom: null }]);
		expect(room.outdatedBy(knowing([ann], forkedAt(lane, 1)))).toEqual([{ lane, voidFrom: 1 }]);
	});

	it('that is only skimmed tells whose it is and how far it counts, and nothing of it is given', async () => {
		const { room, lane } = written(3);
		room.begin(6, ben);
		expect(room.log.isSkimmed).toBe(false);
		await room.log.skim(knowing([ann], forkedAt(lane, 2)));
		expect(room.log.isSkimmed).toBe(true);
		expect(room.log.limits()).toEqual([[lane, 2]]);
		expect(room.log.unattributedLanes()).toEqual([6]);
		expect(room.log.timeOf(lane, 0)).toBe(undefined);
	});
});

describe('an entry that does not open', () => {
	it('for want of an epoch keeps the lane from being taken for shown, from the first of them on', () => {
		const { room, first, said } = written(4);
		room.fold([first, said[0]!]);
		expect(room.log.hasUnread).toBe(false);
		expect(room.foldUnopened(said[1]!, 'entry-epoch').cursors[0]?.next).toBe(2);
		expect(room.foldUnopened(said[2]!, 'entry-epoch').cursors[0]?.next).toBe(2);
		const { messages, cursors } = room.fold([said[3]!]);
		expect([messages[0]?.text, cursors[0]?.next]).toEqual(['4', 2]);
		expect(room.log.hasUnread).toBe(true);
		expect(room.rejected).toEqual([]);
	});

	it('for anything else is told, and passed over', () => {
		const { room, first, said } = written(2);
		room.fold([first]);
		expect(room.foldUnopened(said[0]!, 'entry-sealed').cursors[0]?.next).toBe(2);
		expect(room.fold([said[1]!]).messages.map(({ text }) => text)).toEqual(['2']);
		expect(room.rejected).toEqual(['entry-sealed']);
		expect(room.log.hasUnread).toBe(false);
	});

	it('because it is deleted stands at its place, so that what stands upon it waits for nothing', () => {
		const { room, first, said } = written(2);
		room.fold([first]);
		const [below, above] = said as [ModelEntry, ModelEntry];
		expect(room.fold([above]).messages).toMatchObject([{ time: 11 }]);
		const { messages, cursors } = room.foldUnopened(below, 'entry-redacted');
		// One after what is below what is deleted, and that one is one after the lane's first.
		expect(messages).toMatchObject([{ id: idOf(above), time: 12 }]);
		expect([cursors[0]?.next, room.rejected]).toEqual([2, []]);
	});
});

describe('the time of what stands on what is not here', () => {
	/** Ben says something upon what Ann says later by her clock; what Ann said comes last. */
	function early(record: KnownRecord) {
		const room = new Room(ann, ben);
		const firsts = [room.begin(5, ann), room.begin(6, ben)];
		const below = room.write(5, message('below'), 100);
		const above = room.write(6, record, 20, [below]);
		room.fold(firsts);
		return { room, below, above };
	}

	it('rises when that comes, also where the read model has it already', () => {
		for (const [record, what] of [
			[message('above'), 'messages'],
			[reaction('🙂'), 'acts']
		] as const) {
			const { room, below, above } = early(record);
			expect(room.fold([above])[what]).toMatchObject([{ id: idOf(above), time: 20 }]);
			const after = room.fold([below], new Map([[6, 2]]));
			expect(after[what].find(({ id }) => id === idOf(above))).toMatchObject({ hlc: 20, time: 101 });
			expect(after.messages.map(({ id }) => id)).toContain(idOf(below));
		}
	});

	it('rises within one batch, and is given once', () => {
		const { room, below, above } = early(message('above'));
		const { messages } = room.fold([above, below]);
		expect(messages.map(({ id, time }) => [id, time])).toEqual([
			[idOf(above), 101],
			[idOf(below), 100]
		]);
	});

	it('says nothing more once that is deleted', () => {
		const { room, below, above } = early(message('above'));
		room.fold([above]);
		room.log.forget([idOf(above)]);
		expect(room.fold([below]).messages.map(({ id }) => id)).toEqual([idOf(below)]);
	});

	it('that stays as it is is not given again', () => {
		const room = new Room(ann, ben);
		room.fold([room.begin(5, ann), room.begin(6, ben)]);
		const below = room.write(5, message('below'), 15);
		const above = room.write(6, message('above'), 20, [below]);
		room.fold([above]);
		expect(room.fold([below]).messages.map(({ id }) => id)).toEqual([idOf(below)]);
	});
});

describe('what a device says again', () => {
	/** Two copies of one message by the same account, the one with the lower id first. */
	function copies() {
		const room = new Room(ann, ben);
		const [own, second, others] = [room.begin(5, ann), room.begin(6, ann), room.begin(7, ben)];
		const origin = room.write(5, message('once'));
		room.fold([own, second, others]);
		const pair = [5, 6].map((lane) => room.write(lane, again(origin)));
		pair.sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
		const [lower, higher] = pair as [ModelEntry, ModelEntry];
		return { room, origin, lower, higher };
	}
	const shown = ({ messages }: FoldedBatch) => messages.map(({ id }) => id);

	it('is shown once, as the copy with the lowest id, whichever comes first; each is known for a copy', () => {
		for (const isLowerFirst of [true, false]) {
			const { room, origin, lower, higher } = copies();
			const [first, then] = isLowerFirst ? [lower, higher] : [higher, lower];
			expect(room.log.isRepeated(accountIdOf(ann.account), idOf(origin))).toBe(false);
			const [one, other] = [room.fold([first]), room.fold([then])];
			expect([shown(one), one.withdrawn]).toEqual([[idOf(first)], []]);
			expect([shown(other), other.withdrawn]).toEqual(
				isLowerFirst ? [[], []] : [[idOf(lower)], [idOf(higher)]]
			);
			for (const { acts } of [one, other])
				expect(acts).toMatchObject([{ kind: 'again', target: idOf(origin) }]);
			expect(room.log.isRepeated(accountIdOf(ann.account), idOf(origin))).toBe(true);
			expect(room.log.isRepeated(accountIdOf(ben.account), idOf(origin))).toBe(false);
		}
	});

	it('is shown once also where all copies come at once', () => {
		const { room, lower, higher } = copies();
		const batch = room.fold([higher, lower]);
		expect([shown(batch), batch.withdrawn]).toEqual([[idOf(lower)], [idOf(higher)]]);
		expect(batch.acts).toHaveLength(2);
	});

	it('and has been withdrawn stays so when its time rises', () => {
		const room = new Room(ann, ben);
		const firsts = [room.begin(5, ann), room.begin(6, ann), room.begin(7, ben)];
		const origin = room.write(5, message('once'));
		const below = room.write(7, message('below'), 100);
		room.fold([...firsts, origin]);
		const pair = [5, 6].map((lane) => room.write(lane, again(origin), 20, [below]));
		pair.sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
		const [lower, higher] = pair as [ModelEntry, ModelEntry];
		room.fold([higher]);
		room.fold([lower]);
		const { messages, acts } = room.fold([below]);
		expect(messages.map(({ id }) => id).sort()).toEqual([idOf(lower), idOf(below)].sort());
		expect(acts.map(({ time }) => time)).toEqual([101, 101]);
	});
});
