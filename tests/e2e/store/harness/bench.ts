/** Figures for the targets L6 and S1, taken where they count: in a page, over the worker, on OPFS. */
import { plainlySaid } from '../../../../src/lib/store/as-said';
import type { SaidMessage, Store } from '../../../../src/lib/store/types';

export interface BenchReport {
	readonly messages: number;
	readonly applyRowsPerSecond: number;
	readonly indexRowsPerSecond: number;
	/** Longest time that a query waited during the import, in ms. */
	readonly queryDuringImportMaxMs: number;
	readonly bytes: number;
	readonly p50Ms: Readonly<Record<string, number>>;
	readonly p95Ms: Readonly<Record<string, number>>;
}

const batchMessages = 1000;
const conversationCount = 10;
const firstTime = 1_700_000_000_000 * 1024;
const gapTicks = 37_000 * 1024;
const farFuture = Number.MAX_SAFE_INTEGER - 1;

/** Imports newest first, indexes, then asks. */
export async function runBench(store: Store, count: number): Promise<BenchReport> {
	const random = randomFrom(7);
	const words = vocabulary(random);
	const word = () => words[Math.floor(Math.exp(random() * Math.log(words.length))) - 1] ?? '';
	const text = () => Array.from({ length: 11 }, word).join(' ');
	const conversations = Array.from({ length: conversationCount }, (_, index) => `conversation-${index}`);
	await store.apply({
		conversations: conversations.map((id) => ({ id, name: id, createdTime: firstTime, left: false }))
	});

	let applyMs = 0;
	const waits: number[] = [];
	for (let end = count; end > 0; end -= batchMessages) {
		const rows = Array.from({ length: batchMessages }, (_, index) =>
			row(end - batchMessages + index, text())
		);
		const start = performance.now();
		const applied = store.apply({ messages: rows });
		const asked = store.page({
			conversation: 'conversation-3',
			anchor: { at: 'newest' },
			limit: 60,
			dueTime: farFuture
		});
		await applied;
		applyMs += performance.now() - start;
		await asked;
		waits.push(performance.now() - start);
	}
	const indexStart = performance.now();
	await store.settled();
	const indexMs = performance.now() - indexStart;

	const figures: Record<string, number[]> = {};
	const measure = async (name: string, ask: () => Promise<unknown>) => {
		const times: number[] = [];
		for (let run = 0; run < 200; run++) {
			const start = performance.now();
			await ask();
			times.push(performance.now() - start);
		}
		figures[name] = times.sort((a, b) => a - b);
	};
	const search = (query: string, conversation?: string) =>
		store.search({ text: query, conversation, limit: 50, dueTime: farFuture });
	await measure('round trip', () => store.cursors('nobody'));
	await measure('newest 60', () =>
		store.page({ conversation: 'conversation-3', anchor: { at: 'newest' }, limit: 60, dueTime: farFuture })
	);
	await measure('page anywhere', () =>
		store.page({
			conversation: 'conversation-3',
			anchor: {
				at: 'around',
				position: { time: firstTime + Math.floor(random() * count) * gapTicks, id: '' }
			},
			limit: 60,
			dueTime: farFuture
		})
	);
	await measure('conversations', () => store.conversations(farFuture));
	await measure('search word', () => search(word()));
	await measure('search 1–4 letters', () => search(word().slice(0, 1 + Math.floor(random() * 4))));
	await measure('search two words', () => search(`${word()} ${word()}`));
	await measure('search in conversation', () => search(word(), 'conversation-3'));
	await measure('one message', () => store.apply({ messages: [row(count++, text())] }));

	const at = (share: number) =>
		Object.fromEntries(
			Object.entries(figures).map(([name, times]) => [
				name,
				rounded(times[Math.floor(times.length * share)] ?? NaN)
			])
		);
	return {
		messages: count,
		applyRowsPerSecond: Math.round((count / applyMs) * 1000),
		indexRowsPerSecond: Math.round((count / indexMs) * 1000),
		queryDuringImportMaxMs: rounded(Math.max(...waits)),
		bytes: (await store.stats()).bytes,
		p50Ms: at(0.5),
		p95Ms: at(0.95)
	};
}

const rounded = (ms: number): number => Math.round(ms * 100) / 100;

function row(index: number, text: string): SaidMessage {
	const id = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))
		.slice(0, 43)
		.replaceAll('+', '-')
		.replaceAll('/', '_');
	return {
		...plainlySaid,
		conversation: `conversation-${index % conversationCount}`,
		time: firstTime + index * gapTicks,
		id,
		segment: Math.floor(index / 10_000),
		lane: 1e15 + (index % 50),
		clock: Math.floor(index / 50),
		author: `account-number-${index % 50}-with-an-id-as-long-as-a-hash`,
		own: index % 50 === 0,
		text,
		sentAtMs: 1_700_000_000_000 + index * 37_000
	};
}

/** 30 000 words, the common ones short. */
function vocabulary(random: () => number): string[] {
	const letters = 'etaoinshrdlucmfwypvbgk';
	const letter = () => letters[Math.floor(random() * random() * letters.length)] ?? 'e';
	return Array.from({ length: 30_000 }, () =>
		Array.from({ length: 3 + Math.floor(random() * random() * 10) }, letter).join('')
	);
}

/** Numbers in [0, 1) from a seed (mulberry32's steps), so that two runs ask the same. */
function randomFrom(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
	};
}
