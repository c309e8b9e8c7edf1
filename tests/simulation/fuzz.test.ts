import { describe, expect, it } from 'vitest';
import { fuzz } from './fuzzing';

describe('decoders of bytes from outside', () => {
	it('refuse with a reason, quickly, and take nothing that Yjs understands otherwise', async () => {
		const report = await fuzz(Number(process.env.FUZZ_INPUTS ?? 20_000), 1);
		expect(report.problems).toEqual([]);
		// A fuzzer whose inputs are all taken, or all refused at the first byte, tests nothing.
		expect(report.taken).toBeGreaterThan(report.inputs / 100);
		expect(report.rejections.size).toBeGreaterThan(40);
	}, 600_000);
});
