import { ActTable } from './act-table';
import { GoneTable } from './gone-table';
import { hashOfId } from './hash-of-id';
import type { InternedIds } from './interned-ids';
import { LateWords } from './late-words';
import { MessageTable } from './message-table';
import { NameTable } from './name-table';
import { byPosition } from './position';
import { addToIndex, postponeIndexing, removeFromIndex } from './search-index';
import type { SqlDriver } from './sql-driver';
import type {
	ActRow,
	AgainRow,
	ConversationRow,
	CursorRow,
	DeletedRow,
	MemberRow,
	Position,
	ProjectionBatch
} from './types';
import { Write, type Touched } from './write';

/** Up to that many new messages are searchable at once; a larger batch is an import, and indexed when there is time. */
const indexedAtOnceLimit = 64;

/** Writes batches to the tables. One instance per open database. */
export class Projections {
	readonly #ids: InternedIds;
	readonly #acts: ActTable;
	readonly #names: NameTable;
	readonly #gone: GoneTable;
	readonly #late: LateWords;
	readonly #messages: MessageTable;

	constructor(
		readonly driver: SqlDriver,
		ids: InternedIds
	) {
		this.#ids = ids;
		this.#acts = new ActTable(driver, ids);
		this.#names = new NameTable(driver, ids);
		this.#gone = new GoneTable(driver);
		this.#late = new LateWords(driver, this.#acts, this.#names, this.#gone);
		this.#messages = new MessageTable(driver, ids, this.#acts, this.#names, this.#gone, this.#late);
	}

	/** Writes a batch in one transaction; the same batch again, or rows that are there already, change nothing. */
	apply(batch: ProjectionBatch): Touched {
		return this.#write((write) => {
			for (const conversation of batch.conversations ?? []) this.#putConversation(write, conversation);
			for (const member of batch.members ?? []) this.#putMember(write, member);
			for (const { conversation, until } of batch.cleared ?? []) this.#clear(write, conversation, until);
			for (const { conversation, id } of batch.erased ?? []) this.#erase(write, conversation, id);
			for (const row of batch.deleted ?? []) this.#delete(write, row);
			for (const row of batch.again ?? []) this.#putAgain(write, row);
			for (const row of batch.acts ?? []) this.#putAct(write, row);
			// Oldest first: neighbours in the tables are written one after the other, and the index wants rising keys.
			for (const message of [...(batch.messages ?? [])].sort(byPosition))
				this.#messages.put(write, message, batch.news ?? false);
			for (const { conversation, id } of batch.withdrawn ?? []) this.#withdraw(write, conversation, id);
			for (const cursor of batch.retracted ?? []) this.#retract(write, cursor);
			for (const [ref, names] of write.namedByRef) this.#messages.refresh(write, ref, names);
			this.#index(write);
			for (const cursor of batch.cursors ?? []) this.#putCursor(cursor);
		});
	}

	/** Moves a read position forward; an older one changes nothing. @param thread id of a root */
	markRead(conversation: string, position: Position, thread?: string): Touched {
		return this.#write((write) => {
			const ref = this.#ids.conversation(conversation);
			write.conversations.add(ref);
			if (thread !== undefined) return this.#markThreadRead(ref, position, hashOfId(thread));
			this.driver.run(
				`update conversation set read_time = ?2, read_id = ?3
				 where ref = ?1 and (read_time is null or (read_time, read_id) < (?2, ?3))`,
				[ref, position.time, position.id]
			);
		});
	}

	#markThreadRead(ref: number, { time, id }: Position, rootHash: number): void {
		this.driver.run(
			`insert into thread_read (conversation, root_hash, time, id) values (?1, ?2, ?3, ?4)
			 on conflict do update set time = ?3, id = ?4 where (time, id) < (?3, ?4)`,
			[ref, rootHash, time, id]
		);
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

	#putAct(write: Write, row: ActRow): void {
		const ref = this.#ids.conversation(row.conversation);
		if (this.#isGone(ref, row)) return;
		if (this.#acts.put(ref, row)) this.#touch(write, ref, row.target);
	}

	#isGone(ref: number, row: ActRow): boolean {
		const isCleared = this.#gone.isCleared(ref, row);
		if (!isCleared && this.#gone.isEmpty()) return false;
		const author = this.#ids.account(row.author);
		if (this.#gone.isDeleted(ref, row.id, author)) return true;
		if (row.kind !== 'edit')
			return (
				isCleared ||
				this.#gone.isErased(ref, [row.id, row.target]) ||
				this.#messages.isTombstone(ref, row.target)
			);
		// Whoever words anew what is theirs and deleted, or what is not theirs, says nothing.
		const of = this.#names.firstsOf(ref, row.target, author);
		// It may name what is gone by another name: no message is left there with which it would go.
		const isGone =
			isCleared ||
			this.#gone.isErased(ref, [row.id, ...this.#names.of(ref, row.target, author)]) ||
			this.#gone.deletionOf(ref, of, author) !== null;
		if (isGone && row.own) this.#late.put(ref, { ...row, author });
		return isGone;
	}

	#putAgain(write: Write, row: AgainRow): void {
		const ref = this.#ids.conversation(row.conversation);
		if (!this.#names.put(ref, row)) return;
		const author = this.#ids.account(row.author);
		if (this.#gone.isDeleted(ref, row.origin, author)) this.#late.take(ref, row.origin, author);
		this.#touch(write, ref, row.id);
		this.#touch(write, ref, row.origin);
	}

	#delete(write: Write, row: DeletedRow): void {
		const ref = this.#ids.conversation(row.conversation);
		const author = this.#ids.account(row.author);
		if (!this.#gone.delete(ref, row.id, author, row)) return;
		this.#late.named(ref, row.id, author);
		if (this.#acts.isBy(ref, row.id, author)) this.#withdrawAct(write, ref, row.id);
		this.#late.take(ref, row.id, author);
		this.#touch(write, ref, row.id);
		write.erased = true;
	}

	/** It may be a message, or something that was said about one. */
	#erase(write: Write, conversation: string, id: string): void {
		const ref = this.#ids.conversation(conversation);
		if (!this.#gone.erase(ref, id)) return;
		this.#withdrawAct(write, ref, id);
		this.#messages.eraseAbout(write, ref, [id]);
		this.#touch(write, ref, id);
		write.erased = true;
	}

	/** What stands there already is erased afterwards by `eraseSlice`. */
	#clear(write: Write, conversation: string, until: Position): void {
		const ref = this.#ids.conversation(conversation);
		if (!this.#gone.clear(ref, until)) return;
		write.conversations.add(ref);
		write.erased = true;
	}

	#withdraw(write: Write, conversation: string, id: string): void {
		const ref = this.#ids.knownConversation(conversation);
		if (ref === null || this.#messages.withdraw(write, ref, id)) return;
		this.#withdrawAct(write, ref, id);
	}

	#withdrawAct(write: Write, ref: number, id: string): void {
		const target = this.#acts.withdraw(ref, id);
		if (target === null) return;
		this.#touch(write, ref, target);
		write.erased = true;
	}

	#retract(write: Write, { conversation, segment, lane, next }: CursorRow): void {
		const ref = this.#ids.knownConversation(conversation);
		if (ref === null) return;
		for (const id of this.#messages.idsFrom(ref, segment, lane, next))
			this.#withdraw(write, conversation, id);
		for (const id of this.#acts.idsFrom(ref, segment, lane, next)) this.#withdrawAct(write, ref, id);
		for (const name of this.#names.retract(ref, segment, lane, next)) this.#touch(write, ref, name);
		this.#late.retract(ref, segment, lane, next);
		this.driver.run(
			'update cursor set next = ?4 where conversation = ?1 and segment = ?2 and lane = ?3 and next > ?4',
			[ref, segment, lane, next]
		);
	}

	#touch(write: Write, ref: number, name: string): void {
		write.name(ref, name);
		write.conversations.add(ref);
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
}
