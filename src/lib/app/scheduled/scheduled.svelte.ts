/**
 * Sends messages when they are due, also late: after a sleep, or at the next start. At most once: a message is marked
 * before it is said, and what is found marked at a start is left to the person, who can look whether it is there.
 */
import type { DeviceDatabase } from '$lib/identity/device-database';
import type { ScheduledRow } from '$lib/identity/scheduled';
import type { Timers } from '$lib/link/timers';
import { fail, ok, type Result } from '$lib/protocol/result';
import type { NewScheduledMessage, Problem, ProblemCode, ScheduledMessage, ScheduledView } from '../contract';

/** Looked at this often at least: clocks are set, and timers stand still while a device sleeps. */
const longestWaitMs = 30_000;

export interface ScheduledDeps {
	readonly timers: Timers;
	/** Of this tab. @throws Error if it is not the active one */
	database(): DeviceDatabase;
	newId(): string;
	/** Says it in its conversation; resolves when it is saved. */
	say(message: ScheduledRow): Promise<Result<void, Problem>>;
	/** Something went wrong that the person is told nothing of. */
	note(text: string): void;
}

export class Scheduled implements ScheduledView {
	#rows = $state.raw<readonly ScheduledRow[]>([]);
	/** Being said by this tab. */
	#saying = $state.raw<ReadonlySet<string>>(new Set());
	#disarm: (() => void) | null = null;
	#running = false;

	constructor(readonly deps: ScheduledDeps) {}

	get messages(): readonly ScheduledMessage[] {
		return this.#rows.map((row) => shown(row, this.#saying.has(row.id)));
	}

	/** Reads what waits, and sends what is due. Call when messages can be said. */
	async start(): Promise<void> {
		this.#running = true;
		this.#set(await this.deps.database().db.getAll('scheduled'));
		this.#arm();
	}

	/** Nothing is sent any more by this tab. */
	stop(): void {
		this.#running = false;
		this.#disarm?.();
		this.#disarm = null;
		this.#rows = [];
	}

	async add(message: NewScheduledMessage): Promise<Result<void, Problem>> {
		if (message.text.trim() === '') return fail({ code: 'text-empty' });
		return this.#put({ ...message, id: this.deps.newId(), state: 'waiting', refusal: null });
	}

	async postpone(id: string, dueAtMs: number): Promise<Result<void, Problem>> {
		const row = this.#idle(id);
		return row === null ? ok(undefined) : this.#put({ ...row, dueAtMs, state: 'waiting', refusal: null });
	}

	async sendNow(id: string): Promise<Result<void, Problem>> {
		const row = this.#idle(id);
		return row === null ? ok(undefined) : this.#send(row);
	}

	async cancel(id: string): Promise<Result<string, Problem>> {
		const row = this.#idle(id);
		if (row === null) return ok('');
		const deleted = await this.#delete(id);
		return deleted.ok ? ok(row.text) : deleted;
	}

	#idle(id: string): ScheduledRow | null {
		return this.#saying.has(id) ? null : (this.#rows.find((row) => row.id === id) ?? null);
	}

	#arm(): void {
		this.#disarm?.();
		this.#disarm = null;
		const next = this.#rows.find(({ state }) => state === 'waiting');
		if (!this.#running || next === undefined) return;
		const waitMs = Math.min(Math.max(0, next.dueAtMs - this.deps.timers.now()), longestWaitMs);
		this.#disarm = this.deps.timers.after(waitMs, () => {
			this.#sendDue().catch((error: unknown) => this.deps.note(`a message was not sent: ${String(error)}`));
		});
	}

	async #sendDue(): Promise<void> {
		const now = this.deps.timers.now();
		// In the order in which they are due, one after the other.
		for (const row of this.#rows.filter(({ state, dueAtMs }) => state === 'waiting' && dueAtMs <= now)) {
			if (this.#running && this.#idle(row.id) !== null) await this.#send(row);
		}
		this.#arm();
	}

	async #send(row: ScheduledRow): Promise<Result<void, Problem>> {
		this.#saying = new Set([...this.#saying, row.id]);
		try {
			const marked = await this.#put({ ...row, state: 'sending', refusal: null });
			if (!marked.ok) return marked;
			const said = await this.deps.say(row);
			if (said.ok) return await this.#delete(row.id);
			await this.#put({ ...row, state: 'refused', refusal: said.reason.code });
			return said;
		} finally {
			this.#saying = new Set([...this.#saying].filter((id) => id !== row.id));
		}
	}

	async #put(row: ScheduledRow): Promise<Result<void, Problem>> {
		const written = await this.deps
			.database()
			.strictWrite(['scheduled'], (tx) => [tx.objectStore('scheduled').put(row)]);
		if (!written.ok) return fail({ code: written.reason === 'storage-full' ? 'storage-full' : 'not-saved' });
		this.#set([...this.#rows.filter(({ id }) => id !== row.id), row]);
		this.#arm();
		return ok(undefined);
	}

	async #delete(id: string): Promise<Result<void, Problem>> {
		const written = await this.deps
			.database()
			.strictWrite(['scheduled'], (tx) => [tx.objectStore('scheduled').delete(id)]);
		if (!written.ok) return fail({ code: 'not-saved', detail: written.reason });
		this.#set(this.#rows.filter((row) => row.id !== id));
		this.#arm();
		return ok(undefined);
	}

	#set(rows: readonly ScheduledRow[]): void {
		this.#rows = [...rows].sort((a, b) => a.dueAtMs - b.dueAtMs);
	}
}

function shown(row: ScheduledRow, isSaying: boolean): ScheduledMessage {
	const { id, conversation, thread, text, dueAtMs, state, refusal } = row;
	return {
		id,
		conversation,
		...(thread !== undefined && { thread }),
		text,
		dueAtMs,
		state: state === 'sending' && !isSaying ? 'unsure' : state,
		// Written by this module; a code that a newer version knew is shown as what it is: unexpected.
		problem: refusal === null ? null : { code: refusal as ProblemCode }
	};
}
