/** What the guard says of lanes that are not as they should be. */
import { describe, expect, it } from 'vitest';
import { entryIdOf, type EntryClass } from '../../../src/lib/protocol/entry';
import { laneKey, type LaneKeyCache } from '../../../src/lib/protocol/guard/lane-keys';
import { isOfLane, newestSigned, signedFrom } from '../../../src/lib/protocol/guard/lane-signatures';
import { admitRuns, unknownId, type Admission, type LaneTable } from '../../../src/lib/protocol/guard/lanes';
import { placeholder, type LaneRun } from '../../../src/lib/protocol/guard/update';
import { crypto } from '../relay/lane-writer';
import {
	context,
	entries,
	entryAt,
	otherWriter,
	publicKey,
	run,
	spoilt,
	unsoundKey,
	writer
} from './signed-lane';

const { subtle } = crypto;
const spoiltAt = (...clocks: readonly number[]): Uint8Array[] =>
	entries.map((entry, clock) => (clocks.includes(clock) ? spoilt(entry) : entry));

/** A replica that holds so many of the lane's entries. */
const holding = (count: number): LaneTable => ({
	head: (lane) =>
		lane === writer.lane && count > 0
			? { publicKey, next: count, id: entryIdOf(entries[count - 1] as Uint8Array) }
			: undefined,
	entry: (_, clock) => (clock < count ? entries[clock] : undefined),
	entryId: (_, clock) => (clock < count ? entryIdOf(entries[clock] as Uint8Array) : undefined)
});

const admit = (
	held: number,
	offered: readonly LaneRun[],
	allowed: EntryClass | undefined = 'message'
): Promise<Admission> => admitRuns(subtle, context, holding(held), new Map(), offered, allowed);

const nothing: Admission = {
	admitted: [],
	gaps: [],
	rejected: [],
	forks: [],
	forkRuns: [],
	branches: [],
	unexplained: []
};

describe('a run', () => {
	it('is taken from where the held ones end, with ids and key', async () => {
		const ids = entries.map(entryIdOf);
		const whole = { ...run(entries), ids, publicKey };
		expect(await admit(0, [run(entries)])).toEqual({ ...nothing, admitted: [whole] });
		const rest = { ...run(entries.slice(4), 4), ids: ids.slice(4), publicKey };
		for (const start of [0, 3, 4])
			expect(await admit(4, [run(entries.slice(start), start)])).toEqual({ ...nothing, admitted: [rest] });
		expect(await admit(4, [run(entries.slice(0, 4))])).toEqual(nothing);
		expect(await admit(4, [run(entries.slice(0, 2))])).toEqual(nothing);
	});

	it('beyond what is held is a gap, from the start where nothing is', async () => {
		const { lane } = writer;
		expect(await admit(4, [run(entries.slice(5), 5)])).toEqual({ ...nothing, gaps: [{ lane, next: 4 }] });
		expect(await admit(0, [run(entries.slice(1), 1)])).toEqual({ ...nothing, gaps: [{ lane, next: 0 }] });
	});

	it('does not keep those behind it from being taken', async () => {
		const other = await otherWriter();
		const sound = await other.write(1);
		for (const offered of [run(entries.slice(5), 5), run([placeholder]), run(spoiltAt(1))])
			expect((await admit(2, [offered, sound])).admitted.at(-1)?.lane).toBe(other.lane);
		expect((await admit(2, [run(entries.slice(2, 3), 2), sound])).admitted).toHaveLength(2);
	});

	it('is refused from where something is wrong, and told by which word', async () => {
		const { lane } = writer;
		const [first, second] = entries as [Uint8Array, Uint8Array];
		const byNobody = await admit(0, [{ lane: lane + 1, start: 0, entries }]);
		expect(byNobody).toEqual({ ...nothing, rejected: [{ lane: lane + 1, clock: 0, reason: 'lane-key' }] });
		const rows: readonly [number, readonly Uint8Array[], string][] = [
			[1, [first, Uint8Array.of(1, 1, 2)], 'truncated'],
			[1, [first, await entryAt(1, entryIdOf(first), 'control')], 'entry-class'],
			[2, [first, second, await entryAt(2, entryIdOf(first), 'message')], 'chain'],
			[1, [first, await entryAt(1, new Uint8Array(32), 'message')], 'chain'],
			[0, [spoilt(first)], 'entry-signature'],
			[2, [first, second, spoilt(entries[2] as Uint8Array)], 'entry-signature']
		];
		for (const [clock, offered, reason] of rows) {
			const { admitted, ...rest } = await admit(0, [run(offered)]);
			expect(rest, reason).toEqual({ ...nothing, admitted: undefined, rejected: [{ lane, clock, reason }] });
			expect(admitted.flatMap((each) => each.entries)).toEqual(offered.slice(0, clock));
			expect(admitted.flatMap((each) => each.ids)).toEqual(offered.slice(0, clock).map(entryIdOf));
		}
		const control = await entryAt(1, entryIdOf(first), 'control');
		expect(
			(await admitRuns(subtle, context, holding(0), new Map(), [run([first, control])])).rejected
		).toEqual([]);
	});

	it('upon another branch is one only if the lane’s key has signed it', async () => {
		const other = await entryAt(4, entryIdOf(entries[2] as Uint8Array), 'message');
		const { lane } = writer;
		expect(await admit(4, [run([other], 4)])).toEqual({ ...nothing, branches: [{ lane, clock: 4 }] });
		const rejected = [{ lane, clock: 4, reason: 'chain' }];
		expect(await admit(4, [run([spoilt(other)], 4)])).toEqual({ ...nothing, rejected });
		// Whatever else is wrong with it is its author's doing.
		const control = await entryAt(4, entryIdOf(entries[3] as Uint8Array), 'control');
		expect(await admit(4, [run([control], 4)])).toEqual({
			...nothing,
			rejected: [{ lane, clock: 4, reason: 'entry-class' }]
		});
	});

	it('says nothing against an entry of which nobody here knows what it was', async () => {
		const other = await entryAt(3, entryIdOf(entries[2] as Uint8Array), 'message');
		const unknown: LaneTable = { ...holding(4), entryId: () => undefined };
		const met = await admitRuns(subtle, context, unknown, new Map(), [run([other], 3)], 'message');
		expect(met).toEqual(nothing);
	});

	it('may go on with placeholders, as far as something tells what they stand for', async () => {
		const { lane } = writer;
		const ids = entries.map(entryIdOf);
		const goneAt = (...clocks: readonly number[]): LaneRun =>
			run(entries.map((entry, clock) => (clocks.includes(clock) ? placeholder : entry)).slice(4), 4);
		const met = (
			of: LaneRun,
			named: (clock: number) => readonly Uint8Array[] | 'any'
		): Promise<Admission> => {
			const table: LaneTable = { ...holding(4), redactedIds: (_, clock) => named(clock) };
			return admitRuns(subtle, context, table, new Map(), [of], 'message');
		};
		for (const named of [(clock: number) => [ids[clock] as Uint8Array], () => 'any' as const]) {
			const { admitted, ...rest } = await met(goneAt(6), named);
			expect(rest).toEqual({ ...nothing, admitted: undefined });
			expect(admitted[0]?.ids).toEqual(ids.slice(4));
		}
		const two = await met(goneAt(6, 7), () => 'any');
		expect(two.admitted[0]?.ids).toEqual([...ids.slice(4, 6), unknownId, ...ids.slice(7)]);
		for (const [of, clock] of [
			[goneAt(6), 6],
			[goneAt(10, 11), 10],
			[goneAt(11), 11]
		] as const) {
			const named = clock === 6 ? [] : ('any' as const);
			expect((await met(of, () => named)).unexplained).toEqual([{ lane, clock }]);
		}
		const { unexplained } = await admit(4, [goneAt(6)]);
		expect(unexplained).toEqual([{ lane, clock: 6 }]);
	});

	it('has its newest signature looked for among the last eight', async () => {
		const newest = (of: readonly Uint8Array[]): Promise<number> =>
			newestSigned(subtle, context, new Map(), run(of), publicKey);
		expect(await newest(spoiltAt(5, 6, 7, 8, 9, 10, 11))).toBe(5);
		expect(await newest(spoiltAt(4, 5, 6, 7, 8, 9, 10, 11))).toBe(0);
		expect(await newest(entries)).toBe(12);
		expect(await newest([])).toBe(0);
		// A stretch of its own on each side of a placeholder.
		const gone = [...entries.slice(0, 3), placeholder, ...entries.slice(4)];
		expect(await newest(gone)).toBe(12);
		expect(await newest(gone.map((entry, clock) => (clock > 3 ? spoilt(entry) : entry)))).toBe(3);
		expect(await newest(gone.map((entry, clock) => (clock === 11 ? spoilt(entry) : entry)))).toBe(11);
		expect(await newest(gone.map((entry, clock) => (clock === 2 ? spoilt(entry) : entry)))).toBe(2);
		expect(await newest([placeholder, placeholder])).toBe(2);
		const unsound = newestSigned(subtle, context, new Map(), run(entries), unsoundKey);
		expect(await unsound).toBe(0);
	});
});

describe('the entries that a lane’s key speaks for', () => {
	const from = async (of: readonly Uint8Array[], clock: number, key = publicKey): Promise<LaneRun> =>
		signedFrom(subtle, context, new Map(), key, run(of), clock);

	it('are those up to the newest that it signed and that stand upon each other', async () => {
		expect(await from(entries, 3)).toEqual(run(entries.slice(3), 3));
		expect(await from(entries, 12)).toEqual(run([], 12));
		const later = run(entries.slice(2), 2);
		expect(await signedFrom(subtle, context, new Map(), publicKey, later, 3)).toEqual(
			run(entries.slice(3), 3)
		);
		expect(await from(spoiltAt(10, 11), 3)).toEqual(run(entries.slice(3, 10), 3));
		expect(await from(entries, 3, unsoundKey)).toEqual(run([], 3));
		const torn = [...entries.slice(0, 6), ...entries.slice(7)];
		expect(await from(torn, 3)).toEqual(run(entries.slice(3, 6), 3));
		expect(await from([...entries.slice(0, 5), Uint8Array.of(1)], 3)).toEqual(run(entries.slice(3, 5), 3));
	});

	it('go on behind a placeholder if all before it are', async () => {
		const gone = (of: readonly Uint8Array[]): Uint8Array[] =>
			of.map((each, i) => (i === 6 ? placeholder : each));
		expect(await from(gone(entries), 3)).toEqual(run(gone(entries).slice(3), 3));
		expect(await from(gone(spoiltAt(5)), 3)).toEqual(run(entries.slice(3, 5), 3));
		expect(await from(gone(spoiltAt(7, 8, 9, 10, 11)), 3)).toEqual(run(entries.slice(3, 6), 3));
	});

	it('are told one by one, whatever they stand upon', async () => {
		const of = (offered: readonly Uint8Array[], clock: number, key = publicKey): Promise<boolean> =>
			isOfLane(subtle, context, new Map(), key, run(offered, 2), clock);
		const offered = entries.slice(2, 5);
		expect(await of(offered, 4)).toBe(true);
		expect(await of([offered[0]!, spoilt(offered[1]!)], 3)).toBe(false);
		expect([await of(offered, 5), await of(offered, 1), await of(offered, 3, unsoundKey)]).toEqual([
			false,
			false,
			false
		]);
	});
});

describe('a lane’s key', () => {
	it('is imported once, also if it is none', async () => {
		const keys: LaneKeyCache = new Map();
		const key = await laneKey(subtle, keys, 1, publicKey);
		expect(await laneKey(subtle, keys, 1, publicKey)).toBe(key);
		expect([await laneKey(subtle, keys, 2, unsoundKey), keys.get(2), keys.size]).toEqual([null, null, 2]);
		expect(await laneKey(subtle, keys, 2, publicKey)).toBe(null);
	});
});
