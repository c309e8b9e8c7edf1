import fc from 'fast-check';
import { expect, test } from 'vitest';
import { indexedWords, wordsOf } from '../../../src/lib/store/search-words';
import { linearScan } from './linear-scan';
import { memoryStore } from './memory-store';
import { message } from './store-rows';

const word = fc.oneof(
	fc.constantFrom(
		'cafe',
		'Café',
		'CAFÉS',
		'caf',
		'naïve',
		'über',
		'uber',
		'Ångström',
		'привет',
		'ПРИВЕТ',
		'Ελλάδα',
		'a',
		'ab',
		'abc',
		'abcd',
		'abcde',
		'abcdef',
		'abcdX'
	),
	fc.constantFrom('東京', '京東', '東京都', '京', '東', 'タワー', 'とうきょう', '東京タワー', '京東京'),
	fc.stringMatching(/^[ab]{1,7}$/)
);
const separator = fc.constantFrom(' ', '', ', ', '-', '! ');
const text = fc.array(fc.tuple(word, separator), { maxLength: 6 }).map((parts) => parts.flat().join(''));

test('finds exactly what a linear scan finds, newest first', { timeout: 120_000 }, async () => {
	const queries = fc.array(
		fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' ')),
		{ minLength: 5, maxLength: 20 }
	);
	await fc.assert(
		fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 120 }), queries, async (texts, asked) => {
			const store = memoryStore();
			await store.open();
			await store.apply({ messages: texts.map((each, clock) => message(clock, { text: each, clock })) });
			await store.settled();
			for (const query of asked) {
				const expected = linearScan(texts, query).reverse();
				for (const limit of [500, 3]) {
					const hits = await store.search({ text: query, limit, dueTime: message(500).time });
					expect({ query, clocks: hits.map((hit) => hit.message.clock) }).toEqual({
						query,
						clocks: expected.slice(0, limit)
					});
				}
			}
			await store.close();
		}),
		{ numRuns: 100 }
	);
});

test('a prefix that is common among its first four letters, and one that is rare', async () => {
	const store = memoryStore();
	await store.open();
	// 3 000 messages with "hell…": the newest 1 000 are not "hello".
	const texts = Array.from({ length: 3000 }, (_, index) =>
		index < 2000 && index % 2 === 0 ? 'hello there' : 'hellebore'
	);
	await store.apply({ messages: texts.map((each, clock) => message(clock, { text: each, clock })) });
	await store.settled();
	const clocks = async (query: string, limit: number) =>
		(await store.search({ text: query, limit, dueTime: message(5000).time })).map((hit) => hit.message.clock);
	expect(await clocks('hello', 3)).toEqual([1998, 1996, 1994]);
	expect(await clocks('hello', 5000)).toEqual(linearScan(texts, 'hello').reverse());
	expect(await clocks('helle', 2)).toEqual([2999, 2998]);
	expect(await clocks('there hellx', 2)).toEqual([]);
	await store.close();
});

test('the snippet is the text, with all hits marked', () => {
	return fc.assert(
		fc.asyncProperty(text, word, async (given, query) => {
			const store = memoryStore();
			await store.open();
			await store.apply({ messages: [message(1, { text: given })] });
			const [hit] = await store.search({ text: query, limit: 1, dueTime: message(5).time });
			await store.close();
			if (!hit) return;
			expect(hit.snippet.map((part) => part.text).join('')).toBe(given.normalize('NFC'));
			expect(hit.snippet.some((part) => part.hit)).toBe(true);
		}),
		{ numRuns: 100 }
	);
});

test('words for the index hold nothing that the query language would read', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (given) => {
			const words = indexedWords(given);
			expect(words).not.toMatch(/["*():^]|\s\s/);
			expect(words.split(' ').every((each) => each.length <= 64)).toBe(true);
		}),
		{ numRuns: 2000 }
	);
});

test('what a word is does not depend on what else there is in the text', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 60 }), (given) => {
			expect(wordsOf(given)).toEqual(wordsOf(`${given} …`));
		}),
		{ numRuns: 1000 }
	);
});
