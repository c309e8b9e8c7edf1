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
