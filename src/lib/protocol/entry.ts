/**
 * An entry: a record, sealed and signed at its place (lane, clock) of a segment.
 *
 *   header     version 1 · suite 1 · class 1 · epoch 16 · prev 32 · eraseHash 32 · nonce 12 · [clock 0: lane key 32]
 *   sealed     AES-256-GCM(message or control key, nonce, AAD "e/1" ‖ context ‖ lane ‖ clock ‖ header, padded record)
 *   signature  Ed25519(lane key, "e/1" ‖ context ‖ lane ‖ clock ‖ digest)
 *
 * digest = SHA-256(header ‖ sealed). The signature covers it rather than the bytes, so that a fork is proven by two
 * digests and two signatures, whatever the size of the entries (docs/decisions/0003).
 * id = SHA-256(the whole entry): the next entry's `prev` vouches for the signature too, which nobody can spoil on its way
 * without breaking the chain (docs/decisions/0025).
 */
import { ByteWriter, Malformed, concatBytes, decodeWith, type MalformedReason } from './bytes';
import { hashLength, sha256, sign, signatureLength, type Bytes, type CryptoPort } from './crypto';
import { eraseHashOf, eraseToken, epochIdLength, type EpochControlKeys, type EpochKeys } from './epoch';
import { pad, unpad } from './padding';
import { fail, ok, type Result } from './result';

export type EntryClass = 'lane' | 'control' | 'message';
const classes: readonly EntryClass[] = ['lane', 'control', 'message'];

export const messageEntryLimitBytes = 32 * 1024;
export const controlEntryLimitBytes = 64 * 1024;
const nonceLength = 12;
const tagLength = 16;
const version = 1;
const suite = 1;
/** Within an entry, of the epoch's id and of prev: the guard follows chains without decoding the rest. */
const epochOffset = 3;
const prevOffset = epochOffset + epochIdLength;

export interface EntryHeader {
	readonly class: EntryClass;
	readonly epoch: Uint8Array;
	readonly prev: Uint8Array;
	readonly eraseHash: Uint8Array;
	readonly nonce: Uint8Array;
	/** Present exactly at clock 0. */
	readonly lanePublicKey: Uint8Array | null;
}

export interface ParsedEntry {
	readonly header: EntryHeader;
	readonly headerBytes: Uint8Array;
	readonly sealed: Uint8Array;
	readonly signature: Uint8Array;
}

export type EntryRejection =
	MalformedReason | 'entry-size' | 'entry-class' | 'entry-signature' | 'entry-sealed';

/** Where an entry stands. */
export interface EntryPlace {
	readonly context: Uint8Array;
	readonly lane: number;
	readonly clock: number;
}

/** Strict; views into `bytes`. Only the clock tells whether a lane key has to be there. */
export function parseEntry(bytes: Uint8Array, clock: number): Result<ParsedEntry, EntryRejection> {
	if (bytes.length > controlEntryLimitBytes) return fail('entry-size');
	const parsed = decodeWith(bytes, (reader): ParsedEntry => {
		if (reader.u8() !== version || reader.u8() !== suite) throw new Malformed('version');
		const entryClass = classes[reader.u8()];
		if (entryClass === undefined) throw new Malformed('type');
		const header = {
			class: entryClass,
			epoch: reader.take(epochIdLength),
			prev: reader.take(hashLength),
			eraseHash: reader.take(hashLength),
			nonce: reader.take(nonceLength),
			lanePublicKey: clock === 0 ? reader.take(32) : null
		};
		const headerBytes = bytes.subarray(0, reader.position);
		const sealedLength = reader.left - signatureLength;
		if (sealedLength < tagLength + 32) throw new Malformed('truncated');
		return {
			header,
			headerBytes,
			sealed: reader.take(sealedLength),
			signature: reader.take(signatureLength)
		};
	});
	if (!parsed.ok) return parsed;
	const entryClass = parsed.value.header.class;
	if ((clock === 0) !== (entryClass === 'lane')) return fail('entry-class');
	if (entryClass === 'message' && bytes.length > messageEntryLimitBytes) return fail('entry-size');
	return parsed;
}

/** Of any entry, whole or not: id of its epoch as it stands in the bytes. */
export const epochOf = (entry: Uint8Array): Uint8Array => entry.subarray(epochOffset, prevOffset);

/** Of any entry, whole or not: prev as it stands in the bytes. */
export const prevOf = (entry: Uint8Array): Uint8Array => entry.subarray(prevOffset, prevOffset + hashLength);

/** Of a whole entry, its signature included. */
export const entryIdOf = (entry: Uint8Array): Bytes => sha256(entry);

/** What the signature of an entry covers. */
export function signedDigestOf(entry: Uint8Array): Bytes {
	return sha256(entry.subarray(0, entry.length - signatureLength));
}

export const signatureOf = (entry: Uint8Array): Uint8Array => entry.subarray(entry.length - signatureLength);

/** The bytes that the lane key signs. @param digest see `signedDigestOf` */
export function entrySigningBytes(place: EntryPlace, digest: Uint8Array): Bytes {
	return new ByteWriter(96)
		.label('e/1')
		.raw(place.context)
		.u64(place.lane)
		.u32(place.clock)
		.raw(digest)
		.done();
}

function sealingData(place: EntryPlace, header: Uint8Array): Bytes {
	const label = 'e/1';
	return new ByteWriter(label.length + place.context.length + 12 + header.length)
		.label(label)
		.raw(place.context)
		.u64(place.lane)
		.u32(place.clock)
		.raw(header)
		.done();
}

/** Of an epoch that is held: whole, or as far as it says who is a member. */
export type HeldKeys = EpochKeys | EpochControlKeys;

/** Whether entries of this class can be opened, and made, with these keys. */
export const opens = (keys: HeldKeys, entryClass: EntryClass): boolean =>
	entryClass !== 'message' || 'messageKey' in keys;

function keyFor(keys: HeldKeys, entryClass: EntryClass): CryptoKey {
	if (entryClass !== 'message') return keys.controlKey;
	if (!('messageKey' in keys)) throw new Error('what was said under this epoch is not open to this device');
	return keys.messageKey;
}

export interface EntryDraft {
	readonly place: EntryPlace;
	readonly class: EntryClass;
	/** Id of the lane's previous entry; zeros at the start of a device's first lane. */
	readonly prev: Uint8Array;
	/** Encoded record. */
	readonly record: Uint8Array;
	readonly lanePublicKey: Uint8Array;
	readonly lanePrivateKey: CryptoKey;
}

/** Seals and signs a record. @throws Error if the keys do not open entries of its class */
export async function createEntry(
	crypto: CryptoPort,
	keys: HeldKeys,
	draft: EntryDraft
): Promise<{ readonly bytes: Bytes; readonly id: Bytes }> {
	const { place } = draft;
	const nonce = crypto.randomBytes(nonceLength);
	const header = new ByteWriter(160)
		.u8(version)
		.u8(suite)
		.u8(classes.indexOf(draft.class))
		.raw(keys.id)
		.raw(draft.prev)
		.raw(eraseHashOf(eraseToken(keys, place.context, nonce)))
		.raw(nonce);
	if (place.clock === 0) header.raw(draft.lanePublicKey);
	const headerBytes = header.done();
	const sealed = await crypto.subtle.encrypt(
		{ name: 'AES-GCM', iv: nonce, additionalData: sealingData(place, headerBytes) },
		keyFor(keys, draft.class),
		pad(draft.record)
	);
	const body = concatBytes(headerBytes, new Uint8Array(sealed));
	const signing = entrySigningBytes(place, sha256(body));
	const bytes = concatBytes(body, await sign(crypto.subtle, draft.lanePrivateKey, signing));
	return { bytes, id: entryIdOf(bytes) };
}

/**
 * Opens an entry's seal. Signature and place are the guard's business.
 * @returns the encoded record, a view of its own memory
 */
export async function openEntry(
	subtle: SubtleCrypto,
	keys: HeldKeys,
	place: EntryPlace,
	bytes: Uint8Array
): Promise<Result<Uint8Array, EntryRejection>> {
	const parsed = parseEntry(bytes, place.clock);
	return parsed.ok ? openParsedEntry(subtle, keys, place, parsed.value) : parsed;
}

/** The same of an entry that has been parsed already. */
export async function openParsedEntry(
	subtle: SubtleCrypto,
	keys: HeldKeys,
	place: EntryPlace,
	{ header, headerBytes, sealed }: ParsedEntry
): Promise<Result<Uint8Array, EntryRejection>> {
	let opened: ArrayBuffer;
	try {
		opened = await subtle.decrypt(
			{ name: 'AES-GCM', iv: header.nonce as Bytes, additionalData: sealingData(place, headerBytes) },
			keyFor(keys, header.class),
			sealed as Bytes
		);
	} catch {
		// WebCrypto says no more than that the tag does not fit.
		return fail('entry-sealed');
	}
	try {
		return ok(unpad(new Uint8Array(opened)));
	} catch (error) {
		if (error instanceof Malformed) return fail(error.reason);
		throw error;
	}
}
