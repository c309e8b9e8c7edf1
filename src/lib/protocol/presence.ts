/**
 * Presence (protocol 3): what holds for some seconds and is never stored: somebody is typing, may be shown as online.
 * Sealed for members and signed by the device's control lane; believed for a short time, and only while newer than what
 * the lane said before.
 *
 *   version 1 · varint lane · varint counter · epoch 16 · nonce 12 · sealed 17 · signature 64
 *   sealed   u8: 1 typing · 2 may be shown as online
 *   signature  Ed25519(lane key, "p/1" ‖ context of the control segment ‖ all before it)
 */
import { ByteWriter, Malformed, concatBytes, decodeWith, equalBytes, type MalformedReason } from './bytes';
import { sign, signatureLength, verifyWith, type Bytes, type CryptoPort } from './crypto';
import { epochIdLength, type EpochControlKeys } from './epoch';
import { fail, ok, type Result } from './result';

const version = 1;
const nonceLength = 12;
const sealedLength = 17;
const typingBit = 1;
const onlineBit = 2;
/** A frame has about 120 bytes. */
export const presenceLimitBytes = 160;

export interface PresenceState {
	readonly typing: boolean;
	readonly online: boolean;
}

export interface PresenceHead {
	readonly lane: number;
	/** Grows with every frame of the lane; milliseconds when it was made, or more. */
	readonly counter: number;
	/** Id of the epoch under which the rest is sealed. */
	readonly epoch: Uint8Array;
}

interface ParsedPresence extends PresenceHead {
	readonly nonce: Uint8Array;
	readonly sealed: Uint8Array;
	readonly signed: Uint8Array;
	readonly signature: Uint8Array;
}

export type PresenceRejection =
	| `presence-${MalformedReason}`
	| 'presence-size'
	| 'presence-signature'
	| 'presence-epoch'
	| 'presence-sealed';

function parse(bytes: Uint8Array): Result<ParsedPresence, PresenceRejection> {
	if (bytes.length > presenceLimitBytes) return fail('presence-size');
	const parsed = decodeWith(bytes, (reader) => {
		if (reader.u8() !== version) throw new Malformed('version');
		const lane = reader.varuint();
		const counter = reader.varuint();
		const epoch = reader.take(epochIdLength);
		const nonce = reader.take(nonceLength);
		const sealed = reader.take(sealedLength);
		const signed = bytes.subarray(0, reader.position);
		return { lane, counter, epoch, nonce, sealed, signed, signature: reader.take(signatureLength) };
	});
	return parsed.ok ? parsed : fail<PresenceRejection>(`presence-${parsed.reason}`);
}

/** Before any cryptography. Says nothing on whether it is genuine. */
export const readPresenceHead: (bytes: Uint8Array) => Result<PresenceHead, PresenceRejection> = parse;

const signingBytes = (context: Uint8Array, signed: Uint8Array): Bytes =>
	new ByteWriter().label('p/1').raw(context).raw(signed).done();

const sealingData = (context: Uint8Array, { lane, counter }: Omit<PresenceHead, 'epoch'>): Bytes =>
	new ByteWriter().label('p/1').raw(context).u64(lane).u64(counter).done();

/** @param context of the control segment */
export async function createPresence(
	crypto: CryptoPort,
	keys: Pick<EpochControlKeys, 'id' | 'frontierKey'>,
	context: Uint8Array,
	lane: { readonly lane: number; readonly privateKey: CryptoKey },
	counter: number,
	{ typing, online }: PresenceState
): Promise<Bytes> {
	const iv = crypto.randomBytes(nonceLength);
	const head = { lane: lane.lane, counter };
	const sealed = await crypto.subtle.encrypt(
		{ name: 'AES-GCM', iv, additionalData: sealingData(context, head) },
		keys.frontierKey,
		Uint8Array.of((typing ? typingBit : 0) | (online ? onlineBit : 0))
	);
	const signed = new ByteWriter()
		.u8(version)
		.varuint(head.lane)
		.varuint(counter)
		.raw(keys.id)
		.raw(iv)
		.raw(new Uint8Array(sealed))
		.done();
	return concatBytes(signed, await sign(crypto.subtle, lane.privateKey, signingBytes(context, signed)));
}

/**
 * @param lanePublicKey of the lane that the frame's head names, as held in the document
 */
export async function openPresence(
	subtle: SubtleCrypto,
	keys: Pick<EpochControlKeys, 'id' | 'frontierKey'>,
	context: Uint8Array,
	lanePublicKey: Uint8Array,
	bytes: Uint8Array
): Promise<Result<PresenceState, PresenceRejection>> {
	const parsed = parse(bytes);
	if (!parsed.ok) return parsed;
	const { epoch, nonce, sealed, signed, signature } = parsed.value;
	if (!equalBytes(epoch, keys.id)) return fail('presence-epoch');
	if (!(await verifyWith(subtle, lanePublicKey, signature, signingBytes(context, signed))))
		return fail('presence-signature');
	let opened: ArrayBuffer;
	try {
		opened = await subtle.decrypt(
			{ name: 'AES-GCM', iv: nonce as Bytes, additionalData: sealingData(context, parsed.value) },
			keys.frontierKey,
			sealed as Bytes
		);
	} catch {
		// WebCrypto says no more than that the tag does not fit.
		return fail('presence-sealed');
	}
	const [state = 0] = new Uint8Array(opened);
	if (state > (typingBit | onlineBit)) return fail('presence-range');
	return ok({ typing: (state & typingBit) !== 0, online: (state & onlineBit) !== 0 });
}
