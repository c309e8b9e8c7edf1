import type { Schedule } from './upkeep';

/** No request for so long: nobody waits, and an import has ended. On a busy device a batch takes a while to come. */
const quietMs = 500;

export interface QuietScheduleDeps {
	/** Milliseconds, from any beginning. */
	readonly now: () => number;
	/** Runs `task` once, after so long. */
	readonly after: (delayMs: number, task: () => void) => void;
	/** Runs `task` as soon as what waits already (messages, timers) has had its turn. */
	readonly soon: (task: () => void) => void;
}

/**
 * When upkeep may run: while nobody asks for anything. Begun between two batches of an import, it would merge and empty
 * the journal again and again for what the next batch changes anyway, and the batch would wait for it.
 */
export class QuietSchedule {
	#lastRequestMs = -Infinity;

	constructor(readonly deps: QuietScheduleDeps) {}

	/** To be called for each request. */
	asked(): void {
		this.#lastRequestMs = this.deps.now();
	}

	/** Tasks in a row each get a turn of their own; a request between them makes the rest wait for quiet again. */
	readonly schedule: Schedule = (task) => {
		const { now, after, soon } = this.deps;
		const waitMs = this.#lastRequestMs + quietMs - now();
		if (waitMs <= 0) soon(() => this.#runIfQuiet(task));
		else after(waitMs, () => this.schedule(task));
	};

	#runIfQuiet(task: () => void): void {
		if (this.deps.now() - this.#lastRequestMs < quietMs) this.schedule(task);
		else task();
	}
}
