/** What is deleted goes from IndexedDB, as far as anything that asks it can see (docs/decisions/0027). */
import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import { DeviceDatabase } from '../../../src/lib/identity/device-database';
import { entryIdOf } from '../../../src/lib/protocol/entry';
import { signedDigest } from '../../../src/lib/protocol/guard/fork-proof';
import { encodeUpdate } from '../../../src/lib/protocol/guard/update';
import { contextOf, entryKey } from '../../../src/lib/protocol/ids';
import { databaseNameOf, type DiskDocuments } from '../../../src/lib/replicas/disk';
import { DeviceRedaction } from '../../../src/lib/replicas/disk-redaction';
import { DeviceJournal } from '../../../src/lib/replicas/journal';
import { documentsIn, port, soundLane } from './stored-group';

/** Every value of every store of a database, as bytes. */
async function bytesIn(name: string): Promise<Buffer> {
	const db = await openDB(name);
	const values: Buffer[] = [];
	for (const store of db.objectStoreNames)
		for (const value of await db.getAll(store)) {
			const bytes = value instanceof Uint8Array ? value : (value as { bytes?: unknown }).bytes;
			if (bytes instanceof Uint8Array) values.push(Buffer.from(bytes));
		}
	db.close();
	return Buffer.concat(values);
}

describe('what is deleted', () => {
	it('is in no row of the document or the journal, nor among those that were set aside, and stays away', async () => {
		const conversation = port.randomBytes(32);
		const { run } = await soundLane(8, conversation);
		const device = 'device-redaction';
		const database = await DeviceDatabase.open('token', () => undefined, device);
		const newDocuments = (): DiskDocuments => documentsIn(database, conversation);
		const documents = newDocuments();
		const doc = await documents.open(1);
		Y.applyUpdate(doc, encodeUpdate([run]));
		expect(await documents.flush()).toBe(true);
		const name = databaseNameOf(contextOf(conversation, 1));
		const [gone, kept] = [3, 4].map((clock) => Buffer.from(run.entries[clock] as Uint8Array)) as [
			Buffer,
			Buffer
		];
		const aside = await openDB(name);
		await aside.put('custom', gone, 'damaged/1');
		aside.close();
		await database.db.put('journal', {
			conversation: 'c',
			segment: 1,
			lane: run.lane,
			clock: 3,
			bytes: run.entries[3] as Uint8Array
		});
		for (const each of [name, device]) expect((await bytesIn(each)).includes(gone)).toBe(true);

		const redaction = new DeviceRedaction(database, documents, 'c');
		const places = [{ lane: run.lane, clock: 3 }];
		const erasure = { ...(places[0] as { lane: number; clock: number }), token: new Uint8Array(16).fill(7) };
		doc.getMap('e').delete(entryKey(run.lane, 3));
		const entry = run.entries[3] as Uint8Array;
		const redacted = [{ lane: run.lane, clock: 3, id: entryIdOf(entry), ...signedDigest(entry) }];
		expect(await redaction.redact(1, redacted, [erasure])).toEqual({ ok: true, value: undefined });
		expect(await redaction.redacted(1)).toEqual(redacted);
		for (const each of [name, device]) expect((await bytesIn(each)).includes(gone)).toBe(false);
		expect((await bytesIn(name)).includes(kept)).toBe(true);
		expect((await new DeviceJournal(database, 'c').load()).entries[0]?.bytes).toHaveLength(0);

		expect(await redaction.erasures(1)).toEqual([erasure]);
		await documents.saveMeta({ segment: 1, entries: 8, bytes: 1, digest: new Uint8Array(8) });
		expect(await redaction.redacted(1)).toEqual(redacted);
		expect(await redaction.erasures(1)).toEqual([erasure]);
		await redaction.erased(1, places);
		expect(await redaction.erasures(1)).toEqual([]);

		const state = Y.encodeStateAsUpdate(doc);
		await documents.close(1);
		const id = entryIdOf(run.entries[3] as Uint8Array);
		const again = await newDocuments().open(1, (lane, clock) =>
			lane === run.lane && clock === 3 ? [id] : []
		);
		expect(Y.encodeStateAsUpdate(again)).toEqual(state);
	});
});
