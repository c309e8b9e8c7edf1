/** Authors of whom nothing is shown for now: people who are blocked. Nothing of it lasts longer than the connection. */
import type { SqlDriver } from './sql-driver';

/** Holds for messages `m` of others than those; to be used only if there are any: it needs the message itself. */
export const ofShownAuthor =
	'm.author not in (select blocked.ref from temp.hidden join account blocked on blocked.id = hidden.id)';

/** @param accounts replaces those of the last call */
export function hideAuthors(driver: SqlDriver, accounts: readonly string[]): void {
	driver.script('create table if not exists temp.hidden (id text primary key) strict, without rowid');
	driver.transaction(() => {
		driver.run('delete from temp.hidden', []);
		for (const account of new Set(accounts)) driver.run('insert into temp.hidden values (?)', [account]);
	});
}

/** Those of the last call. To be used only if there are any. */
export const hiddenAuthors = (driver: SqlDriver): ReadonlySet<string> =>
	new Set(driver.rows('select id from temp.hidden').map(([id]) => String(id)));
