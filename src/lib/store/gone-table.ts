import { hashOfId } from './hash-of-id';
import { byPosition } from './position';
import type { SqlDriver, SqlValue } from './sql-driver';
import type { Position } from './types';

/** Who has deleted something, and when, as they tell. */
export interface Deletion {
	readonly by: string;
	readonly atMs: number;
}

/** Instead of an author: it is to be shown on this device no more, whoever said it. */
const anybody = 0;

/** Entries of which nothing is to be kept, before they come and after. Never undone. */
export class GoneTable {
	constructor(readonly driver: SqlDriver) {}

	/**
	 * Of several deletes the first counts, as those who made them tell.
	 * @param author number of the account that is said to have said it
	 * @returns whether anything has changed
	 */
	delete(ref: number, id: string, author: number, { by, atMs }: Deletion): boolean {
		this.driver.run(
			`insert into gone (conversation, id_hash, id, author, by, at_ms) values (?1, ?2, ?3, ?4, ?5, ?6)
			 on conflict do update set by = ?5, at_ms = ?6 where (at_ms, by) > (?6, ?5)`,
			[...placeOf(ref, id), author, by, atMs]
		);
		return this.driver.changes() > 0;
	}

	/** It is to be shown on this device no more. @returns whether that is new */
	erase(ref: number, id: string): boolean {
		this.driver.run(
			`insert or ignore into gone (conversation, id_hash, id, author) values (?, ?, ?, ${anybody})`,
			placeOf(ref, id)
		);
		return this.driver.changes() > 0;
	}

	/** Whether one of these is not to be shown here. */
	isErased(ref: number, ids: readonly string[]): boolean {
		return !this.isEmpty() && ids.some((id) => this.#row(ref, id, anybody) !== null);
	}

	/** Whether deletes name this among what an account has said. */
	isDeleted(ref: number, id: string, author: number): boolean {
		return !this.isEmpty() && this.#row(ref, id, author) !== null;
	}

	/** The first delete that names one of these, which are by one account; null: none does. */
	deletionOf(ref: number, ids: readonly string[], author: number): Deletion | null {
		if (this.isEmpty()) return null;
		const deletions = ids.flatMap((id) => this.#row(ref, id, author) ?? []);
		return deletions.sort((a, b) => a.atMs - b.atMs || (a.by < b.by ? -1 : 1))[0] ?? null;
	}

	/** Names of one message without those of copies that are deleted by themselves: they name nothing any more. */
	kept(ref: number, names: readonly string[], author: number): readonly string[] {
		return names.length === 1 ? names : names.filter((name) => !this.isDeleted(ref, name, author));
	}

	/** Nothing is kept at or before this place from now on. @returns whether that is new */
	clear(ref: number, until: Position): boolean {
		this.driver.run(
			`update conversation set cleared_time = ?2, cleared_id = ?3, is_clearing = 1
			 where ref = ?1 and (cleared_time is null or (cleared_time, cleared_id) < (?2, ?3))`,
			[ref, until.time, until.id]
		);
		return this.driver.changes() > 0;
	}

	isCleared(ref: number, position: Position): boolean {
		const row = this.driver.rows('select cleared_time, cleared_id from conversation where ref = ?', [ref])[0];
		if (row?.[0] == null) return false;
		return byPosition(position, { time: Number(row[0]), id: String(row[1]) }) <= 0;
	}

	/** Nothing is gone anywhere: often. */
	isEmpty(): boolean {
		return this.driver.rows('select 1 from gone limit 1').length === 0;
	}

	#row(ref: number, id: string, author: number): Deletion | null {
		const row = this.driver.rows(
			'select by, at_ms from gone where conversation = ? and id_hash = ? and id = ? and author = ?',
			[...placeOf(ref, id), author]
		)[0];
		return row === undefined ? null : { by: String(row[0]), atMs: Number(row[1]) };
	}
}

const placeOf = (ref: number, id: string): SqlValue[] => [ref, hashOfId(id), id];
