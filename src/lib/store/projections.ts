import { InternedIds } from './interned-ids';
import { firstKeyOf, keyOf, keysPerTime } from './message-key';
import { addToIndex, postponeIndexing, removeFromIndex, type Indexable } from './search-index';
import type { SqlDriver, SqlValue } from './sql-driver';
import type { ConversationRow, CursorRow, MemberRow, Position, ProjectionBatch, SaidMessage } from './types';

/** Up to that many new messages are searchable at once; a larger batch is an import, and indexed when there is time. */
const indexedAtOnceLimit = 64;

/** What a write touched. */
export interface Touched {
	/** Numbers of the conversations whose summary may have changed. */
	readonly conversations: ReadonlySet<number>;
	/** True if content was taken away, so that old bytes may lie in the journal. */
	readonly erased: boolean;
}

/** Writes batches to the tables. One instance per open database. */
export class Projections {
	readonly #ids: InternedIds;

	constructor(
		readonly driver: SqlDriver,
		ids: InternedIds
	) {
		this.#ids = ids;
	}

	/** Writes a batch in one transaction; the same batch again, or rows that are there already, change nothing. */
	apply(batch: ProjectionBatch): Touched {
		return this.#write((write) => {
			for (const conversation of batch.conversations ?? []) this.#putConversation(write, conversation);
			for (const member of batch.members ?? []) this.#putMember(write, member);
			// Oldest first: neighbours in the tables are written one after the other, and the index wants rising keys.
			for (const message of [...(batch.messages ?? [])].sort(byPosition))
				this.#putMessage(write, message, batch.news ?? false);
			for (const { conversation, id } of batch.withdrawn ?? []) this.#withdraw(write, conversation, id);
			for (const cursor of batch.retracted ?? []) this.#retract(write, cursor);
			this.#index(write);
			for (const cursor of batch.cursors ?? []) this.#putCursor(cursor);
		});
	}

	/** Moves a read position forward; an older one changes nothing. */
	markRead(conversation: string, position: Position): Touched {
		return this.#write((write) => {
			const ref = this.#ids.conversation(conversation);
			this.driver.run(
				`update conversation set read_time = ?2, read_id = ?3
				 where ref = ?1 and (read_time is null or (read_time, read_id) < (?2, ?3))`,
				[ref, position.time, position.id]
			);
			write.conversations.add(ref);
		});
	}

	/** Makes a conversation unknown. Its rows are erased afterwards by `eraseSlice`. */
	forget(conversation: string): Touched {
		return this.#write((write) => {
			const ref = this.#ids.knownConversation(conversation);
			if (ref === null) return;
			this.driver.run('update conversation set id = null, name = null, read_id = null where ref = ?', [ref]);
			this.#ids.clear();
			write.conversations.add(ref);
			write.erased = true;
		});
	}

	#write(work: (write: Write) => void): Touched {
		const write = new Write();
		try {
			this.driver.transaction(() => {
				work(write);
				for (const [ref, more] of write.messageCountByRef)
					this.driver.run('update conversation set messages = messages + ? where ref = ?', [more, ref]);
			});
		} catch (error) {
			// Numbers that were given in this transaction are void.
			this.#ids.clear();
			throw error;
		}
		return write;
	}

	#putConversation(write: Write, row: ConversationRow): void {
		const ref = this.#ids.conversation(row.id);
		this.driver.run('update conversation set name = ?, created_time = ?, left = ? where ref = ?', [
			row.name,
			row.createdTime,
			Number(row.left),
			ref
		]);
		write.conversations.add(ref);
	}

	#putMember(write: Write, row: MemberRow): void {
		const ref = this.#ids.conversation(row.conversation);
		this.driver.run(
			`insert into member (conversation, account, name, role, left, self) values (?, ?, ?, ?, ?, ?)
			 on conflict do update set name = excluded.name, role = excluded.role, left = excluded.left, self = excluded.self`,
			[ref, this.#ids.account(row.account), row.name, row.role, Number(row.left), Number(row.self)]
		);
		write.conversations.add(ref);
	}

	#putMessage(write: Write, said: SaidMessage, isNews: boolean): void {
		const ref = this.#ids.conversation(said.conversation);
		const existing = this.#find(ref, said.id);
		const late = existing ? existing.late : isNews && !said.own && this.#isRead(ref, said);
		const row = { ...said, late };
		if (existing && existing.time !== row.time) this.#remove(write, ref, existing);
		else if (existing) return this.#update(write, ref, existing, row);
		const key = this.#freeKey(row.time);
		this.driver.run('insert into message values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', [
			key,
			ref,
			row.time,
			row.id,
			hashOfId(row.id),
			...this.#columns(row)
		]);
		write.added.push({ key, conversation: ref, text: row.text });
		write.count(ref, 1);
	}

	/** Whether the read position has passed this place. */
	#isRead(ref: number, { time, id }: Position): boolean {
		const after = 'select 1 from conversation where ref = ? and (read_time, read_id) > (?, ?)';
		return this.driver.rows(after, [ref, time, id]).length > 0;
	}

	#update(write: Write, ref: number, existing: Existing, row: SaidRow): void {
		const columns = this.#columns(row);
		if (columns.every((value, index) => value === existing.columns[index])) return;
		this.driver.run(
			`update message set segment = ?2, lane = ?3, clock = ?4, author = ?5, own = ?6, text = ?7, sent_at_ms = ?8, late = ?9
			 where key = ?1`,
			[existing.key, ...columns]
		);
		write.conversations.add(ref);
		if (existing.text === row.text) return;
		this.#unindex(write, { key: existing.key, conversation: ref, text: existing.text });
		write.added.push({ key: existing.key, conversation: ref, text: row.text });
	}

	#withdraw(write: Write, conversation: string, id: string): void {
		const ref = this.#ids.knownConversation(conversation);
		const existing = ref === null ? null : this.#find(ref, id);
		if (ref !== null && existing) this.#remove(write, ref, existing);
	}

	/** Walks through the conversation's messages: this is rare, and an index by lane would cost every insert. */
	#retract(write: Write, { conversation, segment, lane, next }: CursorRow): void {
		const ref = this.#ids.knownConversation(conversation);
		if (ref === null) return;
		const ids = this.driver.rows(
			'select id from message where conversation = ? and segment = ? and lane = ? and clock >= ?',
			[ref, segment, lane, next]
		);
		for (const [id] of ids) this.#withdraw(write, conversation, String(id));
		this.driver.run(
			'update cursor set next = ?4 where conversation = ?1 and segment = ?2 and lane = ?3 and next > ?4',
			[ref, segment, lane, next]
		);
	}

	#remove(write: Write, ref: number, existing: Existing): void {
		this.#unindex(write, { key: existing.key, conversation: ref, text: existing.text });
		this.driver.run('delete from message where key = ?', [existing.key]);
		write.count(ref, -1);
	}

	#unindex(write: Write, message: Indexable): void {
		write.erased = true;
		const waiting = write.added.findIndex(({ key }) => key === message.key);
		if (waiting >= 0) write.added.splice(waiting, 1);
		else write.removed.push(message);
	}

	#putCursor(row: CursorRow): void {
		this.driver.run(
			`insert into cursor (conversation, segment, lane, next) values (?, ?, ?, ?)
			 on conflict do update set next = max(next, excluded.next)`,
			[this.#ids.conversation(row.conversation), row.segment, row.lane, row.next]
		);
	}

	#index({ added, removed }: Write): void {
		removeFromIndex(this.driver, removed);
		added.sort((a, b) => (a.key < b.key ? -1 : 1));
		if (added.length > indexedAtOnceLimit) postponeIndexing(this.driver, added);
		else addToIndex(this.driver, added);
	}

	#columns(row: SaidRow): SqlValue[] {
		const author = this.#ids.account(row.author);
		return [
			row.segment,
			row.lane,
			row.clock,
			author,
			Number(row.own),
			row.text,
			row.sentAtMs,
			Number(row.late)
		];
	}

	#find(ref: number, id: string): Existing | null {
		const row = this.driver.rows(
			`select key, time, segment, lane, clock, author, own, text, sent_at_ms, late from message
			 where id_hash = ? and id = ? and conversation = ?`,
			[hashOfId(id), id, ref]
		)[0];
		if (!row) return null;
		const [key, time, ...columns] = row;
		return { key: keyOf(key), time: Number(time), text: String(columns[5]), late: columns[7] === 1, columns };
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

interface SaidRow extends SaidMessage {
	readonly late: boolean;
}

interface Existing {
	readonly key: bigint;
	readonly time: number;
	readonly text: string;
	/** In the order of `#columns`. */
	readonly late: boolean;
	readonly columns: readonly SqlValue[];
}

/** What one transaction has gathered. */
class Write implements Touched {
	readonly conversations = new Set<number>();
	readonly messageCountByRef = new Map<number, number>();
	readonly added: Indexable[] = [];
	readonly removed: Indexable[] = [];
	erased = false;

	count(ref: number, more: number): void {
		this.messageCountByRef.set(ref, (this.messageCountByRef.get(ref) ?? 0) + more);
		this.conversations.add(ref);
	}
}

/** 53 bits of an id, for its index. Ids with the same hash are told apart by comparing them. */
function hashOfId(id: string): number {
	let low = 0x811c9dc5;
	let high = 0x9e3779b9;
	for (let index = 0; index < id.length; index++) {
		const code = id.charCodeAt(index);
		low = Math.imul(low ^ code, 0x01000193);
		high = Math.imul(high ^ code, 0x85ebca6b);
		high ^= low >>> 15;
	}
	return (high >>> 11) * 0x1_0000_0000 + (low >>> 0);
}

/** Order on screen: time, then id by UTF-16 code units (ids are base64url, so SQLite's order of bytes is the same). */
export function byPosition(a: Position, b: Position): number {
	return a.time - b.time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
