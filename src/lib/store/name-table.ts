import { hashOfId } from './hash-of-id';
import type { InternedIds } from './interned-ids';
import type { OwnWords } from './late-words';
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
			`insert or ignore into again (conversation, id_hash, id, segment, lane, clock, author, own, origin, origin_hash)
			 values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			[
				...[ref, hashOfId(row.id), row.id, row.segment, row.lane, row.clock],
				...[this.ids.account(row.author), Number(row.own), row.origin, hashOfId(row.origin)]
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
		const root = this.firstsOf(ref, id, author).at(-1) ?? id;
		if (root !== id && this.#isOfOther(ref, root, author)) return [id];
		const copies = this.copiesOf(ref, root, author).map((copy) => copy.id);
		return [...new Set([id, ...copies, root])];
	}

	/** Itself, and if it is a copy, what this account says that it is a copy of. */
	firstsOf(ref: number, id: string, author: number): string[] {
		if (this.isEmpty()) return [id];
		const origin = this.driver.rows(
			'select origin from again where conversation = ? and id_hash = ? and id = ? and author = ?',
			[ref, hashOfId(id), id, author]
		)[0]?.[0];
		return origin === undefined ? [id] : [id, String(origin)];
	}

	/** What an account has said again of this, each with whether that is this device's. */
	copiesOf(ref: number, origin: string, author: number): (OwnWords & { readonly own: boolean })[] {
		if (this.isEmpty()) return [];
		const rows = this.driver.rows(
			`select segment, lane, clock, id, own from again
			 where conversation = ? and origin_hash = ? and origin = ? and author = ?`,
			[ref, hashOfId(origin), origin, author]
		);
		return rows.map(([segment, lane, clock, id, own]) => ({
			...{ segment: Number(segment), lane: Number(lane), clock: Number(clock), id: String(id) },
			target: origin,
			author,
			own: own === 1
		}));
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
