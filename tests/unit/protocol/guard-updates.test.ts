/** The grammar of updates at its edges: what is just taken, what is just refused, and by which word. */
import { describe, expect, it } from 'vitest';
import { ByteWriter, concatBytes } from '../../../src/lib/protocol/bytes';
import { controlEntryLimitBytes } from '../../../src/lib/protocol/entry';
import { interleavedRuns } from '../../../src/lib/protocol/guard/interleaved-runs';
import {
	clockLimit,
	decodeOwnUpdate,
	decodeUpdate,
	encodeUpdate,
	isPlaceholder,
	placeholder,
	runBytes,
	splitRuns,
	updateLimitBytes,
	type LaneRun
} from '../../../src/lib/protocol/guard/update';
import { entryKey } from '../../../src/lib/protocol/ids';

interface Item {
	readonly info?: number;
	readonly parent?: number;
	readonly root?: string;
	readonly key?: string;
	/** What stands behind the key. */
	readonly content?: Uint8Array;
}

const lane = 5;
const entry = Uint8Array.of(7, 8, 9);
const block = (bytes: Uint8Array): Uint8Array => new ByteWriter().block(bytes).done();
const varuints = (...values: readonly number[]): Uint8Array =>
	values.reduce((writer, value) => writer.varuint(value), new ByteWriter()).done();

function item(clock: number, { info = 0x23, parent = 1, root = 'e', key, content }: Item = {}): Uint8Array {
	const writer = new ByteWriter().u8(info).varuint(parent).text(root);
	return writer
		.text(key ?? entryKey(lane, clock))
		.raw(content ?? block(entry))
		.done();
}

interface Update {
	readonly lanes?: number;
	readonly count?: number;
	readonly start?: number;
	readonly items?: readonly Uint8Array[];
	readonly deleted?: readonly number[];
}

/** An update of one lane by hand; the counts are those of the items unless they lie. */
function update({ lanes = 1, start = 0, items = [item(start)], count, deleted = [0] }: Update): Uint8Array {
	const writer = new ByteWriter().varuint(lanes);
	writer
		.varuint(count ?? items.length)
		.varuint(lane)
		.varuint(start);
	for (const each of items) writer.raw(each);
	return writer.raw(varuints(...deleted)).done();
}

const oneOf = (bytes: Uint8Array): LaneRun => ({ lane, start: 0, entries: [bytes] });

describe('an update', () => {
	it('by hand is the one that is written here', () => {
		const runs = [{ lane, start: 3, entries: [entry, placeholder, entry] }];
		const items = [item(3), item(4, { info: 0x21, content: varuints(1) }), item(5)];
		expect(update({ start: 3, items })).toEqual(encodeUpdate(runs));
		expect(decodeUpdate(encodeUpdate(runs))).toEqual({ ok: true, value: runs });
		expect(runs[0]?.entries.map(isPlaceholder)).toEqual([false, true, false]);
		expect(decodeUpdate(varuints(0, 0))).toEqual({ ok: true, value: [] });
	});

	it.each<[string, Uint8Array, string]>([
		['no entries in a lane', update({ items: [], count: 0 }), 'lane-empty'],
		['a lane twice', encodeUpdate([oneOf(entry), oneOf(entry)]), 'lane-twice'],
		['a clock too many', update({ start: clockLimit }), 'clock-range'],
		['another kind of struct', update({ items: [item(0, { info: 0x28 })] }), 'struct-kind'],
		['a parent that is an item', update({ items: [item(0, { parent: 0 })] }), 'parent'],
		['a longer root', update({ items: [item(0, { root: 'ee' })] }), 'root'],
		['another root', update({ items: [item(0, { root: 'f' })] }), 'root'],
		['a key of another place', update({ items: [item(0, { key: entryKey(lane, 1) })] }), 'key'],
		['a key that goes on', update({ items: [item(0, { key: `${entryKey(lane, 0)}0` })] }), 'key'],
		['an empty entry', update({ items: [item(0, { content: varuints(0) })] }), 'entry-size'],
		['an entry too long', encodeUpdate([oneOf(new Uint8Array(controlEntryLimitBytes + 1))]), 'entry-size'],
		['two at once gone', update({ items: [item(0, { info: 0x21, content: varuints(2) })] }), 'struct-kind'],
		['something deleted', update({ deleted: [1, lane, 1, 0, 1] }), 'delete-set'],
		['something behind it', update({ deleted: [0, 0] }), 'trailing'],
		['fewer lanes than it says', update({ lanes: 2 }), 'truncated'],
		['more lanes than bytes', varuints(2, 0), 'lane-count'],
		['more entries than bytes', varuints(1, 2, lane, 0), 'entry-count'],
		[
			'more entries than the bytes at hand hold',
			concatBytes(varuints(1, 30, lane, 0), new Uint8Array(40)),
			'entry-count'
		],
		['fewer entries than it says', update({ count: 2 }), 'struct-kind'],
		['nothing', new Uint8Array(), 'truncated']
	])('with %s is refused', (_, bytes, reason) => {
		expect(decodeUpdate(bytes)).toEqual({ ok: false, reason });
	});

	it('may be as long as is said, its entries as long as any, its clocks the last ones', () => {
		const longest = oneOf(new Uint8Array(controlEntryLimitBytes));
		const last = { lane, start: clockLimit - 1, entries: [entry] };
		for (const run of [longest, last])
			expect(decodeUpdate(encodeUpdate([run]))).toEqual({ ok: true, value: [run] });
		const bytes = encodeUpdate([oneOf(entry)]);
		expect(decodeUpdate(bytes, bytes.length).ok).toBe(true);
		expect(decodeUpdate(bytes, bytes.length - 1)).toEqual({ ok: false, reason: 'update-size' });
		expect(decodeUpdate(new Uint8Array(updateLimitBytes + 1))).toEqual({ ok: false, reason: 'update-size' });
		expect(updateLimitBytes).toBe(1_048_576);
	});

	it('of placeholders alone is taken, which are the smallest items', () => {
		const run = { lane: 1, start: 0, entries: Array.from({ length: 30 }, () => placeholder) };
		expect(decodeUpdate(encodeUpdate([run]))).toEqual({ ok: true, value: [run] });
		const lanes = Array.from({ length: 30 }, (_, i) => ({ lane: i, start: 0, entries: [placeholder] }));
		expect(decodeUpdate(encodeUpdate(lanes))).toEqual({ ok: true, value: lanes });
	});

	it('that was made here may list what is deleted', () => {
		const own = update({ deleted: [2, lane, 2, 0, 1, 4, 1, lane + 1, 1, 0, 9] });
		expect(decodeOwnUpdate(own, own.length)).toEqual({ ok: true, value: [oneOf(entry)] });
		expect(decodeOwnUpdate(own, own.length - 1)).toEqual({ ok: false, reason: 'update-size' });
		const short = update({ deleted: [1, lane, 2, 0, 1] });
		expect(decodeOwnUpdate(short, 1_000)).toEqual({ ok: false, reason: 'truncated' });
	});
});

describe('runs in parts', () => {
	/** 40 bytes are what an item costs beside its entry. */
	const run = (of: number, start: number, ...lengths: readonly number[]): LaneRun => ({
		lane: of,
		start,
		entries: lengths.map((length) => new Uint8Array(length))
	});
	const shape = (parts: Iterable<readonly LaneRun[]>): (readonly number[])[][] =>
		[...parts].map((part) =>
			part.map(({ lane: of, start, entries }) => [of, start, ...entries.map((each) => each.length)])
		);

	it.each<[string, LaneRun[], number, (readonly number[])[][]]>([
		['nothing', [], 100, []],
		['a run without entries', [run(1, 0)], 100, []],
		['what fits exactly', [run(1, 4, 10, 10)], 100, [[[1, 4, 10, 10]]]],
		['a byte too many', [run(1, 4, 10, 11)], 100, [[[1, 4, 10]], [[1, 5, 11]]]],
		['what is too large alone', [run(1, 0, 500, 1, 1)], 100, [[[1, 0, 500]], [[1, 1, 1, 1]]]],
		['cuts in what is later', [run(1, 4, 60, 60, 60)], 100, [[[1, 4, 60]], [[1, 5, 60]], [[1, 6, 60]]]],
		['two lanes in one', [run(1, 0, 10), run(2, 7, 10)], 100, [[[1, 0, 10], [2, 7, 10]]]], // prettier-ignore
		['a cut between lanes', [run(1, 0, 10, 10), run(2, 7, 10)], 100, [[[1, 0, 10, 10]], [[2, 7, 10]]]],
		['a cut in the second', [run(1, 0, 10), run(2, 7, 10, 10, 5)], 100, [[[1, 0, 10], [2, 7, 10]], [[2, 8, 10, 5]]]] // prettier-ignore
	])('%s', (_, runs, limitBytes, expected) => {
		expect(shape(splitRuns(runs, limitBytes))).toEqual(expected);
	});

	it('cost what their entries do, and a little for each', () => {
		expect([runBytes(run(1, 0)), runBytes(run(1, 0, 10, 20))]).toEqual([32, 142]);
	});

	it('go side by side, sixteen entries or more of each lane, the newest of all at last', () => {
		const [long, short] = [Array.from({ length: 40 }, () => 60), Array.from({ length: 17 }, () => 60)];
		const parts = shape(interleavedRuns([run(1, 100, ...long), run(2, 0, ...short)], 2_900));
		const counts = parts.map((part) => part.map(([of, start, ...lengths]) => [of, start, lengths.length]));
		expect(counts).toEqual([[[1, 100, 13], [2, 0, 8]], [[1, 113, 13]], [[1, 126, 14], [2, 8, 9]]]); // prettier-ignore
		expect(shape(interleavedRuns([], 2_000))).toEqual([]);
		expect(shape(interleavedRuns([run(1, 0, 60, 60)], 300))).toEqual([[[1, 0, 60, 60]]]);
	});
});
