import type { Timers } from '../../../src/lib/link/timers';

interface Task {
	readonly dueMs: number;
	readonly run: () => void;
}

/** Time that passes only when told to. */
export class ManualTimers implements Timers {
	#nowMs = 1_000_000;
	#tasks: Task[] = [];

	now(): number {
		return this.#nowMs;
	}

	after(delayMs: number, task: () => void): () => void {
		const entry: Task = { dueMs: this.#nowMs + delayMs, run: task };
		this.#tasks.push(entry);
		return () => {
			this.#tasks = this.#tasks.filter((each) => each !== entry);
		};
	}

	get waiting(): number {
		return this.#tasks.length;
	}

	/** When the next task is due, from now; Infinity if there is none. */
	get nextInMs(): number {
		return Math.min(...this.#tasks.map((each) => each.dueMs)) - this.#nowMs;
	}

	/** Lets `ms` pass, with each task at its time. */
	pass(ms: number): void {
		const endMs = this.#nowMs + ms;
		for (;;) {
			const next = this.#tasks.reduce<Task | null>(
				(first, each) => (first === null || each.dueMs < first.dueMs ? each : first),
				null
			);
			if (next === null || next.dueMs > endMs) break;
			this.#tasks = this.#tasks.filter((each) => each !== next);
			this.#nowMs = Math.max(this.#nowMs, next.dueMs);
			next.run();
		}
		this.#nowMs = endMs;
	}

	/** Lets `ms` pass at once, as a sleeping device does: what was due runs late, once. */
	sleep(ms: number): void {
		this.#nowMs += ms;
		this.pass(0);
	}
}
