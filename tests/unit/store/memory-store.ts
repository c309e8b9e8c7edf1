import { fail, ok } from '../../../src/lib/protocol/result';
import { memoryHome } from '../../../src/lib/store/memory-home';
import type { SqlHome } from '../../../src/lib/store/sql-driver';
import { loadSqlite } from '../../../src/lib/store/sqlite-module';
import { SqliteStore } from '../../../src/lib/store/sqlite-store';

/** A store in memory as an app without OPFS has it, or on a given home. Not open yet. */
export function memoryStore(home?: SqlHome): SqliteStore {
	return new SqliteStore({
		openHome: async () => (home ? ok(home) : fail('no OPFS in Node')),
		openMemory: async () => memoryHome(await loadSqlite()),
		schedule: (task) => void setImmediate(task)
	});
}
