import { hashOfId } from './hash-of-id';
import { ofShownAuthor } from './hidden-authors';
import type { Showing } from './shown-messages';
import type { SqlValue } from './sql-driver';
import type { RepliesRow } from './types';

/** Replies are counted up to here, as unread messages are. */
const repliesLimit = 1000;
/** Replies among which those who answered last are looked for. */
const lastReplies = 20;
const lastAuthorsLimit = 3;

/**
 * What stands in threads.
 * @param names of all messages that may be asked for
 * @returns what is in the thread of the message with these names
 */
export function repliesTo(
	{ driver, hides }: Showing,
	ref: number,
	names: readonly string[],
	dueTime: number
): (names: readonly string[]) => RepliesRow | null {
	const hashes = driver.rows(
		`select wanted.value from json_each(?1) wanted where exists (
			select 1 from message m where m.conversation = ?2 and m.thread_hash = wanted.value and m.thread_hash is not null)`,
		[JSON.stringify([...new Set(names)].map(hashOfId)), ref]
	);
	const answered = new Set(hashes.map(([hash]) => Number(hash)));
	const shown = `and m.deleted = 0 and m.time <= ?3 ${hides ? `and ${ofShownAuthor}` : ''}`;
	const count = (name: string, condition: string, more: readonly SqlValue[]): number =>
		Number(
			driver.rows(
				`select count(*) from (select 1 from message m
					where m.conversation = ?1 and m.thread_hash = ?2 ${shown} ${condition} limit ${repliesLimit})`,
				[ref, hashOfId(name), dueTime, ...more]
			)[0]?.[0]
		);
	return (of) => {
		const threads = of.filter((name) => answered.has(hashOfId(name)));
		let replies = 0;
		let unread = 0;
		const last: { readonly time: number; readonly author: string }[] = [];
		for (const name of threads) {
			replies += count(name, '', []);
			const read = driver.rows('select time, id from thread_read where conversation = ? and root_hash = ?', [
				ref,
				hashOfId(name)
			])[0];
			if (read) unread += count(name, 'and m.own = 0 and (m.time, m.id) > (?4, ?5)', read);
			const rows = driver.rows(
				`select m.time, a.id from message m join account a on a.ref = m.author
				 where m.conversation = ?1 and m.thread_hash = ?2 ${shown}
				 order by m.time desc, m.id desc limit ${lastReplies}`,
				[ref, hashOfId(name), dueTime]
			);
			last.push(...rows.map(([time, author]) => ({ time: Number(time), author: String(author) })));
		}
		if (replies === 0) return null;
		last.sort((a, b) => b.time - a.time);
		return {
			count: Math.min(replies, repliesLimit),
			unread: Math.min(unread, repliesLimit),
			lastTime: last[0]?.time ?? 0,
			lastAuthors: [...new Set(last.map(({ author }) => author))].slice(0, lastAuthorsLimit)
		};
	};
}
