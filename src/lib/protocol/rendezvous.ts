/**
 * Where the owner of a contact link and whoever writes by it meet while both are online (docs/decisions/0033): two
 * topics on a signalling server, one to the owner and one from them, and a key. All of it comes from the link, so that
 * the server can tell neither whose topics they are nor what is said there.
 *
 *   door, answers, key   HKDF(link secret, inbox topic, "rendezvous-door/1" | "-answers/1" | "-key/1"), 32 bytes each
 *   message              base64url( nonce 12 · AES-256-GCM( kind 1 · body ) ), additional data: the topic's label
 *   at the door          1 knock: an introduction, as an inbox would take it
 *   answers              2 here: whoever waits may knock · 3 receipt: SHA-256(introduction) 32 · signature 64
 *   signature            Ed25519(device key of the link, "introduction-receipt/1" ‖ inbox topic ‖ SHA-256(introduction))
 *
 * Whoever has the link has the key, and can say anything but a receipt.
 */
import { fromBase64url, toBase64url } from './base64url';
import {
	ByteWriter,
	Malformed,
	concatBytes,
	decodeWith,
	type ByteReader,
	type MalformedReason
} from './bytes';
import {
	deriveBytes,
	hashLength,
	sign,
	signatureLength,
	verifyWith,
	type Bytes,
	type CryptoPort
} from './crypto';
import { inboxBlobLimitBytes } from './inbox';
import { fail, type Result } from './result';

const nonceLength = 12;
const tagLength = 16;
/** Characters of a message under either topic. */
export const rendezvousLimitChars = Math.ceil(((nonceLength + 1 + inboxBlobLimitBytes + tagLength) * 4) / 3);

/** Of a contact link. */
export interface RendezvousPlace {
	readonly topic: Uint8Array;
	readonly secret: Uint8Array;
}

export interface Rendezvous {
	/** Signalling topic to which the owner listens. */
	readonly door: string;
	/** Signalling topic to which those listen who wait at the door. */
	readonly answers: string;
	readonly key: CryptoKey;
}

export interface IntroductionReceipt {
	/** SHA-256 of the introduction. */
	readonly hash: Uint8Array;
	readonly signature: Uint8Array;
}

export type Answer = { readonly type: 'here' } | ({ readonly type: 'receipt' } & IntroductionReceipt);
export type RendezvousRejection = MalformedReason | 'form' | 'base64url' | 'sealed';

const kinds = { knock: 1, here: 2, receipt: 3 } as const;
const labels = { door: 'rendezvous-door/1', answers: 'rendezvous-answers/1' } as const;
const label = (text: string): Bytes => new ByteWriter(32).label(text).done();

export async function rendezvousOf(
	subtle: SubtleCrypto,
	{ topic, secret }: RendezvousPlace
): Promise<Rendezvous> {
	const derive = (info: string): Bytes => deriveBytes(secret, topic, label(info), 32);
	const key = derive('rendezvous-key/1');
	return {
		door: toBase64url(derive(labels.door)),
		answers: toBase64url(derive(labels.answers)),
		key: await subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt'])
	};
}

/** @param introduction 1 … 16 384 bytes, sealed */
export function sealKnock(
	crypto: CryptoPort,
	{ key }: Rendezvous,
	introduction: Uint8Array
): Promise<string> {
	return seal(crypto, key, labels.door, concatBytes(Uint8Array.of(kinds.knock), introduction));
}

/** @returns an introduction, still sealed, as whoever has the link has published it */
export async function openKnock(
	subtle: SubtleCrypto,
	{ key }: Rendezvous,
	data: unknown
): Promise<Result<Bytes, RendezvousRejection>> {
	return open(subtle, key, labels.door, data, (reader): Bytes => {
		if (reader.u8() !== kinds.knock) throw new Malformed('type');
		if (reader.left === 0) throw new Malformed('length');
		return new Uint8Array(reader.take(reader.left));
	});
}

export function sealAnswer(crypto: CryptoPort, { key }: Rendezvous, answer: Answer): Promise<string> {
	const writer = new ByteWriter(128).u8(kinds[answer.type]);
	if (answer.type === 'receipt') writer.raw(answer.hash).raw(answer.signature);
	return seal(crypto, key, labels.answers, writer.done());
}

/** @returns what somebody who has the link says; of a receipt the signature has not been checked */
export async function openAnswer(
	subtle: SubtleCrypto,
	{ key }: Rendezvous,
	data: unknown
): Promise<Result<Answer, RendezvousRejection>> {
	return open(subtle, key, labels.answers, data, (reader): Answer => {
		const kind = reader.u8();
		if (kind === kinds.here) return { type: 'here' };
		if (kind !== kinds.receipt) throw new Malformed('type');
		return { type: 'receipt', hash: reader.take(hashLength), signature: reader.take(signatureLength) };
	});
}

/** The word of the link's device that it has the introduction. @param topic of the link's inbox */
export async function signReceipt(
	subtle: SubtleCrypto,
	devicePrivateKey: CryptoKey,
	topic: Uint8Array,
	hash: Uint8Array
): Promise<IntroductionReceipt> {
	return { hash, signature: await sign(subtle, devicePrivateKey, receiptBytes(topic, hash)) };
}

/** @param device public key, from the certificate in the link */
export function checkReceipt(
	subtle: SubtleCrypto,
	device: Uint8Array,
	topic: Uint8Array,
	{ hash, signature }: IntroductionReceipt
): Promise<boolean> {
	return verifyWith(subtle, device, signature, receiptBytes(topic, hash));
}

const receiptBytes = (topic: Uint8Array, hash: Uint8Array): Bytes =>
	new ByteWriter(96).label('introduction-receipt/1').raw(topic).raw(hash).done();

async function seal(crypto: CryptoPort, key: CryptoKey, place: string, plain: Uint8Array): Promise<string> {
	const iv = crypto.randomBytes(nonceLength);
	const algorithm = { name: 'AES-GCM', iv, additionalData: label(place) };
	const sealed = await crypto.subtle.encrypt(algorithm, key, plain as Bytes);
	return toBase64url(concatBytes(iv, new Uint8Array(sealed)));
}

async function open<T>(
	subtle: SubtleCrypto,
	key: CryptoKey,
	place: string,
	data: unknown,
	read: (plain: ByteReader) => T
): Promise<Result<T, RendezvousRejection>> {
	if (typeof data !== 'string' || data.length > rendezvousLimitChars) return fail('form');
	const bytes = fromBase64url(data);
	if (!bytes.ok) return bytes;
	if (bytes.value.length <= nonceLength + tagLength) return fail('truncated');
	const [iv, sealed] = [bytes.value.subarray(0, nonceLength), bytes.value.subarray(nonceLength)];
	let plain: Bytes;
	try {
		const algorithm = { name: 'AES-GCM', iv, additionalData: label(place) };
		plain = new Uint8Array(await subtle.decrypt(algorithm, key, sealed));
	} catch {
		// The engine says no more than that it does not open: not by somebody who has the link, or from the other topic.
		return fail('sealed');
	}
	return decodeWith(plain, read);
}
