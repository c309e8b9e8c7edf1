/** What one address or one socket may use. Pure; time comes from the clock given. */
import type { Clock } from './clock';

/**
 * A token bucket that may go into debt: a message is always taken whole, and the debt is a time to wait. So a large
 * frame never starves behind small ones, and nothing is half-read.
 */
export class TokenBucket {
	#tokens: number;
	#updatedMs: number;

	/**
	 * @param ratePerSecond tokens that come back each second, > 0
	 * @param burst tokens at most, and at the start
	 */
	constructor(
		private readonly clock: Pick<Clock, 'nowMs'>,
		private readonly ratePerSecond: number,
		private readonly burst: number
	) {
		this.#tokens = burst;
		this.#updatedMs = clock.nowMs();
	}

	/** Takes `amount`. @returns 0, or for how many milliseconds the bucket is in debt */
	take(amount: number): number {
		const nowMs = this.clock.nowMs();
		const refill = ((nowMs - this.#updatedMs) / 1000) * this.ratePerSecond;
		this.#tokens = Math.min(this.burst, this.#tokens + refill) - amount;
		this.#updatedMs = nowMs;
		return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / this.ratePerSecond) * 1000);
	}
}

/** Beyond so many keys, those that owe nothing are forgotten. */
const bucketsKept = 10_000;

/** A token bucket a key. Keys that have all their tokens take no memory for long. */
export class BucketByKey {
	readonly #byKey = new Map<string, { readonly bucket: TokenBucket; usedMs: number }>();

	constructor(
		private readonly clock: Pick<Clock, 'nowMs'>,
		private readonly ratePerSecond: number,
		private readonly burst: number
	) {}

	/** Takes one token if there is one. @returns 0, or after how many milliseconds there will be one */
	take(key: string): number {
		if (this.#byKey.size >= bucketsKept) this.#forgetFull();
		const entry = this.#byKey.get(key) ?? {
			bucket: new TokenBucket(this.clock, this.ratePerSecond, this.burst),
			usedMs: 0
		};
		entry.usedMs = this.clock.nowMs();
		this.#byKey.set(key, entry);
		const waitMs = entry.bucket.take(1);
		// Not a debt, as with sockets: what is refused has cost little, and the next attempt must not wait for it.
		if (waitMs > 0) entry.bucket.take(-1);
		return waitMs;
	}

	get size(): number {
		return this.#byKey.size;
	}

	#forgetFull(): void {
		const fullAfterMs = (this.burst / this.ratePerSecond) * 1000;
		for (const [key, { usedMs }] of this.#byKey)
			if (usedMs + fullAfterMs <= this.clock.nowMs()) this.#byKey.delete(key);
	}
}

/** How many of something each key has, up to a limit; keys without any take no memory. */
export class BoundedCounts {
	readonly #countByKey = new Map<string, number>();

	constructor(private readonly limit: number) {}

	/** @returns false if the key has its share already */
	add(key: string): boolean {
		const count = this.#countByKey.get(key) ?? 0;
		if (count >= this.limit) return false;
		this.#countByKey.set(key, count + 1);
		return true;
	}

	remove(key: string): void {
		const count = (this.#countByKey.get(key) ?? 0) - 1;
		if (count > 0) this.#countByKey.set(key, count);
		else this.#countByKey.delete(key);
	}

	get size(): number {
		return this.#countByKey.size;
	}
}

/** @param names of this relay, with commas; empty if the operator has not said. @returns whether `host` is one */
export function isOwnName(names: string, host: string): boolean {
	return names === '' || names.split(',').some((name) => name.trim() === host);
}

/**
 * Whom an address limit counts: an IPv4 address, or the /64 of an IPv6 address, since one subscriber has a /64 whole.
 * @param forwarded X-Forwarded-For, given only if a proxy of ours has set it; its last entry is that proxy's word
 */
export function addressKey(remoteAddress: string | undefined, forwarded: string | undefined): string {
	const last = forwarded?.split(',').at(-1)?.trim();
	const address = last !== undefined && last !== '' ? last : (remoteAddress ?? 'unknown');
	const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
	if (mapped?.[1] !== undefined) return mapped[1];
	if (!address.includes(':')) return address;
	const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::');
	const left = head === '' ? [] : head.split(':');
	const right = tail === undefined || tail === '' ? [] : tail.split(':');
	const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
	const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right];
	return `${groups
		.slice(0, 4)
		.map((group) => group.replace(/^0+(?=.)/, ''))
		.join(':')}::/64`;
}
