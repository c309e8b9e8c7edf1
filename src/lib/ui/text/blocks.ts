/**
 * Markdown-lite for chat: a message's text as a small tree of blocks, never as HTML.
 *
 * Guarantees: never throws; linear in the text; every letter and digit of the source is somewhere in the tree
 * (in a text, a code, an address, a list number or a fence's language); no address but http, https and mailto.
 * Lines stay lines: a chat message is not re-flowed.
 */
import { parseInline, type Inline } from './inline';
import type { Mentioned } from './mention';
import { readTable, type Alignment } from './table';

export type { Inline } from './inline';
export type { Mentioned } from './mention';
export type { Alignment } from './table';

export type Block =
	| { readonly kind: 'paragraph'; readonly children: readonly Inline[] }
	| { readonly kind: 'code'; readonly language: string; readonly text: string }
	| { readonly kind: 'quote'; readonly children: readonly Block[] }
	| {
			readonly kind: 'table';
			/** One for each column. */
			readonly alignments: readonly Alignment[];
			readonly head: readonly Cell[];
			readonly rows: readonly (readonly Cell[])[];
	  }
	| {
			readonly kind: 'list';
			readonly ordered: boolean;
			readonly start: number;
			readonly items: readonly ListItem[];
	  };

export type Cell = readonly Inline[];

export interface ListItem {
	/** The number as typed; null in a list without numbers. */
	readonly number: number | null;
	readonly children: readonly Inline[];
}

/** Deeper quotes stay as text: nobody reads them, and each level costs width. */
const quoteDepthLimit = 3;

const fence = /^```([^`\n]{0,40})$/;
const fenceEnd = /^```\s*$/;
const quoteLine = /^> ?/;
const bullet = /^\s{0,8}[-*+] +(?=\S)/;
const numbered = /^\s{0,8}(\d{1,9})[.)] +(?=\S)/;

/**
 * Parses a message. Takes any string (16 KiB at most are sent, but any length works), never throws.
 * @param mentioned who is mentioned in it, as the record says: what else looks like a mention stays text
 */
export function parseBlocks(text: string, mentioned: readonly Mentioned[] = []): readonly Block[] {
	return parseLines(text.replace(/\r\n?/g, '\n').split('\n'), 0, mentioned);
}

function parseLines(
	lines: readonly string[],
	depth: number,
	mentioned: readonly Mentioned[]
): readonly Block[] {
	const blocks: Block[] = [];
	const paragraph: string[] = [];
	const lastFenceEnd = lines.findLastIndex((line) => fenceEnd.test(line));
	let index = 0;

	while (index < lines.length) {
		const line = lines[index] as string;
		if (index < lastFenceEnd && fence.test(line)) {
			endParagraph();
			index = readFence(index);
		} else if (depth < quoteDepthLimit && quoteLine.test(line)) {
			endParagraph();
			index = readQuote(index);
		} else if (bullet.test(line) || numbered.test(line)) {
			endParagraph();
			index = readList(index);
		} else if (!readTableAt(index)) {
			if (line.trim() === '') endParagraph();
			else paragraph.push(line);
			index += 1;
		}
	}
	endParagraph();
	return blocks;

	function endParagraph(): void {
		if (paragraph.length === 0) return;
		blocks.push({ kind: 'paragraph', children: parseInline(paragraph.join('\n'), mentioned) });
		paragraph.length = 0;
	}

	/** @returns false if no table begins there */
	function readTableAt(start: number): boolean {
		const table = readTable(lines, start);
		if (table === null) return false;
		endParagraph();
		const inline = (row: readonly string[]): readonly Cell[] =>
			row.map((cell) => parseInline(cell, mentioned));
		const { alignments, head, rows } = table;
		blocks.push({ kind: 'table', alignments, head: inline(head), rows: rows.map(inline) });
		index += table.length;
		return true;
	}

	function readFence(start: number): number {
		let end = start + 1;
		while (!fenceEnd.test(lines[end] as string)) end += 1;
		const language = fence.exec(lines[start] as string)?.[1]?.trim() ?? '';
		blocks.push({ kind: 'code', language, text: lines.slice(start + 1, end).join('\n') });
		return end + 1;
	}

	function readQuote(start: number): number {
		const inner: string[] = [];
		let end = start;
		for (; end < lines.length && quoteLine.test(lines[end] as string); end += 1) {
			inner.push((lines[end] as string).replace(quoteLine, ''));
		}
		blocks.push({ kind: 'quote', children: parseLines(inner, depth + 1, mentioned) });
		return end;
	}

	function readList(start: number): number {
		const ordered = !bullet.test(lines[start] as string);
		const itemStart = ordered ? numbered : bullet;
		const items: ListItem[] = [];
		let end = start;
		for (; end < lines.length && itemStart.test(lines[end] as string); end += 1) {
			const line = lines[end] as string;
			const digits = ordered ? numbered.exec(line)?.[1] : undefined;
			items.push({
				number: digits === undefined ? null : Number(digits),
				children: parseInline(line.replace(itemStart, ''), mentioned)
			});
		}
		blocks.push({ kind: 'list', ordered, start: items[0]?.number ?? 1, items });
		return end;
	}
}

/** One to three emoji and nothing else: shown large, as people expect. */
export function isEmojiOnly(text: string): boolean {
	if (text.length > 64) return false;
	return /^(?:\s*(?:\p{Regional_Indicator}{2}|\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier}|\u200D\p{Extended_Pictographic})*)){1,3}\s*$/u.test(
		text
	);
}
