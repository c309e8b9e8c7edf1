/**
 * Hybrid logical clock. One number: milliseconds × 1024 + counter (53 bits, good until the year 2248), so that it
 * sorts, stores and travels as what it is. It orders the screen; it decides nothing (protocol 4).
 */
const ticksPerMs = 1024;

/** An entry further ahead than this is held, not shown, and does not move our clock. */
export const clockToleranceMs = 10 * 60_000;

/** @param ms since 1970; parts of one are left out */
export const hlcOfMs = (ms: number): number => Math.floor(ms) * ticksPerMs;
export const msOfHlc = (hlc: number): number => Math.floor(hlc / ticksPerMs);

export class HybridClock {
	#last = 0;

	/** @param nowMs wall clock in milliseconds */
	constructor(readonly nowMs: () => number) {}

	/** The next own time: later than all own and all observed ones. */
	tick(): number {
		this.#last = Math.max(this.#last + 1, hlcOfMs(this.nowMs()));
		return this.#last;
	}

	/** Takes a time seen in an entry into account, unless it is from too far in the future. */
	observe(hlc: number): void {
		if (hlc <= hlcOfMs(this.nowMs() + clockToleranceMs)) this.#last = Math.max(this.#last, hlc);
	}
}
