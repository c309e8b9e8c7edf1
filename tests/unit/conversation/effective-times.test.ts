import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EffectiveTimes, type TimedEntry } from '../../../src/lib/conversation/effective-times';
import { propertyRuns } from '../../property-runs';

/** Random lanes whose entries stand upon earlier ones of other lanes, on some that never come, and on other branches. */
const histories = fc
	.array(
		fc.record({
			lane: fc.nat(3),
			hlc: fc.nat(50),
			deps: fc.array(fc.record({ at: fc.nat(30), wrong: fc.nat(5) }), { maxLength: 3 })
		}),
		{ maxLength: 25 }
	)
	.map((steps) => {
		const entries: TimedEntry[] = [];
		const nextByLane = new Map<number, number>();
		steps.forEach(({ lane, hlc, deps }, i) => {
			const clock = nextByLane.get(lane) ?? 0;
			nextByLane.set(lane, clock + 1);
			const below = deps.flatMap(({ at, wrong }) => {
				const dep = entries[at];
				if (dep === undefined || dep.lane === lane) return [];
				return [{ lane: dep.lane, clock: dep.clock, id: wrong === 0 ? 'other' : dep.id }];
			});
			entries.push({ lane, clock, id: `id${String(i).padStart(3, '0')}`, hlc, deps: below });
		});
		return entries;
	});

function naiveTimes(entries: readonly TimedEntry[]): Map<string, number> {
	const byPlace = new Map(entries.map((entry) => [`${entry.lane}.${entry.clock}`, entry]));
	const times = new Map<string, number>();
	const timeOf = (entry: TimedEntry): number => {
		const known = times.get(entry.id);
		if (known !== undefined) return known;
		const below = [
			byPlace.get(`${entry.lane}.${entry.clock - 1}`),
			...entry.deps.map((dep) => {
				const at = byPlace.get(`${dep.lane}.${dep.clock}`);
				return at?.id === dep.id ? at : undefined;
			})
		];
		const time = Math.max(entry.hlc, ...below.flatMap((each) => (each ? [timeOf(each) + 1] : [])));
		times.set(entry.id, time);
		return time;
	};
	for (const entry of entries) timeOf(entry);
	return times;
}

describe('effective times', () => {
	it('are a function of the set of entries, and every change is told', () => {
		fc.assert(
			fc.property(
				histories.chain((entries) =>
					fc.tuple(fc.constant(entries), fc.shuffledSubarray(entries, { minLength: 0 }))
				),
				([, arrived]) => {
					const times = new EffectiveTimes();
					const told = new Map<string, number>();
					for (const entry of arrived) for (const [id, time] of times.add(entry)) told.set(id, time);
					const expected = naiveTimes(arrived);
					expect(told).toEqual(expected);
					for (const { lane, clock, id } of arrived) expect(times.timeOf(lane, clock)).toBe(expected.get(id));
				}
			),
			{ numRuns: propertyRuns(500) }
		);
	});
});
