/** Time as links need it; injected, so that deadlines can be tested without waiting for them. */
export interface Timers {
	/** Milliseconds since some fixed moment. Has to go on while the device sleeps, so that a sleep is noticed. */
	now(): number;
	/** Runs `task` once after `delayMs`. The returned function calls it off; calling it off twice is harmless. */
	after(delayMs: number, task: () => void): () => void;
}

/** The page's own clock and timers. */
export const pageTimers: Timers = {
	// Date.now and not performance.now: the latter stands still during sleep on some systems.
	now: () => Date.now(),
	after(delayMs, task) {
		const timer = setTimeout(task, delayMs);
		return () => clearTimeout(timer);
	}
};

/** `valueMs` ± `share` of it, evenly spread, so that many peers do not act in step. `random` is in [0, 1). */
export function jittered(valueMs: number, share: number, random: () => number): number {
	return valueMs * (1 + share * (2 * random() - 1));
}
