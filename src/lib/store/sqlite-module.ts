import type { Sqlite3Static } from '@sqlite.org/sqlite-wasm';

/** The part of Emscripten's start options that is used here; the package types its function as one without any. */
interface StartOptions {
	instantiateWasm(
		imports: WebAssembly.Imports,
		receive: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void
	): object;
}
type Init = (options?: StartOptions) => Promise<Sqlite3Static>;

/**
 * Loads SQLite's WebAssembly build; nothing of it is fetched before this is called.
 * @param wasmUrl where the wasm is, so that it is compiled while the script loads; without it the script looks for it
 * @throws whatever the network or the engine says when script or wasm cannot be had
 */
export async function loadSqlite(wasmUrl?: string): Promise<Sqlite3Static> {
	// The build reads its settings from this global (its documented way) and removes it. The other storage
	// layers would start a second worker or touch localStorage; expected failures are reported by us, not logged.
	Object.assign(globalThis, {
		sqlite3ApiConfig: {
			disable: { vfs: { opfs: true, 'opfs-vfs': true, 'opfs-wl': true, kvvfs: true } },
			warn: () => undefined,
			error: () => undefined
		}
	});
	const [{ default: init }, module]: [{ default: Init }, WebAssembly.Module | null] = await Promise.all([
		import('@sqlite.org/sqlite-wasm'),
		wasmUrl === undefined ? null : WebAssembly.compileStreaming(fetch(wasmUrl))
	]);
	if (!module) return init();
	return init({
		instantiateWasm(imports, receive) {
			receive(new WebAssembly.Instance(module, imports), module);
			return {};
		}
	});
}
