import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { isEmojiOnly, parseBlocks, type Block, type Inline } from '../../../src/lib/ui/text/blocks';
import { safeHref } from '../../../src/lib/ui/text/inline';
import { readTable, writeTable } from '../../../src/lib/ui/text/table';
import { BlockCounter } from '../../block-counter';

/** Everything that reaches the screen or an attribute, in order. */
function flatten(blocks: readonly Block[]): string {
	const inline = (nodes: readonly Inline[]): string =>
		nodes
			.map((node) => {
				if (node.kind === 'text' || node.kind === 'code' || node.kind === 'mention') return node.text;
				if (node.kind === 'break') return '\n';
				const inner = inline(node.children);
				return node.kind === 'link' && inner !== node.href ? `${inner} ${node.href}` : inner;
			})
			.join('');
	return blocks
		.map((block) => {
			if (block.kind === 'paragraph') return inline(block.children);
			if (block.kind === 'code') return `${block.language}\n${block.text}`;
			if (block.kind === 'quote') return flatten(block.children);
			if (block.kind === 'table')
				return [block.head, ...block.rows].map((row) => row.map(inline).join(' ')).join('\n');
			return block.items.map((item) => `${item.number ?? ''} ${inline(item.children)}`).join('\n');
		})
		.join('\n');
}

/** What a parser must not lose: everything but markers, bars and rules of tables, whitespace and leading zeros of list numbers. */
const substance = (text: string): string => text.replace(/[\s*_~`>()[\]\\.+|:-]/gu, '');

const depth = (nodes: readonly Inline[]): number =>
	nodes.reduce((most, node) => ('children' in node ? Math.max(most, 1 + depth(node.children)) : most), 0);

const links = (blocks: readonly Block[]): string[] => {
	const found: string[] = [];
	const visit = (nodes: readonly Inline[]): void => {
		for (const node of nodes) {
			if (node.kind === 'link') found.push(node.href);
			if ('children' in node) visit(node.children);
		}
	};
	for (const block of blocks) {
		if (block.kind === 'paragraph') visit(block.children);
		if (block.kind === 'quote') found.push(...links(block.children));
		if (block.kind === 'list') for (const item of block.items) visit(item.children);
		if (block.kind === 'table') for (const cell of [block.head, ...block.rows].flat()) visit(cell);
	}
	return found;
};

const paragraph = (text: string): readonly Inline[] => {
	const block = parseBlocks(text)[0];
	if (block?.kind !== 'paragraph') throw new Error(`a paragraph was expected, got ${block?.kind}`);
	return block.children;
};

const markup = fc
	.array(
		fc.oneof(
			{
				weight: 5,
				arbitrary: fc.constantFrom(
					'*',
					'**',
					'_',
					'~~',
					'`',
					'``',
					'```',
					'\n```\n',
					'[',
					']',
					'(',
					')',
					'> ',
					'\n> ',
					'\n- ',
					'\n1. ',
					'\\',
					'|',
					'|-|-|\n',
					'\n-|:-:\n',
					'@',
					'\n',
					' '
				)
			},
			{
				weight: 2,
				arbitrary: fc.constantFrom(
					'https://a.example/b',
					'mailto:a@b.example',
					'javascript:alert(1)',
					'](https://c.example)',
					'שלום',
					'👩‍👩‍👧',
					'h',
					'm'
				)
			},
			{ weight: 2, arbitrary: fc.stringMatching(/^[a-z]{0,6}$/) }
		),
		{ maxLength: 60 }
	)
	.map((parts) => parts.join(''));

describe('message text', () => {
	it('reads bold, italic, struck, code and breaks', () => {
		expect(paragraph('**b** *i* _j_ ~~s~~ `c`\nnext')).toEqual([
			{ kind: 'strong', children: [{ kind: 'text', text: 'b' }] },
			{ kind: 'text', text: ' ' },
			{ kind: 'emphasis', children: [{ kind: 'text', text: 'i' }] },
			{ kind: 'text', text: ' ' },
			{ kind: 'emphasis', children: [{ kind: 'text', text: 'j' }] },
			{ kind: 'text', text: ' ' },
			{ kind: 'struck', children: [{ kind: 'text', text: 's' }] },
			{ kind: 'text', text: ' ' },
			{ kind: 'code', text: 'c' },
			{ kind: 'break' },
			{ kind: 'text', text: 'next' }
		]);
	});

	it('nests, and lets what does not pair up stand as typed', () => {
		expect(paragraph('**a *b* c**')).toEqual([
			{
				kind: 'strong',
				children: [
					{ kind: 'text', text: 'a ' },
					{ kind: 'emphasis', children: [{ kind: 'text', text: 'b' }] },
					{ kind: 'text', text: ' c' }
				]
			}
		]);
		for (const text of [
			'2 * 3 * 4',
			'snake_case_name',
			'**open',
			'a ** b',
			'`open',
			'[x](',
			'~ ~~',
			'****'
		]) {
			expect(paragraph(text)).toEqual([{ kind: 'text', text }]);
		}
		expect(paragraph('\\*not italic\\*')).toEqual([{ kind: 'text', text: '*not italic*' }]);
	});

	it('reads blocks: fence, quote, lists, paragraphs', () => {
		expect(parseBlocks('hi\n\n```ts\nconst a = 1;\n\n**b**\n```\n> q\n> > r\n- a\n- b\n3. x\n4. y')).toEqual([
			{ kind: 'paragraph', children: [{ kind: 'text', text: 'hi' }] },
			{ kind: 'code', language: 'ts', text: 'const a = 1;\n\n**b**' },
			{
				kind: 'quote',
				children: [
					{ kind: 'paragraph', children: [{ kind: 'text', text: 'q' }] },
					{ kind: 'quote', children: [{ kind: 'paragraph', children: [{ kind: 'text', text: 'r' }] }] }
				]
			},
			{
				kind: 'list',
				ordered: false,
				start: 1,
				items: [
					{ number: null, children: [{ kind: 'text', text: 'a' }] },
					{ number: null, children: [{ kind: 'text', text: 'b' }] }
				]
			},
			{
				kind: 'list',
				ordered: true,
				start: 3,
				items: [
					{ number: 3, children: [{ kind: 'text', text: 'x' }] },
					{ number: 4, children: [{ kind: 'text', text: 'y' }] }
				]
			}
		]);
		expect(parseBlocks('```\nnever closed')[0]?.kind).toBe('paragraph');
	});

	it('links http, https and mailto, and nothing else', () => {
		expect(links(parseBlocks('see https://a.example/x_(y), and [docs](https://b.example/).'))).toEqual([
			'https://a.example/x_(y)',
			'https://b.example/'
		]);
		expect(links(parseBlocks('(https://a.example/x) mailto:a@b.example'))).toEqual([
			'https://a.example/x',
			'mailto:a@b.example'
		]);
		for (const text of [
			'javascript:alert(1)',
			'[x](javascript:alert(1))',
			'data:text/html,x',
			'[x](//evil.example)',
			'xhttps://a.example',
			'http://',
			'[x](https://)'
		]) {
			expect(links(parseBlocks(text))).toEqual([]);
		}
		expect(safeHref('vbscript:x')).toBeNull();
	});

	it('keeps every letter and digit, never throws, stays shallow, for any text', () => {
		fc.assert(
			fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), markup), (text) => {
				const blocks = parseBlocks(text, [{ name: 'h', self: true }]);
				// A labelled link's address is normalised, so texts with one are held to the rule without it.
				if (links(blocks).length === 0) {
					const digits = (value: string): string => substance(value).replace(/0+(?=\d)/g, '');
					expect(digits(flatten(blocks))).toBe(digits(text));
				}
				for (const block of blocks)
					if (block.kind === 'paragraph') expect(depth(block.children)).toBeLessThanOrEqual(5);
				for (const href of links(blocks)) expect(href).toMatch(/^(https?|mailto):/);
			}),
			{ numRuns: 2000 }
		);
	});

	it('does linear work on 16 KiB of whatever one repeats', async () => {
		const seeds = [
			'*',
			'**a',
			'_a',
			'~~',
			'`',
			'`a``',
			'[',
			'[a](',
			'[a](http://',
			'](',
			'> ',
			'>',
			'- ',
			'1. ',
			'\\',
			'```\n',
			'```x\n',
			'h',
			'https://',
			'mailto:',
			'((',
			'http://a)',
			'*_',
			'**a *b ',
			'\n',
			' ',
			'\u202e',
			'👩‍👩‍👧',
			'|',
			'a|\n-|\n',
			'|-',
			'- | ',
			'\\|',
			'@',
			'@Ann '
		];
		using counter = new BlockCounter('/src/lib/ui/text/');
		vi.resetModules();
		const fresh = await import('../../../src/lib/ui/text/blocks');
		const work = (seed: string, length: number): number => {
			const text = seed.repeat(Math.ceil(length / seed.length));
			return counter.blocksOf(() => fresh.parseBlocks(text, [{ name: 'Ann', self: false }]));
		};
		// Four times the text: four times the work if it is linear, sixteen times if it is quadratic.
		for (const seed of seeds) {
			const [short, long] = [work(seed, 4 * 1024), work(seed, 16 * 1024)];
			expect(long / short, `${JSON.stringify(seed)}: ${short}, then ${long}`).toBeLessThan(6);
		}
	});

	it('reads tables, and what has no row of dashes stays text', () => {
		const cell = (text: string): readonly Inline[] => (text === '' ? [] : [{ kind: 'text', text }]);
		expect(
			parseBlocks('to bring:\n| Who | What |\n|:-:|--:|\n| Aiko | a \\| b |\n| Ben |\nthat is all')
		).toEqual([
			{ kind: 'paragraph', children: cell('to bring:') },
			{
				kind: 'table',
				alignments: ['center', 'end'],
				head: [cell('Who'), cell('What')],
				rows: [
					[cell('Aiko'), cell('a | b')],
					[cell('Ben'), cell('')]
				]
			},
			{ kind: 'paragraph', children: cell('that is all') }
		]);
		for (const text of ['a | b', 'a | b\nc | d', '| a |\n| - | - |', '---\n---'])
			expect(parseBlocks(text).map(({ kind }) => kind)).toEqual(['paragraph']);
	});

	it('reads the tables that it writes', () => {
		const cells = fc.string({ maxLength: 12 }).map((text) => text.replace(/[\s\\]+/gu, ' ').trim());
		const rows = fc
			.integer({ min: 2, max: 6 })
			.chain((width) =>
				fc.array(fc.array(cells, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 5 })
			);
		fc.assert(
			fc.property(rows, (table) => {
				const lines = writeTable(table).split('\n');
				const read = readTable(lines, 0);
				expect(read && [read.head, ...read.rows]).toEqual(table);
				expect(read?.length).toBe(lines.length);
			})
		);
	});

	it('marks mentions of those who are mentioned, the longest name first, and of nobody else', () => {
		const mentioned = [
			{ name: 'Anna', self: false },
			{ name: 'Anna Maria', self: true }
		];
		const marked = (text: string): readonly (readonly [string, boolean])[] =>
			parseBlocks(text, mentioned)
				.flatMap((block) => (block.kind === 'paragraph' ? block.children : []))
				.flatMap((node) => (node.kind === 'mention' ? [[node.text, node.self] as const] : []));
		expect(marked('@Anna and @anna maria, @Ben')).toEqual([
			['@Anna', false],
			['@anna maria', true]
		]);
		expect(marked('mail@Anna @Annabel @@Anna `@Anna` \\@Anna')).toEqual([['@Anna', false]]);
		expect(paragraph('@Anna')).toEqual([{ kind: 'text', text: '@Anna' }]);
	});

	it('knows emoji that stand alone', () => {
		for (const text of ['👍', '👍🏽 🎉', '👩‍👩‍👧', '🇩🇪', '❤️']) expect(isEmojiOnly(text)).toBe(true);
		for (const text of ['', '1', '#', 'ok 👍', '👍👍👍👍', '   ']) expect(isEmojiOnly(text)).toBe(false);
	});
});
