/**
 * From the press of Enter to the own bubble, and to the other's screen: two people in browsers of their own, over a
 * direct link and over the relay, in conversations of 100 and of 100 000 messages, signed and sealed, each message on
 * disk before it is sent. Beside it, message by message, stock y-webrtc in plaintext: from the set of a map's entry to
 * the other document's observer.
 *
 *     npm run bench -- latency [--quick] [--messages=200] [--sizes=100,100000]
 */
import { randomBytes } from 'node:crypto';
import type { Page } from '@playwright/test';
import type { Person } from '../e2e/person';
import { newMember, present, together } from './rig/members';
import { probedPerson, type Way } from './rig/probed-person';
import type { TextTimes } from './rig/probe-page';
import { benchArguments, progress, report } from './rig/report';
import { Scratch } from './rig/scratch';
import { SeededRelay } from './rig/seeded-relay';
import { quantile, rounded } from './rig/statistics';
import { StockProcess } from './stock/stock-process';

const { quick, option } = benchArguments();
const counted = Number(option('messages') ?? (quick ? 20 : 200));
const sizes = (option('sizes') ?? (quick ? '100' : '100,100000')).split(',').map(Number);
const warmUps = 20;
/** Of the peer's messages; about what an average text is. */
const characters = 60;

/** Milliseconds, of one message. */
interface Delays {
	readonly ownInDom: number;
	readonly ownPainted: number;
	readonly remoteData: number;
	readonly remotePainted: number;
	readonly ownApplied: number;
	readonly ownStored: number;
	readonly remoteStored: number;
}

interface Outcome {
	readonly size: number;
	readonly way: Way;
	readonly delays: readonly Delays[];
	readonly peerMs: readonly number[];
}

const outcomes: Outcome[] = [];
await using stock = await StockProcess.start();
using scratch = new Scratch();
const stockPages = await Promise.all(['Ada', 'Bob'].map((name) => openStock(name)));
await meetStock(stockPages);

for (const size of sizes) {
	await using server = await SeededRelay.start(size);
	const ada = await newMember(server, scratch, 'Ada');
	const bob = await newMember(server, scratch, 'Bob');
	for (const way of ['link', 'relay'] as const) {
		const people = [await present(server, ada, way), await present(server, bob, way)] as const;
		await together(people, way);
		const outcome = await talk(people, size, way);
		outcomes.push(outcome);
		progress(`${size} messages, ${way}: ${JSON.stringify(summaryOf(outcome))}`);
		for (const person of people) await person.close();
	}
}
for (const { person } of stockPages) await person.close();

const largest = Math.max(...sizes);
const main = outcomes.find(({ size, way }) => size === largest && way === 'link');
const small = outcomes.find(({ size, way }) => size === Math.min(...sizes) && way === 'link');
if (main === undefined || small === undefined) throw new Error('nothing was measured');
const ours = median(main.delays.map(({ remoteData }) => remoteData));
const peer = median(main.peerMs);
report({
	bench: 'latency',
	workload: `${counted} messages one after the other over a link, ${largest} messages in the conversation; p50 to the other's data layer`,
	ours: rounded(ours),
	peer: rounded(peer),
	peerName: 'y-webrtc 10.3.0, plaintext, nothing on disk',
	ratio: rounded(ours / peer),
	target:
		'L1 <= 1.5; L2 own bubble p50 <= 8 ms, p95 <= 16.7 ms, t(100 k)/t(100) <= 1.1; L3 remote painted p99 <= 33 ms',
	unit: 'ms',
	flatness: rounded(
		median(main.delays.map(({ ownPainted }) => ownPainted)) /
			median(small.delays.map(({ ownPainted }) => ownPainted))
	),
	cases: outcomes.map((outcome) => ({ size: outcome.size, way: outcome.way, ...summaryOf(outcome) }))
});

/** Sends messages from one to the other, each when the one before has been seen; a peer's message after each. */
async function talk(people: readonly [Person, Person], size: number, way: Way): Promise<Outcome> {
	const [from, to] = people;
	const delays: Delays[] = [];
	const peerMs: number[] = [];
	await from.page.getByRole('textbox', { name: 'Message', exact: true }).focus();
	for (let number = 0; number < warmUps + counted; number++) {
		const own = await sendOne(from.page, to.page);
		const peers = await sendStock();
		if (number < warmUps) continue;
		delays.push(own);
		peerMs.push(peers);
	}
	return { size, way, delays, peerMs };
}

async function sendOne(from: Page, to: Page): Promise<Delays> {
	const text = `Lorem ${randomBytes(characters / 3).toString('hex')}`;
	for (const page of [from, to]) await page.evaluate((each) => window.probe.watch(each), text);
	await from.keyboard.insertText(text);
	await from.keyboard.press('Enter');
	const [own, remote] = await Promise.all([timesOf(from, text), timesOf(to, text)]);
	const key = await from.evaluate(() => window.probe.lastKey());
	return {
		ownApplied: own.applied - key.handledMs,
		ownStored: own.stored - key.handledMs,
		ownInDom: own.inDom - key.receivedMs,
		ownPainted: own.painted - key.receivedMs,
		remoteData: remote.applied - key.handledMs,
		remoteStored: remote.stored - key.handledMs,
		remotePainted: remote.painted - key.receivedMs
	};
}

type Seen = { readonly [Border in keyof TextTimes]: number };

async function timesOf(page: Page, text: string): Promise<Seen> {
	const complete = await page.waitForFunction(
		(each) => {
			const times = window.probe.timesOf(each);
			return Object.values(times).every((at) => at !== null) ? times : null;
		},
		text,
		{ polling: 20, timeout: 30_000 }
	);
	return (await complete.jsonValue()) as Seen;
}

interface StockPage {
	readonly person: Person;
	readonly page: Page;
}

async function openStock(name: string): Promise<StockPage> {
	const person = await probedPerson(name, stock.url, { profileDir: scratch.next() });
	await person.page.goto(stock.url);
	return { person, page: person.page };
}

async function meetStock(pages: readonly StockPage[]): Promise<void> {
	for (const { page } of pages)
		await page.evaluate(
			(signalling) => window.stock.webrtc('latency', signalling, 0, 0),
			`${stock.socketUrl}/signal`
		);
	await sendStock();
}

/** One message from the first page to the second. @returns milliseconds */
async function sendStock(): Promise<number> {
	const [from, to] = stockPages;
	if (from === undefined || to === undefined) throw new Error('the peer needs two pages');
	const key = randomBytes(8).toString('hex');
	const sentMs = await from.page.evaluate(([each, length]) => window.stock.send(each, length), [
		key,
		characters
	] as const);
	await to.page.waitForFunction((each) => window.stock.receivedAtMs(each) !== null, key, {
		polling: 20,
		timeout: 30_000
	});
	const receivedMs = await to.page.evaluate((each) => window.stock.receivedAtMs(each), key);
	return (receivedMs ?? Infinity) - sentMs;
}

function median(values: readonly number[]): number {
	return quantile(values, 0.5);
}

function summaryOf({ delays, peerMs }: Outcome): Record<string, Record<string, number>> {
	const of = (values: readonly number[]): Record<string, number> => ({
		p50: rounded(quantile(values, 0.5)),
		p95: rounded(quantile(values, 0.95)),
		p99: rounded(quantile(values, 0.99))
	});
	return {
		ownCommitted: of(delays.map(({ ownApplied }) => ownApplied)),
		ownStored: of(delays.map(({ ownStored }) => ownStored)),
		ownInDom: of(delays.map(({ ownInDom }) => ownInDom)),
		ownPainted: of(delays.map(({ ownPainted }) => ownPainted)),
		remoteData: of(delays.map(({ remoteData }) => remoteData)),
		remoteStored: of(delays.map(({ remoteStored }) => remoteStored)),
		remotePainted: of(delays.map(({ remotePainted }) => remotePainted)),
		peerData: of(peerMs)
	};
}
