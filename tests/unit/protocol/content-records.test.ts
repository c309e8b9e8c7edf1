import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter, compareBytes } from '../../../src/lib/protocol/bytes';
import {
	codecs,
	decodeRecord,
	encodeRecord,
	type ContentRecord,
	type KnownRecord,
	type MessageContent
} from '../../../src/lib/protocol/records';
import { propertyRuns } from '../../property-runs';

const id = fc.uint8Array({ minLength: 32, maxLength: 32 });
const idSet = (least: number): fc.Arbitrary<Uint8Array[]> =>
	fc
		.uniqueArray(id, { minLength: least, maxLength: 32, comparator: (a, b) => compareBytes(a, b) === 0 })
		.map((ids) => ids.sort(compareBytes));
const wellFormed = (maxLength: number): fc.Arbitrary<string> =>
	fc.string({ unit: 'grapheme', minLength: 1, maxLength });

const content: fc.Arbitrary<MessageContent> = fc.record(
	{
		text: wellFormed(200),
		reply: id,
		thread: id,
		mentions: idSet(1),
		everyone: fc.constant(true),
		forwarded: fc.constant(true),
		poll: fc.record({
			options: fc.array(wellFormed(8), { minLength: 2, maxLength: 12 }),
			several: fc.boolean()
		}),
		expiresAfterS: fc.integer({ min: 5, max: 31_536_000 })
	},
	{ requiredKeys: ['text'] }
);
const on = fc.boolean();
const record: fc.Arbitrary<ContentRecord> = fc.oneof(
	content.map((said): ContentRecord => ({ type: 'message', ...said })),
	fc.tuple(id, content).map(([origin, said]): ContentRecord => ({ type: 'again', origin, ...said })),
	fc.record({ type: fc.constant('edit' as const), target: id, text: wellFormed(200), mentions: idSet(0) }),
	fc.record({ type: fc.constant('reaction' as const), target: id, emoji: wellFormed(1), on }),
	fc.record({ type: fc.constant('pin' as const), target: id, on }),
	fc.record({
		type: fc.constant('vote' as const),
		target: id,
		choices: fc.subarray([...Array(12).keys()])
	})
);

const encoded = (said: KnownRecord): Uint8Array => encodeRecord({ hlc: 1, deps: [], record: said });
const decoded = (bytes: Uint8Array) => decodeRecord(bytes, 'message');
const forged = (type: ContentRecord['type'], write: (writer: ByteWriter) => unknown) => {
	const writer = new ByteWriter().u8(codecs[type].number).varuint(1).u8(0);
	write(writer);
	return decoded(writer.done());
};
const malformed = (reason: string) => ({ ok: false, reason });
const bytes32 = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);

describe('records of content', () => {
	it('come back as they were, and have one spelling', () => {
		fc.assert(
			fc.property(record, (said) => {
				const bytes = encoded(said);
				expect(decoded(bytes)).toEqual({ ok: true, value: { hlc: 1, deps: [], record: said } });
			})
		);
	});

	it('that decode are encoded to the same bytes again, whatever was changed in them', () => {
		fc.assert(
			fc.property(record, fc.nat(), fc.nat(255), (said, at, byte) => {
				const bytes = encoded(said).slice();
				bytes[at % bytes.length] = byte;
				const read = decoded(bytes);
				fc.pre(read.ok && read.value.record.type !== 'unknown');
				if (!read.ok) return;
				expect(encodeRecord({ ...read.value, record: read.value.record as KnownRecord })).toEqual(bytes);
			}),
			{ numRuns: propertyRuns(2_000) }
		);
	});

	it('say the same, in whatever order sets are given', () => {
		const [a, b] = [bytes32(1), bytes32(2)];
		const base = { type: 'message', text: 'Hi' } as const;
		expect(encoded({ ...base, mentions: [b, a, b] })).toEqual(encoded({ ...base, mentions: [a, b] }));
		const vote = { type: 'vote', target: a } as const;
		expect(encoded({ ...vote, choices: [4, 0, 4] })).toEqual(encoded({ ...vote, choices: [0, 4] }));
	});

	it('leave out what is not said', () => {
		const plain = encoded({ type: 'message', text: 'Hi' });
		expect(encoded({ type: 'message', text: 'Hi', mentions: [], everyone: false, forwarded: false })).toEqual(
			plain
		);
		expect(plain).toEqual(Uint8Array.of(16, 1, 0, 0, 2, 0x48, 0x69));
	});

	it('are refused with a flag that nobody knows, or an empty list that a flag speaks of', () => {
		expect(forged('message', (w) => w.u8(128).text('Hi'))).toEqual(malformed('range'));
		expect(forged('message', (w) => w.u8(4).text('Hi').varuint(0))).toEqual(malformed('length'));
	});

	it('are refused with a poll of one option or thirteen, or an empty option', () => {
		const poll = (options: readonly string[]) =>
			forged('message', (w) => {
				w.u8(16).text('Where?').u8(0).varuint(options.length);
				for (const option of options) w.text(option);
			});
		expect(poll(['a', 'b']).ok).toBe(true);
		expect(poll(['a'])).toEqual(malformed('length'));
		expect(poll(['a', ''])).toEqual(malformed('length'));
		expect(poll(['a', 'b'.repeat(257)])).toEqual(malformed('length'));
		expect(poll(Array(13).fill('a'))).toEqual(malformed('length'));
	});

	it('are refused with an expiry below five seconds or beyond a year', () => {
		const expiry = (seconds: number) => forged('message', (w) => w.u8(32).text('Hi').varuint(seconds));
		for (const seconds of [5, 31_536_000]) expect(expiry(seconds).ok).toBe(true);
		for (const seconds of [0, 4, 31_536_001]) expect(expiry(seconds)).toEqual(malformed('range'));
	});

	it('are refused with sets that do not ascend, or choices that no poll has', () => {
		const [a, b] = [bytes32(1), bytes32(2)];
		const mentions = (ids: readonly Uint8Array[]) =>
			forged('edit', (w) => {
				w.raw(a).text('Hi').varuint(ids.length);
				for (const each of ids) w.raw(each);
			});
		expect(mentions([a, b]).ok).toBe(true);
		for (const wrong of [
			[b, a],
			[a, a]
		])
			expect(mentions(wrong)).toEqual(malformed('range'));
		const vote = (choices: readonly number[]) =>
			forged('vote', (w) => w.raw(a).varuint(choices.length).raw(Uint8Array.from(choices)));
		expect(vote([0, 11]).ok).toBe(true);
		for (const wrong of [[1, 0], [3, 3], [12]]) expect(vote(wrong)).toEqual(malformed('range'));
	});

	it('are not written if nobody could read them', () => {
		const target = bytes32(1);
		const wrong: readonly KnownRecord[] = [
			{ type: 'message', text: '' },
			{ type: 'message', text: 'Hi', reply: new Uint8Array(31) },
			{ type: 'message', text: 'Hi', mentions: Array.from({ length: 33 }, (_, i) => bytes32(i)) },
			{ type: 'message', text: 'Hi', poll: { options: ['one'], several: false } },
			{ type: 'message', text: 'Hi', expiresAfterS: 4 },
			{ type: 'message', text: 'Hi', expiresAfterS: 5.5 },
			{ type: 'edit', target, text: '', mentions: [] },
			{ type: 'reaction', target, emoji: '', on: true },
			{ type: 'reaction', target, emoji: 'x'.repeat(65), on: true },
			{ type: 'pin', target: new Uint8Array(33), on: true },
			{ type: 'vote', target, choices: [12] },
			{ type: 'vote', target, choices: [-1] }
		];
		for (const each of wrong) expect(() => encoded(each)).toThrow(RangeError);
	});
});
