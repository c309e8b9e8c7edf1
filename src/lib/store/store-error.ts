/**
 * Why the read model could not do what it was asked.
 * - `broken`: the database is damaged. It has been thrown away; call `open()` again and project everything again.
 * - `full`: no room left on the device. Nothing of the batch was written.
 * - `closed`: not open (never opened, closed, or thrown away as broken).
 * - `worker`: the worker could not be started or died.
 * - `failed`: anything else; a bug here, or a fault of the device.
 */
export type StoreFailure = 'broken' | 'full' | 'closed' | 'worker' | 'failed';

/** What every method of a Store rejects with. */
export class StoreError extends Error {
	override readonly name = 'StoreError';

	constructor(
		readonly reason: StoreFailure,
		message: string,
		options?: ErrorOptions
	) {
		super(message, options);
	}
}

/** SQLite's primary result codes that tell more than "it failed" (sqlite3.h). */
const resultCodes = { corrupt: 11, full: 13, notADatabase: 26 } as const;

/** Makes a StoreError of whatever was thrown; `resultCode` is what the SQLite binding puts on its errors. */
export function toStoreError(error: unknown): StoreError {
	if (error instanceof StoreError) return error;
	const message = error instanceof Error ? error.message : String(error);
	return new StoreError(failureOf(error), message, { cause: error });
}

function failureOf(error: unknown): StoreFailure {
	if (!(error instanceof Error) || !('resultCode' in error) || typeof error.resultCode !== 'number')
		return 'failed';
	// Extended codes keep the primary one in their lowest byte.
	const primary = error.resultCode & 0xff;
	if (primary === resultCodes.corrupt || primary === resultCodes.notADatabase) return 'broken';
	return primary === resultCodes.full ? 'full' : 'failed';
}
