/**
 * The cryptography that peers agree on. Everything that can vary (keys, nonces) comes through `CryptoPort`, so that
 * the simulator can replay a seed. Verifying is WebCrypto's alone (protocol 1): libraries disagree on odd Ed25519
 * points, and then two members would see two groups; points on which engines disagree are refused beforehand.
 */
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';

export type Bytes = Uint8Array<ArrayBuffer>;

export interface SigningKeys {
	readonly privateKey: CryptoKey;
	/** 32 bytes. */
	readonly publicKey: Bytes;
}

export interface CryptoPort {
	readonly subtle: SubtleCrypto;
	randomBytes(length: number): Bytes;
	/** A new Ed25519 pair; non-extractable outside of simulations. */
	generateSigningKeys(): Promise<SigningKeys>;
	/** A new X25519 pair; non-extractable outside of simulations. */
	generateAgreementKeys(): Promise<SigningKeys>;
}

export const signatureLength = 64;
export const publicKeyLength = 32;
export const hashLength = 32;

export function sha256(bytes: Uint8Array): Bytes {
	return nobleSha256(bytes) as Bytes;
}

export function hmacSha256(key: Uint8Array, bytes: Uint8Array): Bytes {
	return hmac(nobleSha256, key, bytes) as Bytes;
}

/** HKDF-SHA-256 (RFC 5869). */
export function deriveBytes(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Bytes {
	return hkdf(nobleSha256, secret, salt, info, length) as Bytes;
}

function fromHex(hex: string): Uint8Array {
	return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** y-coordinates (little endian, sign bit cleared) of the points of small order. */
const smallOrderPoints = [
	'0000000000000000000000000000000000000000000000000000000000000000',
	'0100000000000000000000000000000000000000000000000000000000000000',
	'26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
	'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
	'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'
].map(fromHex);

/** False for points of small order and for encodings of y that are not reduced modulo 2^255 - 19. */
export function isSoundPoint(point: Uint8Array): boolean {
	if (point.length !== publicKeyLength) return false;
	const top = (point[31] as number) & 0x7f;
	if (top === 0x7f && (point[0] as number) >= 0xed) {
		let allOnes = true;
		for (let i = 1; i < 31; i++) if (point[i] !== 0xff) allOnes = false;
		if (allOnes) return false;
	}
	return !smallOrderPoints.some((small) => {
		for (let i = 0; i < 31; i++) if (small[i] !== point[i]) return false;
		return small[31] === top;
	});
}

/** L, the order of the base point, little endian (RFC 8032, 5.1). */
const groupOrder = fromHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010');

/** False if S, the second half of a signature, is L or more: who adds L has another signature of the same. */
function isReducedScalar(signature: Uint8Array): boolean {
	for (let i = 31; i >= 0; i--) {
		const difference = (signature[32 + i] as number) - (groupOrder[i] as number);
		if (difference !== 0) return difference < 0;
	}
	return false;
}

/** @returns an Ed25519 key for verifying, or null if the bytes are no point that every engine takes alike. */
export async function importVerifyingKey(
	subtle: SubtleCrypto,
	publicKey: Uint8Array
): Promise<CryptoKey | null> {
	if (!isSoundPoint(publicKey)) return null;
	try {
		return await subtle.importKey('raw', publicKey as Bytes, 'Ed25519', true, ['verify']);
	} catch {
		// The engine's word that this is no point; there is nothing else to know about it.
		return null;
	}
}

export async function sign(subtle: SubtleCrypto, key: CryptoKey, message: Uint8Array): Promise<Bytes> {
	return new Uint8Array(await subtle.sign('Ed25519', key, message as Bytes));
}

export async function verify(
	subtle: SubtleCrypto,
	key: CryptoKey,
	signature: Uint8Array,
	message: Uint8Array
): Promise<boolean> {
	if (signature.length !== signatureLength || !isReducedScalar(signature)) return false;
	if (!isSoundPoint(signature.subarray(0, 32))) return false;
	return subtle.verify('Ed25519', key, signature as Bytes, message as Bytes);
}

/** Verifies under raw public key bytes; for certificates, which are checked once. */
export async function verifyWith(
	subtle: SubtleCrypto,
	publicKey: Uint8Array,
	signature: Uint8Array,
	message: Uint8Array
): Promise<boolean> {
	const key = await importVerifyingKey(subtle, publicKey);
	return key !== null && verify(subtle, key, signature, message);
}

/** WebCrypto of this engine with its own random numbers. Private keys cannot be exported. */
export function webCryptoPort(crypto: Crypto): CryptoPort {
	const generate = async (algorithm: 'Ed25519' | 'X25519', usages: KeyUsage[]): Promise<SigningKeys> => {
		const pair = (await crypto.subtle.generateKey(algorithm, false, usages)) as CryptoKeyPair;
		const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
		return { privateKey: pair.privateKey, publicKey };
	};
	return {
		subtle: crypto.subtle,
		randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
		generateSigningKeys: () => generate('Ed25519', ['sign', 'verify']),
		generateAgreementKeys: () => generate('X25519', ['deriveBits'])
	};
}
