/** Reading and writing at the edges: what is just taken, what is just refused, and by which word. */
import { describe, expect, it } from 'vitest';
import {
	ByteReader,
	ByteWriter,
	Malformed,
	compareBytes,
	concatBytes,
	decodeWith,
	equalBytes,
	utf8Length
} from '../../../src/lib/protocol/bytes';
import { padmeLength, pad, unpad } from '../../../src/lib/protocol/padding';
import {
	readChoice,
	readFlag,
	readIdSet,
	readList,
	writeChoice,
	writeFlag,
	writeIdSet,
	writeList,
	writeText
} from '../../../src/lib/protocol/record-codec';
import { decodeStateVector, stateVectorLanesLimit } from '../../../src/lib/protocol/state-vector';

const of = (...bytes: readonly number[]): Uint8Array => Uint8Array.from(bytes);
const malformed = (reason: string): object => ({ ok: false, reason });
const written = (write: (writer: ByteWriter) => unknown): number[] => {
	const writer = new ByteWriter();
	write(writer);
	return [...writer.done()];
};

describe('a reader', () => {
	it.each<[string, readonly number[], (reader: ByteReader) => unknown, unknown]>([
		['a byte', [7], (r) => r.u8(), 7],
		['a number of one byte', [0x7f], (r) => r.varuint(), 127],
		['of two', [0x80, 1], (r) => r.varuint(), 128],
		['zero', [0], (r) => r.varuint(), 0],
		['the largest', [...Array<number>(7).fill(0xff), 0x0f], (r) => r.varuint(), Number.MAX_SAFE_INTEGER],
		['no bytes at all', [], (r) => [...r.take(0)], []],
		['all bytes', [1, 2], (r) => [...r.take(2)], [1, 2]],
		['a block as long as may be', [2, 8, 9], (r) => [...r.block(2)], [8, 9]],
		['a text as long as may be', [2, 0xc3, 0xa4], (r) => r.text(2), 'ä'],
		['a text with a mark at its beginning', [3, 0xef, 0xbb, 0xbf], (r) => r.text(3), '\uFEFF'],
		[
			'where it stands',
			[1, 2, 3],
			(r) => [r.u8(), r.position, r.left, r.take(2).length, r.left],
			[1, 1, 2, 2, 0]
		]
	])('takes %s', (_, bytes, read, value) => {
		expect(decodeWith(of(...bytes), read)).toEqual({ ok: true, value });
	});

	it.each<[string, readonly number[], (reader: ByteReader) => unknown, string]>([
		['a byte that is not there', [], (r) => r.u8(), 'truncated'],
		['a number without an end', [0x80], (r) => r.varuint(), 'truncated'],
		['a number in a longer spelling', [0x80, 0], (r) => r.varuint(), 'varint'],
		['one too large', [...Array<number>(7).fill(0xff), 0x1f], (r) => r.varuint(), 'varint'],
		['one of nine bytes', [...Array<number>(8).fill(0x80), 1], (r) => r.varuint(), 'varint'],
		['a byte too many to take', [1], (r) => r.take(2), 'truncated'],
		['a block too long', [3, 1, 2, 3], (r) => r.block(2), 'length'],
		['a block cut off', [3, 1, 2], (r) => r.block(3), 'truncated'],
		['what is no UTF-8', [1, 0xff], (r) => r.text(5), 'utf8'],
		['a byte left over', [1, 2], (r) => r.u8(), 'trailing']
	])('refuses %s', (_, bytes, read, reason) => {
		expect(decodeWith(of(...bytes), read)).toEqual(malformed(reason));
	});

	it('hands on what is no word on the bytes', () => {
		const bug = new TypeError('a bug');
		const read = (): never => {
			throw bug;
		};
		expect(() => decodeWith(of(), read)).toThrow(bug);
		expect(new Malformed('range')).toMatchObject({ message: 'range', reason: 'range' });
	});
});

describe('a writer', () => {
	it('writes numbers big-endian, and texts behind their length', () => {
		expect(written((w) => w.u32(0x01020304))).toEqual([1, 2, 3, 4]);
		expect(written((w) => w.u32(0xfffefdfc))).toEqual([255, 254, 253, 252]);
		expect(written((w) => w.u64(0x01_0203_0405_0607))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
		expect(written((w) => w.varuint(300).text('ä').label('ab'))).toEqual([0xac, 2, 2, 0xc3, 0xa4, 97, 98]);
		expect(written((w) => w.varuint(127).varuint(128))).toEqual([127, 0x80, 1]);
		expect(written((w) => w.varuint(2 ** 40))).toEqual([0x80, 0x80, 0x80, 0x80, 0x80, 0x20]);
	});

	it('has room for whatever comes, and says how much has come', () => {
		const writer = new ByteWriter(1);
		writer.u8(1).varuint(1_000).raw(new Uint8Array(300).fill(5)).u32(7).block(of(6, 6));
		expect(writer.length).toBe(1 + 2 + 300 + 4 + 3);
		expect([...writer.done()]).toEqual([1, 0xe8, 7, ...Array<number>(300).fill(5), 0, 0, 0, 7, 2, 6, 6]);
		const exact = new ByteWriter(2).u8(1).u8(2);
		expect(exact.done()).toEqual(of(1, 2));
		expect(exact.done()).toBe(exact.done());
		expect(new ByteWriter(3).u8(1).done()).toEqual(of(1));
	});
});

describe('bytes', () => {
	it.each([
		[[], [], 0],
		[[1], [1], 0],
		[[1], [2], -1],
		[[2], [1], 1],
		[[1], [1, 0], -1],
		[[1, 0], [1], 1],
		[[2], [1, 9], 1],
		[[1, 200], [1, 100], 1]
	])('%j and %j have one order', (a, b, sign) => {
		expect(Math.sign(compareBytes(of(...a), of(...b)))).toBe(sign);
		expect(equalBytes(of(...a), of(...b))).toBe(sign === 0);
	});

	it('are put together, and counted', () => {
		expect(concatBytes()).toEqual(of());
		expect(concatBytes(of(1), of(), of(2, 3))).toEqual(of(1, 2, 3));
		expect([utf8Length(''), utf8Length('aä👋')]).toEqual([0, 7]);
	});
});

describe('padding', () => {
	it.each([
		[0, 32],
		[32, 32],
		[33, 36],
		[36, 36],
		[37, 40],
		[64, 64],
		[65, 72],
		[1_000, 1_024],
		[1_025, 1_088]
	])('of %i bytes makes %i', (length, padded) => {
		expect(padmeLength(length)).toBe(padded);
	});

	it.each<[string, Uint8Array]>([
		['nothing', of()],
		['zeros alone', new Uint8Array(32)],
		['another end', pad(of(1)).map((byte) => (byte === 0x80 ? 0x81 : byte))],
		['less than the least', pad(of(1)).slice(0, 31)],
		['a zero more', concatBytes(pad(of(1)), of(0))]
	])('is not %s', (_, padded) => {
		expect(decodeWith(padded, (reader) => unpad(reader.take(reader.left)))).toEqual(malformed('padding'));
	});

	it.each([31, 32, 35, 36, 1_023, 1_024, 1_087, 1_088])('has its end mark also around %i bytes', (length) => {
		const padded = pad(new Uint8Array(length));
		expect(padded).toHaveLength(padmeLength(length + 1));
		expect(padded.lastIndexOf(0x80)).toBe(length);
		expect(unpad(padded)).toEqual(new Uint8Array(length));
	});

	it('may be around nothing', () => {
		expect(unpad(pad(of()))).toEqual(of());
		expect(pad(of(0x80, 0))).toEqual(concatBytes(of(0x80, 0, 0x80), new Uint8Array(29)));
	});
});

describe('what records are made of', () => {
	const bounds = { least: 1, most: 3 };

	it('texts within their limits', () => {
		const fits = (text: string, limit: number, least?: number) => (): unknown =>
			writeText(new ByteWriter(), text, limit, least);
		expect(fits('ä', 2)).not.toThrow();
		expect(fits('', 2, 0)).not.toThrow();
		for (const wrong of [fits('', 2), fits('äa', 2), fits('a', 5, 2)]) expect(wrong).toThrow(RangeError);
	});

	it('lists of as many as may be', () => {
		const list = (count: number) => (): number[] =>
			written((w) => writeList(w, Array<number>(count).fill(7), bounds, (each) => void w.u8(each)));
		expect([list(1)(), list(3)()]).toEqual([
			[1, 7],
			[3, 7, 7, 7]
		]);
		for (const wrong of [0, 4]) expect(list(wrong)).toThrow(RangeError);
		const read = (...bytes: readonly number[]): unknown =>
			decodeWith(of(...bytes), (reader) => readList(reader, bounds, () => reader.u8()));
		expect([read(1, 7), read(3, 7, 8, 9)]).toEqual([
			{ ok: true, value: [7] },
			{ ok: true, value: [7, 8, 9] }
		]);
		expect([read(0), read(4, 7, 7, 7, 7)]).toEqual([malformed('length'), malformed('length')]);
	});

	it('sets in one spelling', () => {
		const set =
			(...ids: readonly Uint8Array[]) =>
			(): number[] =>
				written((w) => writeIdSet(w, ids, 2, { least: 0, most: 2 }));
		expect(set(of(2, 0), of(1, 9), of(2, 0))()).toEqual([2, 1, 9, 2, 0]);
		expect(set()()).toEqual([0]);
		for (const wrong of [set(of(1)), set(of(1, 2, 3)), set(of(1, 1), of(2, 2), of(3, 3))])
			expect(wrong).toThrow(RangeError);
		const given = [of(2, 0), of(1, 9)];
		writeIdSet(new ByteWriter(), given, 2, bounds);
		expect(given).toEqual([of(2, 0), of(1, 9)]);
		const read = (...bytes: readonly number[]): unknown =>
			decodeWith(of(...bytes), (reader) => readIdSet(reader, 2, bounds));
		expect(read(2, 1, 9, 2, 0)).toEqual({ ok: true, value: [of(1, 9), of(2, 0)] });
		for (const wrong of [read(2, 2, 0, 1, 9), read(2, 1, 9, 1, 9)]) expect(wrong).toEqual(malformed('range'));
	});

	it('flags and choices that are there', () => {
		expect(written((w) => writeFlag(writeFlag(w, true), false))).toEqual([1, 0]);
		expect(written((w) => writeChoice(w, ['a', 'b'], 'b'))).toEqual([1]);
		expect(() => writeChoice<string>(new ByteWriter(), ['a', 'b'], 'c')).toThrow(RangeError);
		const flag = (byte: number): unknown => decodeWith(of(byte), readFlag);
		expect([flag(0), flag(1), flag(2)]).toEqual([
			{ ok: true, value: false },
			{ ok: true, value: true },
			malformed('range')
		]);
		const choice = (byte: number): unknown => decodeWith(of(byte), (r) => readChoice(r, ['a', 'b']));
		expect([choice(1), choice(2)]).toEqual([{ ok: true, value: 'b' }, malformed('range')]);
	});
});

describe('a state vector', () => {
	it('names as many lanes as may be, and as there are bytes for', () => {
		const counting = (count: number): Uint8Array => {
			const writer = new ByteWriter().varuint(count);
			for (let lane = 0; lane < count; lane++) writer.varuint(lane).varuint(1);
			return writer.done();
		};
		expect(decodeStateVector(counting(stateVectorLanesLimit)).ok).toBe(true);
		expect(decodeStateVector(counting(stateVectorLanesLimit + 1))).toEqual(malformed('length'));
		expect(decodeStateVector(of(3, 1, 1))).toEqual(malformed('length'));
		expect(decodeStateVector(of(2, 1, 1))).toEqual(malformed('truncated'));
		expect(decodeStateVector(of(0))).toEqual({ ok: true, value: new Map() });
	});
});
