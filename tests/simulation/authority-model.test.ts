import { describe, expect, it } from 'vitest';
import { checkSeed, type ModelReport } from './authority-model';

const seeds = Number(process.env.MODEL_SEEDS ?? 3_000);

describe('the fold of authority', () => {
	it('is the same in any order, keeps its owner, and nobody changes what is not theirs', () => {
		const report: ModelReport = { seeds: 0, members: 0, order: 0, interference: 0, ownerLost: 0, failed: [] };
		for (let seed = 1; seed <= seeds; seed++) checkSeed(seed, report);
		expect(report.failed).toEqual([]);
		// Histories in which nothing happens would keep every rule.
		expect(report.members).toBeGreaterThan(seeds * 2);
	}, 600_000);
});
