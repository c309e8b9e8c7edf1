import type { SAHPoolUtil, Sqlite3Static } from '@sqlite.org/sqlite-wasm';
import { fail, ok, type Result } from '../protocol/result';
import type { SqlHome } from './sql-driver';
import { WasmDriver } from './wasm-driver';

const poolName = 'skein-store';
const databasePath = '/read-model.sqlite3';
const journalPaths = [`${databasePath}-wal`, `${databasePath}-journal`];
/** Database and journal, and as much again to spare: each costs an open file. */
const poolCapacityFiles = 4;
/** A page that is being left gives its handles back within milliseconds; a tab that stays never does. */
const lockWaitMs = 1_500;

const poolOptions = {
	name: poolName,
	initialCapacity: poolCapacityFiles,
	// Without it a failure to open would delete the database.
	preserveOnInitFailure: true,
	forceReinitIfPreviouslyFailed: true,
	verbosity: 0
};

/**
 * Takes the origin's private file system for this context: only one at a time can have it. To be called in a dedicated
 * worker. The failure says why it cannot be had, for people who look into it.
 * @param locks `navigator.locks`, where there is one
 */
export async function openOpfsHome(
	sqlite: Sqlite3Static,
	locks: LockManager | undefined
): Promise<Result<SqlHome, string>> {
	const lock = await takeLock(locks);
	if (!lock.ok) return lock;
	const pool = await openPool(sqlite);
	if (!pool.ok) {
		lock.value();
		return pool;
	}
	return ok(homeIn(sqlite, pool.value, lock.value));
}

/** Without the lock two contexts that start together would each get some of the files, and neither all. */
async function takeLock(locks: LockManager | undefined): Promise<Result<() => void, string>> {
	if (!locks) return ok(() => undefined);
	return new Promise((resolve) => {
		const held = () => new Promise<void>((release) => resolve(ok(release)));
		locks
			.request(poolName, { signal: AbortSignal.timeout(lockWaitMs) }, held)
			.catch((error: unknown) => resolve(fail(`held by another tab (${messageOf(error)})`)));
	});
}

async function openPool(sqlite: Sqlite3Static): Promise<Result<SAHPoolUtil, string>> {
	try {
		const pool = await sqlite.installOpfsSAHPoolVfs(poolOptions);
		if (pool.isPaused()) await pool.unpauseVfs();
		await pool.reserveMinimumCapacity(poolCapacityFiles);
		return ok(pool);
	} catch (error) {
		return fail(messageOf(error));
	}
}

function homeIn(sqlite: Sqlite3Static, pool: SAHPoolUtil, unlock: () => void): SqlHome {
	return {
		kind: 'opfs',
		journalMode: 'wal',
		exists: () => pool.getFileNames().includes(databasePath),
		open: () => new WasmDriver(sqlite, new pool.OpfsSAHPoolDb(databasePath)),
		discard: () => {
			for (const path of [...journalPaths, databasePath]) pool.unlink(path);
		},
		release: () => {
			pool.pauseVfs();
			unlock();
		}
	};
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
