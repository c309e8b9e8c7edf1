import { expect, it } from 'vitest';
import { Coalesced } from '../../../src/lib/app/coalesce';

it('runs one refresh at a time, and one more for all calls that came meanwhile', async () => {
	let running = 0;
	let runs = 0;
	const releases: (() => void)[] = [];
	const coalesced = new Coalesced(async () => {
		expect(++running).toBe(1);
		runs++;
		await new Promise<void>((resolve) => releases.push(resolve));
		running--;
	});
	const first = coalesced.run();
	const others = [coalesced.run(), coalesced.run(), coalesced.run()];
	expect(runs).toBe(1);
	releases[0]?.();
	await expect.poll(() => runs).toBe(2);
	releases[1]?.();
	await Promise.all([first, ...others]);
	expect(runs).toBe(2);
	void coalesced.run();
	expect(runs).toBe(3);
	releases[2]?.();
});
