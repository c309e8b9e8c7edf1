/**
 * HPKE (RFC 9180) in base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM, by a kept library on
 * WebCrypto. Private keys may be non-extractable; ephemeral ones are the engine's own.
 */
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import type { Bytes, SigningKeys } from './crypto';

export const hpkeSuite = (): CipherSuite =>
	new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });

/** What both ends have to agree on, or it does not open. */
export interface HpkeBinding {
	readonly info: Bytes;
	readonly aad: Bytes;
}

export interface HpkeSealed {
	readonly encapsulated: Uint8Array;
	readonly ciphertext: Uint8Array;
}

/** @param agreement X25519 public key of the recipient, which has been found sound (seal.ts) */
export async function hpkeSeal(
	agreement: Uint8Array,
	plain: Uint8Array,
	{ info, aad }: HpkeBinding,
	suite = hpkeSuite()
): Promise<HpkeSealed> {
	const recipientPublicKey = await suite.kem.deserializePublicKey(agreement);
	const { ct, enc } = await suite.seal({ recipientPublicKey, info }, plain, aad);
	return { encapsulated: new Uint8Array(enc), ciphertext: new Uint8Array(ct) };
}

/**
 * @param keys X25519, of the recipient
 * @returns null if it does not open: the library says no more than that, be it another key, binding or tag
 */
export async function hpkeOpen(
	keys: SigningKeys,
	{ encapsulated, ciphertext }: HpkeSealed,
	{ info, aad }: HpkeBinding,
	suite = hpkeSuite()
): Promise<Bytes | null> {
	const publicKey = await suite.kem.deserializePublicKey(keys.publicKey);
	const recipientKey = { privateKey: keys.privateKey, publicKey };
	try {
		return new Uint8Array(await suite.open({ recipientKey, enc: encapsulated, info }, ciphertext, aad));
	} catch {
		return null;
	}
}
