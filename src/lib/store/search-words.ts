/**
 * What a word is, for the search index, for queries and for marking hits: one definition for all three.
 *
 * Text is compared in folded form: case, diacritics and compatibility forms (full-width, ligatures) do not matter.
 * Scripts that put no spaces between words (Han, Kana, Thai, …), Hangul, where particles stick to words, and emoji are
 * searched as substrings: the index holds their overlapping pairs.
 */

/** A stretch of text between separators. Offsets count UTF-16 units in the text that was given. */
export interface Word {
	readonly kind: 'word' | 'run';
	readonly start: number;
	readonly end: number;
	readonly folded: string;
}

/** One character of a run with the marks that belong to it. */
export interface RunCharacter {
	readonly start: number;
	readonly end: number;
	readonly folded: string;
}

/** A query taken apart: every part has to occur; `prefix` parts match the beginning of a word. */
export interface QueryPart {
	readonly kind: 'word' | 'run';
	readonly folded: string;
	readonly prefix: boolean;
}

const unsegmented =
	'[\\p{scx=Han}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Hang}\\p{scx=Bopo}\\p{scx=Thai}\\p{scx=Laoo}\\p{scx=Khmr}\\p{scx=Mymr}]';
const symbol = '\\p{Extended_Pictographic}';
const wordCharacter = `(?!${unsegmented})[\\p{L}\\p{N}]`;
const runCharacter = `(?:(?=${unsegmented})[\\p{L}\\p{N}]|(?=[^\\0-\\x7f])${symbol})[\\p{M}\\u200d\\uff9e\\uff9f]*`;
const wordOrRun = new RegExp(
	`(?<word>(?:${wordCharacter}[\\p{M}\\u200c\\u200d]*)+)|(?:${runCharacter})+`,
	'gu'
);
const characterOfRun = new RegExp(runCharacter, 'gu');

/** Marks that readers leave out: accents, Hebrew points, Arabic vowels, emoji variation. Vowel signs of Indic scripts stay. */
const optionalMarks = new RegExp(
	[
		'[\\u0300-\\u036f]',
		'[\\u0591-\\u05c7]',
		'[\\u0610-\\u061a]',
		'\\u0640',
		'[\\u064b-\\u065f]',
		'\\u0670',
		'[\\u06d6-\\u06ed]',
		'[\\u1ab0-\\u1aff]',
		'[\\u1dc0-\\u1dff]',
		'[\\u20d0-\\u20ff]',
		'[\\ufe00-\\ufe0f]',
		'[\\ufe20-\\ufe2f]'
	].join('|'),
	'g'
);
/** What decomposing brings in that is no part of a word (a fraction's slash, a ligature's spaces), and joiners. */
const noPartOfWord = /[^\p{L}\p{N}\p{M}\p{Extended_Pictographic}]+/gu;
const letterWithoutDecomposition = /[æœøđłßıħŧςſ]/g;
const plainByLetter: Readonly<Record<string, string>> = {
	æ: 'ae',
	œ: 'oe',
	ø: 'o',
	đ: 'd',
	ł: 'l',
	ß: 'ss',
	ı: 'i',
	ħ: 'h',
	ŧ: 't',
	ς: 'σ',
	ſ: 's'
};
const asciiOnly = /^[\0-\x7f]*$/;
const asciiWord = /[a-z0-9]+/g;

/** Longer words are cut in the index (FTS5 itself cuts at 32 KiB); the check against the text sees all of them. */
const indexedWordLimit = 64;
/** The longest beginnings of words that the index lists by themselves (`prefix` in schema.ts). */
export const indexedPrefixLimit = 4;
/** More parts of a query than that are left to the check against the text. */
const indexedPartLimit = 32;

/** The words of a text in their order. */
export function wordsOf(text: string): Word[] {
	if (asciiOnly.test(text)) return asciiWordsOf(text);
	const words: Word[] = [];
	for (const match of text.matchAll(wordOrRun)) {
		const folded = fold(match[0]);
		if (folded === '') continue;
		const kind = match.groups?.word === undefined ? 'run' : 'word';
		words.push({ kind, start: match.index, end: match.index + match[0].length, folded });
	}
	return words;
}

/** The same for a text without anything else than ASCII: most texts that a search looks at, at a fraction of the cost. */
function asciiWordsOf(text: string): Word[] {
	const words: Word[] = [];
	for (const { 0: folded, index } of text.toLowerCase().matchAll(asciiWord))
		words.push({ kind: 'word', start: index, end: index + folded.length, folded });
	return words;
}

/** The characters of a run, for finding where in the text a hit lies. */
export function charactersOfRun(text: string, run: Word): RunCharacter[] {
	const characters: RunCharacter[] = [];
	for (const match of text.slice(run.start, run.end).matchAll(characterOfRun)) {
		const start = run.start + match.index;
		characters.push({ start, end: start + match[0].length, folded: fold(match[0]) });
	}
	return characters;
}

/** What the index holds of a text: words once each, separated by spaces. */
export function indexedWords(text: string): string {
	if (asciiOnly.test(text)) {
		const plain = text.toLowerCase().match(asciiWord);
		return plain ? [...new Set(plain.map(cut))].join(' ') : '';
	}
	const indexed = new Set<string>();
	for (const word of wordsOf(text)) {
		if (word.kind === 'word') indexed.add(cut(word.folded));
		else for (const pair of pairsOf(word.folded, true)) indexed.add(pair);
	}
	return [...indexed].join(' ');
}

/** Takes a query apart. The last part is a prefix, if it is a word; runs are substrings anyway. */
export function queryParts(query: string): QueryPart[] {
	const words = wordsOf(query);
	return words.map(({ kind, folded }, index) => ({
		kind,
		folded,
		prefix: kind === 'word' && index === words.length - 1
	}));
}

/**
 * The FTS5 expression that finds at least all texts in which every part occurs.
 * @param prefixLimit characters of a prefix to look for at most: up to `indexedPrefixLimit` the index gives the newest
 * first without looking at the others, beyond it first gathers all
 */
export function indexExpression(
	parts: readonly QueryPart[],
	mark: string | null,
	prefixLimit: number
): string {
	const terms = new Set(mark === null ? [] : [`"${mark}"`]);
	// The last part first: it is the one that narrows down while the person types.
	for (const part of [...parts].reverse().slice(0, indexedPartLimit)) {
		if (part.kind === 'run') for (const term of runTerms(part.folded)) terms.add(term);
		else if (part.prefix) terms.add(`"${[...cut(part.folded)].slice(0, prefixLimit).join('')}"*`);
		else terms.add(`"${cut(part.folded)}"`);
	}
	return [...terms].join(' ');
}

const runTerms = (run: string): string[] =>
	[...run].length === 1 ? [`"${run}"*`] : pairsOf(run, false).map((pair) => `"${pair}"`);

/** A word that no text can hold (private use), so that a search within a conversation walks its messages only. */
export const conversationMark = (ref: number): string => `\ue000${ref.toString(36)}`;

export function fold(text: string): string {
	if (asciiOnly.test(text)) return text.toLowerCase();
	return text
		.normalize('NFKD')
		.replace(optionalMarks, '')
		.toLowerCase()
		.replace(letterWithoutDecomposition, (letter) => plainByLetter[letter] ?? letter)
		.replace(noPartOfWord, '')
		.normalize('NFC');
}

/** Cut between characters, not within a surrogate pair. */
function cut(word: string): string {
	return word.length <= indexedWordLimit
		? word
		: word.slice(0, indexedWordLimit).replace(/[\ud800-\udbff]$/, '');
}

function pairsOf(run: string, withLast: boolean): string[] {
	const characters = [...run];
	const pairs = characters.slice(1).map((character, index) => (characters[index] ?? '') + character);
	// The last character stands alone, so that a search for one character finds it as the prefix of something.
	if (withLast) pairs.push(characters.at(-1) ?? '');
	return pairs;
}
