import { keyOf } from './message-key';
import { removeFromIndex } from './search-index';
import type { SqlDriver } from './sql-driver';

/**
 * Erases up to `limit` messages of forgotten conversations, in the end the rest of them.
 * @returns true if there may be more
 */
export function eraseSlice(driver: SqlDriver, limit: number): boolean {
	const forgotten = driver.rows('select ref from conversation where id is null limit 1')[0]?.[0];
	if (forgotten === undefined) return false;
	const conversation = Number(forgotten);
	driver.transaction(() => {
		const messages = driver.rows('select key, text from message where conversation = ? limit ?', [
			conversation,
			limit
		]);
		removeFromIndex(
			driver,
			messages.map(([key, text]) => ({ key: keyOf(key), conversation, text: String(text) }))
		);
		for (const [key] of messages) driver.run('delete from message where key = ?', [keyOf(key)]);
		if (messages.length === limit) return;
		for (const sql of rest) driver.run(sql, [conversation]);
	});
	return true;
}

/** Moves the journal into the database, so that it holds no pages from before an erasure. Outside of transactions. */
export function emptyJournal(driver: SqlDriver): void {
	driver.rows('pragma wal_checkpoint(truncate)');
}

const rest = [
	'delete from member where conversation = ?',
	'delete from cursor where conversation = ?',
	'delete from conversation where ref = ?'
];
