/** What a conversation does, one thing after the other. Between two, what has not been used for long is let go. */
import type { LoadedSegments } from './loaded-segments';
import type { Segment } from './segment';
import { SerialQueue } from './serial-queue';

export class ConversationTasks {
	readonly #queue = new SerialQueue();
	#closed = false;

	constructor(readonly segments: LoadedSegments) {}

	/** Whoever waited for their turn finds it out then. */
	get isClosed(): boolean {
		return this.#closed;
	}

	/** @param urgency `urgent` before all that waits and is not: what a person does */
	run<T>(task: () => Promise<T>, urgency: 'urgent' | 'ordinary' = 'ordinary'): Promise<T> {
		return this.#queue.run(async () => {
			const value = await task();
			if (!this.#closed) await this.segments.unloadOldest();
			return value;
		}, urgency);
	}

	/** Reads from a segment, loading it if need be. @param otherwise when the conversation has been closed */
	reading<T>(segment: number, read: (loaded: Segment) => T, otherwise: T): Promise<T> {
		return this.run(async () =>
			this.#closed ? otherwise : read((await this.segments.load(segment)).segment)
		);
	}

	/** Finishes what is under way, and does one last thing. */
	async close(last: () => Promise<void>): Promise<void> {
		this.#closed = true;
		await this.#queue.run(last, 'urgent');
		await this.#queue.idle();
	}
}
