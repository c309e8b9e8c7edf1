import fc from 'fast-check';
import { expect, test } from 'vitest';
import { interleaved, quantile, rounded, summarise } from '../../bench/rig/statistics';

test('quantiles lie between measurements, whatever their order', () => {
	expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
	expect(quantile([10], 0.99)).toBe(10);
	expect(quantile([1, 2, 3], 0)).toBe(1);
	expect(quantile([3, 1, 2], 1)).toBe(3);
	expect(() => quantile([], 0.5)).toThrow();
});

test('a larger share never gives a smaller quantile', () => {
	const values = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1 });
	const shares = fc.tuple(
		fc.double({ min: 0, max: 1, noNaN: true }),
		fc.double({ min: 0, max: 1, noNaN: true })
	);
	fc.assert(
		fc.property(values, shares, (all, [a, b]) => {
			expect(quantile(all, Math.min(a, b))).toBeLessThanOrEqual(quantile(all, Math.max(a, b)) + 1e-9);
			expect(quantile(all, a)).toBeGreaterThanOrEqual(Math.min(...all) - 1e-9);
			expect(quantile(all, a)).toBeLessThanOrEqual(Math.max(...all) + 1e-9);
		})
	);
});

test('a summary says how many were counted', () => {
	expect(summarise([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3, runs: 3 });
});

test('rounding keeps three digits, and whole numbers from a thousand on', () => {
	expect([0.012345, 1.2345, 123.45, 1234.5, 0].map(rounded)).toEqual([0.0123, 1.23, 123, 1235, 0]);
});

test('each side goes first as often as the other', () => {
	expect(interleaved(['a', 'b'], 3)).toEqual(['a', 'b', 'b', 'a', 'a', 'b']);
});
