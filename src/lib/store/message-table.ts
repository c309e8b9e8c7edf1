import { editsLimit, type ActTable } from './act-table';
import type { GoneTable } from './gone-table';
import { hashOfId } from './hash-of-id';
import type { InternedIds } from './interned-ids';
import type { LateWords } from './late-words';
import { firstKeyOf, keyOf, keysPerTime } from './message-key';
import type { NameTable } from './name-table';
import type { SqlDriver, SqlRow } from './sql-driver';
import { columnsOf, saidOf, storedColumns, type Standing } from './stored-message';
import type { Position, SaidMessage } from './types';
import type { Write } from './write';

/** Messages as they are shown: what was said, joined with what the other tables hold about them. */
export class MessageTable {
	constructor(
		readonly driver: SqlDriver,
		readonly ids: InternedIds,
		readonly acts: ActTable,
		readonly names: NameTable,
		readonly gone: GoneTable,
		readonly late: LateWords
	) {}

	/** @param isNews it has just been said, as far as this device can tell, and is no history */
	put(write: Write, said: SaidMessage, isNews: boolean): void {
		const ref = this.ids.conversation(said.conversation);
		const existing = this.#find(ref, said.id);
		const late = existing ? existing.late : isNews && !said.own && this.#isRead(ref, said);
		this.#put(write, ref, said, existing, late);
		// A copy of it that somebody else claims to have said takes nothing over from now on.
		if (!existing && !this.names.isEmpty()) write.name(ref, said.id);
	}

	/** What is said about messages with these names has changed. */
	refresh(write: Write, ref: number, names: ReadonlySet<string>): void {
		for (const id of this.names.meantBy(ref, names)) {
			const existing = this.#find(ref, id);
			if (existing) this.#put(write, ref, existing.said, existing, existing.late);
		}
	}

	/** Whether a tombstone is left of it. */
	isTombstone(ref: number, id: string): boolean {
		return (
			this.driver.rows('select deleted from message where id_hash = ? and id = ? and conversation = ?', [
				...[hashOfId(id), id, ref]
			])[0]?.[0] === 1
		);
	}

	/** @returns whether there was one */
	withdraw(write: Write, ref: number, id: string): boolean {
		const existing = this.#find(ref, id);
		if (existing) this.#remove(write, ref, existing);
		if (existing && !this.names.isEmpty()) write.name(ref, id);
		return existing !== null;
	}

	/** Walks through the conversation's messages: this is rare, and an index by lane would cost every insert. */
	idsFrom(ref: number, segment: number, lane: number, next: number): string[] {
		return ['is null', 'is not null'].flatMap((thread) =>
			this.driver
				.rows(
					`select id from message
					 where conversation = ? and thread_hash ${thread} and segment = ? and lane = ? and clock >= ?`,
					[ref, segment, lane, next]
				)
				.map(([id]) => String(id))
		);
	}

	/** Nothing stays of what was said about these. */
	eraseAbout(write: Write, ref: number, names: readonly string[]): void {
		const { erased, ownEdits } = this.acts.eraseAbout(ref, names);
		for (const edit of ownEdits) this.late.put(ref, edit);
		if (erased) write.erased = true;
	}

	#put(write: Write, ref: number, said: SaidMessage, existing: Existing | null, late: boolean): void {
		const author = this.ids.account(said.author);
		const names = this.names.of(ref, said.id, author);
		if (this.gone.isCleared(ref, said) || this.gone.isErased(ref, names)) {
			this.eraseAbout(write, ref, names);
			if (existing) this.#remove(write, ref, existing);
			return;
		}
		const isDeleted = this.#isDeleted(write, ref, said.id, names, author);
		const standing = isDeleted ? deletedStanding : this.#standing(ref, names, author);
		const columns = columnsOf(said, author, late, standing);
		const text = String(columns[5]);
		if (existing && existing.said.time !== said.time) this.#remove(write, ref, existing);
		else if (existing) return this.#update(write, ref, existing, columns, text, standing.deleted);
		const key = this.#freeKey(said.time);
		this.driver.run(insertSql, [key, ref, said.time, said.id, hashOfId(said.id), ...columns]);
		if (!standing.deleted) write.added.push({ key, conversation: ref, text });
		write.count(ref, 1);
	}

	/** Nothing of what others have said about it stays either, as far as it can count for nothing else. */
	#isDeleted(write: Write, ref: number, id: string, names: readonly string[], author: number): boolean {
		const [, origin] = this.names.firstsOf(ref, id, author);
		const isWhole = origin !== undefined && this.gone.isDeleted(ref, origin, author);
		if (!isWhole && !this.gone.isDeleted(ref, id, author)) return false;
		this.eraseAbout(write, ref, isWhole ? names : [id]);
		return true;
	}

	#standing(ref: number, all: readonly string[], author: number): Standing {
		const names = this.gone.kept(ref, all, author);
		const edit = this.acts.edit(ref, names, author);
		return {
			deleted: false,
			edit: edit && { ...edit, atMs: edit.sentAtMs, count: Math.min(edit.count, editsLimit) },
			pinTime: this.acts.pinTime(ref, names)
		};
	}

	#update(
		write: Write,
		ref: number,
		existing: Existing,
		columns: SqlRow,
		text: string,
		isDeleted: boolean
	): void {
		if (columns.every((value, index) => value === existing.columns[index])) return;
		this.driver.run(updateSql, [existing.key, ...columns]);
		write.conversations.add(ref);
		if (existing.text === text && existing.isDeleted === isDeleted) return;
		this.#unindex(write, ref, existing);
		if (!isDeleted) write.added.push({ key: existing.key, conversation: ref, text });
	}

	#remove(write: Write, ref: number, existing: Existing): void {
		this.#unindex(write, ref, existing);
		this.driver.run('delete from message where key = ?', [existing.key]);
		write.count(ref, -1);
	}

	#unindex(write: Write, ref: number, { key, text, isDeleted }: Existing): void {
		if (!isDeleted) write.unindex({ key, conversation: ref, text });
	}

	/** Whether the read position has passed this place. */
	#isRead(ref: number, { time, id }: Position): boolean {
		const after = 'select 1 from conversation where ref = ? and (read_time, read_id) > (?, ?)';
		return this.driver.rows(after, [ref, time, id]).length > 0;
	}

	#find(ref: number, id: string): Existing | null {
		const row = this.driver.rows(findSql, [hashOfId(id), id, ref])[0];
		if (!row) return null;
		const [key, time, conversation, author, ...columns] = row;
		const place = { conversation: String(conversation), time: Number(time), id, author: String(author) };
		return {
			key: keyOf(key),
			said: saidOf(place, columns),
			text: String(columns[5]),
			late: columns[7] === 1,
			isDeleted: columns[8] === 1,
			columns
		};
	}

	/** A key for a message of that time. Past `keysPerTime` in one tick, which is no chance, they sort as the oldest of all. */
	#freeKey(time: number): bigint {
		const first = firstKeyOf(time);
		const taken = this.driver.rows('select key from message where key >= ? and key < ?', [
			first,
			first + BigInt(keysPerTime)
		]);
		if (taken.length === 0) return first;
		const takenKeys = new Set(taken.map(([key]) => keyOf(key)));
		for (let slot = 0; slot < keysPerTime; slot++)
			if (!takenKeys.has(first + BigInt(slot))) return first + BigInt(slot);
		return keyOf(this.driver.rows('select min(key) from message')[0]?.[0]) - 1n;
	}
}

interface Existing {
	readonly key: bigint;
	readonly said: SaidMessage;
	/** As it is shown. */
	readonly text: string;
	readonly late: boolean;
	readonly isDeleted: boolean;
	/** In the order of `storedColumns`. */
	readonly columns: SqlRow;
}

const deletedStanding: Standing = { deleted: true, edit: null, pinTime: null };

const names = storedColumns.split(', ');

const insertSql = `insert into message (key, conversation, time, id, id_hash, ${storedColumns})
	values (${Array.from({ length: names.length + 5 }, () => '?').join(', ')})`;

const updateSql = `update message set ${names.map((name, index) => `${name} = ?${index + 2}`).join(', ')} where key = ?1`;

const findSql = `
	select m.key, m.time, c.id, a.id, ${names.map((name) => `m.${name}`).join(', ')}
	from message m join conversation c on c.ref = m.conversation join account a on a.ref = m.author
	where m.id_hash = ? and m.id = ? and m.conversation = ?`;
