/**
 * What a browser has to load before somebody can use Skein, and what comes later: the requests of a real page, each
 * file as gzip makes it (level 9), as any web server would send it.
 *
 *     npm run bench -- bundle
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page, Request } from '@playwright/test';
import { createGroup, inviteLink, start } from '../e2e/people';
import { probedPerson } from './rig/probed-person';
import { progress, report } from './rig/report';
import { Scratch } from './rig/scratch';
import { SeededRelay } from './rig/seeded-relay';

/** Quoted from the project's targets, not measured here. */
const converseKb = 358;

declare global {
	interface Window {
		/** When this visit's page can be used. */
		usable: Promise<number>;
	}
}

type Group = 'before first paint' | 'before interactive' | 'later';

interface Loaded {
	readonly path: string;
	readonly kb: number;
	readonly group: Group;
}

interface Visit {
	readonly files: readonly Loaded[];
	readonly firstPaintMs: number;
	readonly interactiveMs: number;
}

await using server = await SeededRelay.start();
using scratch = new Scratch();
const person = await probedPerson('Ada', server.url, { profileDir: scratch.next(), serviceWorkers: 'block' });
const { page } = person;

const first = await visit(server.url, 'input');
await start(person);
await createGroup(person, 'Alpine trip');
const dialogs = await during(page, async () => {
	await inviteLink(person);
});
const conversation = new URL(page.url()).pathname;
await page.goto('about:blank');
const again = await visit(server.url, 'nav a[href^="/c/"]');
await page.goto('about:blank');
const open = await visit(server.url + conversation, 'textarea');
await person.close();

for (const [name, { files, firstPaintMs, interactiveMs }] of Object.entries({ first, again, open })) {
	progress(
		`${name}: first paint ${Math.round(firstPaintMs)} ms, interactive ${Math.round(interactiveMs)} ms`
	);
	for (const { path, kb, group } of files)
		progress(`  ${kb.toFixed(1).padStart(7)} KB  ${group.padEnd(20)} ${path}`);
}
const ours = initialKb(open);
report({
	bench: 'bundle',
	workload: 'JavaScript and CSS until a conversation is on screen and can be written in, without a cache',
	ours,
	peer: converseKb,
	peerName: 'Converse.js (quoted, not measured here)',
	ratio: Number((ours / converseKb).toFixed(3)),
	target: '<= 1/3; no wasm before first paint',
	unit: 'KB gzip',
	firstRunKb: initialKb(first),
	listKb: initialKb(again),
	byKind: { firstRun: byKind(first), list: byKind(again), conversation: byKind(open) },
	dialogsKb: sum(dialogs.map(sizeOf)),
	wasmBeforeFirstPaint: [first, again, open].some(({ files }) =>
		files.some(({ path, group }) => path.endsWith('.wasm') && group === 'before first paint')
	)
});

/** Loads an address in the person's page and sorts its requests by when they were made. */
async function visit(url: string, interactive: string): Promise<Visit> {
	const requests: Request[] = [];
	const note = (request: Request): void => void requests.push(request);
	page.on('request', note);
	// Asked by the page itself, before it runs: asked from here, on a busy machine, the answer comes when all is loaded.
	await page.addInitScript((selector) => void (window.usable = window.probe.there(selector)), interactive);
	await page.goto(url);
	const thereAt = await page.evaluate(() => window.usable);
	const times = await page.evaluate(async () => ({
		origin: performance.timeOrigin,
		paint: await new Promise<number>((resolve) => {
			new PerformanceObserver((list) => {
				const first = list.getEntriesByName('first-contentful-paint')[0];
				if (first !== undefined) resolve(first.startTime);
			}).observe({ type: 'paint', buffered: true });
		})
	}));
	await page.waitForLoadState('networkidle');
	page.off('request', note);
	const paintAt = times.origin + times.paint;
	// What is asked for once it is there, it did not wait for.
	const interactiveAt = Math.max(thereAt, paintAt);
	const groupOf = (atMs: number): Group => {
		if (atMs < paintAt) return 'before first paint';
		return atMs < interactiveAt ? 'before interactive' : 'later';
	};
	return {
		firstPaintMs: times.paint,
		interactiveMs: interactiveAt - times.origin,
		files: requests
			.filter((request) => request.url().startsWith('http'))
			.map((request) => ({
				path: pathOf(request),
				kb: sizeOf(pathOf(request)),
				// By the browser's clock, as the paint is: word of a request comes late to a busy machine.
				group: groupOf(request.timing().startTime)
			}))
	};
}

/** Paths that the page asks for while `act` runs. */
async function during(of: Page, act: () => Promise<void>): Promise<string[]> {
	const paths: string[] = [];
	const note = (request: Request): void => void paths.push(pathOf(request));
	of.on('request', note);
	await act();
	of.off('request', note);
	return paths.filter((path) => path.startsWith('/_app/'));
}

function pathOf(request: Request): string {
	return new URL(request.url()).pathname;
}

/** In kilobytes of 1000, as gzip makes it; a page of the app is its index.html. */
function sizeOf(path: string): number {
	const file = path.includes('.') ? path : 'index.html';
	return gzipSync(readFileSync(join(server.scratchDir, 'app', file)), { level: 9 }).length / 1000;
}

function initialKb({ files }: Visit): number {
	return sum(
		files.filter(({ path, group }) => group !== 'later' && /\.(js|css)$/.test(path)).map(({ kb }) => kb)
	);
}

function byKind({ files }: Visit): Record<string, number> {
	const kbByKind: Record<string, number[]> = {};
	for (const { path, kb, group } of files) {
		const kind = path.includes('.') ? (path.split('.').pop() ?? '') : 'html';
		(kbByKind[`${kind}, ${group}`] ??= []).push(kb);
	}
	return Object.fromEntries(Object.entries(kbByKind).map(([kind, sizes]) => [kind, sum(sizes)]));
}

function sum(sizes: readonly number[]): number {
	return Number(sizes.reduce((total, kb) => total + kb, 0).toFixed(1));
}
