import { ofShownAuthor } from './hidden-authors';
import type { SqlDriver, SqlRow, SqlValue } from './sql-driver';
import type { ConversationSummary } from './types';

/** Unread messages are counted up to here, so that a conversation with 100 000 unread costs no more than one with 1 000. */
export const unreadLimit = 1000;

const previewLengthChars = 256;

/**
 * The conversation list. A summary is computed with a few steps down an index, and kept until a write touches its
 * conversation or a message that was held back becomes due.
 */
export class Summaries {
	readonly #keptByRef = new Map<number, Kept>();
	#refs: readonly number[] | null = null;
	#hides = false;

	constructor(readonly driver: SqlDriver) {}

	/** All known conversations, newest activity first. */
	list(dueTime: number): ConversationSummary[] {
		this.#refs ??= this.driver
			.rows('select ref from conversation where id is not null and name is not null')
			.map(([ref]) => Number(ref));
		const missing = this.#refs.filter((ref) => !isValid(this.#keptByRef.get(ref), dueTime));
		// One statement for all is quicker than a thousand; one each is quicker for a few among a thousand.
		if (missing.length > 0 && missing.length === this.#refs.length)
			this.#compute(summarySql('', this.#hides), [dueTime], dueTime);
		else
			for (const ref of missing)
				this.#compute(summarySql('and ref = ?2', this.#hides), [dueTime, ref], dueTime);
		return this.#refs.flatMap((ref) => this.#keptByRef.get(ref)?.summary ?? []).sort(byActivity);
	}

	/** Who is hidden has changed. @param hides whether there is anybody */
	hide(hides: boolean): void {
		this.#hides = hides;
		this.#keptByRef.clear();
	}

	/** To be called after every write, with the conversations it touched. */
	touch(refs: Iterable<number>): void {
		for (const ref of refs) this.#keptByRef.delete(ref);
		this.#refs = null;
	}

	#compute(sql: string, params: readonly SqlValue[], dueTime: number): void {
		this.driver.each(sql, params, (row) => {
			const [ref, heldBackUntil] = row;
			this.#keptByRef.set(Number(ref), {
				summary: summaryOf(row.slice(2)),
				fromTime: dueTime,
				untilTime: heldBackUntil === null ? Infinity : Number(heldBackUntil)
			});
			return true;
		});
	}
}

interface Kept {
	readonly summary: ConversationSummary;
	/** Valid for a dueTime from here up to, but not including, the next. */
	readonly fromTime: number;
	readonly untilTime: number;
}

const isValid = (kept: Kept | undefined, dueTime: number): boolean =>
	kept !== undefined && dueTime >= kept.fromTime && dueTime < kept.untilTime;

const summarySql = (condition: string, hides: boolean): string => `
	select c.ref, c.held_back_until, c.id, c.name, c.created_time, c.left, c.read_time, c.read_id, c.unread, c.mentions, c.members,
		m.time, m.id, m.own, substr(m.text, 1, ${previewLengthChars}), m.sent_at_ms, m.deleted, a.id, coalesce(member.name, '')
	from (
		select ref, id, name, created_time, left, read_time, read_id,
			(select time from message where conversation = ref and thread_hash is null and time > ?1 order by time limit 1) as held_back_until,
			(select key from message m
				where conversation = ref and thread_hash is null and time <= ?1
					and (time, m.id) > (coalesce(cleared_time, -1), coalesce(cleared_id, '')) ${hides ? `and ${ofShownAuthor}` : ''} order by time desc, id desc limit 1) as last_key,
			(select count(*) from (
				select 1 from message m
				where conversation = ref and thread_hash is null and time <= ?1 and own = 0 and deleted = 0
					and (time, m.id) > (coalesce(read_time, -1), coalesce(read_id, ''))
					and (time, m.id) > (coalesce(cleared_time, -1), coalesce(cleared_id, ''))
					${hides ? `and ${ofShownAuthor}` : ''}
				limit ${unreadLimit}
			)) as unread,
			(select coalesce(sum(is_unread), 0) from (
				select (m.time, m.id) > (coalesce(t.time, read_time, -1), coalesce(t.id, read_id, '')) as is_unread
				from message m left join thread_read t on t.conversation = ref and t.root_hash = m.thread_hash
				where m.conversation = ref and m.mentioned = 1 and m.time <= ?1
					and (m.time, m.id) > (coalesce(cleared_time, -1), coalesce(cleared_id, ''))
					${hides ? `and ${ofShownAuthor}` : ''}
				order by m.time desc, m.id desc limit ${unreadLimit}
			)) as mentions,
			(select count(*) from member where conversation = ref and member.left = 0) as members
		from conversation
		where conversation.id is not null and name is not null ${condition}
	) c
	left join message m on m.key = c.last_key
	left join account a on a.ref = m.author
	left join member on member.conversation = c.ref and member.account = m.author`;

function summaryOf(row: SqlRow): ConversationSummary {
	const [
		id,
		name,
		createdTime,
		left,
		readTime,
		readId,
		unread,
		mentions,
		memberCount,
		time,
		messageId,
		own,
		text,
		sentAtMs,
		deleted,
		author,
		authorName
	] = row;
	return {
		id: String(id),
		name: String(name),
		createdTime: Number(createdTime),
		left: left === 1,
		unread: Number(unread),
		mentions: Number(mentions),
		readPosition: readTime === null ? null : { time: Number(readTime), id: String(readId) },
		memberCount: Number(memberCount),
		last:
			time === null
				? null
				: {
						author: String(author),
						authorName: String(authorName),
						own: own === 1,
						text: String(text),
						deleted: deleted === 1,
						sentAtMs: Number(sentAtMs),
						position: { time: Number(time), id: String(messageId) }
					}
	};
}

const activityTime = (summary: ConversationSummary): number =>
	summary.last?.position.time ?? summary.createdTime;

const byActivity = (a: ConversationSummary, b: ConversationSummary): number =>
	activityTime(b) - activityTime(a) || (a.id < b.id ? -1 : 1);
