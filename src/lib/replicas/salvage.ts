/**
 * The loader of a document's rows: what is sound goes on, what is not is set aside. y-indexeddb has no error path, so that
 * one bad row would keep a document from ever loading.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import {
	admitRuns,
	type AdmittedRun,
	type LaneHead,
	type LaneKeyCache,
	type LaneTable
} from '../protocol/guard/lanes';
import { decodeOwnUpdate, encodeUpdate, type LaneRun } from '../protocol/guard/update';

/** A segment holds 4 MB, and y-indexeddb may hold it twice in one row before it trims. */
const rowLimitBytes = 64 * 1024 * 1024;
/** Where rows are set aside, by the key they had. */
const damagedPrefix = 'damaged/';
export const damagedRows = (): IDBKeyRange => IDBKeyRange.bound(damagedPrefix, `${damagedPrefix}\uffff`);

/** Lanes as far as sound rows go; the entries themselves are not kept. */
class StoredLanes implements LaneTable {
	constructor(readonly redactedIds: (lane: number, clock: number) => readonly Uint8Array[]) {}

	readonly #laneByNumber = new Map<number, { publicKey: Uint8Array; ids: Uint8Array[] }>();

	head(lane: number): LaneHead | undefined {
		const state = this.#laneByNumber.get(lane);
		const id = state?.ids.at(-1);
		return state && id && { publicKey: state.publicKey, next: state.ids.length, id };
	}

	entry(): undefined {
		return undefined;
	}

	entryId(lane: number, clock: number): Uint8Array | undefined {
		return this.#laneByNumber.get(lane)?.ids[clock];
	}

	add(run: AdmittedRun): void {
		const state = this.#laneByNumber.get(run.lane) ?? { publicKey: run.publicKey, ids: [] };
		state.ids.push(...run.ids);
		this.#laneByNumber.set(run.lane, state);
	}
}

interface DocumentRows extends DBSchema {
	updates: { key: number; value: unknown };
	custom: { key: string; value: unknown };
}

export interface Salvage {
	/** Rows that were not sound, or not wholly. */
	readonly damaged: number;
	/** Of the last row; 0 if there was none. */
	readonly lastKey: number;
}

/**
 * Reads a document's rows through the guard and takes out what is not sound; unsound rows are kept aside under
 * "damaged/…" in the same database, sound parts of them are put back.
 * @param sound is given what is sound, row by row
 * @param named ids of entries at a place that may be there without their bytes
 */
export async function salvage(
	name: string,
	subtle: SubtleCrypto,
	context: Uint8Array,
	sound: (runs: readonly LaneRun[]) => void,
	named: (lane: number, clock: number) => readonly Uint8Array[] = () => []
): Promise<Salvage> {
	const db = await openDB<DocumentRows>(name, 1, {
		upgrade(created) {
			// As y-indexeddb makes them.
			created.createObjectStore('updates', { autoIncrement: true });
			created.createObjectStore('custom');
		}
	});
	try {
		const lanes = new StoredLanes(named);
		const keys: LaneKeyCache = new Map();
		let damaged = 0;
		let lastKey = 0;
		for await (const [key, row] of storedRows(db)) {
			lastKey = key;
			const { whole, runs } = await soundRuns(row, lanes, keys, subtle, context);
			sound(runs);
			if (whole) continue;
			damaged++;
			await setAside(db, key, row, runs);
		}
		return { damaged, lastKey };
	} finally {
		db.close();
	}
}

/** All rows at once, as that is quicker by far; one by one where one of them cannot be read. */
async function* storedRows(
	db: IDBPDatabase<DocumentRows>
): AsyncGenerator<readonly [key: number, row: unknown]> {
	const keys = await db.getAllKeys('updates');
	let rows: readonly unknown[] | null = null;
	try {
		rows = await db.getAll('updates');
	} catch (error) {
		if (!(error instanceof DOMException)) throw error;
	}
	for (const [i, key] of keys.entries()) yield [key, rows === null ? await db.get('updates', key) : rows[i]];
}

async function soundRuns(
	row: unknown,
	lanes: StoredLanes,
	keys: LaneKeyCache,
	subtle: SubtleCrypto,
	context: Uint8Array
): Promise<{ readonly whole: boolean; readonly runs: readonly LaneRun[] }> {
	if (!(row instanceof Uint8Array)) return { whole: false, runs: [] };
	const runs = decodeOwnUpdate(row, rowLimitBytes);
	if (!runs.ok) return { whole: false, runs: [] };
	const admission = await admitRuns(subtle, context, lanes, keys, runs.value);
	for (const run of admission.admitted) lanes.add(run);
	const { rejected, gaps, forks, branches, unexplained } = admission;
	const amiss = [rejected, gaps, forks, branches, unexplained];
	const whole = amiss.every((each) => each.length === 0);
	return { whole, runs: admission.admitted };
}

async function setAside(
	db: IDBPDatabase<DocumentRows>,
	key: number,
	row: unknown,
	sound: readonly LaneRun[]
): Promise<void> {
	const tx = db.transaction(['updates', 'custom'], 'readwrite', { durability: 'strict' });
	const changes: Promise<unknown>[] = [tx.objectStore('custom').put(row, `${damagedPrefix}${key}`)];
	// In place, under the same key: rows are in order, and later ones may continue it.
	if (sound.length > 0) changes.push(tx.objectStore('updates').put(encodeUpdate(sound), key));
	else changes.push(tx.objectStore('updates').delete(key));
	await Promise.all([...changes, tx.done]);
}
