/**
 * The structural half of the guard (protocol 3.3, 3.5, 3.6, 3.7, 3.9): lanes are hash chains signed by their own key, so
 * whether an entry may stand at its place is decided without any secret. Peers and the relay run this same code.
 */
import { equalBytes } from '../bytes';
import { entryIdOf, parseEntry, prevOf, type EntryClass, type EntryRejection } from '../entry';
import { laneOf } from '../ids';
import { proveFork, signedDigest, type ForkProof, type SignedDigest } from './fork-proof';
import type { LaneKeyCache } from './lane-keys';
import { isOfLane, newestSigned, signedFrom } from './lane-signatures';
import { isPlaceholder, type LaneRun } from './update';

export type { LaneKeyCache } from './lane-keys';

/** What a replica knows of a lane that it holds. */
export interface LaneHead {
	readonly publicKey: Uint8Array;
	/** The clock of the next entry: how many it holds. */
	readonly next: number;
	/** Id of the entry at `next - 1`. */
	readonly id: Uint8Array;
}

/** A replica's lanes, as the guard needs them. Synchronous: admission must not interleave with itself. */
export interface LaneTable {
	head(lane: number): LaneHead | undefined;
	/** An entry that is held, or undefined if its bytes are gone (erased). */
	entry(lane: number, clock: number): Uint8Array | undefined;
	entryId(lane: number, clock: number): Uint8Array | undefined;
	/** What was signed of an entry whose bytes are gone, where it is kept. Absent: nowhere. */
	signedOf?(lane: number, clock: number): SignedDigest | undefined;
	/**
	 * Ids of entries at a place that may be without their bytes, because a delete names them, the most certain first; or
	 * 'any', of who cannot know it and keeps what others do without. Absent: none.
	 */
	redactedIds?(lane: number, clock: number): readonly Uint8Array[] | 'any';
}

/** Instead of an id that nothing tells: of a placeholder followed by another, where any are kept. */
export const unknownId: Uint8Array = new Uint8Array(0);

export interface AdmittedRun extends LaneRun {
	readonly ids: readonly Uint8Array[];
	readonly publicKey: Uint8Array;
}

/** placeholder: instead of what says whose the lane is, which nobody can delete */
export type LaneRejection = EntryRejection | 'lane-key' | 'lane-unsound' | 'chain' | 'placeholder';

export interface Admission {
	/** What is new and sound, in the order given; lanes are contiguous with what was held. */
	readonly admitted: readonly AdmittedRun[];
	/** Lanes whose run began beyond what is held: dropped, to be asked for again from `next`. */
	readonly gaps: readonly { readonly lane: number; readonly next: number }[];
	readonly rejected: readonly {
		readonly lane: number;
		readonly clock: number;
		readonly reason: LaneRejection;
	}[];
	readonly forks: readonly ForkProof[];
	/** For each fork the run that showed it; of what stands behind the proven clock nothing has been verified. */
	readonly forkRuns: readonly LaneRun[];
	/**
	 * Runs that continue another branch of a lane than the one held: signed by the lane's key, but not upon what is
	 * held. The fork is proven once the whole lane is asked for; it is the lane's device that is wrong, not the sender.
	 */
	readonly branches: readonly { readonly lane: number; readonly clock: number }[];
	/** Placeholders for which no delete is known that names them: there the lane waits. Nobody's fault. */
	readonly unexplained: readonly { readonly lane: number; readonly clock: number }[];
}

interface Chained extends LaneRun {
	readonly entries: Uint8Array[];
	readonly ids: Uint8Array[];
	readonly publicKey: Uint8Array;
}

/**
 * Sorts what may be added from what may not. Changes nothing; the caller adds `admitted` before it calls again.
 * One signature is verified, the newest: through `prev` it vouches for all before it, as far as there are bytes; in a run
 * with placeholders that of each stretch between them.
 * @param allowed classes that this segment holds beyond clock 0; undefined (relay): any
 */
export async function admitRuns(
	subtle: SubtleCrypto,
	context: Uint8Array,
	table: LaneTable,
	keys: LaneKeyCache,
	runs: readonly LaneRun[],
	allowed?: EntryClass
): Promise<Admission> {
	const admitted: AdmittedRun[] = [];
	const gaps: { lane: number; next: number }[] = [];
	const rejected: { lane: number; clock: number; reason: LaneRejection }[] = [];
	const forks: ForkProof[] = [];
	const forkRuns: LaneRun[] = [];
	const branches: { lane: number; clock: number }[] = [];
	const unexplained: { lane: number; clock: number }[] = [];
	for (const run of runs) {
		const held = table.head(run.lane);
		const next = held?.next ?? 0;
		if (run.start > next) {
			gaps.push({ lane: run.lane, next });
			continue;
		}
		const branch = firstDifference(table, run, next);
		if (branch !== null && held !== undefined) {
			const bytes = table.entry(run.lane, branch);
			const ours = bytes ? signedDigest(bytes) : table.signedOf?.(run.lane, branch);
			const proof = ours && (await proveFork(subtle, context, keys, held.publicKey, ours, run, branch));
			if (proof) {
				forks.push(proof);
				forkRuns.push(run);
			} else if ((await signedFrom(subtle, context, keys, held.publicKey, run, branch)).entries.length > 0) {
				// Somebody has spoilt the signature on its way: another replica has it whole.
				branches.push({ lane: run.lane, clock: branch });
			} else rejected.push({ lane: run.lane, clock: branch, reason: 'entry-signature' });
			continue;
		}
		const chained = followChain(table, run, next, held, allowed);
		if (chained.reason === 'unexplained') unexplained.push({ lane: run.lane, clock: chained.at });
		const signed =
			chained.run === null
				? 0
				: await newestSigned(subtle, context, keys, chained.run, chained.run.publicKey);
		if (chained.run !== null && signed < chained.run.entries.length) {
			// Whatever stands behind it names the entry as it was before somebody spoilt it.
			rejected.push({ lane: run.lane, clock: next + signed, reason: 'entry-signature' });
		} else if (
			chained.reason === 'chain' &&
			held !== undefined &&
			(await isOfLane(subtle, context, keys, held.publicKey, run, chained.at))
		) {
			branches.push({ lane: run.lane, clock: chained.at });
		} else if (chained.reason !== null && chained.reason !== 'unexplained')
			rejected.push({ lane: run.lane, clock: chained.at, reason: chained.reason });
		if (chained.run === null) continue;
		if (signed > 0) {
			admitted.push({
				lane: run.lane,
				start: next,
				entries: chained.run.entries.slice(0, signed),
				ids: chained.run.ids.slice(0, signed),
				publicKey: chained.run.publicKey
			});
		}
	}
	return { admitted, gaps, rejected, forks, forkRuns, branches, unexplained };
}

/** The first clock at which the run says something else than what is held, or null. A placeholder says nothing. */
function firstDifference(table: LaneTable, run: LaneRun, next: number): number | null {
	const end = Math.min(run.start + run.entries.length, next);
	for (let clock = run.start; clock < end; clock++) {
		const held = table.entryId(run.lane, clock);
		const offered = run.entries[clock - run.start];
		if (held === undefined || offered === undefined || isPlaceholder(offered)) continue;
		if (!equalBytes(held, entryIdOf(offered))) return clock;
	}
	return null;
}

/** What a chain breaks off for. */
type ChainEnd = LaneRejection | 'unexplained' | null;

function followChain(
	table: LaneTable,
	run: LaneRun,
	next: number,
	held: LaneHead | undefined,
	allowed: EntryClass | undefined
): { readonly run: Chained | null; readonly at: number; readonly reason: ChainEnd } {
	const chained: Chained = {
		lane: run.lane,
		entries: [],
		ids: [],
		publicKey: held?.publicKey ?? new Uint8Array(),
		start: next
	};
	let publicKey = held?.publicKey;
	let prev = held?.id;
	let at = next;
	let reason: ChainEnd = null;
	for (; at < run.start + run.entries.length; at++) {
		const entry = run.entries[at - run.start] as Uint8Array;
		if (isPlaceholder(entry)) {
			const named = at === 0 ? null : idOfPlaceholder(table, run, at);
			if (named === null) {
				reason = at === 0 ? 'placeholder' : 'unexplained';
				break;
			}
			chained.entries.push(entry);
			chained.ids.push(named);
			prev = named;
			continue;
		}
		const parsed = parseEntry(entry, at);
		if (!parsed.ok) reason = parsed.reason;
		else if (at > 0 && allowed !== undefined && parsed.value.header.class !== allowed) reason = 'entry-class';
		else if (at === 0) {
			publicKey = parsed.value.header.lanePublicKey ?? undefined;
			if (publicKey === undefined || laneOf(publicKey) !== run.lane) reason = 'lane-key';
		} else if (prev === undefined || !equalBytes(prevOf(entry), prev)) reason = 'chain';
		if (reason !== null) break;
		const id = entryIdOf(entry);
		chained.entries.push(entry);
		chained.ids.push(id);
		prev = id;
	}
	if (publicKey === undefined || chained.entries.length === 0) return { run: null, at, reason };
	return { run: { ...chained, publicKey }, at, reason };
}

/**
 * Which entry a placeholder stands for: the one that a delete names, and that the next entry stands upon, where that is
 * there. Whose signature vouches for the next one, vouches for that too.
 * @returns null if nothing tells
 */
function idOfPlaceholder(table: LaneTable, run: LaneRun, clock: number): Uint8Array | null {
	const ids = table.redactedIds?.(run.lane, clock) ?? [];
	const next = run.entries[clock + 1 - run.start];
	if (next !== undefined && !isPlaceholder(next)) {
		const prev = prevOf(next);
		if (ids === 'any') return prev.slice();
		return ids.find((id) => equalBytes(id, prev)) ?? null;
	}
	if (ids !== 'any') return ids[0] ?? null;
	const isFollowed = run.entries.slice(clock + 1 - run.start).some((entry) => !isPlaceholder(entry));
	return isFollowed ? unknownId : null;
}
