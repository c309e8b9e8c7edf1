/**
 * Who may open one document (docs/decisions/0014). The first key that comes is the document's; its holder names the
 * next one. The current key reads and writes. An ended key reads as long as the rotation that ended it, and each one
 * since, has said; a lane that the newest rotation names reads with its own key. Pure: a rotation gives a new value.
 */
import { ByteWriter, decodeWith, equalBytes } from '../src/lib/protocol/bytes';
import { isSoundPoint, publicKeyLength } from '../src/lib/protocol/crypto';
import { fail, ok, type Result } from '../src/lib/protocol/result';
import type { AccessMode, Rotation, TicketKind } from '../src/lib/protocol/ticket';
import type { RelaySettings } from './settings';

export interface EndedKey {
	readonly publicKey: Uint8Array;
	/** Seconds since 1970. */
	readonly readUntilSeconds: number;
}

export interface DocumentAccess {
	/** How many keys the document has had, this one included. */
	readonly generation: number;
	readonly current: Uint8Array;
	/** Newest first; those that may not read any more are forgotten. */
	readonly ended: readonly EndedKey[];
	readonly readerLanes: ReadonlySet<number>;
}

export interface Credential {
	readonly kind: TicketKind;
	readonly publicKey: Uint8Array;
	/** Of a lane key; 0 for an access key. */
	readonly lane: number;
}

export interface Grant {
	readonly mode: AccessMode;
	/** Seconds since 1970 when it ends by itself, or null. */
	readonly untilSeconds: number | null;
}

export type AccessRefusal = 'key' | 'lane';
export type RotationRefusal = 'rotation-stale' | 'rotation-key';
export type AccessLimits = Pick<RelaySettings, 'documentEndedKeys' | 'documentLeaseDays'>;

const daySeconds = 24 * 60 * 60;
const rowVersion = 1;

/** What a document has from its first ticket on. */
export function pinned(publicKey: Uint8Array): DocumentAccess {
	return { generation: 1, current: publicKey.slice(), ended: [], readerLanes: new Set() };
}

/**
 * @param nowSeconds since 1970
 * @param laneKey the public key of a lane of this document, if it holds any of it: a lane's number alone proves nothing
 */
export function grantOf(
	access: DocumentAccess,
	credential: Credential,
	nowSeconds: number,
	laneKey: (lane: number) => Uint8Array | undefined
): Result<Grant, AccessRefusal> {
	const { kind, publicKey, lane } = credential;
	if (kind === 'lane') {
		const known = access.readerLanes.has(lane) ? laneKey(lane) : undefined;
		const isReader = known !== undefined && equalBytes(known, publicKey);
		return isReader ? ok({ mode: 'read', untilSeconds: null }) : fail('lane');
	}
	if (equalBytes(access.current, publicKey)) return ok({ mode: 'write', untilSeconds: null });
	const ended = access.ended.find((key) => equalBytes(key.publicKey, publicKey));
	if (ended === undefined || ended.readUntilSeconds <= nowSeconds) return fail('key');
	return ok({ mode: 'read', untilSeconds: ended.readUntilSeconds });
}

/**
 * @param rotation whose signature by the current key has been verified
 * @returns what the document has from then on. Only the very next generation is taken, so that none is taken twice.
 */
export function rotated(
	access: DocumentAccess,
	rotation: Rotation,
	nowSeconds: number,
	limits: AccessLimits
): Result<DocumentAccess, RotationRefusal> {
	if (rotation.generation !== access.generation + 1) return fail('rotation-stale');
	const had = [access.current, ...access.ended.map(({ publicKey }) => publicKey)];
	if (!isSoundPoint(rotation.next) || had.some((key) => equalBytes(key, rotation.next)))
		return fail('rotation-key');
	const latestSeconds = nowSeconds + limits.documentLeaseDays * daySeconds;
	const untilSeconds = Math.min(rotation.readUntilSeconds, latestSeconds);
	const ended = [{ publicKey: access.current, readUntilSeconds: untilSeconds }, ...access.ended]
		.map((key) => ({ ...key, readUntilSeconds: Math.min(key.readUntilSeconds, untilSeconds) }))
		.filter(({ readUntilSeconds }) => readUntilSeconds > nowSeconds)
		.slice(0, limits.documentEndedKeys);
	return ok({
		generation: rotation.generation,
		current: rotation.next.slice(),
		ended,
		readerLanes: new Set(rotation.readerLanes)
	});
}

/** A row of storage: version 1 · generation · current key · ended keys · lanes. */
export function encodeDocumentAccess({
	generation,
	current,
	ended,
	readerLanes
}: DocumentAccess): Uint8Array {
	const writer = new ByteWriter(64 + ended.length * 40 + readerLanes.size * 8);
	writer.u8(rowVersion).varuint(generation).raw(current).varuint(ended.length);
	for (const { publicKey, readUntilSeconds } of ended) writer.raw(publicKey).varuint(readUntilSeconds);
	writer.varuint(readerLanes.size);
	for (const lane of readerLanes) writer.varuint(lane);
	return writer.done();
}

/** @throws if the row is not one of ours: better no document than one that is open to all */
export function decodeDocumentAccess(row: Uint8Array): DocumentAccess {
	const decoded = decodeWith(row.slice(), (reader) => {
		const version = reader.u8();
		if (version !== rowVersion) throw new Error(`access row of version ${version}`);
		const generation = reader.varuint();
		const current = reader.take(publicKeyLength);
		const ended = Array.from({ length: reader.varuint() }, () => ({
			publicKey: reader.take(publicKeyLength),
			readUntilSeconds: reader.varuint()
		}));
		const readerLanes = new Set(Array.from({ length: reader.varuint() }, () => reader.varuint()));
		return { generation, current, ended, readerLanes };
	});
	if (!decoded.ok) throw new Error(`access row: ${decoded.reason}`);
	return decoded.value;
}
