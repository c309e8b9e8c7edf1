import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import { FoldQueue, type Slice } from '../../../src/lib/conversation/fold-queue';
import type { Loaded } from '../../../src/lib/conversation/loaded-segments';
import { Segment } from '../../../src/lib/conversation/segment';
import type { LaneRun } from '../../../src/lib/protocol/guard/update';

const loaded = (number: number): Loaded => ({
	segment: new Segment(new Uint8Array(32), number, new Y.Doc()),
	log: null,
	lastUse: 0
});
const run = (lane: number, start: number, count: number): LaneRun => ({
	lane,
	start,
	entries: Array.from({ length: count }, () => new Uint8Array(1))
});
const placesOf = (slice: Slice | null): string[] | null =>
	slice && slice.runs.map(({ lane, start, entries }) => `${lane}:${start}-${start + entries.length - 1}`);

describe('entries that wait to be folded', () => {
	it('come in order, in slices, of one segment at a time', () => {
		const queue = new FoldQueue();
		const [one, two] = [loaded(1), loaded(2)];
		queue.add(one, run(7, 0, 5));
		queue.add(one, run(8, 0, 2));
		queue.add(two, run(9, 0, 1));
		expect(queue.entries).toBe(8);
		expect(placesOf(queue.take(3))).toEqual(['7:0-2']);
		expect(placesOf(queue.take(10))).toEqual(['7:3-4', '8:0-1']);
		expect(queue.has(one)).toBe(false);
		expect(queue.has(two)).toBe(true);
		expect(placesOf(queue.take(10))).toEqual(['9:0-0']);
		expect(queue.take(10)).toBeNull();
		expect(queue.entries).toBe(0);
	});

	it('are overtaken by urgent ones, but not by those of their own lane', () => {
		const queue = new FoldQueue();
		const segment = loaded(1);
		queue.add(segment, run(7, 0, 300));
		queue.add(segment, run(8, 0, 1), true);
		queue.add(segment, run(7, 300, 1), true);
		expect(placesOf(queue.take(256))).toEqual(['8:0-0']);
		expect(placesOf(queue.take(1000))).toEqual(['7:0-299', '7:300-300']);
	});
});
