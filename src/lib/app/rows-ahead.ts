/**
 * Rows that stand on screen before the read model has them: messages that were just sent and have no place yet, and
 * few that have just come. They are joined to the window's end and leave when the read model tells of them.
 */
import type { MessageRow, Position } from '$lib/store/types';

export interface SentPlace {
	readonly segment: number;
	readonly lane: number;
	readonly clock: number;
}

/** An own message that is on its way to the journal. */
export interface Sending {
	/** It is committed. */
	placed(place: SentPlace): void;
	/** It was not: its row goes. */
	failed(): void;
}

export interface ShownRow {
	readonly row: MessageRow;
	/** Set where a row had another name before it had an id. */
	readonly key?: string;
	/** Not committed yet. */
	readonly sending: boolean;
}

interface SendingRow {
	readonly row: MessageRow;
	place: SentPlace | null;
}

/** Keys of messages sent while this window is open; the oldest go, long after they have left the screen. */
const keysLimit = 300;

export const isAfter = (a: Position, b: Position): boolean =>
	a.time > b.time || (a.time === b.time && a.id > b.id);

const isAt = (row: MessageRow, place: SentPlace | null): boolean =>
	row.own && row.segment === place?.segment && row.lane === place.lane && row.clock === place.clock;

export class RowsAhead {
	#sending: SendingRow[] = [];
	#arrived: readonly MessageRow[] = [];
	readonly #keyById = new Map<string, string>();
	#sent = 0;

	/** @param changed called when `join` would give something else */
	constructor(readonly changed: () => void) {}

	get isEmpty(): boolean {
		return this.#sending.length === 0 && this.#arrived.length === 0;
	}

	/** @param draftOf makes the row, under the given key as its id */
	send(draftOf: (key: string) => MessageRow): Sending {
		const sending: SendingRow = { row: draftOf(`sending-${++this.#sent}`), place: null };
		this.#sending = [...this.#sending, sending];
		this.changed();
		return {
			placed: (place) => void (sending.place = place),
			failed: () => {
				this.#sending = this.#sending.filter((each) => each !== sending);
				this.changed();
			}
		};
	}

	/** Rows that the read model will have soon. */
	arrive(rows: readonly MessageRow[]): void {
		this.settle(rows);
		const known = new Set(this.#arrived.map(({ id }) => id));
		this.#arrived = [...this.#arrived, ...rows.filter(({ id }) => !known.has(id))];
		this.changed();
	}

	/** Rows that are in the window, or never will be. Does not say `changed`: who calls redraws anyway. */
	leave(rows: readonly Pick<MessageRow, 'id'>[]): void {
		const ids = new Set(rows.map(({ id }) => id));
		this.#arrived = this.#arrived.filter(({ id }) => !ids.has(id));
	}

	/**
	 * @param rows the window, oldest first
	 * @param isOpen whether the window ends with the newest message; else nothing is ahead of it
	 */
	join(rows: readonly MessageRow[], isOpen: boolean): readonly ShownRow[] {
		const shown = (row: MessageRow): ShownRow => {
			const key = this.#keyById.get(row.id);
			return key === undefined ? { row, sending: false } : { row, key, sending: false };
		};
		if (!isOpen || this.isEmpty) return rows.map(shown);
		const [first] = rows;
		const known = new Set(rows.map(({ id }) => id));
		const arrived = this.#arrived.filter((row) => !known.has(row.id) && (!first || isAfter(row, first)));
		const placed =
			arrived.length === 0 ? rows : [...rows, ...arrived].sort((a, b) => (isAfter(a, b) ? 1 : -1));
		// Whatever the clocks say: what was sent last stands last.
		return [...placed.map(shown), ...this.#sending.map(({ row }) => ({ row, key: row.id, sending: true }))];
	}

	/** Rows with an id that say what was being sent: they take over its key. */
	settle(rows: readonly MessageRow[]): void {
		if (this.#sending.length === 0) return;
		for (const row of rows) {
			const sending = this.#sending.find(({ place }) => isAt(row, place));
			if (sending === undefined) continue;
			this.#keyById.set(row.id, sending.row.id);
			this.#sending = this.#sending.filter((each) => each !== sending);
		}
		for (const id of this.#keyById.keys()) {
			if (this.#keyById.size <= keysLimit) break;
			this.#keyById.delete(id);
		}
	}
}
