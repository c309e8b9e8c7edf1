/**
 * Asking a relay to let an entry's bytes go (docs/decisions/0027). Whoever belongs to the entry's epoch can: the entry's
 * header holds the hash of what this frame shows. The relay answers with the places at which it has no bytes (any more).
 *
 *   106 erase    varint count (1 to 256) · count × (varint lane · varint clock · token 16)
 *   107 erased   varint count (1 to 256) · count × (varint lane · varint clock)
 */
import { ByteWriter, Malformed, decodeWith, type ByteReader, type MalformedReason } from './bytes';
import type { Bytes } from './crypto';
import type { Result } from './result';

export const eraseMessageType = 106;
export const erasedMessageType = 107;
export const erasuresLimit = 256;
const tokenLength = 16;

export interface ErasedPlace {
	readonly lane: number;
	readonly clock: number;
}

export interface ErasedEntry extends ErasedPlace {
	/** See eraseToken in epoch.ts. */
	readonly token: Uint8Array;
}

function writeAll<T>(items: readonly T[], write: (writer: ByteWriter, item: T) => void): Bytes {
	if (items.length === 0 || items.length > erasuresLimit)
		throw new RangeError(`${items.length} in one frame`);
	const writer = new ByteWriter(items.length * 32 + 8).varuint(items.length);
	for (const item of items) write(writer, item);
	return writer.done();
}

function readAll<T>(reader: ByteReader, read: () => T): readonly T[] {
	const count = reader.varuint();
	if (count === 0 || count > erasuresLimit) throw new Malformed('length');
	return Array.from({ length: count }, read);
}

/** @returns the body of a frame. @throws RangeError for none, or more than fit */
export const encodeErase = (entries: readonly ErasedEntry[]): Bytes =>
	writeAll(entries, (writer, { lane, clock, token }) => writer.varuint(lane).varuint(clock).raw(token));

/** @param body after the frame's type */
export function decodeErase(body: Uint8Array): Result<readonly ErasedEntry[], MalformedReason> {
	return decodeWith(body, (reader) =>
		readAll(reader, () => ({
			lane: reader.varuint(),
			clock: reader.varuint(),
			token: reader.take(tokenLength)
		}))
	);
}

/** @returns the body of a frame. @throws RangeError for none, or more than fit */
export const encodeErased = (places: readonly ErasedPlace[]): Bytes =>
	writeAll(places, (writer, { lane, clock }) => writer.varuint(lane).varuint(clock));

/** @param body after the frame's type */
export function decodeErased(body: Uint8Array): Result<readonly ErasedPlace[], MalformedReason> {
	return decodeWith(body, (reader) =>
		readAll(reader, () => ({ lane: reader.varuint(), clock: reader.varuint() }))
	);
}
