/**
 * What the fold has found, on its way into the read model. While the read model stores one batch, the next gathers: a
 * single message goes at once, and history goes in transactions that are as large as they have to be and no larger.
 */
import type { LaneCursor, ProjectedAct, ProjectedMessage, Projection } from './ports';

/** Of one batch that is stored at once: a question to the read model waits for one at most, some tens of milliseconds. */
const batchRows = 1024;
/** Gathered beyond that, the fold waits. */
const waitingLimit = 2 * batchRows;

export interface SaidRows {
	readonly messages: readonly ProjectedMessage[];
	readonly acts: readonly ProjectedAct[];
}

interface Part extends SaidRows {
	/** Claim these rows, and nothing that comes later. */
	readonly cursors: readonly LaneCursor[];
}

const countOf = ({ messages, acts }: SaidRows): number => messages.length + acts.length;

export class ProjectionOutbox {
	#parts: Part[] = [];
	#waiting = 0;
	#sending: Promise<void> | null = null;
	#waitingForRoom: (() => void)[] = [];

	constructor(readonly projection: Projection) {}

	/** @param cursors claim these rows */
	add({ messages, acts }: SaidRows, cursors: readonly LaneCursor[]): void {
		const part = { messages, acts, cursors };
		this.#parts.push(part);
		this.#waiting += countOf(part);
		this.#sending ??= this.#send();
	}

	/** Takes back, after all that was added before. Parameters as those of `Projection.withdrawn`. */
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
		const actById = new Map<string, ProjectedAct>();
		const cursorByLane = new Map<string, LaneCursor>();
		for (const { messages, acts, cursors } of parts) {
			for (const message of messages) messageById.set(message.id, message);
			for (const act of acts) actById.set(act.id, act);
			for (const cursor of cursors) cursorByLane.set(`${cursor.segment}/${cursor.lane}`, cursor);
		}
		await this.projection.messages(
			[...messageById.values()],
			[...cursorByLane.values()],
			[...actById.values()]
		);
	}

	#next(): readonly Part[] {
		let rows = 0;
		let count = 0;
		for (const part of this.#parts) {
			if (count > 0 && rows + countOf(part) > batchRows) break;
			rows += countOf(part);
			count++;
		}
		this.#waiting -= rows;
		for (const resolve of this.#waitingForRoom.splice(0)) resolve();
		return this.#parts.splice(0, count);
	}
}
