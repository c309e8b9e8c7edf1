import { hashOfId } from './hash-of-id';
import { byPosition } from './position';
import type { SqlDriver, SqlValue } from './sql-driver';
import type { Position } from './types';

/** What has become of an entry: a tombstone is left of it, or not even that. */
export type Gone = { readonly by: string; readonly atMs: number } | 'erased';

/** Entries of which nothing is to be kept, before they come and after. Never undone. */
export class GoneTable {
	constructor(readonly driver: SqlDriver) {}

	/** Of several deletes the first counts, as those who made them tell. @returns whether anything has changed */
	delete(ref: number, id: string, by: string, atMs: number): boolean {
		this.driver.run(
			`insert into gone (conversation, id_hash, id, by, at_ms) values (?1, ?2, ?3, ?4, ?5)
			 on conflict do update set by = ?4, at_ms = ?5 where by is not null and (at_ms, by) > (?5, ?4)`,
			[...placeOf(ref, id), by, atMs]
		);
		return this.driver.changes() > 0;
	}

	/** It is to be shown on this device no more. @returns whether anything has changed */
	erase(ref: number, id: string): boolean {
		this.driver.run(
			`insert into gone (conversation, id_hash, id) values (?1, ?2, ?3)
			 on conflict do update set by = null, at_ms = null where by is not null`,
			placeOf(ref, id)
		);
		return this.driver.changes() > 0;
	}

	/** What has become of the message with these names; null: it is there. */
	of(ref: number, names: readonly string[]): Gone | null {
		let first: Exclude<Gone, 'erased'> | null = null;
		for (const name of names) {
			const row = this.driver.rows(
				'select by, at_ms from gone where conversation = ? and id_hash = ? and id = ?',
				placeOf(ref, name)
			)[0];
			if (row === undefined) continue;
			if (row[0] === null) return 'erased';
			const gone = { by: String(row[0]), atMs: Number(row[1]) };
			if (first === null || gone.atMs < first.atMs || (gone.atMs === first.atMs && gone.by < first.by))
				first = gone;
		}
		return first;
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
}

const placeOf = (ref: number, id: string): SqlValue[] => [ref, hashOfId(id), id];
