/**
 * The cryptography of a simulation: the engine's own Ed25519 and AES-GCM, but called synchronously, so that nothing
 * depends on when a thread pool answers, and with keys and nonces from the seed. A verification that has been done
 * once in a simulation is not done again for the next device: that is what makes thousands of seeds affordable.
 */
import {
	createCipheriv,
	createDecipheriv,
	createPrivateKey,
	createPublicKey,
	sign,
	verify,
	type KeyObject
} from 'node:crypto';
import { toBase64url } from '../../src/lib/protocol/base64url';
import type { Bytes, CryptoPort, SigningKeys } from '../../src/lib/protocol/crypto';
import type { SeededRandom } from './seeded-random';

const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');
const gcmTagLength = 16;

/** Stands in for a CryptoKey; only this port looks inside. */
class SeededKey {
	constructor(
		readonly kind: 'sign' | 'verify' | 'seal' | 'agree',
		readonly key: KeyObject | Buffer
	) {}
}

const asCryptoKey = (key: SeededKey): CryptoKey => key as unknown as CryptoKey;

function seededKey(key: CryptoKey, ...kinds: readonly SeededKey['kind'][]): SeededKey {
	const seeded = key as unknown;
	if (!(seeded instanceof SeededKey) || !kinds.includes(seeded.kind))
		throw new TypeError(`a key to ${kinds.join(' or ')} is needed`);
	return seeded;
}

const copied = (buffer: Uint8Array): Bytes => new Uint8Array(buffer) as Bytes;

interface GcmAlgorithm {
	readonly iv: Uint8Array;
	readonly additionalData: Uint8Array;
}

function pointOf(publicKey: KeyObject): Bytes {
	return copied(publicKey.export({ format: 'der', type: 'spki' }).subarray(spkiPrefix.length));
}

/** The part of SubtleCrypto that the protocol uses. */
class SeededSubtle {
	readonly #verdictByCase = new Map<string, boolean>();
	readonly #keyByPoint = new Map<string, SeededKey>();

	async importKey(format: string, bytes: Uint8Array, algorithm: string): Promise<CryptoKey> {
		if (format === 'raw' && algorithm === 'AES-GCM')
			return asCryptoKey(new SeededKey('seal', Buffer.from(bytes)));
		if (format === 'raw' && algorithm === 'Ed25519') {
			const point = Buffer.from(bytes);
			const name = point.toString('latin1');
			const known = this.#keyByPoint.get(name);
			if (known !== undefined) return asCryptoKey(known);
			const der = Buffer.concat([spkiPrefix, point]);
			const key = new SeededKey('verify', createPublicKey({ key: der, format: 'der', type: 'spki' }));
			this.#keyByPoint.set(name, key);
			return asCryptoKey(key);
		}
		if (format === 'pkcs8' && (algorithm === 'Ed25519' || algorithm === 'X25519')) {
			const key = createPrivateKey({ key: Buffer.from(bytes), format: 'der', type: 'pkcs8' });
			return asCryptoKey(new SeededKey(algorithm === 'Ed25519' ? 'sign' : 'agree', key));
		}
		throw new TypeError(`${format} of ${algorithm} is not simulated`);
	}

	async exportKey(format: string, key: CryptoKey): Promise<JsonWebKey> {
		const { key: inner } = seededKey(key, 'sign', 'agree');
		if (format !== 'jwk' || Buffer.isBuffer(inner)) throw new TypeError(`${format} is not simulated`);
		return { x: toBase64url(pointOf(createPublicKey(inner))) };
	}

	async sign(_algorithm: string, key: CryptoKey, message: Uint8Array): Promise<ArrayBuffer> {
		return copied(sign(null, message, seededKey(key, 'sign').key as KeyObject)).buffer;
	}

	async verify(
		_algorithm: string,
		key: CryptoKey,
		signature: Uint8Array,
		message: Uint8Array
	): Promise<boolean> {
		const { key: inner } = seededKey(key, 'verify');
		const name = `${this.#nameOf(inner as KeyObject)}${Buffer.from(signature).toString('latin1')}${Buffer.from(message).toString('latin1')}`;
		const known = this.#verdictByCase.get(name);
		if (known !== undefined) return known;
		const verdict = verify(null, message, inner as KeyObject, signature);
		this.#verdictByCase.set(name, verdict);
		return verdict;
	}

	readonly #names = new Map<KeyObject, string>();

	#nameOf(key: KeyObject): string {
		const known = this.#names.get(key);
		if (known !== undefined) return known;
		const name = `${this.#names.size}/`;
		this.#names.set(key, name);
		return name;
	}

	async encrypt(
		{ iv, additionalData }: GcmAlgorithm,
		key: CryptoKey,
		plain: Uint8Array
	): Promise<ArrayBuffer> {
		const cipher = createCipheriv('aes-256-gcm', seededKey(key, 'seal').key as Buffer, iv);
		cipher.setAAD(additionalData);
		return copied(Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])).buffer;
	}

	async decrypt(
		{ iv, additionalData }: GcmAlgorithm,
		key: CryptoKey,
		sealed: Uint8Array
	): Promise<ArrayBuffer> {
		if (sealed.length < gcmTagLength) throw new Error('too short to be sealed');
		const decipher = createDecipheriv('aes-256-gcm', seededKey(key, 'seal').key as Buffer, iv);
		decipher.setAAD(additionalData);
		decipher.setAuthTag(sealed.subarray(sealed.length - gcmTagLength));
		const plain = decipher.update(sealed.subarray(0, sealed.length - gcmTagLength));
		return copied(Buffer.concat([plain, decipher.final()])).buffer;
	}
}

/**
 * @param random of this simulation's keys and nonces
 * @param subtle shared by the devices of one simulation, so that they share what has been verified
 */
export function seededCryptoPort(random: SeededRandom, subtle = newSeededSubtle()): CryptoPort {
	return {
		subtle,
		randomBytes: (length) => random.bytes(length),
		generateSigningKeys: async (): Promise<SigningKeys> => {
			const der = Buffer.concat([pkcs8Prefix, random.bytes(32)]);
			const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
			return {
				privateKey: asCryptoKey(new SeededKey('sign', key)),
				publicKey: pointOf(createPublicKey(key))
			};
		},
		// Nothing is agreed on with these keys: seals are simulated (keys/fake-seals.ts), and want points that pass for sound.
		generateAgreementKeys: async (): Promise<SigningKeys> => {
			const publicKey = random.bytes(32);
			publicKey[31] = (publicKey[31] as number) & 0x3f;
			return { privateKey: asCryptoKey(new SeededKey('seal', Buffer.from(publicKey))), publicKey };
		}
	};
}

export const newSeededSubtle = (): SubtleCrypto => new SeededSubtle() as unknown as SubtleCrypto;
