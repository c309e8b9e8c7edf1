/**
 * How a document of a relay is opened, and how its key changes (docs/decisions/0014). After the frame's type:
 *
 *   102  relay   challenge   nonce 32 · varint generation · [current access key 32, from generation 1 on]
 *   103  client  ticket      u8 kind (1 access key · 2 lane key) · u8 mode (0 read · 1 write) · key 32 · text host
 *                            · signature 64 over "ticket/1" ‖ document ‖ nonce ‖ kind ‖ mode ‖ key ‖ text host
 *   104  relay   access      varint generation · u8 mode granted
 *   105  client  rotation    varint generation (the next) · next key 32 · varint end of ended keys' reading (s)
 *                            · varint count · count × varint lane, ascending · signature 64 by the current key
 *                            over "rotate/1" ‖ document ‖ all before
 *
 * The access key of an epoch is another one for each document, so that a relay cannot tell by it which documents belong
 * together. Lanes named in a rotation may go on reading with their own keys: those of devices that stay, which may have
 * missed the epochs in between.
 */
import { ByteWriter, Malformed, decodeWith, type ByteReader, type MalformedReason } from './bytes';
import {
	deriveBytes,
	publicKeyLength,
	sign,
	signatureLength,
	verifyWith,
	type Bytes,
	type SigningKeys
} from './crypto';
import { signingKeysOfSeed } from './invite-link';
import type { Result } from './result';

export const challengeMessageType = 102;
export const ticketMessageType = 103;
export const accessMessageType = 104;
export const rotationMessageType = 105;

export const ticketNonceLength = 32;
/** A name of 253 characters and a port. */
const hostLimitBytes = 260;
/** Keeps a rotation well below 64 KiB: eight bytes a lane. */
export const readerLanesLimit = 4_096;

export interface Challenge {
	readonly nonce: Uint8Array;
	/** How many keys the document has had; 0 if it is nobody's yet. */
	readonly generation: number;
	/** null at generation 0. */
	readonly current: Uint8Array | null;
}

/** access: of an epoch, and so of every member. lane: of a device that has written to this document. */
export type TicketKind = 'access' | 'lane';
export type AccessMode = 'read' | 'write';

export interface Ticket {
	readonly kind: TicketKind;
	readonly mode: AccessMode;
	readonly publicKey: Uint8Array;
	/** Host (and port) that the client has dialled, so that one relay cannot use at another what it was given. */
	readonly host: string;
	readonly signature: Uint8Array;
}

export interface Rotation {
	/** Of `next`: one more than the document has. */
	readonly generation: number;
	readonly next: Uint8Array;
	/** Until when, in seconds since 1970, ended keys may read, this one and those before it; 0 is not at all. */
	readonly readUntilSeconds: number;
	/** Ascending, at most `readerLanesLimit`. */
	readonly readerLanes: readonly number[];
}

export interface SignedRotation extends Rotation {
	/** What the signature covers, but for label and document. */
	readonly body: Uint8Array;
	readonly signature: Uint8Array;
}

const kinds = { access: 1, lane: 2 } as const;
const modes = { read: 0, write: 1 } as const;

/** @param accessSecret of an epoch. @returns the pair that opens this document while the epoch's key is its key */
export function deriveAccessKeys(
	subtle: SubtleCrypto,
	accessSecret: Uint8Array,
	document: Uint8Array
): Promise<SigningKeys> {
	const label = new ByteWriter().label('access-key/1').done();
	return signingKeysOfSeed(subtle, deriveBytes(accessSecret, document, label, 32));
}

// --- challenge

export function encodeChallenge({ nonce, generation, current }: Challenge): Bytes {
	return new ByteWriter(80)
		.raw(nonce)
		.varuint(generation)
		.raw(current ?? new Uint8Array())
		.done();
}

/** @param body after the frame's type */
export function decodeChallenge(body: Uint8Array): Result<Challenge, MalformedReason> {
	return decodeWith(body, (reader) => {
		const nonce = reader.take(ticketNonceLength);
		const generation = reader.varuint();
		return { nonce, generation, current: generation === 0 ? null : reader.take(publicKeyLength) };
	});
}

// --- ticket

type UnsignedTicket = Omit<Ticket, 'signature'>;

const ticketBody = ({ kind, mode, publicKey, host }: UnsignedTicket): Bytes =>
	new ByteWriter(128).u8(kinds[kind]).u8(modes[mode]).raw(publicKey).text(host).done();

const ticketSigningBytes = (document: Uint8Array, nonce: Uint8Array, ticket: UnsignedTicket): Bytes =>
	new ByteWriter(256).label('ticket/1').raw(document).raw(nonce).raw(ticketBody(ticket)).done();

/** @returns the body of a ticket frame, good for the one socket that was given this nonce */
export async function createTicket(
	subtle: SubtleCrypto,
	keys: SigningKeys,
	document: Uint8Array,
	nonce: Uint8Array,
	options: { readonly kind: TicketKind; readonly mode: AccessMode; readonly host: string }
): Promise<Bytes> {
	const ticket = { ...options, publicKey: keys.publicKey };
	const signature = await sign(subtle, keys.privateKey, ticketSigningBytes(document, nonce, ticket));
	return new ByteWriter(256).raw(ticketBody(ticket)).raw(signature).done();
}

function readKind(reader: ByteReader): TicketKind {
	switch (reader.u8()) {
		case kinds.access:
			return 'access';
		case kinds.lane:
			return 'lane';
		default:
			throw new Malformed('type');
	}
}

function readMode(reader: ByteReader): AccessMode {
	const mode = reader.u8();
	if (mode > 1) throw new Malformed('range');
	return mode === modes.write ? 'write' : 'read';
}

/** @param body after the frame's type */
export function decodeTicket(body: Uint8Array): Result<Ticket, MalformedReason> {
	return decodeWith(body, (reader) => ({
		kind: readKind(reader),
		mode: readMode(reader),
		publicKey: reader.take(publicKeyLength),
		host: reader.text(hostLimitBytes),
		signature: reader.take(signatureLength)
	}));
}

/** Whether the holder of the ticket's key has signed it for this document and nonce. */
export function verifyTicket(
	subtle: SubtleCrypto,
	document: Uint8Array,
	nonce: Uint8Array,
	ticket: Ticket
): Promise<boolean> {
	return verifyWith(subtle, ticket.publicKey, ticket.signature, ticketSigningBytes(document, nonce, ticket));
}

// --- access

export interface GrantedAccess {
	readonly generation: number;
	readonly mode: AccessMode;
}

export const encodeAccess = ({ generation, mode }: GrantedAccess): Bytes =>
	new ByteWriter(16).varuint(generation).u8(modes[mode]).done();

/** @param body after the frame's type */
export function decodeAccess(body: Uint8Array): Result<GrantedAccess, MalformedReason> {
	return decodeWith(body, (reader) => ({ generation: reader.varuint(), mode: readMode(reader) }));
}

// --- rotation

function rotationBody({ generation, next, readUntilSeconds, readerLanes }: Rotation): Bytes {
	const writer = new ByteWriter(64 + readerLanes.length * 8).varuint(generation).raw(next);
	writer.varuint(readUntilSeconds).varuint(readerLanes.length);
	for (const lane of readerLanes) writer.varuint(lane);
	return writer.done();
}

const rotationSigningBytes = (document: Uint8Array, body: Uint8Array): Bytes =>
	new ByteWriter(body.length + 48).label('rotate/1').raw(document).raw(body).done();

/**
 * @param current the pair whose public key the document has now
 * @param rotation its lanes in any order
 * @returns the body of a rotation frame. Whoever is let in may carry it; nobody else can have made it.
 */
export async function createRotation(
	subtle: SubtleCrypto,
	current: SigningKeys,
	document: Uint8Array,
	rotation: Rotation
): Promise<Bytes> {
	const readerLanes = [...new Set(rotation.readerLanes)].sort((a, b) => a - b);
	if (readerLanes.length > readerLanesLimit) throw new RangeError('too many lanes in one rotation');
	const body = rotationBody({ ...rotation, readerLanes });
	const signature = await sign(subtle, current.privateKey, rotationSigningBytes(document, body));
	return new ByteWriter(body.length + signatureLength).raw(body).raw(signature).done();
}

function readLanes(reader: ByteReader): number[] {
	const count = reader.varuint();
	if (count > readerLanesLimit) throw new Malformed('length');
	const lanes: number[] = [];
	for (let i = 0; i < count; i++) {
		const lane = reader.varuint();
		if (lane <= (lanes.at(-1) ?? -1)) throw new Malformed('range');
		lanes.push(lane);
	}
	return lanes;
}

/** @param bytes after the frame's type */
export function decodeRotation(bytes: Uint8Array): Result<SignedRotation, MalformedReason> {
	return decodeWith(bytes, (reader) => {
		const generation = reader.varuint();
		const next = reader.take(publicKeyLength);
		const readUntilSeconds = reader.varuint();
		const readerLanes = readLanes(reader);
		const body = bytes.subarray(0, reader.position);
		return { generation, next, readUntilSeconds, readerLanes, body, signature: reader.take(signatureLength) };
	});
}

/** Whether the holder of `current` has made this rotation for this document. */
export function verifyRotation(
	subtle: SubtleCrypto,
	document: Uint8Array,
	current: Uint8Array,
	{ body, signature }: SignedRotation
): Promise<boolean> {
	return verifyWith(subtle, current, signature, rotationSigningBytes(document, body));
}
