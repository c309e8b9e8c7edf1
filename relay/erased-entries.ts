/**
 * Entries whose bytes are gone, as the relay keeps and serves them: of each its id, in place of the bytes. No entry is as
 * short as that.
 */
import { sha256 } from '../src/lib/protocol/crypto';
import { equalBytes } from '../src/lib/protocol/bytes';
import { parseEntry } from '../src/lib/protocol/entry';
import { isPlaceholder, placeholder } from '../src/lib/protocol/guard/update';

const idLength = 32;
/** Where nothing told which entry it was: between two others whose bytes are gone. */
const unknown = new Uint8Array(idLength);

/** @returns what is kept of an entry @param id of the entry; empty if it is not known */
export function storedForm(entry: Uint8Array, id: Uint8Array): Uint8Array {
	if (!isPlaceholder(entry)) return entry;
	return id.length === idLength ? id : unknown;
}

export const isErased = (stored: Uint8Array): boolean => stored.length === idLength;

/** @returns what others are sent of it */
export const servedForm = (stored: Uint8Array): Uint8Array => (isErased(stored) ? placeholder : stored);

/** @returns the id of an erased entry, if it is known */
export const erasedId = (stored: Uint8Array): Uint8Array | undefined =>
	equalBytes(stored, unknown) ? undefined : stored;

/** Whether a token is the one for an entry that is held. */
export function erases(token: Uint8Array, entry: Uint8Array, clock: number): boolean {
	const parsed = parseEntry(entry, clock);
	return parsed.ok && equalBytes(sha256(token), parsed.value.header.eraseHash);
}
