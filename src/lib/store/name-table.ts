import { hashOfId } from './hash-of-id';
import type { InternedIds } from './interned-ids';
import type { SqlDriver, SqlRow } from './sql-driver';
import type { AgainRow } from './types';

/**
 * By which ids a message is named: its own, and after a fork those of its copies and of what they are copies of. A copy by
 * somebody else than whom the message is known to be of takes nothing over.
 */
export class NameTable {
	constructor(
		readonly driver: SqlDriver,
		readonly ids: InternedIds
	) {}

	/** @returns whether it was not known */
	put(ref: number, row: AgainRow): boolean {
		this.driver.run(
			`insert or ignore into again (conversation, id_hash, id, segment, lane, clock, author, origin, origin_hash)
			 values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			[
				...[ref, hashOfId(row.id), row.id, row.segment, row.lane, row.clock],
				...[this.ids.account(row.author), row.origin, hashOfId(row.origin)]
			]
		);
		return this.driver.changes() > 0;
	}

	/** What that lane said from a clock on counts no more. @returns the names that this may concern */
	retract(ref: number, segment: number, lane: number, next: number): string[] {
		if (this.isEmpty()) return [];
		const rows = this.driver.rows(
			'delete from again where conversation = ? and segment = ? and lane = ? and clock >= ? returning id, origin',
			[ref, segment, lane, next]
		);
		return rows.flat().map(String);
	}

	/** All names of a message, its own among them. */
	of(ref: number, id: string, author: number): string[] {
		if (this.isEmpty()) return [id];
		const origin = this.driver.rows(
			'select origin from again where conversation = ? and id_hash = ? and id = ? and author = ?',
			[ref, hashOfId(id), id, author]
		)[0]?.[0];
		const root = origin === undefined ? id : String(origin);
		const copies = this.driver.rows(
			'select id from again where conversation = ? and origin_hash = ? and origin = ? and author = ?',
			[ref, hashOfId(root), root, author]
		);
		const names = new Set([id, ...copies.map(([copy]) => String(copy))]);
		if (root !== id && this.#isOfOther(ref, root, author)) return [id];
		return [...names.add(root)];
	}

	/** Segment, lane, clock and id of the copies among these names, in any order. */
	places(ref: number, names: readonly string[]): SqlRow[] {
		return names.flatMap((name) =>
			this.driver.rows(
				'select segment, lane, clock, id from again where conversation = ? and id_hash = ? and id = ?',
				[ref, hashOfId(name), name]
			)
		);
	}

	/** Ids of messages that may be meant by one of these names. */
	meantBy(ref: number, names: Iterable<string>): Set<string> {
		const meant = new Set(names);
		if (this.isEmpty()) return meant;
		for (const name of [...meant]) {
			const origin = this.driver.rows(
				'select origin from again where conversation = ? and id_hash = ? and id = ?',
				[ref, hashOfId(name), name]
			)[0]?.[0];
			const root = origin === undefined ? name : String(origin);
			meant.add(root);
			for (const [copy] of this.driver.rows(
				'select id from again where conversation = ? and origin_hash = ? and origin = ?',
				[ref, hashOfId(root), root]
			))
				meant.add(String(copy));
		}
		return meant;
	}

	#isOfOther(ref: number, id: string, author: number): boolean {
		return (
			this.driver.rows(
				'select 1 from message where id_hash = ? and id = ? and conversation = ? and author <> ?',
				[hashOfId(id), id, ref, author]
			).length > 0
		);
	}

	/** There was no fork of which anybody said again what it took away: nearly always. */
	isEmpty(): boolean {
		return this.driver.rows('select 1 from again limit 1').length === 0;
	}
}
