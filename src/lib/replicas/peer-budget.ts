/**
 * What one peer may cost us: limits come before cryptography (protocol 3). Work that brings something new is free;
 * frames that bring nothing, and questions, come out of buckets that refill with time.
 */

/** A token bucket. Time is passed in. */
export class Budget {
	#tokens: number;
	#atMs: number;

	constructor(
		readonly capacity: number,
		readonly refillPerSecond: number,
		nowMs: number
	) {
		this.#tokens = capacity;
		this.#atMs = nowMs;
	}

	/** @returns whether there was enough; if not, nothing is taken */
	take(amount: number, nowMs: number): boolean {
		const elapsed = Math.max(0, nowMs - this.#atMs) / 1000;
		this.#tokens = Math.min(this.capacity, this.#tokens + elapsed * this.refillPerSecond);
		this.#atMs = nowMs;
		if (this.#tokens < amount) return false;
		this.#tokens -= amount;
		return true;
	}
}

const shortestPauseMs = 60_000;
const longestPauseMs = 15 * 60_000;

/** Devices whose links were closed for violations: not let in again for a growing pause. */
export class Pauses {
	readonly #pauseByDevice = new Map<string, { readonly untilMs: number; readonly lastMs: number }>();

	add(device: string, nowMs: number): void {
		const last = this.#pauseByDevice.get(device)?.lastMs ?? shortestPauseMs / 2;
		const lastMs = Math.min(last * 2, longestPauseMs);
		this.#pauseByDevice.set(device, { untilMs: nowMs + lastMs, lastMs });
	}

	isPaused(device: string, nowMs: number): boolean {
		return (this.#pauseByDevice.get(device)?.untilMs ?? 0) > nowMs;
	}
}
