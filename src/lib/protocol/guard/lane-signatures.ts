/**
 * Which entries of a run its lane's key speaks for. Through `prev` a signature vouches for all before it as far as there
 * are bytes: what a placeholder stood upon went with its bytes, so each stretch between placeholders needs one of its own.
 */
import { equalBytes } from '../bytes';
import { verify } from '../crypto';
import {
	entryIdOf,
	entrySigningBytes,
	parseEntry,
	prevOf,
	signatureOf,
	signedDigestOf,
	type EntryPlace
} from '../entry';
import { laneKey, type LaneKeyCache } from './lane-keys';
import { isPlaceholder, type LaneRun } from './update';

/** How many signatures at most are tried to find the newest good one in a run. */
const signatureTries = 8;

/** Whether the lane's own key has signed the entry of a run at a clock, whatever it stands upon. */
export async function isOfLane(
	subtle: SubtleCrypto,
	context: Uint8Array,
	keys: LaneKeyCache,
	publicKey: Uint8Array,
	run: LaneRun,
	clock: number
): Promise<boolean> {
	const entry = run.entries[clock - run.start];
	const key = await laneKey(subtle, keys, run.lane, publicKey);
	if (entry === undefined || key === null) return false;
	const signing = entrySigningBytes({ context, lane: run.lane, clock }, signedDigestOf(entry));
	return verify(subtle, key, signatureOf(entry), signing);
}

/**
 * The entries of a run, from a clock on, for which the lane's key speaks: of each stretch the newest that it has signed, and
 * those that lead up to it. Placeholders stand between stretches; what was in them is not here to be said.
 */
export async function signedFrom(
	subtle: SubtleCrypto,
	context: Uint8Array,
	keys: LaneKeyCache,
	publicKey: Uint8Array,
	run: LaneRun,
	clock: number
): Promise<LaneRun> {
	const { lane } = run;
	const key = await laneKey(subtle, keys, lane, publicKey);
	const entries = run.entries.slice(clock - run.start);
	let until = 0;
	for (const { start, end } of key === null ? [] : stretchesOf(entries)) {
		const sound = chainedUntil(entries, clock, start, end);
		const signed = await signedUntil(
			subtle,
			key as CryptoKey,
			{ context, lane, clock },
			entries,
			start,
			sound
		);
		if (signed > start) until = signed;
		if (signed < end) break;
	}
	return { lane, start: clock, entries: entries.slice(0, until) };
}

/** @returns the first index in a stretch that is no entry, or does not stand upon the one before */
function chainedUntil(entries: readonly Uint8Array[], clock: number, start: number, end: number): number {
	let before: Uint8Array | null = null;
	for (let i = start; i < end; i++) {
		const entry = entries[i] as Uint8Array;
		if (!parseEntry(entry, clock + i).ok || (before && !equalBytes(prevOf(entry), before))) return i;
		before = entryIdOf(entry);
	}
	return end;
}

/**
 * @returns how many entries from the start good signatures vouch for: the newest of each stretch. What a placeholder stood
 *   upon went with its bytes, so nothing behind it speaks for what is before it. For placeholders behind the newest entry
 *   that is whole the deletes that name them do.
 */
export async function newestSigned(
	subtle: SubtleCrypto,
	context: Uint8Array,
	keys: LaneKeyCache,
	run: LaneRun,
	publicKey: Uint8Array
): Promise<number> {
	const key = await laneKey(subtle, keys, run.lane, publicKey);
	if (key === null) return 0;
	let until = 0;
	for (const { start, end } of stretchesOf(run.entries)) {
		const place = { context, lane: run.lane, clock: run.start };
		const signed = await signedUntil(subtle, key, place, run.entries, start, end, signatureTries);
		if (signed < end) return signed > start ? signed : until;
		until = end;
	}
	return run.entries.length;
}

/** Where whole entries follow each other without a placeholder. */
function* stretchesOf(
	entries: readonly Uint8Array[]
): Generator<{ readonly start: number; readonly end: number }> {
	for (let start = 0; start < entries.length; start++) {
		if (isPlaceholder(entries[start] as Uint8Array)) continue;
		let end = start;
		while (end < entries.length && !isPlaceholder(entries[end] as Uint8Array)) end++;
		yield { start, end };
		start = end;
	}
}

/**
 * @param first of entries[0]
 * @returns index behind the newest entry of a stretch that the lane's key has signed; `start` if there is none
 */
async function signedUntil(
	subtle: SubtleCrypto,
	key: CryptoKey,
	first: EntryPlace,
	entries: readonly Uint8Array[],
	start: number,
	end: number,
	tries = Infinity
): Promise<number> {
	for (let i = end - 1; i >= Math.max(start, end - tries); i--) {
		const entry = entries[i] as Uint8Array;
		const signing = entrySigningBytes({ ...first, clock: first.clock + i }, signedDigestOf(entry));
		if (await verify(subtle, key, signatureOf(entry), signing)) return i + 1;
	}
	return start;
}
