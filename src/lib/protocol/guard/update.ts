/**
 * The one form in which a Yjs update is let in or out (protocol 3.1–3.2). Yjs never parses a foreign byte: an update
 * is decoded here, and what passes is encoded here again.
 *
 *   update   varint lanes, then per lane: varint count · varint lane · varint start clock · count × item;
 *            then varint 0, the empty delete set; nothing trailing
 *   item     0x23 (Item: parentSub, no origins, ContentBinary) · varint 1 · text "e" · text key · block entry
 *            or, where the bytes of an entry have been deleted (docs/decisions/0027), a placeholder:
 *            0x21 (the same, ContentDeleted) · varint 1 · text "e" · text key · varint 1
 *
 * Work and memory are linear in the bytes at hand; no count is trusted.
 */
import { ByteReader, ByteWriter, Malformed, type MalformedReason } from '../bytes';
import { controlEntryLimitBytes } from '../entry';
import { entryKey } from '../ids';
import { fail, ok, type Result } from '../result';

/** Contiguous entries of one lane. `entries[i]` stands at clock `start + i`; where its bytes are gone, a placeholder. */
export interface LaneRun {
	readonly lane: number;
	readonly start: number;
	readonly entries: readonly Uint8Array[];
}

export const updateLimitBytes = 1024 * 1024;
/** Clocks fit in 31 bits, as Yjs' own arithmetic wants it. */
export const clockLimit = 2 ** 31;
const itemInfo = 0x23;
const placeholderInfo = 0x21;
const rootName = 'e';
/** A placeholder with the shortest key. */
const smallestItemBytes = 9;

/** Stands in a run for an entry whose bytes are gone. No entry is empty. */
export const placeholder: Uint8Array = new Uint8Array(0);
export const isPlaceholder = (entry: Uint8Array): boolean => entry.length === 0;

export type UpdateRejection =
	| MalformedReason
	| 'update-size'
	| 'lane-count'
	| 'lane-empty'
	| 'lane-twice'
	| 'entry-count'
	| 'clock-range'
	| 'struct-kind'
	| 'parent'
	| 'root'
	| 'key'
	| 'entry-size'
	| 'delete-set';

class Refused extends Error {
	constructor(readonly reason: UpdateRejection) {
		super(reason);
	}
}

function readRun(reader: ByteReader, seen: Set<number>): LaneRun {
	const count = reader.varuint();
	const lane = reader.varuint();
	const start = reader.varuint();
	if (count === 0) throw new Refused('lane-empty');
	if (count > Math.floor(reader.left / smallestItemBytes) + 1) throw new Refused('entry-count');
	if (seen.has(lane)) throw new Refused('lane-twice');
	seen.add(lane);
	if (start + count > clockLimit) throw new Refused('clock-range');
	const entries: Uint8Array[] = [];
	for (let i = 0; i < count; i++) entries.push(readItem(reader, lane, start + i));
	return { lane, start, entries };
}

function readItem(reader: ByteReader, lane: number, clock: number): Uint8Array {
	const info = reader.u8();
	if (info !== itemInfo && info !== placeholderInfo) throw new Refused('struct-kind');
	if (reader.varuint() !== 1) throw new Refused('parent');
	if (reader.varuint() !== 1 || reader.u8() !== 0x65) throw new Refused('root');
	readKey(reader, entryKey(lane, clock));
	const length = reader.varuint();
	if (info === placeholderInfo) {
		if (length !== 1) throw new Refused('struct-kind');
		return placeholder;
	}
	if (length === 0 || length > controlEntryLimitBytes) throw new Refused('entry-size');
	return reader.take(length);
}

function readKey(reader: ByteReader, expected: string): void {
	if (reader.varuint() !== expected.length) throw new Refused('key');
	for (let i = 0; i < expected.length; i++)
		if (reader.u8() !== expected.charCodeAt(i)) throw new Refused('key');
}

/** As Yjs writes it: varint lanes, then per lane: varint lane · varint count · count × (varint clock · varint length). */
function skipDeleteSet(reader: ByteReader): void {
	for (let lanes = reader.varuint(); lanes > 0; lanes--) {
		reader.varuint();
		for (let ranges = reader.varuint(); ranges > 0; ranges--) {
			reader.varuint();
			reader.varuint();
		}
	}
}

/**
 * @param bytes a Yjs V1 update from outside
 * @param limitBytes the largest update taken; a stock y-websocket client sends its whole answer in one
 * @returns runs whose entries are views into `bytes`, or why it is refused. Never throws on bad input.
 */
export function decodeUpdate(
	bytes: Uint8Array,
	limitBytes = updateLimitBytes
): Result<readonly LaneRun[], UpdateRejection> {
	return decode(bytes, limitBytes, (reader) => {
		if (reader.varuint() !== 0) throw new Refused('delete-set');
	});
}

/**
 * The same of an update that Yjs has made here: it lists what has been deleted of the whole document, every time. The
 * placeholders say as much, and the list is dropped.
 */
export function decodeOwnUpdate(
	bytes: Uint8Array,
	limitBytes: number
): Result<readonly LaneRun[], UpdateRejection> {
	return decode(bytes, limitBytes, skipDeleteSet);
}

function decode(
	bytes: Uint8Array,
	limitBytes: number,
	readDeleteSet: (reader: ByteReader) => void
): Result<readonly LaneRun[], UpdateRejection> {
	if (bytes.length > limitBytes) return fail('update-size');
	const reader = new ByteReader(bytes);
	try {
		const lanes = reader.varuint();
		if (lanes > Math.floor(bytes.length / smallestItemBytes) + 1) throw new Refused('lane-count');
		const seen = new Set<number>();
		const runs: LaneRun[] = [];
		for (let i = 0; i < lanes; i++) runs.push(readRun(reader, seen));
		readDeleteSet(reader);
		reader.end();
		return ok(runs);
	} catch (error) {
		if (error instanceof Refused || error instanceof Malformed) return fail(error.reason);
		throw error;
	}
}

/** The same form, made. Lanes must differ from each other. */
export function encodeUpdate(runs: readonly LaneRun[]): Uint8Array<ArrayBuffer> {
	const size = runs.reduce((sum, run) => sum + runBytes(run), 16);
	const writer = new ByteWriter(size);
	writer.varuint(runs.length);
	for (const run of runs) {
		writer.varuint(run.entries.length).varuint(run.lane).varuint(run.start);
		run.entries.forEach((entry, i) => {
			const key = entryKey(run.lane, run.start + i);
			const isGone = isPlaceholder(entry);
			writer
				.u8(isGone ? placeholderInfo : itemInfo)
				.varuint(1)
				.varuint(1)
				.label(rootName);
			writer.varuint(key.length).label(key);
			if (isGone) writer.varuint(1);
			else writer.block(entry);
		});
	}
	return writer.varuint(0).done();
}

const itemBytes = (entry: Uint8Array): number => entry.length + 40;
/** In an update, about. */
export const runBytes = (run: LaneRun): number =>
	run.entries.reduce((sum, entry) => sum + itemBytes(entry), 32);

/**
 * Cuts runs into updates of at most about `limitBytes` (at least one entry each), so that no frame is larger than a
 * peer takes and no task longer than a frame of animation.
 */
export function* splitRuns(runs: Iterable<LaneRun>, limitBytes: number): Generator<readonly LaneRun[]> {
	let batch: LaneRun[] = [];
	let bytes = 0;
	for (const run of runs) {
		let from = 0;
		for (let i = 0; i < run.entries.length; i++) {
			const more = itemBytes(run.entries[i] as Uint8Array);
			if (bytes > 0 && bytes + more > limitBytes) {
				if (i > from)
					batch.push({ lane: run.lane, start: run.start + from, entries: run.entries.slice(from, i) });
				if (batch.length > 0) yield batch;
				batch = [];
				bytes = 0;
				from = i;
			}
			bytes += more;
		}
		if (from < run.entries.length) {
			batch.push({ lane: run.lane, start: run.start + from, entries: run.entries.slice(from) });
		}
	}
	if (batch.length > 0) yield batch;
}
