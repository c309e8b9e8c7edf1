/**
 * Time of a simulation: events happen in the order of their virtual time, and each is followed by everything that it
 * causes without waiting (all promise jobs) before the next begins. So one seed has one history.
 */
import { setImmediate } from 'node:timers';

interface Event {
	readonly atMs: number;
	readonly sequence: number;
	readonly happen: () => void;
}

const before = (a: Event, b: Event): boolean =>
	a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence);

export class VirtualTime {
	#nowMs: number;
	#sequence = 0;
	/** Binary heap. */
	readonly #events: Event[] = [];

	constructor(startMs: number) {
		this.#nowMs = startMs;
	}

	get nowMs(): number {
		return this.#nowMs;
	}

	after(delayMs: number, happen: () => void): void {
		const event = { atMs: this.#nowMs + delayMs, sequence: this.#sequence++, happen };
		const heap = this.#events;
		let at = heap.push(event) - 1;
		while (at > 0) {
			const parent = (at - 1) >> 1;
			if (!before(event, heap[parent] as Event)) break;
			heap[at] = heap[parent] as Event;
			at = parent;
		}
		heap[at] = event;
	}

	/** Resolves when the virtual clock is there. */
	pause(delayMs: number): Promise<void> {
		return new Promise((resolve) => this.after(delayMs, resolve));
	}

	/** Lets `durationMs` go by, with all that happens in it. */
	async pass(durationMs: number): Promise<void> {
		const endMs = this.#nowMs + durationMs;
		await this.#settle();
		for (let next = this.#events[0]; next !== undefined && next.atMs <= endMs; next = this.#events[0]) {
			this.#pop();
			this.#nowMs = Math.max(this.#nowMs, next.atMs);
			next.happen();
			await this.#settle();
		}
		this.#nowMs = endMs;
	}

	/** A macrotask comes after all promise jobs that are there or that they bring about. */
	#settle(): Promise<void> {
		return new Promise((resolve) => setImmediate(resolve));
	}

	#pop(): void {
		const heap = this.#events;
		const last = heap.pop() as Event;
		if (heap.length === 0) return;
		let at = 0;
		for (;;) {
			let child = at * 2 + 1;
			if (child >= heap.length) break;
			if (child + 1 < heap.length && before(heap[child + 1] as Event, heap[child] as Event)) child++;
			if (!before(heap[child] as Event, last)) break;
			heap[at] = heap[child] as Event;
			at = child;
		}
		heap[at] = last;
	}
}
