import { expect, test } from 'vitest';
import { openDatabase } from '../../../src/lib/store/open-database';
import { migrations, schemaVersion, userVersion } from '../../../src/lib/store/schema';
import { loadSqlite } from '../../../src/lib/store/sqlite-module';
import { memoryStore } from './memory-store';
import { messages } from './store-rows';
import { StoredHome } from './stored-home';

const filledHome = async () => {
	const home = new StoredHome(await loadSqlite());
	const store = memoryStore(home);
	expect(await store.open()).toEqual({ state: 'rebuild', cause: 'missing' });
	await store.apply({ messages: messages(0, 200) });
	await store.settled();
	await store.close();
	return home;
};

const storedMessages = async (home: StoredHome) => {
	const store = memoryStore(home);
	const outcome = await store.open();
	const { messages: count } = await store.stats();
	await store.close();
	return { outcome, count };
};

test('what was stored is there again', async () => {
	expect(await storedMessages(await filledHome())).toEqual({ outcome: { state: 'ready' }, count: 200 });
});

test('an index that was not finished is finished at the next start', async () => {
	const home = new StoredHome(await loadSqlite());
	const first = memoryStore(home);
	await first.open();
	await first.apply({ messages: messages(0, 2000) });
	await first.close();
	const second = memoryStore(home);
	await second.open();
	expect((await second.stats()).unsearchable).toBeGreaterThan(0);
	await second.settled();
	expect((await second.stats()).unsearchable).toBe(0);
	expect(
		await second.search({ text: 'number 1234', limit: 5, dueTime: Number.MAX_SAFE_INTEGER - 1 })
	).toHaveLength(1);
	await second.close();
});

test.each([
	['random bytes', (bytes: Uint8Array) => bytes.map((_, index) => (index * 31) & 0xff)],
	['a damaged first page', (bytes: Uint8Array) => bytes.fill(0x5a, 100, 4000)],
	['a file cut in half', (bytes: Uint8Array) => bytes.slice(0, 8192 * 3)],
	['an empty file', () => new Uint8Array(8192)]
])('%s is thrown away', async (_what, damage) => {
	const home = await filledHome();
	home.bytes = damage(new Uint8Array(home.bytes ?? []));
	expect(await storedMessages(home)).toEqual({ outcome: { state: 'rebuild', cause: 'broken' }, count: 0 });
	expect(await storedMessages(home)).toEqual({ outcome: { state: 'ready' }, count: 0 });
});

test('a database of something else is thrown away', async () => {
	const home = new StoredHome(await loadSqlite());
	const driver = home.open();
	driver.script(`create table message (a); pragma user_version = ${schemaVersion}`);
	driver.close();
	expect((await storedMessages(home)).outcome).toEqual({ state: 'rebuild', cause: 'broken' });
});

test('a database of a newer version is thrown away', async () => {
	const home = await filledHome();
	const driver = home.open();
	driver.script(`pragma user_version = ${schemaVersion + 1}`);
	driver.close();
	expect(await storedMessages(home)).toEqual({
		outcome: { state: 'rebuild', cause: 'newer-version' },
		count: 0
	});
});

test('a migration brings old data along, and one that fails leaves nothing half-done', async () => {
	const home = await filledHome();
	const next = [...migrations, 'alter table message add column pinned integer not null default 0'];
	const migrated = openDatabase(home, next);
	expect(migrated.rebuilt).toBeNull();
	expect(userVersion(migrated.driver)).toBe(migrations.length + 1);
	expect(migrated.driver.rows('select count(*), sum(pinned) from message')).toEqual([[200, 0]]);
	migrated.driver.close();

	const failing = [...next, 'create table extra (a); insert into nowhere values (1)'];
	const rebuilt = openDatabase(home, failing.slice(0, -1).concat(failing.at(-1) ?? ''));
	expect(rebuilt.rebuilt).toBe('broken');
	expect(rebuilt.driver.rows(`select count(*) from sqlite_schema where name = 'extra'`)).toEqual([[0]]);
	rebuilt.driver.close();
});

test('damage found while reading fails with "broken", and the next open begins anew', async () => {
	const home = new StoredHome(await loadSqlite());
	const filled = memoryStore(home);
	await filled.open();
	await filled.apply({ messages: messages(0, 5000) });
	await filled.settled();
	await filled.close();
	const bytes = new Uint8Array(home.bytes ?? []);
	// From the tenth page on, but for the last ten: the roots and the ends of the trees are read when it is opened.
	home.bytes = bytes.fill(0x5a, 8192 * 10, bytes.length - 8192 * 10);
	const store = memoryStore(home);
	const outcome = await store.open();
	if (outcome.state === 'ready') {
		const everything = {
			conversation: 'c1',
			anchor: { at: 'newest' },
			limit: 5000,
			dueTime: Number.MAX_SAFE_INTEGER - 1
		} as const;
		await expect(store.page(everything)).rejects.toMatchObject({ name: 'StoreError', reason: 'broken' });
		await expect(store.page(everything)).rejects.toMatchObject({ reason: 'closed' });
		expect(await store.open()).toEqual({ state: 'rebuild', cause: 'broken' });
	} else expect(outcome).toEqual({ state: 'rebuild', cause: 'broken' });
	expect((await store.stats()).messages).toBe(0);
	await store.close();
});

test('waiting for the upkeep ends when the store is closed', async () => {
	const store = memoryStore();
	await store.open();
	await store.apply({ messages: messages(0, 5000) });
	const settled = store.settled();
	await store.close();
	await expect(settled).rejects.toMatchObject({ name: 'StoreError', reason: 'closed' });
});
