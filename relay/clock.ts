/** Time as the relay uses it; given in, so that limits and timeouts are tested without waiting. */
export interface Clock {
	/** Monotonic milliseconds; the zero point means nothing. */
	nowMs(): number;
	/** Seconds since 1970, whole: for what outlives a run of the relay. */
	unixSeconds(): number;
	/** Runs `task` once after `delayMs`. @returns a function that calls it off */
	after(delayMs: number, task: () => void): () => void;
	/** Runs `task` every `periodMs`. @returns a function that ends it */
	every(periodMs: number, task: () => void): () => void;
}

/** The machine's clock. Its timers do not keep a process alive. */
export const systemClock: Clock = {
	nowMs: () => performance.now(),
	unixSeconds: () => Math.floor(Date.now() / 1000),
	after(delayMs, task) {
		const timer = setTimeout(task, delayMs).unref();
		return () => clearTimeout(timer);
	},
	every(periodMs, task) {
		const timer = setInterval(task, periodMs).unref();
		return () => clearInterval(timer);
	}
};
