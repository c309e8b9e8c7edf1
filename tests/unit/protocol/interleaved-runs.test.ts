import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interleavedRuns } from '../../../src/lib/protocol/guard/interleaved-runs';
import { decodeUpdate, encodeUpdate, type LaneRun } from '../../../src/lib/protocol/guard/update';

const limitBytes = 8 * 1024;
const lanes = fc
	.array(fc.record({ start: fc.nat(1000), count: fc.integer({ min: 1, max: 200 }) }), { maxLength: 12 })
	.map((each) =>
		each.map(({ start, count }, i): LaneRun => ({
			lane: i + 1,
			start,
			entries: Array.from({ length: count }, (_, clock) => new Uint8Array(250 + ((clock * 37) % 300)))
		}))
	);

describe('a long history on its way', () => {
	it('loses nothing, keeps each lane in order, and fits into updates that the guard takes', () => {
		fc.assert(
			fc.property(lanes, (runs) => {
				const nextByLane = new Map(runs.map(({ lane, start }) => [lane, start]));
				for (const batch of interleavedRuns(runs, limitBytes)) {
					const update = encodeUpdate(batch);
					expect(update.length).toBeLessThan(limitBytes + 1024);
					expect(decodeUpdate(update).ok).toBe(true);
					for (const { lane, start, entries } of batch) {
						expect(start).toBe(nextByLane.get(lane));
						nextByLane.set(lane, start + entries.length);
					}
				}
				for (const { lane, start, entries } of runs)
					expect(nextByLane.get(lane)).toBe(start + entries.length);
			})
		);
	});

	it('brings lanes that were written side by side together', () => {
		const runs = [1, 2, 3].map((lane): LaneRun => ({
			lane,
			start: 0,
			entries: Array.from({ length: 400 }, () => new Uint8Array(300))
		}));
		const seen = new Map([1, 2, 3].map((lane) => [lane, 0]));
		for (const batch of interleavedRuns(runs, limitBytes)) {
			for (const { lane, entries } of batch) seen.set(lane, (seen.get(lane) ?? 0) + entries.length);
			const counts = [...seen.values()];
			expect(Math.max(...counts) - Math.min(...counts)).toBeLessThan(32);
		}
	});
});
