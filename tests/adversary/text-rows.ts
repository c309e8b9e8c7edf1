/** Texts and names that want to be more than that. The screens themselves: tests/e2e/bad-input.spec.ts. */
import { expect } from 'vitest';
import { ByteWriter } from '../../src/lib/protocol/bytes';
import { codecs, decodeRecord, encodeRecord } from '../../src/lib/protocol/records';
import { textLimitBytes } from '../../src/lib/protocol/text-limits';
import { parseBlocks } from '../../src/lib/ui/text/blocks';
import { safeHref } from '../../src/lib/ui/text/inline';
import { clipName, initials, nameGraphemeLimit } from '../../src/lib/ui/words/name';
import { HandLane } from './hand-lane';
import { goOn, honestGroup } from './honest-group';
import type { Row } from './row';

/** @param flags those that come before the text, if its kind has any */
const recordOf = (number: number, text: Uint8Array, flags: readonly number[] = []): Uint8Array =>
	new ByteWriter().u8(number).varuint(1).u8(0).raw(Uint8Array.from(flags)).block(text).done();
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const wholeText = (value: unknown): string =>
	typeof value === 'string'
		? value
		: Array.isArray(value)
			? value.map(wholeText).join('')
			: typeof value === 'object' && value !== null
				? Object.entries(value)
						.filter(([key]) => key === 'text' || key === 'children' || key === 'items')
						.map(([, inner]) => wholeText(inner))
						.join('')
				: '';

export const textRows: readonly Row[] = [
	{
		no: 36,
		input: 'markup, handlers, scripts and templates in a text',
		outcome: 'text, character for character; there is no way from a text to HTML',
		run: () => {
			for (const payload of [
				'<img src=x onerror=alert(1)>',
				'<script>alert(1)</script>',
				'"><svg onload=alert(1)>',
				'{@html "x"} {{constructor}}'
			])
				expect(wholeText(parseBlocks(payload))).toBe(payload);
		}
	},
	{
		no: 36,
		input: 'links to javascript:, data:, blob:, file:, in any spelling',
		outcome: 'no link: only http, https and mailto are, and what looks like one within is linked as itself',
		run: () => {
			for (const address of [
				'javascript:alert(1)',
				'JaVaScRiPt:alert(1)',
				' javascript:alert(1)',
				'java\nscript:alert(1)',
				'data:text/html,<script>alert(1)</script>',
				'blob:https://example.org/1',
				'file:///etc/passwd',
				'vbscript:x',
				'\u0000javascript:alert(1)'
			]) {
				expect(safeHref(address), address).toBeNull();
				expect(JSON.stringify(parseBlocks(`[click](${address})`))).not.toMatch(/"href":"(?!https?:|mailto:)/);
			}
			expect(safeHref('https://example.org/')).toBe('https://example.org/');
		}
	},
	{
		no: 36,
		input:
			'a text of more than 16 KiB, empty, or of bytes that are no UTF-8, in an entry that is otherwise sound',
		outcome: 'no record (length, range, utf8): counted, not shown; what its author says next is',
		run: async () => {
			const people = await honestGroup();
			const { founder, ben } = people;
			const lane = await HandLane.begin(ben.crypto, ben.identity, 1);
			const texts = [
				utf8('F'.repeat(textLimitBytes + 1)),
				new Uint8Array(0),
				Uint8Array.of(0xed, 0xa0, 0x80),
				Uint8Array.of(0xc0, 0x80)
			];
			for (const text of texts) await lane.say(recordOf(codecs.message.number, text, [0]));
			await lane.say({ type: 'message', text: 'sound' });
			const before = founder.shown.length;
			await founder.conversation.ingest(1, lane.update(), ben);
			await founder.conversation.warm();
			expect(founder.shown).toHaveLength(before + 1);
			expect(founder.rejected).toEqual(expect.arrayContaining(['length', 'utf8']));
			await goOn(people);
		}
	},
	{
		no: 36,
		input: 'single surrogates, 10 000 combining marks, overrides of direction',
		outcome:
			'surrogates are replaced before sealing; the rest is shown isolated and clipped by its line (e2e)',
		run: () => {
			const bytes = encodeRecord({ hlc: 1, deps: [], record: { type: 'message', text: 'a\ud800b' } });
			expect(decodeRecord(bytes, 'message')).toMatchObject({ value: { record: { text: 'a\ufffdb' } } });
			const marks = `e${'\u0301'.repeat(5_000)}`;
			expect(wholeText(parseBlocks(marks))).toBe(marks);
		}
	},
	{
		no: 37,
		input:
			'names of 64 KB, of control and direction marks, of 10 000 marks on a letter, empty, a flood of emoji',
		outcome:
			'at most 256 bytes enter a record, empty ones do not; shown: at most 64 graphemes, no control marks',
		run: () => {
			const number = codecs.profile.number;
			for (const name of ['', 'n'.repeat(257), 'n'.repeat(60_000)])
				expect(decodeRecord(recordOf(number, utf8(name)), 'control').ok).toBe(false);
			expect(clipName('\u202eecila\u202c\u0007')).toBe('ecila');
			const graphemes = (text: string): number => [...new Intl.Segmenter().segment(text)].length;
			expect(graphemes(clipName('👨‍👩‍👧'.repeat(500)))).toBe(nameGraphemeLimit + 1);
			expect(clipName('e\u0301'.repeat(5_000)).length).toBeLessThan(nameGraphemeLimit * 17);
			expect(clipName(`e${'\u0301'.repeat(10_000)}`).length).toBeLessThanOrEqual(16);
			expect(initials('\u202e ')).toBe('');
		}
	},
	{
		no: 37,
		input: "another member's name, or one that looks like it",
		outcome:
			'told apart on screen by the beginning of their fingerprints, as much of it as differs; contacts are warned. Who ' +
			'it is shows in the safety number',
		browser: [
			{
				spec: 'tests/e2e/namesakes.spec.ts',
				title: 'members whose names look the same are told apart wherever they are named'
			}
		]
	}
];
