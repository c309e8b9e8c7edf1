/** The port between the read model and SQLite: one open database, and the place it lives in. */

/** Integers beyond 2^53 come back as bigint, smaller ones as number. */
export type SqlValue = string | number | bigint | null;
export type SqlRow = readonly SqlValue[];

export interface SqlDriver {
	/** Runs one statement to its end. Statements are prepared once and kept, so `sql` must not hold values. */
	run(sql: string, params?: readonly SqlValue[]): void;
	/** Rows that the last `run` inserted, changed or deleted. */
	changes(): number;
	/** All rows of one query. */
	rows(sql: string, params?: readonly SqlValue[]): SqlRow[];
	/** Row by row, until `visit` returns false: what is not looked at is not computed. */
	each(sql: string, params: readonly SqlValue[], visit: (row: SqlRow) => boolean): void;
	/** All of `work` or nothing of it: a throw rolls back and is passed on. Not to be nested. */
	transaction<T>(work: () => T): T;
	/** Several statements without values (schema). */
	script(sql: string): void;
	close(): void;
}

export interface SqlHome {
	readonly kind: 'opfs' | 'memory';
	/** Journal mode that fits this home. */
	readonly journalMode: 'wal' | 'truncate' | 'memory';
	/** True if a database lies here from before. */
	exists(): boolean;
	/** Opens the database, or makes an empty one. */
	open(): SqlDriver;
	/** Deletes the database. Its driver has to be closed before. */
	discard(): void;
	/** Gives the place back, so that another context may take it. */
	release(): void;
}
