import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { describe, expect, it } from 'vitest';
import type { OwnLane } from '../../../src/lib/conversation/ports';
import { DeviceDatabase } from '../../../src/lib/identity/device-database';
import { DeviceJournal } from '../../../src/lib/replicas/journal';
import { port } from './stored-group';

let databases = 0;
const lost = (): never => {
	throw new Error('the database was closed');
};

async function someLane(segment: number): Promise<OwnLane> {
	const { publicKey } = await port.generateSigningKeys();
	// fake-indexeddb cannot clone keys; the browser tests do.
	const privateKey = {} as CryptoKey;
	return { segment, lane: 7, publicKey, privateKey, next: 2, head: new Uint8Array(32), retired: false };
}

const entry = (clock: number): { segment: number; lane: number; clock: number; bytes: Uint8Array } => ({
	segment: 1,
	lane: 7,
	clock,
	bytes: Uint8Array.of(clock)
});

describe('the journal', () => {
	it('keeps lanes and entries of its own conversation until they are released', async () => {
		const database = await DeviceDatabase.open('tab', lost, `journal-${databases++}`);
		const journal = new DeviceJournal(database, 'a');
		const lane = await someLane(1);
		expect(await journal.commit(lane, [entry(0), entry(1), entry(2)])).toEqual({
			ok: true,
			value: undefined
		});
		await new DeviceJournal(database, 'b').commit({ ...lane, lane: 8 }, [{ ...entry(0), lane: 8 }]);
		await journal.release(1, 7, 2);
		const kept = await journal.load();
		expect(kept.entries.map(({ clock }) => clock)).toEqual([2]);
		expect(kept.lanes.map(({ lane: number }) => number)).toEqual([7]);
	});

	it('deletes the draft with the commit of what it became, and not with other acts', async () => {
		const database = await DeviceDatabase.open('tab', lost, `journal-${databases++}`);
		const journal = new DeviceJournal(database, 'a');
		await database.strictWrite(['drafts'], (tx) => [tx.objectStore('drafts').put('hello', 'a')]);
		await database.strictWrite(['drafts'], (tx) => [tx.objectStore('drafts').put('aside', 'a/root')]);
		await journal.commit(await someLane(1), [entry(0)]);
		expect(await database.db.get('drafts', 'a')).toBe('hello');
		await journal.commit(await someLane(1), [entry(1)], 'a');
		expect(await database.db.get('drafts', 'a')).toBeUndefined();
		expect(await database.db.get('drafts', 'a/root')).toBe('aside');
	});

	it('settles what was committed before, calls made meanwhile together', async () => {
		const database = await DeviceDatabase.open('tab', lost, `journal-${databases++}`);
		const journal = new DeviceJournal(database, 'a');
		const lane = await someLane(1);
		const durabilities: (string | undefined)[] = [];
		const { transaction } = database.db;
		database.db.transaction = ((...args: Parameters<typeof transaction>) => {
			durabilities.push(args[2]?.durability);
			return transaction.apply(database.db, args);
		}) as typeof transaction;
		await journal.commit(lane, [entry(0)]);
		const settled = [journal.settle()];
		await Promise.resolve();
		settled.push(journal.settle(), journal.settle(), journal.settle());
		expect(await Promise.all(settled)).toEqual(settled.map(() => ({ ok: true, value: undefined })));
		expect(durabilities).toEqual(['relaxed', 'strict', 'strict']);
		database.close();
		expect(await journal.settle()).toEqual({ ok: false, reason: 'not-saved' });
	});

	it('opens a database of the version before with what is in it', async () => {
		const name = `journal-${databases++}`;
		const old = await openDB(name, 1, {
			upgrade(created) {
				for (const store of ['identity', 'drafts', 'fence']) created.createObjectStore(store);
				created.createObjectStore('conversations', { keyPath: 'id' });
				created.createObjectStore('lanes', { keyPath: ['conversation', 'lane'] });
				created.createObjectStore('journal', { keyPath: ['conversation', 'segment', 'lane', 'clock'] });
				created.createObjectStore('segments', { keyPath: ['conversation', 'segment'] });
			}
		});
		await old.put('journal', { ...entry(0), conversation: 'a' });
		old.close();
		const journal = new DeviceJournal(await DeviceDatabase.open('tab', lost, name), 'a');
		expect((await journal.load()).entries.map(({ clock }) => clock)).toEqual([0]);
		expect((await journal.settle()).ok).toBe(true);
	});

	it('writes nothing once another tab has taken over', async () => {
		const name = `journal-${databases++}`;
		const first = new DeviceJournal(await DeviceDatabase.open('first', lost, name), 'a');
		const lane = await someLane(1);
		await first.commit(lane, [entry(0)]);
		const second = new DeviceJournal(await DeviceDatabase.open('second', lost, name), 'a');
		expect(await first.commit({ ...lane, next: 3 }, [entry(1)])).toEqual({ ok: false, reason: 'fenced' });
		expect((await second.load()).entries.map(({ clock }) => clock)).toEqual([0]);
		expect(await second.commit(lane, [entry(1)])).toEqual({ ok: true, value: undefined });
	});
});
