/**
 * Runs tasks one after the other. What a person does (`urgent`) goes before what the network brings, so that a
 * message typed during a long first sync is saved and shown at once.
 */
export class SerialQueue {
	readonly #urgent: (() => Promise<void>)[] = [];
	readonly #ordinary: (() => Promise<void>)[] = [];
	#running: Promise<void> | null = null;

	/** @returns what the task gives; rejects if it throws. Other tasks are not affected by that. */
	run<T>(task: () => Promise<T>, urgency: 'urgent' | 'ordinary' = 'ordinary'): Promise<T> {
		return new Promise<T>((resolve, reject) => {
			const queue = urgency === 'urgent' ? this.#urgent : this.#ordinary;
			queue.push(() => task().then(resolve, reject));
			this.#running ??= this.#drain();
		});
	}

	/** Resolves when nothing is queued or running. */
	async idle(): Promise<void> {
		while (this.#running !== null) await this.#running;
	}

	async #drain(): Promise<void> {
		// Begin in a later microtask, so that `run` returns before its task starts.
		await Promise.resolve();
		for (let task = this.#next(); task !== undefined; task = this.#next()) await task();
		this.#running = null;
	}

	#next(): (() => Promise<void>) | undefined {
		return this.#urgent.shift() ?? this.#ordinary.shift();
	}
}
