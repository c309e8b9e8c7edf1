import { describe, expect, it } from 'vitest';
import { runAuthorityModel } from './run-model';

const seeds = Number(process.env.MODEL_SEEDS ?? 3_000);

describe('the fold of authority', () => {
	it('is the same in any order, keeps its owner, and nobody changes what is not theirs', () => {
		const summary = runAuthorityModel(1, seeds);
		expect(summary.failedSeeds).toEqual([]);
		// Histories in which nothing happens would keep every rule, and checks that see nothing would find them kept.
		expect(summary.removed).toBeGreaterThan(seeds / 20);
		expect(summary.tenures).toBeGreaterThan(seeds * 1.1);
		expect(summary.control.violations).toBeGreaterThan(summary.control.seeds / 20);
	}, 600_000);
});
