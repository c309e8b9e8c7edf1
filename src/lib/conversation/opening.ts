/** From admitted bytes to records: opens the seal, decodes, checks the signatures that a record itself carries. */
import { toBase64url } from '../protocol/base64url';
import {
	checkDeviceRemoval,
	checkHandover,
	checkJoin,
	checkLane,
	checkOwner,
	laneOfFork
} from '../protocol/certificates';
import {
	epochOf,
	openParsedEntry,
	opens,
	parseEntry,
	type EntryClass,
	type EntryRejection,
	type HeldKeys
} from '../protocol/entry';
import { verifyFork } from '../protocol/guard/fork-proof';
import { isPlaceholder } from '../protocol/guard/update';
import { contextOf } from '../protocol/ids';
import { decodeRecord, type Envelope, type KnownRecord, type UnknownRecord } from '../protocol/records';
import { fail, ok, type Result } from '../protocol/result';
import type { ControlEntry } from './authority';
import type { TimedEntry } from './effective-times';

/** entry-epoch: sealed under an epoch that this device does not hold, so far. entry-redacted: its bytes are gone. */
export type OpeningRejection = EntryRejection | 'entry-epoch' | 'entry-redacted';

/** A control entry with the epoch under which it is sealed. */
export interface OpenedEntry extends ControlEntry {
	/** Base64url. */
	readonly epoch: string;
}

/** What an entry says that does not open yet: it stands at its place, and nobody knows when it was said. */
export const unread: UnknownRecord = { type: 'unknown', number: -1 };

/** Characters of base64url that 8 bytes of an id fill completely. */
const depIdChars = 10;

export interface OpeningContext {
	readonly subtle: SubtleCrypto;
	readonly conversation: Uint8Array;
	/**
	 * @param epoch id in an entry's header
	 * @returns null if it is not held; whoever answers remembers what was asked for
	 */
	keysOf(epoch: Uint8Array, entryClass: EntryClass): Promise<HeldKeys> | null;
}

export async function openRecord(
	opening: OpeningContext,
	context: Uint8Array,
	lane: number,
	clock: number,
	bytes: Uint8Array
): Promise<Result<Envelope, OpeningRejection>> {
	if (isPlaceholder(bytes)) return fail('entry-redacted');
	const parsed = parseEntry(bytes, clock);
	if (!parsed.ok) return parsed;
	const { header } = parsed.value;
	const keys = await opening.keysOf(header.epoch, header.class);
	if (keys === null || !opens(keys, header.class)) return fail('entry-epoch');
	const record = await openParsedEntry(opening.subtle, keys, { context, lane, clock }, parsed.value);
	return record.ok ? decodeRecord(record.value, header.class) : record;
}

/** The record's own signatures. A function of the record and its place alone. */
export async function isSound(
	{ subtle, conversation }: OpeningContext,
	context: Uint8Array,
	lanePublicKey: Uint8Array,
	record: KnownRecord | UnknownRecord
): Promise<boolean> {
	switch (record.type) {
		case 'lane':
			return checkLane(subtle, record, context, lanePublicKey);
		case 'join':
			return checkJoin(subtle, record, conversation);
		case 'owner':
			return checkOwner(subtle, record, conversation);
		case 'handover':
			return checkHandover(subtle, record, conversation);
		case 'device-remove':
			return checkDeviceRemoval(subtle, record, conversation);
		case 'fork':
			return verifyFork(subtle, contextOf(conversation, record.segment), {
				...record,
				lane: laneOfFork(record)
			});
		default:
			return true;
	}
}

/** Base64url. Of an entry that is structurally sound. */
export const epochNameOf = (bytes: Uint8Array): string => toBase64url(epochOf(bytes));

/**
 * @param id of the entry
 * @returns it as `unread` if its epoch is not held: caps name it by its id all the same
 */
export async function openControlEntry(
	opening: OpeningContext,
	context: Uint8Array,
	lanePublicKey: Uint8Array,
	place: { readonly lane: number; readonly clock: number },
	bytes: Uint8Array,
	id: Uint8Array
): Promise<Result<OpenedEntry, OpeningRejection>> {
	const envelope = await openRecord(opening, context, place.lane, place.clock, bytes);
	const entry = { id: toBase64url(id), ...place, epoch: epochNameOf(bytes) };
	if (!envelope.ok) {
		if (envelope.reason !== 'entry-epoch') return envelope;
		return ok({ ...entry, hlc: Number.MAX_SAFE_INTEGER, record: unread, sound: true });
	}
	const { hlc, record } = envelope.value;
	return ok({ ...entry, hlc, record, sound: await isSound(opening, context, lanePublicKey, record) });
}

/** What the order on screen needs of an entry. */
export function timedEntry(lane: number, clock: number, id: string, envelope: Envelope): TimedEntry {
	return {
		lane,
		clock,
		id,
		hlc: envelope.hlc,
		deps: envelope.deps.map((dep) => ({
			lane: dep.lane,
			clock: dep.clock,
			id: toBase64url(dep.id).slice(0, depIdChars)
		}))
	};
}
