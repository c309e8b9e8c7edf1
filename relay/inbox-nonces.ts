/**
 * Numbers that are good for one request each. The relay remembers only those that were used with a sound signature,
 * for as long as they would be good: whoever merely asks for nonces takes no memory.
 *
 *   issued (s) u64 · random 16 · first 16 bytes of HMAC-SHA256(key of this run, what is before)
 */
import { ByteReader, ByteWriter, equalBytes } from '../src/lib/protocol/bytes';
import { hmacSha256 } from '../src/lib/protocol/crypto';
import { inboxNonceLength } from '../src/lib/protocol/inbox';

const seedLength = 8 + 16;
/** Two of the longest waits: an owner who waits for news asks again with the nonce of the last answer. */
const goodForSeconds = 90;
/** Beyond, nothing is accepted until some have run out. About 10 MB. */
const usedLimit = 100_000;

export type NonceRefusal = 'nonce-forged' | 'nonce-expired' | 'nonce-used' | 'nonce-crowded';

export class InboxNonces {
	/** nonce → when it would have run out, in the order of use */
	readonly #usedUntil = new Map<string, number>();

	/** @param key 32 random bytes of this run */
	constructor(
		private readonly key: Uint8Array,
		private readonly randomBytes: (length: number) => Uint8Array
	) {}

	/** @param nowSeconds since 1970 */
	issue(nowSeconds: number): Uint8Array {
		const seed = new ByteWriter(inboxNonceLength).u64(nowSeconds).raw(this.randomBytes(16)).done();
		return new ByteWriter(inboxNonceLength).raw(seed).raw(this.#mac(seed)).done();
	}

	/** @returns why it is not good, or null. It stays good until `use`. */
	refusal(nonce: Uint8Array, nowSeconds: number): NonceRefusal | null {
		const seed = nonce.subarray(0, seedLength);
		if (!equalBytes(this.#mac(seed), nonce.subarray(seedLength))) return 'nonce-forged';
		if (this.#endOf(nonce) <= nowSeconds) return 'nonce-expired';
		if (this.#usedUntil.has(keyOf(nonce))) return 'nonce-used';
		this.#forget(nowSeconds);
		return this.#usedUntil.size >= usedLimit ? 'nonce-crowded' : null;
	}

	/** To be called in the same turn as a `refusal` that was null, once the signature is known to be sound. */
	use(nonce: Uint8Array): void {
		this.#usedUntil.set(keyOf(nonce), this.#endOf(nonce));
	}

	#endOf(nonce: Uint8Array): number {
		const reader = new ByteReader(nonce);
		let seconds = 0;
		for (let i = 0; i < 8; i++) seconds = seconds * 256 + reader.u8();
		return seconds + goodForSeconds;
	}

	#mac(seed: Uint8Array): Uint8Array {
		return hmacSha256(this.key, seed).subarray(0, inboxNonceLength - seedLength);
	}

	/** Used in about the order in which they were issued: the first that is still good ends it. */
	#forget(nowSeconds: number): void {
		for (const [key, until] of this.#usedUntil) {
			if (until > nowSeconds) return;
			this.#usedUntil.delete(key);
		}
	}
}

const keyOf = (nonce: Uint8Array): string => Buffer.from(nonce).toString('base64');
