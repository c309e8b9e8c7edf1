/**
 * What the fold has found, on its way into the read model. While the read model stores one batch, the next gathers: a
 * single message goes at once, and history goes in transactions that are as large as they have to be and no larger.
 */
import type { LaneCursor, ProjectedMessage, Projection } from './ports';

/** Of one batch that is stored at once: a question to the read model waits for one at most, some tens of milliseconds. */
const batchMessages = 1024;
/** Gathered beyond that, the fold waits. */
const waitingLimit = 2 * batchMessages;

interface Part {
	readonly messages: readonly ProjectedMessage[];
	/** Claim these messages, and nothing that comes later. */
	readonly cursors: readonly LaneCursor[];
}

export class ProjectionOutbox {
	#parts: Part[] = [];
	#waiting = 0;
	#sending: Promise<void> | null = null;
	#waitingForRoom: (() => void)[] = [];

	constructor(readonly projection: Projection) {}

	/** @param cursors claim these messages */
	add(messages: readonly ProjectedMessage[], cursors: readonly LaneCursor[]): void {
		this.#parts.push({ messages, cursors });
		this.#waiting += messages.length;
		this.#sending ??= this.#send();
	}

	/** Takes messages back, after all that was added before. Parameters as those of `Projection.withdrawn`. */
	async withdraw(ids: readonly string[], from?: LaneCursor): Promise<void> {
		await this.empty();
		await this.projection.withdrawn(ids, from);
	}

	/** Resolves when not too much waits. */
	async room(): Promise<void> {
		while (this.#waiting > waitingLimit)
			await new Promise<void>((resolve) => this.#waitingForRoom.push(resolve));
	}

	/** Resolves when the read model has everything. */
	async empty(): Promise<void> {
		while (this.#sending !== null) await this.#sending;
	}

	async #send(): Promise<void> {
		// In a later microtask, so that what is added in one go goes in one batch.
		await Promise.resolve();
		try {
			for (let parts = this.#next(); parts.length > 0; parts = this.#next()) await this.#store(parts);
		} finally {
			this.#sending = null;
		}
	}

	async #store(parts: readonly Part[]): Promise<void> {
		const messageById = new Map<string, ProjectedMessage>();
		const cursorByLane = new Map<string, LaneCursor>();
		for (const { messages, cursors } of parts) {
			for (const message of messages) messageById.set(message.id, message);
			for (const cursor of cursors) cursorByLane.set(`${cursor.segment}/${cursor.lane}`, cursor);
		}
		await this.projection.messages([...messageById.values()], [...cursorByLane.values()], []);
	}

	#next(): readonly Part[] {
		let messages = 0;
		let count = 0;
		for (const part of this.#parts) {
			if (count > 0 && messages + part.messages.length > batchMessages) break;
			messages += part.messages.length;
			count++;
		}
		this.#waiting -= messages;
		for (const resolve of this.#waitingForRoom.splice(0)) resolve();
		return this.#parts.splice(0, count);
	}
}
