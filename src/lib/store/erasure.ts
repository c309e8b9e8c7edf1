import { hashOfId } from './hash-of-id';
import { keyOf } from './message-key';
import { removeFromIndex } from './search-index';
import type { SqlDriver, SqlValue } from './sql-driver';

/**
 * Erases up to `limit` messages of forgotten conversations, in the end the rest of them, or of what was cleared.
 * @returns true if there may be more
 */
export function eraseSlice(driver: SqlDriver, limit: number): boolean {
	return eraseForgotten(driver, limit) || eraseCleared(driver, limit);
}

function eraseForgotten(driver: SqlDriver, limit: number): boolean {
	const forgotten = driver.rows('select ref from conversation where id is null limit 1')[0]?.[0];
	if (forgotten === undefined) return false;
	const conversation = Number(forgotten);
	driver.transaction(() => {
		if (eraseMessages(driver, conversation, '', [], limit) === limit) return;
		for (const sql of rest) driver.run(sql, [conversation]);
	});
	return true;
}

function eraseCleared(driver: SqlDriver, limit: number): boolean {
	const [ref, time, id] =
		driver.rows('select ref, cleared_time, cleared_id from conversation where is_clearing = 1 limit 1')[0] ??
		[];
	if (ref === undefined || time === undefined || id === undefined) return false;
	const conversation = Number(ref);
	driver.transaction(() => {
		const place = 'and (time, id) <= (?2, ?3)';
		const erased = eraseMessages(driver, conversation, place, [time, id], limit);
		driver.run('update conversation set messages = messages - ? where ref = ?', [erased, conversation]);
		if (erased === limit) return;
		driver.run(`delete from act where conversation = ?1 ${place}`, [conversation, time, id]);
		driver.run('update conversation set is_clearing = 0 where ref = ?', [conversation]);
	});
	return true;
}

/** With what was said about them. @returns how many there were, up to `limit` */
function eraseMessages(
	driver: SqlDriver,
	conversation: number,
	condition: string,
	params: readonly SqlValue[],
	limit: number
): number {
	// Each half has an index.
	const messages = ['is null', 'is not null'].flatMap((thread) =>
		driver.rows(
			`select key, text, id, deleted from message
			 where conversation = ?1 and thread_hash ${thread} ${condition} limit ${limit}`,
			[conversation, ...params]
		)
	);
	messages.splice(limit);
	removeFromIndex(
		driver,
		messages.flatMap(([key, text, , deleted]) =>
			deleted === 1 ? [] : [{ key: keyOf(key), conversation, text: String(text) }]
		)
	);
	for (const [key, , id] of messages) {
		driver.run('delete from act where target_hash = ? and target = ? and conversation = ?', [
			hashOfId(String(id)),
			id ?? null,
			conversation
		]);
		driver.run('delete from message where key = ?', [keyOf(key)]);
	}
	return messages.length;
}

/** Moves the journal into the database, so that it holds no pages from before an erasure. Outside of transactions. */
export function emptyJournal(driver: SqlDriver): void {
	driver.rows('pragma wal_checkpoint(truncate)');
}

const rest = [
	'delete from act where conversation = ?',
	'delete from again where conversation = ?',
	'delete from gone where conversation = ?',
	'delete from late where conversation = ?',
	'delete from thread_read where conversation = ?',
	'delete from member where conversation = ?',
	'delete from cursor where conversation = ?',
	'delete from conversation where ref = ?'
];
