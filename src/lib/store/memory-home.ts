import type { Sqlite3Static } from '@sqlite.org/sqlite-wasm';
import type { SqlHome } from './sql-driver';
import { WasmDriver } from './wasm-driver';

/** A database in memory: for Node, for browsers without OPFS, and for a second tab. Gone when closed. */
export function memoryHome(sqlite: Sqlite3Static): SqlHome {
	return {
		kind: 'memory',
		journalMode: 'memory',
		exists: () => false,
		open: () => new WasmDriver(sqlite, new sqlite.oo1.DB(':memory:')),
		discard: () => undefined,
		release: () => undefined
	};
}
