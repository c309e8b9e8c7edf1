/**
 * A newcomer opens an invite link and gets the whole history from one member over WebRTC; the relay's documents are out
 * of reach for both, it only signals. Beside it, as shipped and in plaintext: y-webrtc, with the largest history that
 * arrives within 20 s, and y-websocket, a server with the history in memory.
 *
 *     npm run bench -- first-sync [--quick] [--messages=100000] [--runs=5]
 */
import { start } from '../e2e/people';
import type { Person } from '../e2e/person';
import { markerOf } from '../seed/message-texts';
import { newMember, present } from './rig/members';
import { cpuSeconds, holds, probedPerson } from './rig/probed-person';
import { benchArguments, progress, report } from './rig/report';
import { Scratch } from './rig/scratch';
import { SeededRelay } from './rig/seeded-relay';
import { interleaved, rounded, summarise } from './rig/statistics';
import { StockProcess } from './stock/stock-process';

const { quick, option } = benchArguments();
const messages = Number(option('messages') ?? (quick ? 2_000 : 100_000));
const runs = Number(option('runs') ?? (quick ? 1 : 5));
/** Of the peers' messages: what one of ours says on average, without what signs and seals it. */
const characters = 62;
const readable = 50;
const giveUpMs = 20_000;
const longestMs = 600_000;

interface Sync {
	/** All from the press of Join, in ms. */
	readonly linkedMs: number;
	readonly readableMs: number;
	readonly completeMs: number;
	readonly searchableMs: number;
	readonly longestTaskMs: number;
	readonly tasksOver50: number;
	readonly newcomerCpuS: number;
	readonly worstFrames: readonly unknown[];
}

await using server = await SeededRelay.start(messages);
await using stock = await StockProcess.start();
using scratch = new Scratch();
/** The newest message's last word; the text itself may be formatted. */
const newest = markerOf(messages - 1);
const holder = await newMember(server, scratch, 'Ada');
const oursRuns: Sync[] = [];
const websocketMs: number[] = [];
await fillStockServer();
progress('the peer is filled');

// The first of each is not counted.
for (const [index, side] of interleaved(['ours', 'websocket'] as const, runs + 1).entries()) {
	if (side === 'ours') {
		const sync = await syncOurs();
		progress(`ours: ${JSON.stringify(sync)}`);
		if (index >= 2) oursRuns.push(sync);
	} else {
		const ms = await syncWebsocket();
		progress(`y-websocket: ${Math.round(ms)} ms`);
		if (index >= 2) websocketMs.push(ms);
	}
}
const webrtc = new Map<number, number | null>();
for (const count of [500, 900, 1_000, messages]) {
	const ms = await syncWebrtc(count);
	progress(`y-webrtc, ${count}: ${ms === null ? `not within ${giveUpMs / 1000} s` : `${Math.round(ms)} ms`}`);
	webrtc.set(count, ms);
}

const complete = summarise(oursRuns.map(({ completeMs }) => completeMs));
const peer = summarise(websocketMs);
report({
	bench: 'first-sync',
	workload: `a newcomer gets ${messages} messages over WebRTC, signed, sealed, into SQLite; relay for signalling only`,
	ours: complete.median,
	peer: peer.median,
	peerName: 'y-websocket 3.1.0 with a server in memory, plaintext, nothing on disk',
	ratio: rounded(complete.median / peer.median),
	target: 'L4: newest 50 readable <= 150 ms; complete and verified <= 1.0; K2: longest task <= 50 ms',
	unit: 'ms from Join to complete',
	complete,
	peerRuns: peer,
	linked: summarise(oursRuns.map(({ linkedMs }) => linkedMs)),
	readable: summarise(oursRuns.map(({ readableMs }) => readableMs)),
	readableAfterLink: summarise(oursRuns.map(({ readableMs, linkedMs }) => readableMs - linkedMs)),
	searchable: summarise(oursRuns.map(({ searchableMs }) => searchableMs)),
	longestTaskMs: summarise(oursRuns.map(({ longestTaskMs }) => longestTaskMs)),
	newcomerCpuS: summarise(oursRuns.map(({ newcomerCpuS }) => newcomerCpuS)),
	largestOverYWebrtc: Math.max(0, ...[...webrtc].flatMap(([count, ms]) => (ms === null ? [] : [count]))),
	throughRelayMs: rounded(holder.joinedMs)
});

async function syncOurs(): Promise<Sync> {
	const ada = await present(server, holder, 'link');
	const bob = await probedPerson('Bob', server.url, { profileDir: scratch.next(), way: 'link' });
	try {
		return await measure(bob);
	} finally {
		await bob.close();
		await ada.close();
	}
}

async function measure(bob: Person): Promise<Sync> {
	const { page } = bob;
	// The account is there already, so that Join means joining alone.
	await start(bob);
	await page.goto(server.link);
	const button = page.getByRole('button', { name: 'Join', exact: true });
	await button.waitFor();
	const cpuBefore = await cpuSeconds(bob);
	await page.evaluate((each) => window.probe.watch(each), newest);
	await button.focus();
	await page.keyboard.press('Enter');
	const linked = page.evaluate(() => window.probe.connectedMs());
	const readableMs = page.evaluate(
		({ count }) => window.probe.shown('[role=log]:not(.invisible) article', count),
		{ count: Math.min(12, readable) }
	);
	await page.waitForFunction((each) => window.probe.timesOf(each).painted !== null, newest, {
		timeout: longestMs,
		polling: 100
	});
	const newestMs = await page.evaluate((each) => window.probe.timesOf(each).painted ?? Infinity, newest);
	const completeAtMs = await holds(bob, messages);
	const searchableAtMs = await page.evaluate(async () => {
		await window.probe.store('settled');
		return window.probe.now();
	});
	const cpuAfter = await cpuSeconds(bob);
	const { receivedMs } = await page.evaluate(() => window.probe.lastKey());
	const tasks = (await page.evaluate(() => window.probe.longTasks())).filter(
		(task) => task.startMs > receivedMs
	);
	const frames = (await page.evaluate(() => window.probe.longFrames())).filter(
		(task) => task.startMs > receivedMs
	);
	return {
		linkedMs: (await linked) - receivedMs,
		readableMs: Math.max(await readableMs, newestMs) - receivedMs,
		completeMs: completeAtMs - receivedMs,
		searchableMs: searchableAtMs - receivedMs,
		longestTaskMs: Math.max(0, ...tasks.map(({ durationMs }) => durationMs)),
		tasksOver50: tasks.length,
		newcomerCpuS: cpuAfter - cpuBefore,
		worstFrames: [...frames].sort((a, b) => b.durationMs - a.durationMs).slice(0, 3)
	};
}

async function fillStockServer(): Promise<void> {
	const writer = await probedPerson('Cy', stock.url, { profileDir: scratch.next() });
	await writer.page.goto(stock.url);
	await writer.page.evaluate(
		async ([url, count, length]) => {
			window.stock.websocket(url, 'history');
			window.stock.fill(count, length);
		},
		[stock.socketUrl, messages, characters] as const
	);
	const reader = await probedPerson('Di', stock.url, { profileDir: scratch.next() });
	await reader.page.goto(stock.url);
	await reader.page.evaluate(
		([url, count]) => {
			window.stock.websocket(url, 'history');
			return window.stock.holds(count);
		},
		[stock.socketUrl, messages] as const
	);
	await writer.close();
	await reader.close();
}

async function syncWebsocket(): Promise<number> {
	const reader = await probedPerson('Di', stock.url, { profileDir: scratch.next() });
	await reader.page.goto(stock.url);
	const ms = await reader.page.evaluate(
		async ([url, count]) => {
			const startMs = window.stock.websocket(url, 'history');
			return (await window.stock.holds(count)) - startMs;
		},
		[stock.socketUrl, messages] as const
	);
	await reader.close();
	return ms;
}

/** @returns null if it does not arrive */
async function syncWebrtc(count: number): Promise<number | null> {
	const people = [
		await probedPerson('Ed', stock.url, { profileDir: scratch.next() }),
		await probedPerson('Fe', stock.url, { profileDir: scratch.next() })
	] as const;
	const [from, to] = people;
	for (const { page } of people) await page.goto(stock.url);
	const options = [`history-${count}`, `${stock.socketUrl}/signal`, count, 250] as const;
	await from.page.evaluate(
		([room, url, all, length]) => window.stock.webrtc(room, url, all, length),
		options
	);
	const startMs = await to.page.evaluate(([room, url]) => {
		window.stock.webrtc(room, url, 0, 0);
		return window.stock.now();
	}, options);
	const arrived = await to.page
		.waitForFunction((all) => window.stock.size() >= all, count, { timeout: giveUpMs, polling: 20 })
		.then(() => to.page.evaluate(() => window.stock.now()))
		.catch(() => null);
	for (const person of people) await person.close();
	return arrived === null ? null : arrived - startMs;
}
