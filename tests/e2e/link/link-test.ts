/** Fixtures of the link specs: a signalling server for each worker, two pages of different contexts for each test. */
import { test as base } from '@playwright/test';
import { startHarness, Visitor } from './harness';
import type { SignallingServer } from './signalling';

interface WorkerFixtures {
	readonly harnessServer: SignallingServer;
}

interface TestFixtures {
	readonly server: SignallingServer;
	readonly alice: Visitor;
	readonly bob: Visitor;
	readonly room: string;
}

const firstPort = 4510;

export const test = base.extend<TestFixtures, WorkerFixtures>({
	harnessServer: [
		// Playwright reads the fixtures' names from this pattern.
		// eslint-disable-next-line no-empty-pattern
		async ({}, use, worker) => {
			const server = await startHarness(firstPort + worker.parallelIndex);
			await use(server);
			await server.close();
		},
		{ scope: 'worker' }
	],
	async server({ harnessServer }, use) {
		harnessServer.published.length = 0;
		harnessServer.lost = 0;
		await use(harnessServer);
		harnessServer.fateOf = () => 'pass';
		harnessServer.release();
	},
	async alice({ browser, server }, use) {
		const visitor = await Visitor.open(browser, server.url);
		await use(visitor);
		await visitor.close();
	},
	async bob({ browser, server }, use) {
		const visitor = await Visitor.open(browser, server.url);
		await use(visitor);
		await visitor.close();
	},
	// eslint-disable-next-line no-empty-pattern
	async room({}, use, info) {
		await use(`room of ${info.testId}`);
	}
});

export { expect } from '@playwright/test';
