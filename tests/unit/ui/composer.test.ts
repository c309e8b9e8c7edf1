import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtInCommands } from '../../../src/lib/app/commands/built-in';
import { readCommandLine, type Command } from '../../../src/lib/app/commands/command';
import { CommandRegistry } from '../../../src/lib/app/commands/registry';
import { beginsSo, chosen, completionAt, type Suggestion } from '../../../src/lib/ui/composer/completion';
import { editedText } from '../../../src/lib/ui/composer/field-edit';
import { formatEdit, formatOf, type Format } from '../../../src/lib/ui/composer/formatting';
import { mentionsIn } from '../../../src/lib/ui/composer/mentions';
import { outgoing } from '../../../src/lib/ui/composer/outgoing';
import { tabbedRows } from '../../../src/lib/ui/composer/pasting';
import { parseBlocks } from '../../../src/lib/ui/text/blocks';
import { deedIn } from '../../../src/lib/ui/text/deed';

const commands = new CommandRegistry(builtInCommands);

describe('commands', () => {
	it('are carried out, said, or asked for', () => {
		expect(outgoing('/shrug oh well', commands)).toEqual({ kind: 'message', text: 'oh well ¯\\_(ツ)_/¯' });
		expect(outgoing('/me  waves ', commands)).toEqual({ kind: 'message', text: '/me waves' });
		expect(outgoing('/poll Where to?', commands)).toEqual({ kind: 'ask', what: 'poll', text: 'Where to?' });
		expect(outgoing('/code ts', commands)).toEqual({ kind: 'write', before: '```ts\n', after: '\n```' });
		expect(outgoing('/me', commands)).toEqual({ kind: 'incomplete', name: 'me' });
		expect(outgoing('/ploo Where', commands)).toEqual({ kind: 'no-such-command', name: 'ploo' });
	});

	it('leave alone what only looks like one', () => {
		for (const text of ['hello', '/usr/bin', '/', 'and/or', ' /me waves', '/40%'])
			expect(outgoing(text, commands)).toEqual({ kind: 'message', text });
		expect(outgoing('//shrug', commands)).toEqual({ kind: 'message', text: '/shrug' });
	});

	it('can be said as they stand, and are shown so', () => {
		const said = outgoing('//me waves', commands);
		const text = said.kind === 'message' ? said.text : '';
		expect(deedIn(text)).toBeNull();
		expect(parseBlocks(text)).toEqual([
			{ kind: 'paragraph', children: [{ kind: 'text', text: '/me waves' }] }
		]);
		expect(deedIn('/me waves')).toBe('waves');
		expect(deedIn('/meet me')).toBeNull();
	});

	it('are shown as what was meant: a shrug has both arms', () => {
		expect(parseBlocks('¯\\_(ツ)_/¯ and ¯')).toEqual([
			{ kind: 'paragraph', children: [{ kind: 'text', text: '¯\\_(ツ)_/¯ and ¯' }] }
		]);
	});

	it('can be added to and taken away again, and none takes the place of another', () => {
		const registry = new CommandRegistry(builtInCommands);
		const dice: Command = { name: 'dice', argument: 'none', run: () => ({ kind: 'send', text: '⚄' }) };
		const remove = registry.add(dice);
		expect(registry.beginningWith('d')).toEqual([dice]);
		expect(registry.add({ ...dice, name: 'me' })).toBeNull();
		expect(registry.add(dice)).toBeNull();
		remove?.();
		expect(registry.named('dice')).toBeNull();
	});

	it('are read from any text without harm', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
				const line = readCommandLine(`/${text}`);
				if (line !== null) expect(line.name).toMatch(/^[\p{L}\p{N}_-]{1,}$/u);
				const next = outgoing(text, commands);
				if (!text.startsWith('/')) expect(next).toEqual({ kind: 'message', text });
			})
		);
	});
});

describe('completion', () => {
	const at = (text: string): string | null => {
		const caret = text.indexOf('^');
		const completion = completionAt(text.replace('^', ''), caret);
		return completion && `${completion.kind} ${completion.query}`;
	};

	it('looks at what stands before the caret', () => {
		expect(at('/sh^')).toBe('command sh');
		expect(at('hi /sh^')).toBeNull();
		expect(at('hi @^')).toBe('mention ');
		expect(at('hi @Anna M^')).toBe('mention Anna M');
		expect(at('mail@anna^')).toBeNull();
		expect(at('so :smi^ there')).toBe('emoji smi');
		expect(at('at 10:30^')).toBeNull();
		expect(at(':s^')).toBeNull();
		expect(at('https://x^')).toBeNull();
	});

	it('replaces what was typed with what was chosen, and one space', () => {
		const anna: Suggestion = {
			key: 'a',
			text: '@Anna',
			label: 'Anna',
			detail: '',
			emoji: null,
			account: 'a',
			command: null,
			isWhole: false
		};
		for (const [text, result] of [
			['hi @an^', 'hi @Anna '],
			['hi @an^ there', 'hi @Anna there'],
			['(@an^)', '(@Anna )']
		] as const) {
			const caret = text.indexOf('^');
			const plain = text.replace('^', '');
			const completion = completionAt(plain, caret);
			expect(completion && editedText(plain, chosen(plain, completion, anna))).toBe(result);
		}
	});

	it('finds names by any word of them, whatever their accents', () => {
		expect(beginsSo('Zoë Müller-Lüdenscheid', 'mull')).toBe(true);
		expect(beginsSo('Zoë Müller-Lüdenscheid', 'zoe m')).toBe(true);
		expect(beginsSo('Zoë Müller-Lüdenscheid', 'lud')).toBe(true);
		expect(beginsSo('Zoë', 'oe')).toBe(false);
	});
});

describe('mentions', () => {
	const people = [
		{ account: 'a1', name: 'Anna' },
		{ account: 'a2', name: 'Anna' },
		{ account: 'm', name: 'Anna Maria' },
		{ account: 'b', name: 'Ben' }
	];
	const none = new Map<string, string>();

	it('are those that would be shown as such', () => {
		expect(mentionsIn('@Ben and `@Anna` and \\@Anna Maria', people, none)).toEqual({
			accounts: ['b'],
			everyone: false
		});
		expect(mentionsIn('| who |\n|-|\n', people, none).accounts).toEqual([]);
		expect(mentionsIn('- @ben\n> @Anna Maria', people, none).accounts).toEqual(['b', 'm']);
		expect(mentionsIn('@all', people, none)).toEqual({ accounts: [], everyone: true });
	});

	it('mean both of two namesakes, unless one was picked', () => {
		expect(mentionsIn('@Anna', people, none).accounts).toEqual(['a1', 'a2']);
		expect(mentionsIn('@Anna', people, new Map([['anna', 'a2']])).accounts).toEqual(['a2']);
	});
});

describe('formatting', () => {
	const formatted = (text: string, format: Format): string => {
		const [from, to] = [text.indexOf('['), text.indexOf(']') - 1];
		const plain = text.replace('[', '').replace(']', '');
		const edit = formatEdit(plain, from, to, format);
		const result = editedText(plain, edit);
		const [start, end] = edit.select ?? [0, 0];
		return `${result.slice(0, start)}[${result.slice(start, end)}]${result.slice(end)}`;
	};

	it('wraps what is selected, and unwraps it again', () => {
		expect(formatted('a [b] c', 'bold')).toBe('a **[b]** c');
		expect(formatted('a **[b]** c', 'bold')).toBe('a [b] c');
		expect(formatted('a[ b ]c', 'italic')).toBe('a _[b]_ c');
		expect(formatted('[]', 'code')).toBe('`[]`');
		expect(formatted('[a\nb]', 'code')).toBe('```\n[a\nb]\n```');
		expect(formatted('[x]', 'struck')).toBe('~~[x]~~');
	});

	it('makes links of words, and of addresses', () => {
		const link = (text: string, from: number, to: number): string =>
			editedText(text, formatEdit(text, from, to, 'link'));
		expect(link('see this', 4, 8)).toBe('see [this](https://)');
		expect(formatEdit('see this', 4, 8, 'link').select).toEqual([11, 19]);
		expect(link('https://a.example/x', 0, 19)).toBe('[](https://a.example/x)');
	});

	it('goes by keys as they are on keyboards', () => {
		const press = { key: 'b', ctrlKey: false, metaKey: false, shiftKey: false, altKey: false };
		expect(formatOf({ ...press, ctrlKey: true })).toBe('bold');
		expect(formatOf({ ...press, metaKey: true })).toBe('bold');
		expect(formatOf({ ...press, key: 'X', ctrlKey: true, shiftKey: true })).toBe('struck');
		for (const other of [
			press,
			{ ...press, ctrlKey: true, altKey: true },
			{ ...press, key: 'constructor', ctrlKey: true }
		])
			expect(formatOf(other)).toBeNull();
	});

	it('comes back to the same text when it is done twice', () => {
		const format = fc.constantFrom<Format>('bold', 'struck', 'italic');
		fc.assert(
			fc.property(
				fc.stringMatching(/^[a-z ]{0,20}$/),
				fc.stringMatching(/^[a-z]{1,10}$/),
				format,
				(lead, word, kind) => {
					const text = `${lead}${word} end`;
					const once = formatEdit(text, lead.length, lead.length + word.length, kind);
					const [from, to] = once.select ?? [0, 0];
					expect(editedText(text, once).slice(from, to)).toBe(word);
					const twice = formatEdit(editedText(text, once), from, to, kind);
					expect(editedText(editedText(text, once), twice)).toBe(text);
				}
			)
		);
	});
});

describe('what is pasted', () => {
	it('is a table if every line has as many cells', () => {
		expect(tabbedRows('a\tb\n1\t2\n')).toEqual([
			['a', 'b'],
			['1', '2']
		]);
		for (const text of ['a\tb', 'a\tb\nc', '\tindented\n\tcode here\t', 'plain\ntext', ''])
			expect(tabbedRows(text)).toBeNull();
	});
});
