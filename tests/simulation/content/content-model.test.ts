import { describe, expect, it } from 'vitest';
import { checkSeed } from './checks';
import { runContentModel } from './run-model';

const seeds = Number(process.env.MODEL_SEEDS ?? 300);

describe('what is said about messages, on random histories', () => {
	it('is shown alike to everybody, as it follows from what counts, and nobody loses the last word', async () => {
		const told: string[] = [];
		const summary = await runContentModel(1, seeds, (line) => told.push(line));
		expect(told).toEqual([]);
		expect(summary.violations).toBe(0);
		// Histories in which nothing happens would keep every rule, and checks that see nothing would find them kept.
		expect(summary.acts).toBeGreaterThan(seeds * 5);
		expect(summary.late).toBeGreaterThan(seeds / 20);
		expect(summary.lies).toBeGreaterThan(seeds / 20);
		expect(summary.forks).toBeGreaterThan(seeds / 20);
		expect(summary.removals).toBeGreaterThan(seeds / 10);
		expect(summary.settings).toBeGreaterThan(summary.timed);
		expect(summary.over).toBeGreaterThan(summary.timed);
		for (const found of Object.values(summary.control)) expect(found).toBeGreaterThan(0);
	}, 600_000);

	// What stood upon a deleted message that was dated ahead kept its place where that had been seen.
	it.each([10241, 14212])('is shown alike in history %i', async (seed) => {
		expect((await checkSeed(seed)).failures).toEqual([]);
	});
});
