/**
 * Inboxes at a relay (docs/decisions/0015): small sealed items that wait for somebody who is away. Whoever knows the
 * topic may leave one; only the holder of the key that the topic is the hash of may look, fetch and delete.
 *
 *   POST   /inbox/<topic>?seconds=n      the sealed bytes → receipt: item id 16 · varint expiry (s since 1970)
 *   GET    /inbox/<topic>[?wait=n]       → varint count · count × (item id 16 · varint bytes · varint received (s)
 *                                        · varint expiry (s)), oldest first; with an ETag; waits for another one
 *   GET    /inbox/<topic>/<item>         → the sealed bytes
 *   DELETE /inbox/<topic>/<item>
 *
 * The owner's requests bear `Authorization: Skein <base64url(key 32 · nonce 40 · text host · signature 64)>`, signed
 * over "inbox-request/1" ‖ action ‖ topic ‖ item (16, zeros for a list) ‖ nonce ‖ text host. The nonce is the relay's,
 * good for one request: it comes in the header `Skein-Nonce` of every answer to an owner's request, of a 401 too, and of
 * the 204 to `GET /inbox/<topic>?nonce`, with which an owner begins.
 */
import { fromBase64url, toBase64url } from './base64url';
import { ByteWriter, Malformed, decodeWith, equalBytes, type MalformedReason } from './bytes';
import {
	publicKeyLength,
	sha256,
	sign,
	signatureLength,
	verifyWith,
	type Bytes,
	type SigningKeys
} from './crypto';
import { fail, ok, type Result } from './result';

export const inboxItemIdLength = 16;
export const inboxNonceLength = 40;
/** An introduction is a name, a text and a certificate; a request is less. */
export const inboxBlobLimitBytes = 16 * 1024;
export const inboxItemsLimit = 64;
export const inboxLongestKeepSeconds = 14 * 24 * 60 * 60;
/** Below the minute after which proxies commonly give up. */
export const inboxLongestWaitSeconds = 25;
export const inboxNonceHeader = 'skein-nonce';
const scheme = 'Skein ';
const hostLimitBytes = 260;

export interface InboxItem {
	readonly id: Uint8Array;
	readonly bytes: number;
	/** Seconds since 1970, by the relay's clock. */
	readonly receivedSeconds: number;
	readonly expiresSeconds: number;
}

export interface InboxReceipt {
	readonly id: Uint8Array;
	readonly expiresSeconds: number;
}

/** What the owner asks for. */
export type InboxAction = 'list' | 'fetch' | 'delete';

export interface InboxRequest {
	readonly action: InboxAction;
	readonly topic: Uint8Array;
	/** null for a list. */
	readonly item: Uint8Array | null;
}

export interface InboxAuthorization {
	readonly publicKey: Uint8Array;
	readonly nonce: Uint8Array;
	/** Host (and port) that the client has dialled. */
	readonly host: string;
	readonly signature: Uint8Array;
}

const actions = { list: 1, fetch: 2, delete: 3 } as const;

/** Whose inbox it is cannot be told from the topic, nor one owner's keys from each other. 32 bytes. */
export function inboxTopicOf(ownerPublicKey: Uint8Array): Bytes {
	return sha256(new ByteWriter(48).label('inbox/1').raw(ownerPublicKey).done());
}

/** The same bytes left twice are one item: a request whose answer was lost can be made again. 16 bytes. */
export function inboxItemIdOf(topic: Uint8Array, blob: Uint8Array): Bytes {
	const bytes = new ByteWriter(blob.length + 64).label('inbox-item/1').raw(topic).raw(blob).done();
	return sha256(bytes).slice(0, inboxItemIdLength) as Bytes;
}

// --- the owner's requests

function requestSigningBytes(
	{ action, topic, item }: InboxRequest,
	{ nonce, host }: Pick<InboxAuthorization, 'nonce' | 'host'>
): Bytes {
	return new ByteWriter(256)
		.label('inbox-request/1')
		.u8(actions[action])
		.raw(topic)
		.raw(item ?? new Uint8Array(inboxItemIdLength))
		.raw(nonce)
		.text(host)
		.done();
}

/** @returns the value of the header `Authorization`, good for this one request */
export async function authorizeInboxRequest(
	subtle: SubtleCrypto,
	owner: SigningKeys,
	request: InboxRequest,
	nonce: Uint8Array,
	host: string
): Promise<string> {
	const signature = await sign(subtle, owner.privateKey, requestSigningBytes(request, { nonce, host }));
	const body = new ByteWriter(256).raw(owner.publicKey).raw(nonce).text(host).raw(signature).done();
	return scheme + toBase64url(body);
}

/** @param header the value of `Authorization` */
export function decodeInboxAuthorization(
	header: string
): Result<InboxAuthorization, MalformedReason | 'scheme' | 'base64url'> {
	if (!header.startsWith(scheme)) return fail('scheme');
	const bytes = fromBase64url(header.slice(scheme.length));
	if (!bytes.ok) return bytes;
	return decodeWith(bytes.value, (reader) => ({
		publicKey: reader.take(publicKeyLength),
		nonce: reader.take(inboxNonceLength),
		host: reader.text(hostLimitBytes),
		signature: reader.take(signatureLength)
	}));
}

/** Whether the topic's owner has signed this request. Whether the nonce is good is for the relay to know. */
export async function verifyInboxRequest(
	subtle: SubtleCrypto,
	request: InboxRequest,
	authorization: InboxAuthorization
): Promise<boolean> {
	const { publicKey, signature } = authorization;
	if (!equalBytes(inboxTopicOf(publicKey), request.topic)) return false;
	return verifyWith(subtle, publicKey, signature, requestSigningBytes(request, authorization));
}

// --- answers

export function encodeInboxReceipt({ id, expiresSeconds }: InboxReceipt): Bytes {
	return new ByteWriter(32).raw(id).varuint(expiresSeconds).done();
}

export function decodeInboxReceipt(bytes: Uint8Array): Result<InboxReceipt, MalformedReason> {
	return decodeWith(bytes, (reader) => ({
		id: reader.take(inboxItemIdLength),
		expiresSeconds: reader.varuint()
	}));
}

export function encodeInboxList(items: readonly InboxItem[]): Bytes {
	const writer = new ByteWriter(8 + items.length * 32).varuint(items.length);
	for (const { id, bytes, receivedSeconds, expiresSeconds } of items)
		writer.raw(id).varuint(bytes).varuint(receivedSeconds).varuint(expiresSeconds);
	return writer.done();
}

/** A relay's word is input like any other: no more items, nor larger ones, than an inbox can have. */
export function decodeInboxList(bytes: Uint8Array): Result<readonly InboxItem[], MalformedReason> {
	return decodeWith(bytes, (reader) => {
		const count = reader.varuint();
		if (count > inboxItemsLimit) throw new Malformed('length');
		const items: InboxItem[] = [];
		for (let i = 0; i < count; i++) {
			const id = reader.take(inboxItemIdLength);
			const size = reader.varuint();
			if (size === 0 || size > inboxBlobLimitBytes) throw new Malformed('range');
			items.push({
				id,
				bytes: size,
				receivedSeconds: reader.varuint(),
				expiresSeconds: reader.varuint()
			});
		}
		return items;
	});
}

/** @returns the bytes of a topic or item in an address, if the text stands for exactly so many */
export function decodeInboxName(text: string, length: number): Result<Uint8Array, 'base64url' | 'length'> {
	const bytes = fromBase64url(text);
	if (!bytes.ok) return bytes;
	return bytes.value.length === length ? ok(bytes.value) : fail('length');
}
