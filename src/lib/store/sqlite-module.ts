import type { Sqlite3Static } from '@sqlite.org/sqlite-wasm';

/**
 * Loads SQLite's WebAssembly build; nothing of it is fetched before this is called.
 * @throws whatever the network or the engine says when script or wasm cannot be had
 */
export async function loadSqlite(): Promise<Sqlite3Static> {
	// The build reads its settings from this global (its documented way) and removes it. The other storage
	// layers would start a second worker or touch localStorage; expected failures are reported by us, not logged.
	Object.assign(globalThis, {
		sqlite3ApiConfig: {
			disable: { vfs: { opfs: true, 'opfs-vfs': true, 'opfs-wl': true, kvvfs: true } },
			warn: () => undefined,
			error: () => undefined
		}
	});
	const { default: init } = await import('@sqlite.org/sqlite-wasm');
	return init();
}
