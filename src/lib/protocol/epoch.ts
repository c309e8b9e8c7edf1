/**
 * The key schedule of an epoch (protocol 1 and 5): from 32 random bytes, everything that members share.
 *
 *   secret ──► control secret ──► commitment, whose first 16 bytes are the epoch's id
 *     │              └──► control, peer and frontier keys, access to documents
 *     └──► message key
 *
 * Whoever has the control secret alone meets the others and verifies who is a member; what was said stays shut
 * (docs/decisions/0013). AES-GCM does not commit to its key, so an epoch is named by a commitment, and readers try only
 * the key so named. The chain of hashes commits to both secrets: holders of either can check theirs. Sixteen bytes,
 * because of eight somebody could make two epochs of one name in 2^32 tries.
 */
import { ByteWriter } from './bytes';
import { deriveBytes, hmacSha256, sha256, type Bytes } from './crypto';

export const epochIdLength = 16;
export const epochSecretLength = 32;

/** What the control secret gives. */
export interface EpochControlKeys {
	/** First bytes of the commitment; stands in every entry's header. */
	readonly id: Bytes;
	readonly controlKey: CryptoKey;
	/** Seals the peer handshake. */
	readonly peerKey: CryptoKey;
	/** Shows to whoever holds the epoch, and to nobody else, that it is held (handshake.ts). */
	readonly hintKey: Bytes;
	readonly frontierKey: CryptoKey;
	readonly eraseKey: Bytes;
	/** From it, for each document, the key pair that opens it at a relay (ticket.ts). */
	readonly accessSecret: Bytes;
}

export interface EpochKeys extends EpochControlKeys {
	readonly messageKey: CryptoKey;
}

const label = (text: string): Bytes => new ByteWriter().label(text).done();
const scheduleSalt = label('skein/epoch/1');

/** 32 bytes. */
export function controlSecretOf(secret: Uint8Array): Bytes {
	return deriveBytes(secret, scheduleSalt, label('control/1'), epochSecretLength);
}

/** 32 bytes, public. */
export function commitmentOfControl(controlSecret: Uint8Array): Bytes {
	return deriveBytes(controlSecret, scheduleSalt, label('commit/1'), 32);
}

/** Public; published in the genesis or epoch record. 32 bytes. */
export function epochCommitment(secret: Uint8Array): Bytes {
	return commitmentOfControl(controlSecretOf(secret));
}

export function epochIdOf(commitment: Uint8Array): Bytes {
	return commitment.slice(0, epochIdLength) as Bytes;
}

const sealingKey = (subtle: SubtleCrypto, bytes: Bytes): Promise<CryptoKey> =>
	subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);

/** See EpochControlKeys. */
export const accessSecretOf = (conversation: Uint8Array, controlSecret: Uint8Array): Bytes =>
	deriveBytes(controlSecret, conversation, label('access/1'), 32);

/** Of who may verify and not read. @param controlSecret see controlSecretOf */
export async function deriveControlKeys(
	subtle: SubtleCrypto,
	conversation: Uint8Array,
	controlSecret: Uint8Array
): Promise<EpochControlKeys> {
	const derive = (info: string): Bytes => deriveBytes(controlSecret, conversation, label(info), 32);
	const [controlKey, peerKey, frontierKey] = await Promise.all([
		sealingKey(subtle, derive('ctl/1')),
		sealingKey(subtle, derive('peer/1')),
		sealingKey(subtle, derive('frontier/1'))
	]);
	return {
		id: epochIdOf(commitmentOfControl(controlSecret)),
		controlKey,
		peerKey,
		hintKey: derive('hint/1'),
		frontierKey,
		eraseKey: derive('erase/1'),
		accessSecret: accessSecretOf(conversation, controlSecret)
	};
}

/** @param secret 32 bytes */
export async function deriveEpochKeys(
	subtle: SubtleCrypto,
	conversation: Uint8Array,
	secret: Uint8Array
): Promise<EpochKeys> {
	const [control, messageKey] = await Promise.all([
		deriveControlKeys(subtle, conversation, controlSecretOf(secret)),
		sealingKey(subtle, deriveBytes(secret, conversation, label('msg/1'), 32))
	]);
	return { ...control, messageKey };
}

/** The preimage of an entry's eraseHash: whoever belongs to an epoch can ask a relay to drop an entry's bytes. */
export function eraseToken(
	keys: Pick<EpochControlKeys, 'eraseKey'>,
	context: Uint8Array,
	nonce: Uint8Array
): Bytes {
	return hmacSha256(keys.eraseKey, new ByteWriter().raw(context).raw(nonce).done()).slice(0, 16) as Bytes;
}

export const eraseHashOf = (token: Uint8Array): Bytes => sha256(token);
