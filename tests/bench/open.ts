/**
 * Cold opens: a new browser process on a profile that holds a conversation, from navigation to what one sees, in a
 * conversation of 100 000 messages and in one of 1 000. Beside it y-indexeddb with as many messages in one document,
 * and the newest 50 rendered as bare paragraphs.
 *
 *     npm run bench -- open [--quick] [--messages=100000] [--runs=10]
 */
import type { Person } from '../e2e/person';
import { connection } from '../e2e/people';
import { newMember, type Member } from './rig/members';
import { heapOf, probedPerson } from './rig/probed-person';
import { benchArguments, progress, report } from './rig/report';
import { Scratch } from './rig/scratch';
import { SeededRelay } from './rig/seeded-relay';
import { interleaved, rounded, summarise, type Summary } from './rig/statistics';
import { StockProcess } from './stock/stock-process';

const { quick, option } = benchArguments();
const large = Number(option('messages') ?? (quick ? 2_000 : 100_000));
const small = quick ? 100 : 1_000;
const runs = Number(option('runs') ?? (quick ? 2 : 10));
const characters = 62;
const rows = 50;
const shownRows = '[role=log]:not(.invisible) article';

interface Opening {
	readonly firstPaintMs: number;
	readonly paintedMs: number;
	/** From the list: the click on the conversation to its newest messages. */
	readonly fromListMs: number;
	readonly listMs: number;
	readonly longestTaskMs: number;
	readonly heapMiB: number;
	readonly buffersMiB: number;
	readonly frames: readonly unknown[];
}

interface PeerOpening {
	readonly paintedMs: number;
	readonly heapMiB: number;
}

await using largeServer = await SeededRelay.start(large);
await using smallServer = await SeededRelay.start(small);
await using stock = await StockProcess.start();
using scratch = new Scratch();
const inLarge = await newMember(largeServer, scratch, 'Ada');
const inSmall = await newMember(smallServer, scratch, 'Ada');
const stockProfile = scratch.next();
await fillStock();

const openings: Record<'large' | 'small', Opening[]> = { large: [], small: [] };
const peers: PeerOpening[] = [];
// The first of each is not counted.
for (const [index, side] of interleaved(['large', 'small', 'peer'] as const, runs + 1).entries()) {
	const counts = index >= 3;
	if (side === 'peer') {
		const opening = await openStock();
		progress(`y-indexeddb: ${JSON.stringify(opening)}`);
		if (counts) peers.push(opening);
	} else {
		const opening = await (side === 'large'
			? openOurs(largeServer, inLarge)
			: openOurs(smallServer, inSmall));
		progress(`${side}: ${JSON.stringify(opening)}`);
		if (counts) openings[side].push(opening);
	}
}

const of = (side: 'large' | 'small', measure: (opening: Opening) => number): Summary =>
	summarise(openings[side].map(measure));
const painted = of('large', ({ paintedMs }) => paintedMs);
const peerPainted = summarise(peers.map(({ paintedMs }) => paintedMs));
const heap = of('large', ({ heapMiB }) => heapMiB);
const peerHeap = summarise(peers.map(({ heapMiB }) => heapMiB));
report({
	bench: 'open',
	workload: `new browser process, address of a conversation of ${large} messages, to its newest messages painted`,
	ours: painted.median,
	peer: peerPainted.median,
	peerName: 'y-indexeddb 9.0.12, bare page, plaintext',
	ratio: rounded(painted.median / peerPainted.median),
	target: `L6: <= 1/6 the time, <= 1/10 the heap of y-indexeddb at 100 k; t(${large})/t(${small}) <= 1.5`,
	unit: 'ms from navigation',
	painted,
	peerRuns: peerPainted,
	flatness: rounded(painted.median / of('small', ({ paintedMs }) => paintedMs).median),
	small: of('small', ({ paintedMs }) => paintedMs),
	firstPaint: of('large', ({ firstPaintMs }) => firstPaintMs),
	list: of('large', ({ listMs }) => listMs),
	fromList: of('large', ({ fromListMs }) => fromListMs),
	fromListSmall: of('small', ({ fromListMs }) => fromListMs),
	longestTaskMs: of('large', ({ longestTaskMs }) => longestTaskMs),
	heapMiB: heap,
	peerHeapMiB: peerHeap,
	heapRatio: rounded(heap.median / peerHeap.median),
	buffersMiB: of('large', ({ buffersMiB }) => buffersMiB)
});

async function openOurs(server: SeededRelay, member: Member): Promise<Opening> {
	const conversationPath = `/c/${server.seed.conversation}`;
	const direct = await withPage(server, member, async (person) => {
		const { page } = person;
		const shown = person.page
			.goto(server.url + conversationPath, { waitUntil: 'commit' })
			.then(() =>
				page.evaluate(([selector, count]) => window.probe.shown(selector, count), [shownRows, 8] as const)
			);
		const paintedAtMs = await shown;
		await connection(person).filter({ hasText: 'Connected through the relay' }).waitFor();
		const { origin, firstPaintMs, longestTaskMs, frames } = await page.evaluate(() => ({
			origin: performance.timeOrigin,
			firstPaintMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity,
			longestTaskMs: Math.max(0, ...window.probe.longTasks().map(({ durationMs }) => durationMs)),
			frames: [...window.probe.longFrames()].sort((a, b) => b.durationMs - a.durationMs).slice(0, 2)
		}));
		const { heapBytes, bufferBytes } = await heapOf(page);
		return {
			firstPaintMs,
			paintedMs: paintedAtMs - origin,
			longestTaskMs,
			frames,
			heapMiB: heapBytes / 2 ** 20,
			buffersMiB: bufferBytes / 2 ** 20
		};
	});
	const listed = await withPage(server, member, async ({ page }) => {
		await page.goto(server.url, { waitUntil: 'commit' });
		const item = `nav a[href="${conversationPath}"]`;
		const listAtMs = await page.evaluate((selector) => window.probe.shown(selector), item);
		await page.locator(item).focus();
		const shown = page.evaluate(([selector, count]) => window.probe.shown(selector, count), [
			shownRows,
			8
		] as const);
		await page.keyboard.press('Enter');
		const openedAtMs = await shown;
		const { receivedMs } = await page.evaluate(() => window.probe.lastKey());
		const origin = await page.evaluate(() => performance.timeOrigin);
		return { listMs: listAtMs - origin, fromListMs: openedAtMs - receivedMs };
	});
	return { ...direct, ...listed };
}

async function withPage<T>(
	server: SeededRelay,
	member: Member,
	use: (person: Person) => Promise<T>
): Promise<T> {
	const person = await probedPerson(member.name, server.url, { profileDir: member.profileDir, way: 'relay' });
	try {
		return await use(person);
	} finally {
		await person.close();
	}
}

async function fillStock(): Promise<void> {
	const person = await probedPerson('Bo', stock.url, { profileDir: stockProfile });
	await person.page.goto(stock.url);
	await person.page.evaluate(
		async ([count, length]) => {
			await window.stock.indexeddb('history', 50);
			window.stock.fill(count, length);
			await window.stock.stored();
		},
		[large, characters] as const
	);
	await person.close();
}

async function openStock(): Promise<PeerOpening> {
	const person = await probedPerson('Bo', stock.url, { profileDir: stockProfile });
	const { page } = person;
	await page.goto(stock.url);
	const { paintedMs } = await page.evaluate((count) => window.stock.indexeddb('history', count), rows);
	const origin = await page.evaluate(() => performance.timeOrigin);
	const size = await page.evaluate(() => window.stock.size());
	if (size !== large) throw new Error(`y-indexeddb holds ${size} of ${large} messages`);
	const { heapBytes } = await heapOf(page);
	await person.close();
	return { paintedMs: paintedMs - origin, heapMiB: heapBytes / 2 ** 20 };
}
