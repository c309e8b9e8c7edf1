import { describe, expect, it } from 'vitest';
import { checkSeed } from './checks';
import { runKeysModel } from './run-model';

const seeds = Number(process.env.MODEL_SEEDS ?? 400);

/**
 * Histories that once broke a rule, on the way to the rules that stand (decision 0013). The model has changed since, and
 * with it what some of them tell; they are kept because a change that brings one of them back is worth a look.
 */
const seedsThatFailed = [
	2, 4, 18, 38, 96, 126, 159, 219, 225, 261, 270, 325, 377, 435, 478, 483, 918, 926, 999, 1083, 1197, 1472,
	1655, 1656, 1885, 1942, 2042, 2392, 2419, 2495, 3101, 3266, 3620, 3879, 3886, 4093, 10556
];

describe('keys on random histories', () => {
	it('keep out whoever is gone, let in whoever is a member, and come to an end', async () => {
		const told: string[] = [];
		const summary = await runKeysModel(1, seeds, (line) => told.push(line));
		expect(told).toEqual([]);
		expect(summary.violations).toBe(0);
		// Histories in which nothing happens would keep every rule, and checks that see nothing would find them kept.
		expect(summary.removed).toBeGreaterThan(seeds);
		expect(summary.newcomers).toBeGreaterThan(seeds * 3);
		expect(summary.spoiled).toBeGreaterThan(seeds / 4);
		for (const found of Object.values(summary.control)) expect(found).toBeGreaterThan(0);
	}, 600_000);

	it.each(seedsThatFailed)('hold in history %i, which once broke a rule', async (seed) => {
		expect((await checkSeed(seed)).failures).toEqual([]);
	});
});
