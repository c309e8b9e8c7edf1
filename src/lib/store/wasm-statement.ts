import type { Database, PreparedStatement, Sqlite3Static } from '@sqlite.org/sqlite-wasm';
import type { SqlRow, SqlValue } from './sql-driver';

/** The few C functions that run once per value; the binding's own way through them costs three times as much. */
interface StatementExports {
	sqlite3_bind_null(statement: number, index: number): number;
	sqlite3_bind_int64(statement: number, index: number, value: bigint): number;
	sqlite3_bind_text(
		statement: number,
		index: number,
		text: number,
		bytes: number,
		destructor: number
	): number;
	sqlite3_step(statement: number): number;
	sqlite3_reset(statement: number): number;
	sqlite3_column_type(statement: number, column: number): number;
	sqlite3_column_double(statement: number, column: number): number;
	sqlite3_column_int64(statement: number, column: number): bigint;
	sqlite3_column_text(statement: number, column: number): number;
	sqlite3_column_bytes(statement: number, column: number): number;
	sqlite3_malloc(bytes: number): number;
	sqlite3_free(pointer: number): void;
}

const columnTypes = { integer: 1, text: 3, null: 5 } as const;
const resultCodes = { ok: 0, row: 100, done: 101 } as const;
/** Tells SQLite to make its own copy of a bound text. */
const transient = -1;

/** Room for texts on their way into SQLite, in its memory. One per database. */
export class TextBuffer {
	readonly exports: StatementExports;
	readonly #encoder = new TextEncoder();
	readonly #decoder = new TextDecoder();
	#pointer = 0;
	#sizeBytes = 0;

	constructor(readonly sqlite: Sqlite3Static) {
		this.exports = sqlite.wasm.exports;
	}

	/** Puts a text into SQLite's memory, where it stays until the next one. Lone surrogates become U+FFFD. */
	put(text: string): { readonly pointer: number; readonly bytes: number } {
		// UTF-8 takes at most three bytes for each UTF-16 unit.
		if (text.length * 3 > this.#sizeBytes) this.#grow(text.length * 3);
		// The view has to be made anew each time: it becomes void when the memory grows.
		const room = this.sqlite.wasm.heap8u().subarray(this.#pointer, this.#pointer + this.#sizeBytes);
		return { pointer: this.#pointer, bytes: this.#encoder.encodeInto(text, room).written };
	}

	/** Reads a text out of SQLite's memory. */
	take(pointer: number, bytes: number): string {
		return bytes === 0
			? ''
			: this.#decoder.decode(this.sqlite.wasm.heap8u().subarray(pointer, pointer + bytes));
	}

	free(): void {
		this.exports.sqlite3_free(this.#pointer);
		this.#pointer = 0;
		this.#sizeBytes = 0;
	}

	#grow(leastBytes: number): void {
		this.free();
		const sizeBytes = Math.max(4096, leastBytes);
		this.#pointer = this.exports.sqlite3_malloc(sizeBytes);
		if (this.#pointer === 0) throw new Error(`SQLite has no ${sizeBytes} bytes of memory left`);
		this.#sizeBytes = sizeBytes;
	}
}

/** One prepared statement, used again and again. */
export class WasmStatement {
	readonly #prepared: PreparedStatement;
	readonly #pointer: number;
	readonly #columnCount: number;

	constructor(
		readonly database: Database,
		readonly texts: TextBuffer,
		sql: string
	) {
		this.#prepared = database.prepare(sql);
		if (this.#prepared.pointer === undefined) throw new Error('the statement was finalized');
		this.#pointer = this.#prepared.pointer;
		this.#columnCount = this.#prepared.columnCount;
	}

	/** Runs it, giving each row to `visit` until that returns false. */
	run(params: readonly SqlValue[], visit: (row: SqlRow) => boolean): void {
		const { sqlite3_step, sqlite3_reset } = this.texts.exports;
		try {
			for (let index = 0; index < params.length; index++) this.#bind(index + 1, params[index] ?? null);
			for (;;) {
				const code = sqlite3_step(this.#pointer);
				if (code === resultCodes.done) return;
				if (code !== resultCodes.row) this.database.checkRc(code);
				if (!visit(this.#row())) return;
			}
		} finally {
			// Gives the code of the failed step once more, which has been thrown by then.
			sqlite3_reset(this.#pointer);
		}
	}

	finalize(): void {
		this.#prepared.finalize();
	}

	#bind(index: number, value: SqlValue): void {
		const { sqlite3_bind_null, sqlite3_bind_int64, sqlite3_bind_text } = this.texts.exports;
		let code: number;
		if (value === null) code = sqlite3_bind_null(this.#pointer, index);
		else if (typeof value === 'string') {
			const { pointer, bytes } = this.texts.put(value);
			code = sqlite3_bind_text(this.#pointer, index, pointer, bytes, transient);
		} else code = sqlite3_bind_int64(this.#pointer, index, BigInt(value));
		if (code !== resultCodes.ok) this.database.checkRc(code);
	}

	#row(): SqlRow {
		const row: SqlValue[] = [];
		for (let column = 0; column < this.#columnCount; column++) row.push(this.#column(column));
		return row;
	}

	#column(column: number): SqlValue {
		const { exports } = this.texts;
		const type = exports.sqlite3_column_type(this.#pointer, column);
		if (type === columnTypes.null) return null;
		if (type === columnTypes.text) {
			const pointer = exports.sqlite3_column_text(this.#pointer, column);
			return this.texts.take(pointer, exports.sqlite3_column_bytes(this.#pointer, column));
		}
		if (type !== columnTypes.integer) throw new Error(`no column of ours has type ${type}`);
		const value = exports.sqlite3_column_double(this.#pointer, column);
		return Number.isSafeInteger(value) ? value : exports.sqlite3_column_int64(this.#pointer, column);
	}
}
