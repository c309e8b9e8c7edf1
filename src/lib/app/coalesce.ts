/**
 * Runs an asynchronous refresh at most once at a time: calls that come while it runs lead to one more run after it.
 */
export class Coalesced {
	#running: Promise<void> | null = null;
	#again = false;

	constructor(readonly refresh: () => Promise<void>) {}

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
				this.#again = false;
				await this.refresh();
			} while (this.#again);
		} finally {
			this.#running = null;
		}
	}
}
