import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget, Pauses } from '../../../src/lib/replicas/peer-budget';

describe('Budget', () => {
	it('never gives more than its capacity and what has been refilled', () => {
		fc.assert(
			fc.property(
				fc.array(fc.record({ amount: fc.nat(500), waitMs: fc.nat(2_000) }), { maxLength: 60 }),
				(steps) => {
					const budget = new Budget(1_000, 100, 0);
					let now = 0;
					let taken = 0;
					for (const { amount, waitMs } of steps) {
						now += waitMs;
						if (budget.take(amount, now)) taken += amount;
						expect(taken).toBeLessThanOrEqual(1_000 + (now / 1000) * 100 + 1e-6);
					}
				}
			)
		);
	});

	it('takes nothing when there is not enough, and refills with time', () => {
		const budget = new Budget(10, 1, 0);
		expect(budget.take(10, 0)).toBe(true);
		expect(budget.take(1, 0)).toBe(false);
		expect(budget.take(1, 1_000)).toBe(true);
		expect(budget.take(1, 1_000)).toBe(false);
	});

	it('does not gain from a clock that is set back', () => {
		const budget = new Budget(10, 1, 10_000);
		expect(budget.take(10, 10_000)).toBe(true);
		expect(budget.take(1, 0)).toBe(false);
	});
});

describe('Pauses', () => {
	it('doubles from one minute up to fifteen', () => {
		const pauses = new Pauses();
		const lengths: number[] = [];
		let now = 0;
		for (let i = 0; i < 6; i++) {
			pauses.add('device', now);
			let minutes = 0;
			while (pauses.isPaused('device', now + minutes * 60_000)) minutes++;
			lengths.push(minutes);
			now += minutes * 60_000;
		}
		expect(lengths).toEqual([1, 2, 4, 8, 15, 15]);
		expect(pauses.isPaused('another', now)).toBe(false);
	});
});
