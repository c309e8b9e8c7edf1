/**
 * What searches: our store as it is shipped, in its worker and on OPFS, and two libraries in the memory of the page. The
 * libraries get what their manuals advise for this: all words must occur, the last one as a beginning, accents off. They
 * hold no texts and answer with numbers; ours answers with messages, their authors, and snippets.
 */
import { Charset, Index } from 'flexsearch';
import MiniSearch from 'minisearch';
import { openStoreWorker } from '../../../src/lib/store/client';
import { plainlySaid } from '../../../src/lib/store/as-said';
import type { SaidMessage } from '../../../src/lib/store/types';

export interface Engine {
	/** Makes it ready, with whatever it has kept. */
	open(): Promise<void>;
	/** @param texts of messages `first`, `first` - 1, …: newer ones come before older ones */
	add(first: number, texts: readonly string[]): Promise<void>;
	/** Resolves when all that was added can be found. */
	finish(): Promise<void>;
	/** Numbers of the newest `limit` hits, newest first. */
	find(query: string, limit: number): Promise<readonly number[]>;
	close(): Promise<void>;
}

export const engines = { ours, minisearch, flexsearch };
export type EngineName = keyof typeof engines;

const conversationCount = 10;
const authorCount = 50;
const firstMs = 1_700_000_000_000;
const gapMs = 37_000;
const ticksPerMs = 1024;
const dueTime = Number.MAX_SAFE_INTEGER - 1;
const conversationOf = (number: number): string => `conversation-${number % conversationCount}`;

function ours(): Engine {
	const store = openStoreWorker();
	return {
		async open() {
			const { state } = await store.open();
			if (state === 'memory') throw new Error('the store is not on OPFS');
			const conversations = Array.from({ length: conversationCount }, (_, number) => ({
				id: conversationOf(number),
				name: conversationOf(number),
				createdTime: firstMs * ticksPerMs,
				left: false
			}));
			await store.apply({ conversations });
		},
		add: (first, texts) =>
			store.apply({ messages: texts.map((text, index) => said(first - index, text)).reverse() }),
		finish: () => store.settled(),
		async find(query, limit) {
			const hits = await store.search({ text: query, limit, dueTime });
			return hits.map(({ message }) => (message.sentAtMs - firstMs) / gapMs);
		},
		close: () => store.close()
	};
}

function said(number: number, text: string): SaidMessage {
	const id = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
	const sentAtMs = firstMs + number * gapMs;
	return {
		...plainlySaid,
		conversation: conversationOf(number),
		time: sentAtMs * ticksPerMs,
		id: id.slice(0, 43).replaceAll('+', '-').replaceAll('/', '_'),
		segment: Math.floor(number / 10_000),
		lane: 1e15 + (number % authorCount),
		clock: Math.floor(number / authorCount),
		author: `account-number-${number % authorCount}-with-an-id-as-long-as-a-hash`,
		own: number % authorCount === 0,
		text,
		sentAtMs
	};
}

function minisearch(): Engine {
	const index = new MiniSearch<{ readonly id: number; readonly text: string }>({
		fields: ['text'],
		processTerm: (term) => term.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase(),
		searchOptions: { combineWith: 'AND', prefix: (_, at, terms) => at === terms.length - 1 }
	});
	return {
		open: () => Promise.resolve(),
		async add(first, texts) {
			for (const [at, text] of texts.entries()) index.add({ id: first - at, text });
		},
		finish: () => Promise.resolve(),
		async find(query, limit) {
			const hits = index.search(query).map(({ id }) => id as number);
			return hits.sort((a, b) => b - a).slice(0, limit);
		},
		close: () => Promise.resolve()
	};
}

function flexsearch(): Engine {
	// One slot for all scores: then it gives hits in the order in which they were added, the newest first, and stops at
	// the limit. A messenger, where newer ones come later, would not get that.
	const index = new Index({ tokenize: 'forward', resolution: 1, encoder: Charset.Normalize });
	return {
		open: () => Promise.resolve(),
		async add(first, texts) {
			for (const [at, text] of texts.entries()) index.add(first - at, text);
		},
		finish: () => Promise.resolve(),
		find: async (query, limit) => index.search(query, { limit }) as number[],
		close: () => Promise.resolve()
	};
}
