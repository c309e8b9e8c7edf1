import { expect, test, type Page } from '@playwright/test';
import { allCases } from '../../unit/store/all-cases';
import { startHarness, type HarnessServer } from './harness-server';

let server: HarnessServer;
test.beforeAll(async () => {
	server = await startHarness(4540 + test.info().parallelIndex);
});
test.afterAll(() => server.close());

const problemsByPage = new WeakMap<Page, string[]>();
test.beforeEach(async ({ page }) => {
	const problems: string[] = [];
	problemsByPage.set(page, problems);
	page.on('console', (entry) => problems.push(entry.text()));
	page.on('pageerror', (error) => problems.push(error.message));
	await page.goto(server.url);
});
test.afterEach(({ page }) => expect(problemsByPage.get(page)).toEqual([]));

test.describe('a store on OPFS', () => {
	for (const { name } of allCases) {
		test(name, async ({ page }) => {
			// On OPFS, not on the memory that stands in for it.
			expect(await page.evaluate((wanted) => window.storeHarness.runCase(wanted), name)).toBe('rebuild');
		});
	}
});

test('nothing of SQLite is fetched before a store is opened', async ({ page }) => {
	const isSqlite = (path: string) => /sqlite|worker|\.wasm/.test(path);
	server.requested.length = 0;
	await page.reload({ waitUntil: 'networkidle' });
	expect(server.requested.filter(isSqlite)).toEqual([]);
	await page.evaluate(() => window.storeHarness.open());
	expect(server.requested.filter((path) => path.endsWith('.wasm'))).toHaveLength(1);
});

test('what was written is there after a reload, time and again', async ({ page }) => {
	expect(await page.evaluate(() => window.storeHarness.open())).toEqual({
		state: 'rebuild',
		cause: 'missing'
	});
	for (let round = 1; round <= 10; round++) {
		await page.evaluate((to) => window.storeHarness.write(to - 10, to), round * 10);
		// Without closing: the worker ends with its page, in the middle of its upkeep.
		await page.reload();
		expect(await page.evaluate(() => window.storeHarness.open())).toEqual({ state: 'ready' });
		expect(await page.evaluate(() => window.storeHarness.clocks(500))).toEqual([...Array(round * 10).keys()]);
	}
});

test('a second context gets memory, and the first keeps what it has', async ({ page, context }) => {
	await page.evaluate(() => window.storeHarness.open());
	await page.evaluate(() => window.storeHarness.write(0, 10));
	const second = await context.newPage();
	await second.goto(server.url);
	const outcome = await second.evaluate(() => window.storeHarness.open());
	expect(outcome.state).toBe('memory');
	await second.evaluate(() => window.storeHarness.write(0, 3));
	expect(await second.evaluate(() => window.storeHarness.clocks(50))).toEqual([0, 1, 2]);
	expect(await page.evaluate(() => window.storeHarness.clocks(50))).toHaveLength(10);
	// When the first has gone, the place is free, and holds what the first wrote.
	await page.evaluate(() => window.storeHarness.close());
	await second.reload();
	expect(await second.evaluate(() => window.storeHarness.open())).toEqual({ state: 'ready' });
	expect(await second.evaluate(() => window.storeHarness.clocks(50))).toHaveLength(10);
});

test('of two contexts that open at the same moment exactly one gets OPFS', async ({ page, context }) => {
	const second = await context.newPage();
	await second.goto(server.url);
	const outcomes = await Promise.all(
		[page, second].map((each) => each.evaluate(() => window.storeHarness.open()))
	);
	expect(outcomes.map(({ state }) => state).sort()).toEqual(['memory', 'rebuild']);
});

for (const [what, fromByte, byteCount] of [
	['its header', 0, 100],
	['its list of tables', 100, 8000],
	['everything', 0, 400_000]
] as const) {
	test(`a database damaged in ${what} is thrown away and begun anew`, async ({ page }) => {
		await page.evaluate(() => window.storeHarness.open());
		await page.evaluate(() => window.storeHarness.write(0, 2000));
		await page.evaluate(() => window.storeHarness.close());
		await page.evaluate(([from, count]) => window.storeHarness.damage(from, count), [
			fromByte,
			byteCount
		] as const);
		expect(await page.evaluate(() => window.storeHarness.open())).toEqual({
			state: 'rebuild',
			cause: 'broken'
		});
		expect(await page.evaluate(() => window.storeHarness.clocks(50))).toEqual([]);
		await page.evaluate(() => window.storeHarness.write(0, 10));
		await page.reload();
		expect(await page.evaluate(() => window.storeHarness.open())).toEqual({ state: 'ready' });
	});
}

test('damage that shows only while reading fails with "broken", and open begins anew', async ({ page }) => {
	await page.evaluate(() => window.storeHarness.open());
	await page.evaluate(() => window.storeHarness.write(0, 20_000));
	await page.evaluate(() => window.storeHarness.settle());
	await page.evaluate(() => window.storeHarness.close());
	// The middle of the file; both ends of every tree are looked at when it is opened.
	await page.evaluate(() => window.storeHarness.damage(400_000, 5_000_000));
	const outcome = await page.evaluate(() => window.storeHarness.open());
	if (outcome.state === 'ready') {
		expect(await page.evaluate(() => window.storeHarness.failure())).toEqual({
			name: 'StoreError',
			reason: 'broken'
		});
		expect(await page.evaluate(() => window.storeHarness.failure())).toEqual({
			name: 'StoreError',
			reason: 'closed'
		});
		expect(await page.evaluate(() => window.storeHarness.reopen())).toEqual({
			state: 'rebuild',
			cause: 'broken'
		});
	} else expect(outcome).toEqual({ state: 'rebuild', cause: 'broken' });
	expect(await page.evaluate(() => window.storeHarness.clocks(50))).toEqual([]);
});

test('a database of a newer version is begun anew', async ({ page }) => {
	await page.evaluate(() => window.storeHarness.open());
	await page.evaluate(() => window.storeHarness.close());
	await page.evaluate(() => window.storeHarness.claimVersion(99));
	expect(await page.evaluate(() => window.storeHarness.open())).toEqual({
		state: 'rebuild',
		cause: 'newer-version'
	});
});

test('of a withdrawn message and a forgotten conversation no letter stays on disk', async ({ page }) => {
	const reopenedWith = async (letters: string) => {
		await page.evaluate(() => window.storeHarness.close());
		const count = await page.evaluate((wanted) => window.storeHarness.filesWith(wanted), letters);
		await page.evaluate(() => window.storeHarness.open());
		return count;
	};
	await page.evaluate(() => window.storeHarness.open());
	await page.evaluate(() => window.storeHarness.write(0, 2000));
	await page.evaluate(() => window.storeHarness.writeText(3000, 'the word is zxqvwk'));
	await page.evaluate(() => window.storeHarness.settle());
	expect(await reopenedWith('zxqvwk')).toBe(1);
	await page.evaluate(() => window.storeHarness.withdraw(3000));
	expect(await reopenedWith('zxqv')).toBe(0);
	expect(await reopenedWith('number')).toBe(1);
	await page.evaluate(() => window.storeHarness.forget());
	expect(await reopenedWith('umber')).toBe(0);
});
