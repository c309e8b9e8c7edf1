import { describe, expect, it } from 'vitest';
import { simulate } from './simulation';
import { Summary } from './summary';

const seeds = Number(process.env.SIMULATE_SEEDS ?? 60);

describe('a group of devices, from a seed', () => {
	it(
		'loses, forges and doubles nothing, and agrees in the end; plain Yjs under the same traffic loses entries',
		async () => {
			const summary = new Summary();
			for (let seed = 1; seed <= seeds; seed++) summary.add(await simulate(seed));
			expect(summary.failedSeeds).toEqual([]);
			expect(summary.controlSeeds).toBeGreaterThan(0);
		},
		seeds * 10_000
	);

	it('is the same twice from one seed, and another from another', async () => {
		const [once, twice, other] = [await simulate(7), await simulate(7), await simulate(8)];
		expect(once.traceHash).toBe(twice.traceHash);
		expect(once.traceHash).not.toBe(other.traceHash);
	}, 60_000);
});
