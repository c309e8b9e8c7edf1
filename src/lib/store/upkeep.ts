import { emptyJournal, eraseSlice } from './erasure';
import { indexSlice, mergeSlice } from './search-index';
import type { SqlDriver } from './sql-driver';

/** Longer, and a query that came meanwhile would be felt to wait; shorter, and the index falls into many small pieces. */
const sliceMessages = 500;

/** Calls back later, when what is waiting already (messages, timers) has had its turn and nobody waits. */
export type Schedule = (task: () => void) => void;

/**
 * Work that may be done later, in slices between requests: erasing what was forgotten, filling the search index, then
 * merging its pieces.
 */
export class Upkeep {
	#isScheduled = false;
	#isStopped = false;
	#isMerging = false;
	#hasErased = false;
	#waiting: { readonly resolve: () => void; readonly reject: (reason: unknown) => void }[] = [];

	/** @param onFailure told when a slice fails; the upkeep has stopped then */
	constructor(
		readonly driver: SqlDriver,
		readonly schedule: Schedule,
		readonly onFailure: (error: unknown) => Error
	) {}

	/** To be called when there may be something to do. */
	wake(): void {
		if (this.#isScheduled || this.#isStopped) return;
		this.#isScheduled = true;
		this.schedule(() => {
			this.#isScheduled = false;
			this.#step();
		});
	}

	/** Resolves when nothing is left to do; rejects if the upkeep fails or is stopped before. */
	settled(): Promise<void> {
		return new Promise((resolve, reject) => {
			this.#waiting.push({ resolve, reject });
			this.wake();
		});
	}

	/** Ends it; who still waits is told `reason`. */
	stop(reason: Error): void {
		this.#isStopped = true;
		for (const { reject } of this.#waiting.splice(0)) reject(reason);
	}

	/** @returns true if there may be more */
	#slice(): boolean {
		const hasErased = eraseSlice(this.driver, sliceMessages);
		this.#hasErased ||= hasErased;
		if (hasErased || indexSlice(this.driver, sliceMessages)) {
			this.#isMerging = false;
			return true;
		}
		// The journal holds pages from before, and nothing else may be written for a long time.
		if (this.#hasErased) emptyJournal(this.driver);
		this.#hasErased = false;
		const wasMerging = this.#isMerging;
		this.#isMerging = mergeSlice(this.driver, !wasMerging);
		if (wasMerging && !this.#isMerging) emptyJournal(this.driver);
		return this.#isMerging;
	}

	#step(): void {
		if (this.#isStopped) return;
		try {
			if (this.#slice()) this.wake();
			else for (const { resolve } of this.#waiting.splice(0)) resolve();
		} catch (error) {
			this.stop(this.onFailure(error));
		}
	}
}
