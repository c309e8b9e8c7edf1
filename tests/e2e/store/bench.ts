/**
 * Measures the read model in a browser: `npx tsx tests/e2e/store/bench.ts [messages] [cold opens]`. Prints one line of JSON
 * a figure set. Cold: a new browser process on a profile that holds the messages.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from '@playwright/test';
import { findChromium } from '../../../scripts/chromium';
import { startHarness } from './harness-server';

const messages = Number(process.argv[2] ?? 100_000);
const coldOpens = Number(process.argv[3] ?? 6);

async function main(): Promise<void> {
	const server = await startHarness(4549);
	const profile = await mkdtemp(join(tmpdir(), 'store-bench-'));
	try {
		const report = await withPage(profile, server.url, async (page) => {
			await page.evaluate(() => window.storeHarness.open());
			const figures = await page.evaluate((count) => window.storeHarness.bench(count), messages);
			await page.evaluate(() => window.storeHarness.close());
			return figures;
		});
		print({ bench: 'store', ...report });
		const opens: { openMs: number; firstPageMs: number; searchMs: number }[] = [];
		for (let run = 0; run < coldOpens; run++)
			opens.push(
				await withPage(profile, server.url, (page) => page.evaluate(() => window.storeHarness.coldOpen()))
			);
		// The first one pays for what the browser compiles and caches.
		const counted = opens.slice(1);
		const median = (key: 'openMs' | 'firstPageMs' | 'searchMs') =>
			counted.map((each) => each[key]).sort((a, b) => a - b)[counted.length >> 1];
		print({
			bench: 'store cold',
			messages,
			openMs: median('openMs'),
			firstPageMs: median('firstPageMs'),
			searchMs: median('searchMs'),
			all: opens
		});
	} finally {
		await server.close();
		await rm(profile, { recursive: true });
	}
}

async function withPage<T>(profile: string, url: string, work: (page: Page) => Promise<T>): Promise<T> {
	const context: BrowserContext = await chromium.launchPersistentContext(profile, {
		executablePath: findChromium()
	});
	try {
		const page = await context.newPage();
		await page.goto(url);
		return await work(page);
	} finally {
		await context.close();
	}
}

const print = (figures: object): boolean => process.stdout.write(`${JSON.stringify(figures)}\n`);

await main();
