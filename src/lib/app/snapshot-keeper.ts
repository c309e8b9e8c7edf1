/**
 * Keeps what screens show (snapshot.ts) for the next start: soon after it has changed, and at once when the page goes
 * away, which may be too late. What was withdrawn is taken out before the read model forgets it, so that no start shows it again.
 */
import type { Timers } from '../link/timers';
import type { Position } from '../store/types';
import type { ConversationSummary } from './contract';
import { glanceRow, listKey, listRow, type Glance, type Snapshot } from './snapshot';

/** Lets a burst of changes settle. */
const keepDelayMs = 200;
/** While messages stream in, it is written this often at most. */
const keepEveryMs = 1_000;
const glancesKept = 4;

export interface SnapshotChange {
	/** Rows by their key; a key that comes with null is deleted. */
	readonly rows: readonly (readonly [key: string, row: unknown])[];
	/** Everything else goes. */
	readonly clear: boolean;
}

export interface SnapshotKeeperDeps {
	readonly account: string;
	readonly timers: Timers;
	/** What is on screen and true now; null as long as the read model has not been asked. */
	list(): readonly ConversationSummary[] | null;
	/** Of the conversations that are open. */
	glances(): readonly (readonly [id: string, glance: Glance])[];
	/** Written in one transaction. A failure is for the writer to tell: the next start is slower, no more. */
	write(change: SnapshotChange): Promise<void>;
}

const isSamePlace = (a: Position | undefined, b: Position | undefined): boolean =>
	a?.time === b?.time && a?.id === b?.id;

/** By all that is shown of messages: what one says may change, or be gone, with nothing else about it. */
const isSame = (a: Glance | undefined, b: Glance): boolean =>
	a !== undefined &&
	a.hasOlder === b.hasOlder &&
	a.members === b.members &&
	JSON.stringify(a.messages) === JSON.stringify(b.messages);

export class SnapshotKeeper {
	readonly #glanceById: Map<string, Glance>;
	readonly #unwritten = new Set<string>();
	#listWritten: readonly ConversationSummary[] | null = null;
	#cancel: (() => void) | null = null;
	#keptAtMs = -Infinity;
	#closed = false;

	constructor(
		snapshot: Snapshot,
		readonly deps: SnapshotKeeperDeps
	) {
		this.#glanceById = new Map(snapshot.glanceById);
	}

	/** @param newest message of the conversation: a glance that does not end with it is none */
	glance(id: string, newest: Position | undefined): Glance | undefined {
		const glance = this.#glanceById.get(id);
		return isSamePlace(glance?.messages.at(-1), newest) ? glance : undefined;
	}

	/** A conversation is about to leave the screen. */
	hold(id: string, glance: Glance | null): void {
		if (glance === null || isSame(this.#glanceById.get(id), glance)) return;
		// Set anew, so that the map's order is that of showing.
		this.#glanceById.delete(id);
		this.#glanceById.set(id, glance);
		this.#unwritten.add(id);
		this.changed();
	}

	/** Something on screen has changed. */
	changed(): void {
		if (this.#closed) return;
		const { timers } = this.deps;
		const delayMs = Math.max(keepDelayMs, this.#keptAtMs + keepEveryMs - timers.now());
		this.#cancel ??= timers.after(delayMs, () => void this.keep());
	}

	/** Writes what has changed; resolves when it is written. */
	async keep(): Promise<void> {
		this.#callOff();
		const { account, timers } = this.deps;
		const list = this.deps.list();
		if (this.#closed || list === null) return;
		for (const [id, glance] of this.deps.glances()) this.hold(id, glance);
		this.#callOff();
		const rows: [string, unknown][] = [];
		for (const id of this.#unwritten) {
			const glance = this.#glanceById.get(id);
			rows.push([id, glance === undefined ? null : glanceRow(account, timers.now(), glance)]);
		}
		for (const id of [...this.#glanceById.keys()].slice(0, -glancesKept)) {
			this.#glanceById.delete(id);
			rows.push([id, null]);
		}
		if (list !== this.#listWritten) rows.push([listKey, listRow(account, list)]);
		this.#unwritten.clear();
		this.#listWritten = list;
		this.#keptAtMs = timers.now();
		if (rows.length > 0) await this.deps.write({ rows, clear: false });
	}

	/** Messages of this conversation count no more. Resolves when no start can show them. */
	async drop(id: string): Promise<void> {
		this.#glanceById.delete(id);
		this.#unwritten.delete(id);
		this.#listWritten = null;
		// The list quotes the newest message.
		await this.deps.write({
			rows: [
				[id, null],
				[listKey, null]
			],
			clear: false
		});
		this.changed();
	}

	/** Nothing of what was kept is known to be true. */
	async clear(): Promise<void> {
		this.#glanceById.clear();
		this.#unwritten.clear();
		this.#listWritten = null;
		await this.deps.write({ rows: [], clear: true });
	}

	close(): void {
		this.#closed = true;
		this.#callOff();
	}

	#callOff(): void {
		this.#cancel?.();
		this.#cancel = null;
	}
}
