import { pageTimers, type Timers } from '$lib/link/timers';

/** A rest of a fixed length, for `Coalesced`. */
export const rest =
	(lengthMs: number, timers: Timers = pageTimers) =>
	(): Promise<void> =>
		new Promise((resolve) => void timers.after(lengthMs, resolve));

/**
 * Runs an asynchronous refresh at most once at a time: calls that come while it runs lead to one more run after it.
 * With a rest, the next run begins no sooner than that after the one before, so that a flood of news is not answered
 * with a flood of refreshes; the first run after a quiet time begins at once.
 */
export class Coalesced {
	#running: Promise<void> | null = null;
	#resting: Promise<void> | null = null;
	#again = false;

	/** @param rest resolves when there may be another run */
	constructor(
		readonly refresh: () => Promise<void>,
		readonly rest?: () => Promise<void>
	) {}

	/** Resolves when a run that began after this call has ended. */
	run(): Promise<void> {
		if (this.#running !== null) {
			this.#again = true;
			return this.#running;
		}
		this.#running = this.#loop();
		return this.#running;
	}

	async #loop(): Promise<void> {
		try {
			do {
				if (this.#resting !== null) await this.#resting;
				this.#again = false;
				await this.#once();
			} while (this.#again);
		} finally {
			this.#running = null;
		}
	}

	async #once(): Promise<void> {
		try {
			await this.refresh();
		} finally {
			if (this.rest !== undefined) this.#resting = this.rest().then(() => void (this.#resting = null));
		}
	}
}
