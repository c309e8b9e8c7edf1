import type { Sqlite3Static } from '@sqlite.org/sqlite-wasm';
import type { SqlHome } from '../../../src/lib/store/sql-driver';
import { WasmDriver } from '../../../src/lib/store/wasm-driver';

/** A home whose database outlives its driver, as bytes: for tests of what lies there when a store opens. */
export class StoredHome implements SqlHome {
	readonly kind = 'memory';
	readonly journalMode = 'memory';
	bytes: Uint8Array | null = null;

	constructor(readonly sqlite: Sqlite3Static) {}

	exists(): boolean {
		return this.bytes !== null;
	}

	open(): WasmDriver {
		const { capi, wasm, oo1 } = this.sqlite;
		const database = new oo1.DB(':memory:');
		const driver = new StoredDriver(this, database);
		if (this.bytes && database.pointer !== undefined) {
			const pointer = wasm.allocFromTypedArray(this.bytes);
			const flags = capi.SQLITE_DESERIALIZE_FREEONCLOSE | capi.SQLITE_DESERIALIZE_RESIZEABLE;
			database.checkRc(
				capi.sqlite3_deserialize(
					database.pointer,
					'main',
					pointer,
					this.bytes.length,
					this.bytes.length,
					flags
				)
			);
		}
		return driver;
	}

	discard(): void {
		this.bytes = null;
	}

	release(): void {}
}

class StoredDriver extends WasmDriver {
	constructor(
		readonly home: StoredHome,
		database: ConstructorParameters<typeof WasmDriver>[1]
	) {
		super(home.sqlite, database);
	}

	override close(): void {
		const { capi } = this.sqlite;
		// What cannot be read cannot be written back either: then the bytes stay as they were.
		if (this.database.pointer !== undefined && this.#isReadable())
			this.home.bytes = capi.sqlite3_js_db_export(this.database.pointer);
		super.close();
	}

	#isReadable(): boolean {
		try {
			return this.rows('select name from sqlite_schema').length > 0;
		} catch (error) {
			if (error instanceof Error) return false;
			throw error;
		}
	}
}
