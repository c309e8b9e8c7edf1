/**
 * The service worker in a real browser, against the real build. The app registers it: Trusted Types let nobody else.
 */
import { expect, test as base, type Page } from '@playwright/test';
import { BuiltAppServer, builtPaths } from './built-app-server';

const test = base.extend<{ server: BuiltAppServer }>({
	// eslint-disable-next-line no-empty-pattern -- Playwright reads the fixtures needed from this pattern
	server: async ({}, use) => {
		await using server = await BuiltAppServer.start();
		await use(server);
	}
});

/** Opens the app and returns when the worker controls the page, which it does once every file is kept. */
async function openControlled(page: Page, server: BuiltAppServer): Promise<void> {
	await page.goto(server.url);
	await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

function shellCaches(page: Page): Promise<string[]> {
	return page.evaluate(async () => (await caches.keys()).filter((name) => name.startsWith('shell-')));
}

/** The app mounted: the shell's placeholder holds something. */
function expectApp(page: Page): Promise<void> {
	return expect(page.locator('#app')).not.toBeEmpty();
}

test('every address opens offline, visited or not', async ({ page, context, server }) => {
	await openControlled(page, server);
	await context.setOffline(true);
	await page.reload();
	await expectApp(page);
	await page.goto(`${server.url}/c/never-visited`);
	await expectApp(page);
});

test('keeps the whole build, so that nothing is asked of the network when offline', async ({
	page,
	server
}) => {
	await openControlled(page, server);
	const requestsBefore = server.requests.length;
	const kept = await page.evaluate(async () => {
		const [name] = (await caches.keys()).filter((key) => key.startsWith('shell-'));
		return (await (await caches.open(String(name))).keys()).map(({ url }) => new URL(url).pathname);
	});
	// A page lies in its folder as index.html or beside it with the ending; it is kept under its address.
	const expected = builtPaths().map((path) => path.replace(/(?:\/index)?\.html$/, '') || '/');
	const neverAskedFor = /sqlite3-(worker1|opfs-async-proxy)-/;
	expect(kept.toSorted()).toEqual(expected.filter((path) => !neverAskedFor.test(path)).toSorted());

	await page.reload();
	await expectApp(page);
	expect(server.requests.slice(requestsBefore).filter((path) => path !== '/service-worker.js')).toEqual([]);
});

test('leaves the relay to the network', async ({ page, context, server }) => {
	await openControlled(page, server);
	expect(await page.evaluate(async () => (await fetch('/health')).text())).toBe('relay');
	const response = await page.goto(`${server.url}/health`);
	expect(await response?.text()).toBe('relay');
	await context.setOffline(true);
	await expect(page.goto(`${server.url}/metrics`)).rejects.toThrow();
});

test('a new version waits until it is told to take over, then clears its predecessor away', async ({
	page,
	server
}) => {
	await openControlled(page, server);
	const [before] = await shellCaches(page);
	await page.evaluate(() => caches.open('not-ours'));
	const immutableBefore = server.requests.filter((path) => path.startsWith('/_app/immutable/')).length;
	server.deployAgain();

	await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
	const waitingState = (): Promise<string | undefined> =>
		page.evaluate(async () => (await navigator.serviceWorker.ready).waiting?.state);
	await expect.poll(waitingState).toBe('installed');
	expect(await shellCaches(page)).toHaveLength(2);
	await page.reload();
	await expect.poll(waitingState).toBe('installed');

	await page.evaluate(async () => {
		const changed = new Promise((resolve) => (navigator.serviceWorker.oncontrollerchange = resolve));
		(await navigator.serviceWorker.ready).waiting?.postMessage({ type: 'SKIP_WAITING' });
		await changed;
	});
	// The page changes hands first and the cleaning follows.
	await expect.poll(() => shellCaches(page)).toHaveLength(1);
	expect((await shellCaches(page))[0]).not.toBe(before);
	expect(await page.evaluate(() => caches.has('not-ours'))).toBe(true);
	// Hashed files were taken from the old shell.
	expect(server.requests.filter((path) => path.startsWith('/_app/immutable/'))).toHaveLength(immutableBefore);
});

test('a version of which a file is lost is not installed', async ({ page, server }) => {
	await openControlled(page, server);
	const before = await shellCaches(page);
	server.missing.add('/manifest.webmanifest');
	server.deployAgain();
	await page.evaluate(async () => {
		const registration = await navigator.serviceWorker.ready;
		const gone = new Promise<void>((resolve) => {
			registration.addEventListener('updatefound', () => {
				const { installing } = registration;
				installing?.addEventListener('statechange', () => installing.state === 'redundant' && resolve());
			});
		});
		await registration.update().catch((error: unknown) => {
			if (!(error instanceof TypeError)) throw error;
		});
		await gone;
	});
	expect(await page.evaluate(async () => (await navigator.serviceWorker.ready).waiting)).toBeNull();
	await page.reload();
	await expectApp(page);
	expect(await shellCaches(page)).toEqual(before);
});

test('the browser would install the app', async ({ page, context, server }) => {
	await openControlled(page, server);
	const session = await context.newCDPSession(page);
	const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
	// A test's browser profile is a private one, which is the only thing that may stand in the way.
	expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);
	const { errors } = await session.send('Page.getAppManifest');
	expect(errors).toEqual([]);
});
