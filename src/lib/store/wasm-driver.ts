import type { Database, Sqlite3Static } from '@sqlite.org/sqlite-wasm';
import type { SqlDriver, SqlRow, SqlValue } from './sql-driver';
import { TextBuffer, WasmStatement } from './wasm-statement';

/** SqlDriver over SQLite's own WebAssembly build, whatever the database lies on. */
export class WasmDriver implements SqlDriver {
	readonly #statementBySql = new Map<string, WasmStatement>();
	readonly #texts: TextBuffer;

	constructor(
		readonly sqlite: Sqlite3Static,
		readonly database: Database
	) {
		this.#texts = new TextBuffer(sqlite);
	}

	run(sql: string, params: readonly SqlValue[] = []): void {
		this.each(sql, params, () => true);
	}

	changes(): number {
		return Number(this.database.changes());
	}

	rows(sql: string, params: readonly SqlValue[] = []): SqlRow[] {
		const rows: SqlRow[] = [];
		this.each(sql, params, (row) => {
			rows.push(row);
			return true;
		});
		return rows;
	}

	each(sql: string, params: readonly SqlValue[], visit: (row: SqlRow) => boolean): void {
		let statement = this.#statementBySql.get(sql);
		if (!statement) {
			statement = new WasmStatement(this.database, this.#texts, sql);
			this.#statementBySql.set(sql, statement);
		}
		statement.run(params, visit);
	}

	transaction<T>(work: () => T): T {
		this.run('begin immediate');
		try {
			const result = work();
			this.run('commit');
			return result;
		} catch (error) {
			// SQLite rolls back by itself on some errors (full, I/O): then there is nothing left to roll back.
			const { pointer } = this.database;
			if (pointer !== undefined && this.sqlite.capi.sqlite3_get_autocommit(pointer) === 0)
				this.run('rollback');
			throw error;
		}
	}

	script(sql: string): void {
		this.database.exec(sql);
	}

	close(): void {
		for (const statement of this.#statementBySql.values()) statement.finalize();
		this.#statementBySql.clear();
		this.database.close();
		this.#texts.free();
	}
}
