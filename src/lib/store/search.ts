import { firstKeyOf, keyOf } from './message-key';
import { byPosition } from './position';
import { ofShownAuthor } from './hidden-authors';
import { foundColumns, foundOf } from './places';
import {
	charactersOfRun,
	conversationMark,
	indexedPrefixLimit,
	indexExpression,
	queryParts,
	wordsOf,
	type QueryPart,
	type Word
} from './search-words';
import type { Showing } from './shown-messages';
import type { SqlValue } from './sql-driver';
import type { SearchHit, SearchQuery } from './types';

/**
 * The newest messages in which every part of the query occurs and that its filters let through. The index proposes, the
 * text decides: it holds no order of words and cuts long ones, so each proposal is checked by the same reading of text
 * that marks the hits.
 * @param conversation number of the only conversation to look in, or null
 */
export function searchMessages(
	showing: Pick<Showing, 'driver' | 'hides'>,
	query: SearchQuery,
	conversation: number | null
): SearchHit[] {
	const parts = queryParts(query.text);
	const isFiltered = query.from !== undefined || query.has !== undefined || query.since !== undefined;
	if (query.limit <= 0 || (parts.length === 0 && !isFiltered && query.before === undefined)) return [];
	const mark = conversation === null ? null : conversationMark(conversation);
	const search = new Search(showing, parts, query);
	if (parts.length === 0 && mark === null) search.walk(null, Infinity);
	else {
		const isLong = parts.some(({ prefix, folded }) => prefix && folded.length > indexedPrefixLimit);
		// Messages with the same four letters are had from the newest on, at once. Only if too few of them are hits, the
		// word is rare among its neighbours, and gathering all that begin with all of it costs little.
		const isComplete = search.walk(
			indexExpression(parts, mark, indexedPrefixLimit),
			isLong ? query.limit * 4 : Infinity
		);
		if (!isComplete) search.walk(indexExpression(parts, mark, Infinity), Infinity);
	}
	return search.hits.sort((a, b) => byPosition(b.message, a.message)).slice(0, query.limit);
}

/** One search on its way from the newest message to older ones. */
class Search {
	readonly hits: SearchHit[] = [];
	readonly #filter: { readonly sql: string; readonly params: readonly SqlValue[] };
	/** Messages with lower keys have not been looked at. */
	#keyLimit: bigint;

	constructor(
		readonly showing: Pick<Showing, 'driver' | 'hides'>,
		readonly parts: readonly QueryPart[],
		readonly query: SearchQuery
	) {
		const { dueTime, before = Infinity, after } = query;
		this.#keyLimit = firstKeyOf(Math.min(dueTime + 1, before, after ? after.time + 1 : Infinity));
		this.#filter = filterOf(showing, query);
	}

	/**
	 * Looks at up to `most` messages that the index proposes for an expression; without one, at all that pass the filters.
	 * @returns true if nothing is left to look for
	 */
	walk(expression: string | null, most: number): boolean {
		let looked = 0;
		let isComplete = true;
		const { sql, params } = this.#filter;
		this.showing.driver.each(
			searchSql(expression !== null, sql),
			[expression, this.#keyLimit, ...params],
			([key, authorName, ...columns]) => {
				const message = foundOf(columns);
				// Keys of one tick are in order of arrival: all of the last tick are needed to put them in order by id.
				if (this.hits.length >= this.query.limit && message.time !== this.hits.at(-1)?.message.time)
					return false;
				isComplete = looked++ < most;
				if (!isComplete) return false;
				this.#keyLimit = keyOf(key);
				const text = message.text.normalize('NFC');
				const ranges = hitRanges(text, this.parts);
				if (ranges)
					this.hits.push({ message, authorName: String(authorName), snippet: snippetOf(text, ranges) });
				return true;
			}
		);
		return isComplete;
	}
}

/** Conditions with parameters from "?3" on: the same number of them for all queries with the same conditions. */
function filterOf(
	{ hides }: Pick<Showing, 'hides'>,
	{ from, has, since, before, after, dueTime }: SearchQuery
): { sql: string; params: SqlValue[] } {
	const conditions = ['m.time <= ?3', 'm.deleted = 0'];
	const params: SqlValue[] = [dueTime];
	const add = (condition: (index: number) => string, ...values: SqlValue[]) => {
		conditions.push(condition(params.length + 3));
		params.push(...values);
	};
	if (hides) conditions.push(ofShownAuthor);
	if (has === 'link') conditions.push('m.has_link = 1');
	if (from !== undefined) add((at) => `m.author = (select ref from account where id = ?${at})`, from);
	if (since !== undefined) add((at) => `m.key >= ?${at}`, firstKeyOf(since));
	if (before !== undefined) add((at) => `m.time < ?${at}`, before);
	if (after !== undefined) add((at) => `(m.time, m.id) < (?${at}, ?${at + 1})`, after.time, after.id);
	return { sql: conditions.join(' and '), params };
}

/** True if a text holds every part of a query: what a search has to find, no more and no less. */
export const isHit = (text: string, query: string): boolean =>
	hitRanges(text.normalize('NFC'), queryParts(query)) !== null;

// "cross join" keeps the planner from turning the order of loops around: the index gives keys from newest to oldest.
const searchSql = (hasExpression: boolean, filter: string): string => `
	select m.key, coalesce(b.name, ''), ${foundColumns}
	from ${hasExpression ? 'search s cross join message m on m.key = s.rowid' : 'message m'}
	cross join conversation c on c.ref = m.conversation cross join account a on a.ref = m.author
	left join member b on b.conversation = m.conversation and b.account = m.author
	where ${hasExpression ? 'search match ?1 and s.rowid' : '?1 is null and m.key'} < ?2 and ${filter} and c.id is not null
	order by ${hasExpression ? 's.rowid' : 'm.key'} desc`;

interface Range {
	readonly start: number;
	readonly end: number;
}

/** Where the parts occur, in order of place, or null if one of them does not occur. */
function hitRanges(text: string, parts: readonly QueryPart[]): Range[] | null {
	const words = wordsOf(text);
	const ranges: Range[] = [];
	for (const part of parts) {
		const before = ranges.length;
		for (const word of words) {
			if (!occursIn(word, part)) continue;
			if (word.kind === 'run') ranges.push(...rangesInRun(text, word, part.folded));
			else ranges.push(word);
		}
		if (ranges.length === before) return null;
	}
	return merged(ranges);
}

function occursIn(word: Word, part: QueryPart): boolean {
	if (word.kind !== part.kind) return false;
	if (word.kind === 'run') return word.folded.includes(part.folded);
	return part.prefix ? word.folded.startsWith(part.folded) : word.folded === part.folded;
}

function rangesInRun(text: string, run: Word, wanted: string): Range[] {
	const characters = charactersOfRun(text, run);
	const ranges: Range[] = [];
	for (let first = 0; first < characters.length; first++) {
		let joined = '';
		for (let last = first; last < characters.length && joined.length < wanted.length; last++) {
			joined += characters[last]?.folded ?? '';
			if (joined === wanted)
				ranges.push({ start: characters[first]?.start ?? 0, end: characters[last]?.end ?? 0 });
		}
	}
	// Folding the run as a whole may join what stands apart in the text (jamo): then all of it is the hit.
	return ranges.length > 0 ? ranges : [run];
}

function merged(ranges: Range[]): Range[] {
	const sorted = ranges.sort((a, b) => a.start - b.start || a.end - b.end);
	const result: Range[] = [];
	for (const range of sorted) {
		const last = result.at(-1);
		if (last && range.start < last.end)
			result[result.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
		else result.push({ start: range.start, end: range.end });
	}
	return result;
}

const snippetLengthChars = 160;
const snippetLeadChars = 40;

/** About a line of text around the first hit, beginning and ending between words where there are any near. */
function snippetOf(text: string, ranges: readonly Range[]): SearchHit['snippet'] {
	const from = leadStart(text, ranges[0]?.start ?? 0);
	const to = tailEnd(
		text,
		Math.max(from + snippetLengthChars, Math.min(ranges[0]?.end ?? 0, from + 2 * snippetLengthChars))
	);
	const parts: { text: string; hit: boolean }[] = [];
	const push = (start: number, end: number, hit: boolean) => {
		if (start < end) parts.push({ text: text.slice(start, end), hit });
	};
	let at = from;
	for (const { start, end } of ranges) {
		if (start >= to) break;
		push(at, start, false);
		push(start, Math.min(end, to), true);
		at = Math.min(end, to);
	}
	push(at, to, false);
	if (from > 0) parts.unshift({ text: '…', hit: false });
	if (to < text.length) parts.push({ text: '…', hit: false });
	return parts;
}

function leadStart(text: string, hitStart: number): number {
	if (hitStart <= snippetLeadChars) return 0;
	const earliest = hitStart - snippetLeadChars;
	const space = text.slice(earliest, hitStart).search(/\s/);
	return space >= 0 ? earliest + space + 1 : outsidePair(text, earliest);
}

function tailEnd(text: string, latest: number): number {
	if (latest >= text.length) return text.length;
	const space = text.slice(latest, latest + snippetLeadChars).search(/\s/);
	return space >= 0 ? latest + space : outsidePair(text, latest);
}

/** Moves an offset out of a surrogate pair. */
const outsidePair = (text: string, offset: number): number =>
	/[\udc00-\udfff]/.test(text[offset] ?? '') ? offset - 1 : offset;
