import { conversationMark, indexedWords } from './search-words';
import { keyOf } from './message-key';
import type { SqlDriver } from './sql-driver';

/** A message as the search index needs it. */
export interface Indexable {
	readonly key: bigint;
	readonly conversation: number;
	readonly text: string;
}

/** Adds messages to the index. Faster if their keys ascend. Inside a transaction. */
export function addToIndex(driver: SqlDriver, messages: readonly Indexable[]): void {
	for (const { key, conversation, text } of messages)
		driver.run('insert into search (rowid, words) values (?, ?)', [key, indexContent(conversation, text)]);
}

/** Up to that many messages leave the index at once and for good, at 6 ms each; more are marked, and gone with the next merge. */
const erasedAtOnceLimit = 16;

/** Takes messages out of the index, where `text` is what they were indexed with. Inside a transaction. */
export function removeFromIndex(driver: SqlDriver, messages: readonly Indexable[]): void {
	const indexed = messages.filter(({ key }) => {
		driver.run('delete from unindexed where key = ?', [key]);
		return driver.changes() === 0;
	});
	const isBulk = indexed.length > erasedAtOnceLimit;
	if (isBulk) setSecureDelete(driver, false);
	for (const { key, conversation, text } of indexed)
		driver.run(`insert into search (search, rowid, words) values ('delete', ?, ?)`, [
			key,
			indexContent(conversation, text)
		]);
	if (!isBulk) return;
	setSecureDelete(driver, true);
	requestMerge(driver);
}

/** Leaves messages to be indexed later, see `indexSlice`. Inside a transaction. */
export function postponeIndexing(driver: SqlDriver, messages: readonly Indexable[]): void {
	for (const { key } of messages) driver.run('insert into unindexed (key) values (?)', [key]);
}

/**
 * Indexes the newest `limit` of the postponed messages.
 * @returns true if there may be more
 */
export function indexSlice(driver: SqlDriver, limit: number): boolean {
	return driver.transaction(() => {
		const rows = driver.rows(
			`select u.key, m.conversation, m.text from unindexed u join message m on m.key = u.key
			 order by u.key desc limit ?`,
			[limit]
		);
		const oldest = rows.at(-1)?.[0];
		if (oldest === undefined) return false;
		const messages = rows.map(([key, conversation, text]) => ({
			key: keyOf(key),
			conversation: Number(conversation),
			text: String(text)
		}));
		addToIndex(driver, messages.reverse());
		driver.run('delete from unindexed where key >= ?', [oldest]);
		requestMerge(driver);
		return rows.length === limit;
	});
}

/** Asks for the pieces of the index to be merged: it is searched faster, and what was deleted from it is gone. */
function requestMerge(driver: SqlDriver): void {
	driver.run(`insert or ignore into chore (name) values ('merge')`);
}

/** Pages of the index that one step of merging writes: some milliseconds. */
const mergeStepPages = 128;

/**
 * One step of a merge that was asked for.
 * @param isFirst true if the last step was not part of the same merge
 * @returns true if there may be more
 */
export function mergeSlice(driver: SqlDriver, isFirst: boolean): boolean {
	if (driver.rows('select 1 from chore').length === 0) return false;
	const before = totalChanges(driver);
	// A negative number begins a merge of all pieces into one. FTS5 counts a merge with nothing to do as one change.
	driver.run(`insert into search (search, rank) values ('merge', ?)`, [
		isFirst ? -mergeStepPages : mergeStepPages
	]);
	if (isFirst || totalChanges(driver) - before > 1) return true;
	driver.run('delete from chore');
	return false;
}

const totalChanges = (driver: SqlDriver): number =>
	Number(driver.rows('select total_changes()')[0]?.[0] ?? 0);

/** How many messages wait to be indexed. */
export const unindexedCount = (driver: SqlDriver): number =>
	Number(driver.rows('select count(*) from unindexed')[0]?.[0] ?? 0);

const indexContent = (conversation: number, text: string): string =>
	`${conversationMark(conversation)} ${indexedWords(text)}`;

function setSecureDelete(driver: SqlDriver, isOn: boolean): void {
	driver.run(`insert into search (search, rank) values ('secure-delete', ?)`, [Number(isOn)]);
}
