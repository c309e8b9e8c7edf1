/**
 * Finding messages, newest first, in histories of 100 000 and of 1 000 000: our store as it is shipped, in its worker and
 * on OPFS, and beside it MiniSearch and FlexSearch in the memory of a page, each in a browser of its own, query by query.
 * What each of them finds is compared with what reading every text finds.
 *
 *     npm run bench -- search [--quick] [--sizes=100000,1000000] [--queries=40] [--scans=4]
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from '@playwright/test';
import { chromium } from '@playwright/test';
import { findChromium } from '../../scripts/chromium';
import { startHarness } from '../e2e/store/harness-server';
import type { EngineName } from './search/engines';
import { History, kinds, type Asked } from './search/history';
import type {} from './search/search-page';
import { benchArguments, progress, report } from './rig/report';
import { Scratch } from './rig/scratch';
import { quantile, rounded } from './rig/statistics';

const { quick, option } = benchArguments();
const sizes = (option('sizes') ?? (quick ? '2000' : '100000,1000000')).split(',').map(Number);
/** Of each kind. */
const queries = Number(option('queries') ?? (quick ? 3 : 40));
/** Of each kind, compared with a linear scan: reading a million texts takes seconds. */
const scans = Number(option('scans') ?? (quick ? 2 : 4));
/** As many as the panel shows first. */
const limit = 50;
/** An engine that has needed so long for one kind of queries is asked no more of them: at a million some take a minute. */
const budgetMs = 20_000;
const names = ['ours', 'minisearch', 'flexsearch'] as const;
type ByEngine<T> = Readonly<Record<EngineName, T>>;

interface Running {
	readonly context: BrowserContext;
	readonly page: Page;
	readonly fillMs: number;
	/** What all processes of the browser hold, less what they held with an empty page; null where nobody tells. */
	readonly memoryMiB: number | null;
}

interface Measured {
	readonly asked: Asked;
	/** Without those that had used up their time. */
	readonly tookMs: Partial<ByEngine<number>>;
	/** Share of the hits of a linear scan; null where nothing was scanned. */
	readonly recall: Partial<ByEngine<number>> | null;
}

const server = await startHarness(0, fileURLToPath(new URL('./search/', import.meta.url)));
using scratch = new Scratch();
const cases = [];
try {
	for (const size of sizes) cases.push(await searchIn(size));
} finally {
	await server.close();
}
const [first] = cases;
if (first === undefined) throw new Error('nothing was measured');
report({
	bench: 'search',
	workload: `the newest ${limit} hits among ${sizes[0]} messages, ${queries} queries of each of ${kinds.length} kinds; p95 of all`,
	ours: first.p95OfAllMs.ours,
	peer: first.p95OfAllMs.flexsearch,
	peerName: 'FlexSearch 0.8.212, in memory, newest added first',
	ratio: rounded(first.p95OfAllMs.ours / first.p95OfAllMs.flexsearch),
	target: 'S1: p95 <= 1/10 FlexSearch, recall = linear scan',
	unit: 'ms',
	cases
});

async function searchIn(size: number) {
	const profile = scratch.next();
	const running = {
		ours: await start('ours', size, profile),
		minisearch: await start('minisearch', size, scratch.next()),
		flexsearch: await start('flexsearch', size, scratch.next())
	};
	try {
		const measured = await askAll(running, size);
		const summary = {
			size,
			roundTripP50Ms: await roundTrip(running.ours.page),
			p50Ms: byKind(measured, 0.5),
			p95Ms: byKind(measured, 0.95),
			p95OfAllMs: byEngine(measured, 0.95),
			recall: recallByKind(measured),
			readyMs: each(({ fillMs }) => fillMs),
			memoryMiB: each(({ memoryMiB }) => memoryMiB)
		};
		await running.ours.page.evaluate(() => window.search.close());
		await running.ours.context.close();
		const result = { ...summary, ...(await coldFirst(size, profile)) };
		progress(`${size}: ${JSON.stringify(result)}`);
		return result;
	} finally {
		for (const name of names) await running[name].context.close();
	}

	function each(of: (engine: Running) => number | null): ByEngine<number | null> {
		const value = (name: EngineName): number | null => {
			const known = of(running[name]);
			return known === null ? null : rounded(known);
		};
		return { ours: value('ours'), minisearch: value('minisearch'), flexsearch: value('flexsearch') };
	}
}

/** Asks each engine the same, taking turns. */
async function askAll(running: ByEngine<Running>, size: number): Promise<readonly Measured[]> {
	const all = new History(size).queries(queries + 1);
	const measured: Measured[] = [];
	const spentMs = new Map<string, number>();
	for (const [at, asked] of all.entries()) {
		const found: Partial<Record<EngineName, readonly number[]>> = {};
		const tookMs: Partial<Record<EngineName, number>> = {};
		const order = at % 2 === 0 ? names : [...names].reverse();
		for (const name of order) {
			const account = `${name} ${asked.kind}`;
			const spent = spentMs.get(account) ?? 0;
			// The first is not counted, so the second is asked in any case.
			if (spent > budgetMs && at >= 2 * kinds.length) continue;
			const answer = await running[name].page.evaluate(([text, most]) => window.search.ask(text, most), [
				asked.text,
				limit
			] as const);
			spentMs.set(account, spent + answer.tookMs);
			tookMs[name] = answer.tookMs;
			found[name] = answer.found;
		}
		// The first of each kind is not counted.
		if (at < kinds.length) continue;
		const isScanned = at < kinds.length * (scans + 1);
		const recall = isScanned ? recallOf(await scan(running.ours.page, asked.text), found) : null;
		measured.push({ asked, tookMs, recall });
	}
	return measured;
}

/** What a question to our worker takes that has no answer: the libraries need none of it. */
async function roundTrip(page: Page): Promise<number> {
	const tookMs: number[] = [];
	for (let run = 0; run < queries; run++)
		tookMs.push((await page.evaluate(() => window.search.ask('', 1))).tookMs);
	return rounded(quantile(tookMs, 0.5));
}

function scan(page: Page, text: string): Promise<readonly number[]> {
	return page.evaluate(([query, most]) => window.search.scan(query, most), [text, limit] as const);
}

function recallOf(
	expected: readonly number[],
	found: Partial<Record<EngineName, readonly number[]>>
): Partial<Record<EngineName, number>> {
	const shares: Partial<Record<EngineName, number>> = {};
	for (const name of names) {
		const given = found[name];
		if (given === undefined) continue;
		const hits = new Set(given);
		const share = expected.filter((each) => hits.has(each)).length / expected.length;
		shares[name] = expected.length === 0 ? 1 : share;
	}
	return shares;
}

/** A new browser with an engine that has the whole history. */
async function start(name: EngineName, size: number, profile: string): Promise<Running> {
	const { context, page } = await openPage(profile);
	const before = await memoryOf(context);
	await page.evaluate(([engine, count]) => window.search.open(engine, count), [name, size] as const);
	const fillMs = await page.evaluate(() => window.search.fill());
	const session = await context.newCDPSession(page);
	await session.send('HeapProfiler.collectGarbage');
	const after = await memoryOf(context);
	const memoryMiB = before === null || after === null ? null : after - before;
	progress(`${name} has ${size} messages after ${rounded(fillMs)} ms, ${memoryMiB} MiB`);
	return { context, page, fillMs, memoryMiB };
}

/** Ours again, in a new browser process on the same profile: what the libraries would have to build anew. */
async function coldFirst(size: number, profile: string): Promise<Record<string, number | null>> {
	const { context, page } = await openPage(profile);
	const before = await memoryOf(context);
	const openMs = await page.evaluate((count) => window.search.open('ours', count), size);
	const asked = new History(size).queries(2);
	const ask = async (text: string): Promise<number> =>
		(await page.evaluate(([query, most]) => window.search.ask(query, most), [text, limit] as const)).tookMs;
	const firstMs = await ask(asked[0]?.text ?? '');
	for (const { text } of asked) await ask(text);
	const after = await memoryOf(context);
	await context.close();
	return {
		coldOpenMs: rounded(openMs),
		coldFirstSearchMs: rounded(firstMs),
		coldMemoryMiB: before === null || after === null ? null : rounded(after - before)
	};
}

async function openPage(profile: string): Promise<{ readonly context: BrowserContext; readonly page: Page }> {
	const context = await chromium.launchPersistentContext(profile, { executablePath: findChromium() });
	const page = await context.newPage();
	await page.goto(server.url);
	return { context, page };
}

/** Memory that the browser's processes have for themselves, in MiB: Linux tells. */
async function memoryOf(context: BrowserContext): Promise<number | null> {
	const browser = context.browser();
	if (browser === null || !existsSync('/proc/self/smaps_rollup')) return null;
	const session = await browser.newBrowserCDPSession();
	const { processInfo } = await session.send('SystemInfo.getProcessInfo');
	await session.detach();
	const kib = processInfo.map(({ id }) => {
		const file = `/proc/${id}/smaps_rollup`;
		// Helpers come and go.
		const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
		return Number(/^Pss_Anon:\s+(\d+)/m.exec(text)?.[1] ?? 0);
	});
	return kib.reduce((sum, each) => sum + each, 0) / 1024;
}

function byEngine(measured: readonly Measured[], share: number): ByEngine<number> {
	const value = (name: EngineName): number =>
		rounded(
			quantile(
				measured.flatMap(({ tookMs }) => tookMs[name] ?? []),
				share
			)
		);
	return { ours: value('ours'), minisearch: value('minisearch'), flexsearch: value('flexsearch') };
}

function byKind(measured: readonly Measured[], share: number): Record<string, ByEngine<number>> {
	return Object.fromEntries(
		kinds.map((kind) => [
			kind,
			byEngine(
				measured.filter(({ asked }) => asked.kind === kind),
				share
			)
		])
	);
}

function recallByKind(measured: readonly Measured[]): Record<string, ByEngine<number>> {
	const mean = (some: readonly Measured[], name: EngineName): number => {
		const shares = some.flatMap(({ recall }) => recall?.[name] ?? []);
		return rounded(shares.reduce((sum, each) => sum + each, 0) / shares.length);
	};
	return Object.fromEntries(
		kinds.map((kind) => {
			const some = measured.filter(({ asked }) => asked.kind === kind);
			return [
				kind,
				{
					ours: mean(some, 'ours'),
					minisearch: mean(some, 'minisearch'),
					flexsearch: mean(some, 'flexsearch')
				}
			];
		})
	);
}
