import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockErrorOf, clockNoticeMs, ClockWatch } from '../../../src/lib/app/clock-watch';

const hour = 60 * 60_000;
const honest = fc.integer({ min: -clockNoticeMs, max: clockNoticeMs });
const anything = fc.integer({ min: -100 * 365 * 24 * hour, max: 100 * 365 * 24 * hour });

describe('the error of the own clock', () => {
	it('is not known from one other clock', () => {
		expect(clockErrorOf([])).toBeNull();
		expect(clockErrorOf([hour])).toBeNull();
	});

	it('is the median, and of two the smaller', () => {
		expect(clockErrorOf([-hour, -2 * hour])).toBe(hour);
		expect(clockErrorOf([hour, 2 * hour])).toBe(-hour);
		expect(clockErrorOf([-hour, hour])).toBe(0);
		expect(clockErrorOf([-3, -hour, -2 * hour])).toBe(hour);
	});

	it('cannot be raised by a minority of liars, nor by half', () => {
		fc.assert(
			fc.property(
				fc.array(honest, { minLength: 1, maxLength: 9 }),
				fc.array(anything, { maxLength: 9 }),
				(sound, lies) => {
					const error = clockErrorOf([...sound, ...lies.slice(0, sound.length)]);
					expect(Math.abs(error ?? 0)).toBeLessThanOrEqual(clockNoticeMs);
				}
			)
		);
	});

	it('is found if all others agree, whatever a minority says', () => {
		fc.assert(
			fc.property(fc.array(honest, { minLength: 2, maxLength: 9 }), anything, (jitter, lie) => {
				const offsets = jitter.map((each) => each - 3 * hour);
				const all = offsets.length > 2 ? [...offsets, lie] : offsets;
				expect(clockErrorOf(all)).toBeGreaterThanOrEqual(3 * hour - clockNoticeMs);
			})
		);
	});
});

function scene(relayOffset: number | null) {
	const world = { nowMs: 10 * hour, asked: 0, said: [] as (number | null)[] };
	const watch = new ClockWatch({
		timers: { now: () => world.nowMs },
		relayTime: async () => {
			world.asked++;
			return relayOffset === null ? null : world.nowMs + relayOffset;
		},
		changed: (aheadMs) => void world.said.push(aheadMs)
	});
	const hear = (account: string, offset: number, isFirst = true): Promise<void> =>
		watch.heard(account, world.nowMs + offset, isFirst);
	return { world, hear };
}

describe('a device that hears the time', () => {
	it('is told of by one member and the relay', async () => {
		const { world, hear } = scene(-hour);
		await hear('ann', -hour);
		expect(world.said).toEqual([hour]);
	});

	it('is left alone if the relay agrees with it, and asks the relay once a minute', async () => {
		const { world, hear } = scene(0);
		await hear('ann', -hour);
		await hear('ann', -hour);
		expect(world.asked).toBe(1);
		world.nowMs += 61_000;
		await hear('ann', -hour);
		expect([world.asked, world.said]).toEqual([2, []]);
	});

	it('does not ask the relay while nobody disagrees', async () => {
		const { world, hear } = scene(0);
		for (const account of ['ann', 'ben', 'cleo']) await hear(account, 1_000);
		expect([world.asked, world.said]).toEqual([0, []]);
	});

	it('does without the relay if it is away, and one who says it often is one', async () => {
		const { world, hear } = scene(null);
		for (let i = 0; i < 5; i++) await hear('ann', -hour);
		expect(world.said).toEqual([]);
		await hear('ben', -hour - 1);
		expect(world.said).toEqual([hour]);
	});

	it('takes back what was said when the clock has been set right', async () => {
		const { world, hear } = scene(null);
		await hear('ann', -hour);
		await hear('ben', -hour);
		await hear('ann', 3, false);
		expect(world.said).toEqual([hour, null]);
	});

	it('is not told by what has waited for a page that slept', async () => {
		const { world, hear } = scene(-1_000);
		for (const account of ['ann', 'ben']) await hear(account, 5);
		for (const account of ['ann', 'ben', 'cleo']) await hear(account, -hour, false);
		expect([world.asked, world.said]).toEqual([0, []]);
	});
});
