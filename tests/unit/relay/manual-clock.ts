import type { Clock } from '../../../relay/clock';

interface Task {
	dueMs: number;
	readonly periodMs: number | null;
	readonly run: () => void;
}

/** Time that passes when the test says so. */
export class ManualClock implements Clock {
	#nowMs = 1_000_000;
	readonly #tasks = new Set<Task>();

	nowMs(): number {
		return this.#nowMs;
	}

	unixSeconds(): number {
		return 1_800_000_000 + Math.floor(this.#nowMs / 1000);
	}

	after(delayMs: number, run: () => void): () => void {
		return this.#add({ dueMs: this.#nowMs + delayMs, periodMs: null, run });
	}

	every(periodMs: number, run: () => void): () => void {
		return this.#add({ dueMs: this.#nowMs + periodMs, periodMs, run });
	}

	#add(task: Task): () => void {
		this.#tasks.add(task);
		return () => this.#tasks.delete(task);
	}

	/** Runs what falls due on the way, in order. */
	advance(byMs: number): void {
		const untilMs = this.#nowMs + byMs;
		for (;;) {
			const due = [...this.#tasks]
				.filter((task) => task.dueMs <= untilMs)
				.sort((a, b) => a.dueMs - b.dueMs)[0];
			if (due === undefined) break;
			this.#nowMs = due.dueMs;
			if (due.periodMs === null) this.#tasks.delete(due);
			else due.dueMs += due.periodMs;
			due.run();
		}
		this.#nowMs = untilMs;
	}
}
