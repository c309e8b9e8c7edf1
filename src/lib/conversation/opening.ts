/** From admitted bytes to records: opens the seal, decodes, checks the signatures that a record itself carries. */
import { toBase64url } from '../protocol/base64url';
import { equalBytes } from '../protocol/bytes';
import {
	checkDeviceRemoval,
	checkHandover,
	checkJoin,
	checkLane,
	checkOwner,
	laneOfFork
} from '../protocol/certificates';
import { openParsedEntry, parseEntry, type EntryRejection } from '../protocol/entry';
import type { EpochKeys } from '../protocol/epoch';
import { verifyFork } from '../protocol/guard/fork-proof';
import { contextOf } from '../protocol/ids';
import { decodeRecord, type Envelope, type KnownRecord, type UnknownRecord } from '../protocol/records';
import { fail, ok, type Result } from '../protocol/result';
import type { ControlEntry } from './authority';
import type { TimedEntry } from './effective-times';

export type OpeningRejection = EntryRejection | 'entry-epoch';

/** Characters of base64url that 8 bytes of an id fill completely. */
const depIdChars = 10;

export interface OpeningContext {
	readonly subtle: SubtleCrypto;
	readonly conversation: Uint8Array;
	readonly keys: EpochKeys;
}

export async function openRecord(
	{ subtle, keys }: OpeningContext,
	context: Uint8Array,
	lane: number,
	clock: number,
	bytes: Uint8Array
): Promise<Result<Envelope, OpeningRejection>> {
	const parsed = parseEntry(bytes, clock);
	if (!parsed.ok) return parsed;
	if (!equalBytes(parsed.value.header.epoch, keys.id)) return fail('entry-epoch');
	const record = await openParsedEntry(subtle, keys, { context, lane, clock }, parsed.value);
	return record.ok ? decodeRecord(record.value, parsed.value.header.class) : record;
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

/** @param id of the entry */
export async function openControlEntry(
	opening: OpeningContext,
	context: Uint8Array,
	lanePublicKey: Uint8Array,
	place: { readonly lane: number; readonly clock: number },
	bytes: Uint8Array,
	id: Uint8Array
): Promise<Result<ControlEntry, OpeningRejection>> {
	const envelope = await openRecord(opening, context, place.lane, place.clock, bytes);
	if (!envelope.ok) return envelope;
	const { hlc, record } = envelope.value;
	return ok({
		id: toBase64url(id),
		...place,
		hlc,
		record,
		sound: await isSound(opening, context, lanePublicKey, record)
	});
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
