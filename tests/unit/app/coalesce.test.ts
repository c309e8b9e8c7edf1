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

it('rests between two runs, but not before the first', async () => {
	let runs = 0;
	const restEnds: (() => void)[] = [];
	const coalesced = new Coalesced(
		async () => void runs++,
		() => new Promise((resolve) => restEnds.push(resolve))
	);
	const first = coalesced.run();
	expect(runs).toBe(1);
	// The caller does not wait for the rest.
	await first;
	const second = coalesced.run();
	const third = coalesced.run();
	await Promise.resolve();
	expect(runs).toBe(1);
	restEnds[0]?.();
	await Promise.all([second, third]);
	expect(runs).toBe(2);
	restEnds[1]?.();
	await expect.poll(() => restEnds.length).toBe(2);
	await Promise.resolve();
	const fourth = coalesced.run();
	expect(runs).toBe(3);
	await fourth;
});

it('rests after a failure as well, and runs again', async () => {
	let runs = 0;
	const coalesced = new Coalesced(
		async () => {
			if (++runs === 1) throw new Error('once');
		},
		() => Promise.resolve()
	);
	await expect(coalesced.run()).rejects.toThrow('once');
	await coalesced.run();
	expect(runs).toBe(2);
});
