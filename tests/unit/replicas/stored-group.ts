/** What a device has on its disk of a group. */
import { openDB } from 'idb';
import { expect } from 'vitest';
import { IndexeddbPersistence } from 'y-indexeddb';
import * as Y from 'yjs';
import type { DeviceDatabase } from '../../../src/lib/identity/device-database';
import { webCryptoPort, type CryptoPort } from '../../../src/lib/protocol/crypto';
import { createEntry } from '../../../src/lib/protocol/entry';
import { deriveEpochKeys } from '../../../src/lib/protocol/epoch';
import { contextOf, laneOf } from '../../../src/lib/protocol/ids';
import { encodeRecord } from '../../../src/lib/protocol/records';
import type { LaneRun } from '../../../src/lib/protocol/guard/update';
import { DiskDocuments } from '../../../src/lib/replicas/disk';

export const port: CryptoPort = webCryptoPort(globalThis.crypto);

/** A structurally sound lane of `count` entries in segment 1 of some conversation. */
export async function soundLane(
	count: number,
	conversation = port.randomBytes(32)
): Promise<{ context: Uint8Array; run: LaneRun }> {
	const context = contextOf(conversation, 1);
	const keys = await deriveEpochKeys(port.subtle, conversation, port.randomBytes(32));
	const { publicKey, privateKey } = await port.generateSigningKeys();
	const lane = laneOf(publicKey);
	const entries: Uint8Array[] = [];
	let prev: Uint8Array = new Uint8Array(32);
	for (let clock = 0; clock < count; clock++) {
		const record = encodeRecord({
			hlc: clock + 1,
			deps: [],
			record: { type: 'message', text: `message ${clock}` }
		});
		const entry = await createEntry(port, keys, {
			place: { context, lane, clock },
			class: clock === 0 ? 'lane' : 'message',
			prev,
			record,
			lanePublicKey: publicKey,
			lanePrivateKey: privateKey
		});
		entries.push(entry.bytes);
		prev = entry.id;
	}
	return { context, run: { lane, start: 0, entries } };
}

/** A document on disk, as y-indexeddb keeps it. @param name of its database, which is not there yet */
export async function storeRows(name: string, rows: readonly unknown[]): Promise<void> {
	const db = await openDB(name, 1, {
		upgrade(created) {
			created.createObjectStore('updates', { autoIncrement: true });
			created.createObjectStore('custom');
		}
	});
	for (const row of rows) await db.add('updates', row);
	db.close();
}

/** Keys of the entries that y-indexeddb finds in a database; nothing may wait for what is not there. */
export async function loadedKeys(name: string): Promise<string[]> {
	const doc = new Y.Doc();
	const persistence = new IndexeddbPersistence(name, doc);
	await persistence.whenSynced;
	const keys = [...doc.getMap('e').keys()].sort();
	expect(doc.store.pendingStructs).toBeNull();
	await persistence.destroy();
	return keys;
}

/** Documents of conversation 'c' in a device's database. @param yieldTurn called between pieces of what is loaded */
export const documentsIn = (
	database: DeviceDatabase,
	conversation: Uint8Array,
	yieldTurn: () => Promise<void> = () => Promise.resolve()
): DiskDocuments =>
	new DiskDocuments(
		database,
		conversation,
		'c',
		port.subtle,
		() => undefined,
		() => undefined,
		yieldTurn
	);
