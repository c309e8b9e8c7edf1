/**
 * The key schedule of an epoch (protocol 1 and 5): from 32 random bytes, everything that members share. AES-GCM does
 * not commit to its key, so an epoch is named by a commitment to its secret, and readers try only the key so named.
 */
import { toBase64url } from './base64url';
import { ByteWriter } from './bytes';
import { deriveBytes, hmacSha256, sha256, type Bytes } from './crypto';

export const epochIdLength = 8;

export interface EpochKeys {
	/** First bytes of the commitment; stands in every entry's header. */
	readonly id: Bytes;
	readonly messageKey: CryptoKey;
	readonly controlKey: CryptoKey;
	/** Seals the peer handshake. */
	readonly peerKey: CryptoKey;
	readonly frontierKey: CryptoKey;
	readonly eraseKey: Bytes;
	/** From it, for each document, the key pair that opens it at a relay (ticket.ts). */
	readonly accessSecret: Bytes;
	/** Signalling topic. */
	readonly room: string;
	/** Seals signalling payloads (y-webrtc's password). */
	readonly roomPassword: string;
	/** Signalling topic on which members ring conversations that are not connected. */
	readonly bell: string;
}

const label = (text: string): Bytes => new ByteWriter().label(text).done();

/** Public; published in the genesis (later: epoch) record. 32 bytes. */
export function epochCommitment(secret: Uint8Array): Bytes {
	return deriveBytes(secret, label('skein/epoch/1'), label('commit/1'), 32);
}

export function epochIdOf(commitment: Uint8Array): Bytes {
	return commitment.slice(0, epochIdLength) as Bytes;
}

export async function deriveEpochKeys(
	subtle: SubtleCrypto,
	conversation: Uint8Array,
	secret: Uint8Array
): Promise<EpochKeys> {
	const derive = (info: string): Bytes => deriveBytes(secret, conversation, label(info), 32);
	const sealingKey = (info: string): Promise<CryptoKey> =>
		subtle.importKey('raw', derive(info), 'AES-GCM', false, ['encrypt', 'decrypt']);
	const [messageKey, controlKey, peerKey, frontierKey] = await Promise.all(
		['msg/1', 'ctl/1', 'peer/1', 'frontier/1'].map(sealingKey)
	);
	if (!messageKey || !controlKey || !peerKey || !frontierKey) throw new Error('key derivation gave no keys');
	return {
		id: epochIdOf(epochCommitment(secret)),
		messageKey,
		controlKey,
		peerKey,
		frontierKey,
		eraseKey: derive('erase/1'),
		accessSecret: derive('access/1'),
		room: toBase64url(derive('room/1')),
		roomPassword: toBase64url(derive('room-password/1')),
		bell: toBase64url(derive('bell/1'))
	};
}

/** The preimage of an entry's eraseHash: whoever can read an epoch can ask a relay to drop an entry's bytes. */
export function eraseToken(keys: EpochKeys, context: Uint8Array, nonce: Uint8Array): Bytes {
	return hmacSha256(keys.eraseKey, new ByteWriter().raw(context).raw(nonce).done()).slice(0, 16) as Bytes;
}

export const eraseHashOf = (token: Uint8Array): Bytes => sha256(token);
