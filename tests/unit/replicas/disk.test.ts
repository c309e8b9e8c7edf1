import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import { DeviceDatabase } from '../../../src/lib/identity/device-database';
import { encodeUpdate, type LaneRun } from '../../../src/lib/protocol/guard/update';
import { contextOf, entryKey } from '../../../src/lib/protocol/ids';
import { databaseNameOf, type DiskDocuments } from '../../../src/lib/replicas/disk';
import { salvage } from '../../../src/lib/replicas/salvage';
import { documentsIn, loadedKeys, port, soundLane, storeRows } from './stored-group';

let databases = 0;

async function newDisk(rows: readonly unknown[]): Promise<string> {
	const name = `salvage-${databases++}`;
	await storeRows(name, rows);
	return name;
}

const damagedIn = async (name: string, context: Uint8Array): Promise<number> =>
	(await salvage(name, port.subtle, context, () => undefined)).damaged;

const part = (run: LaneRun, from: number, to: number): Uint8Array =>
	encodeUpdate([{ lane: run.lane, start: from, entries: run.entries.slice(from, to) }]);
const keysOf = (run: LaneRun, count: number): string[] =>
	Array.from({ length: count }, (_, clock) => entryKey(run.lane, clock)).sort();

describe('loading a document from disk', () => {
	it('leaves sound rows alone, also what y-indexeddb adds itself', async () => {
		const { context, run } = await soundLane(6);
		const name = await newDisk([encodeUpdate([]), part(run, 0, 2), part(run, 2, 6)]);
		expect(await damagedIn(name, context)).toBe(0);
		expect(await loadedKeys(name)).toEqual(keysOf(run, 6));
		expect(await damagedIn(name, context)).toBe(0);
	});

	it.each([
		['a truncated row', (row: Uint8Array) => row.slice(0, -5)],
		['a row of zeros', (row: Uint8Array) => new Uint8Array(row.length)],
		['a row that is no bytes', () => 'text'],
		['a flipped bit in an entry', (row: Uint8Array) => row.map((byte, i) => (i === 150 ? byte ^ 4 : byte))],
		['a delete set', () => Uint8Array.from([0, 1, 1, 1, 0, 100])]
	])('sets %s aside, and what stood on it, and loads the rest', async (_, damage) => {
		const { context, run } = await soundLane(6);
		const name = await newDisk([part(run, 0, 2), damage(part(run, 2, 4)), part(run, 4, 6)]);
		const damaged = await damagedIn(name, context);
		expect(damaged).toBeGreaterThan(0);
		expect(await loadedKeys(name)).toEqual(keysOf(run, 2));
		const db = await openDB(name, 1);
		expect((await db.getAllKeys('custom')).filter((key) => String(key).startsWith('damaged/'))).toHaveLength(
			damaged
		);
		db.close();
	});

	it('keeps the sound lanes of a row in which another lane is damaged', async () => {
		const a = await soundLane(3);
		const other = await soundLane(2);
		const name = await newDisk([encodeUpdate([a.run, { ...other.run, start: 0 }])]);
		// The other lane was signed for another context, so here it is as good as damaged.
		expect(await damagedIn(name, a.context)).toBe(1);
		expect(await loadedKeys(name)).toEqual(keysOf(a.run, 3));
	});
});

describe('opening a document', () => {
	it('is done piece by piece, writes nothing again, and goes on where it was', async () => {
		const conversation = port.randomBytes(32);
		const { run } = await soundLane(600, conversation);
		const database = await DeviceDatabase.open('token', () => undefined, `device-${databases++}`);
		let turns = 0;
		const newDocuments = (): DiskDocuments => documentsIn(database, conversation, async () => void turns++);
		const first = newDocuments();
		Y.applyUpdate(await first.open(1), part(run, 0, 590));
		expect(await first.flush()).toBe(true);
		await first.close(1);
		expect(turns).toBe(0);

		const second = newDocuments();
		const doc = await second.open(1);
		expect([...doc.getMap('e').keys()].sort()).toEqual(keysOf(run, 590));
		expect(turns).toBeGreaterThan(1);
		Y.applyUpdate(doc, part(run, 590, 600));
		expect(await second.flush()).toBe(true);
		await second.close(1);
		const name = databaseNameOf(contextOf(conversation, 1));
		const db = await openDB(name, 1);
		const sizes = (await db.getAll('updates')).map((row: Uint8Array) => row.length);
		db.close();
		// What came in twice, and the two bytes that are written at every opening.
		expect(sizes.filter((size) => size > 2)).toEqual([part(run, 0, 590).length, part(run, 590, 600).length]);
		expect(await loadedKeys(name)).toEqual(keysOf(run, 600));
	});
});

describe('a disk that fails', () => {
	it('is not said to hold what it lost, and gets it again', async () => {
		const conversation = port.randomBytes(32);
		const { run } = await soundLane(6, conversation);
		const database = await DeviceDatabase.open('token', () => undefined, `device-${databases++}`);
		const documents = documentsIn(database, conversation);
		const doc = await documents.open(1);
		Y.applyUpdate(doc, part(run, 0, 2));
		expect(await documents.flush()).toBe(true);
		const { add } = IDBObjectStore.prototype;
		IDBObjectStore.prototype.add = function (...args: Parameters<typeof add>) {
			const request = add.apply(this, args);
			request.addEventListener('success', () => this.transaction.abort());
			return request;
		};
		try {
			Y.applyUpdate(doc, part(run, 2, 4));
			expect(await documents.flush()).toBe(false);
			expect(await documents.flush()).toBe(false);
		} finally {
			IDBObjectStore.prototype.add = add;
		}
		Y.applyUpdate(doc, part(run, 4, 6));
		expect(await documents.flush()).toBe(true);
		await documents.close(1);
		const loaded = await documents.open(1);
		expect([...loaded.getMap('e').keys()].sort()).toEqual(keysOf(run, 6));
		await documents.close(1);
	});
});
