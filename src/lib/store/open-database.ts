import { isSound, migrate, migrations, userVersion } from './schema';
import type { SqlDriver, SqlHome } from './sql-driver';
import { toStoreError } from './store-error';

export interface OpenedDatabase {
	readonly driver: SqlDriver;
	/** Why it is empty, or null if it was there and sound. */
	readonly rebuilt: 'missing' | 'broken' | 'newer-version' | null;
}

/**
 * Opens the database of a home, brings it to our version, and puts an empty one in its place if it is missing, damaged
 * or from a newer version of the app. The cost does not depend on how much it holds.
 * @throws StoreError if not even an empty database can be made there, or there is no room left
 */
export function openDatabase(home: SqlHome, steps: readonly string[] = migrations): OpenedDatabase {
	if (!home.exists()) return { driver: createDatabase(home), rebuilt: 'missing' };
	const existing = openExisting(home, steps);
	if (typeof existing !== 'string') return { driver: existing, rebuilt: null };
	home.discard();
	return { driver: createDatabase(home), rebuilt: existing };
}

function openExisting(home: SqlHome, steps: readonly string[]): SqlDriver | 'broken' | 'newer-version' {
	let driver: SqlDriver | undefined;
	try {
		driver = home.open();
		configure(driver, home);
		if (userVersion(driver) > steps.length) return closed(driver, 'newer-version');
		migrate(driver, steps);
		return isSound(driver) ? driver : closed(driver, 'broken');
	} catch (error) {
		if (driver) closed(driver, 'broken');
		// A full device is no reason to throw away what can be read again later.
		if (toStoreError(error).reason === 'full') throw toStoreError(error);
		return 'broken';
	}
}

function closed<T>(driver: SqlDriver, outcome: T): T {
	driver.close();
	return outcome;
}

function createDatabase(home: SqlHome): SqlDriver {
	try {
		const driver = home.open();
		configure(driver, home);
		migrate(driver);
		return driver;
	} catch (error) {
		throw toStoreError(error);
	}
}

/**
 * Pages in the journal before they are written to their places, which waits for the disk: 16 MiB. An import changes the
 * same pages again and again, and then each of them is written once.
 */
const journalPages = 4096;

/** Pages kept in memory. 4 MiB hold the upper levels of all trees at a million messages. */
const pageCacheKiB = 4096;

function configure(driver: SqlDriver, home: SqlHome): void {
	driver.script(`
		pragma locking_mode = exclusive;
		pragma journal_mode = ${home.journalMode};
		pragma synchronous = normal;
		pragma wal_autocheckpoint = ${journalPages};
		pragma secure_delete = on;
		pragma temp_store = memory;
		pragma cell_size_check = on;
		pragma trusted_schema = off;
		pragma cache_size = -${pageCacheKiB};
	`);
}
