/**
 * How many epochs count. Opening one costs a Diffie-Hellman, and whoever may begin epochs could begin them for ever.
 * Times are what entries say of themselves, in one order along parents and lanes: nobody can date an epoch before its
 * parents, and what is dated ahead of the clock is left out by who has one.
 */
import { hlcOfMs } from '../../protocol/clock';
import { toBase64url } from '../../protocol/base64url';
import type { EpochStatement } from './epoch-facts';

/** A moderator who removes people one by one comes nowhere near. */
export const epochsPerLaneAndHour = 32;
const hourMs = 60 * 60_000;

/**
 * @param statements in any order
 * @param latestHlc entries beyond are from the future: not yet
 * @returns those that are within the pace of their lanes and not older than their parents
 */
export function epochsInPace(
	statements: readonly EpochStatement[],
	latestHlc: number
): readonly EpochStatement[] {
	const hlcById = new Map<string, number>();
	for (const { id, hlc } of statements) hlcById.set(id, Math.min(hlcById.get(id) ?? Infinity, hlc));
	const timesByLane = new Map<number, number[]>();
	return [...statements]
		.sort((a, b) => a.lane - b.lane || a.clock - b.clock)
		.filter(({ lane, hlc, part }) => {
			const times = timesByLane.get(lane) ?? [];
			timesByLane.set(lane, times);
			if (hlc > latestHlc || hlc < (times.at(-1) ?? 0)) return false;
			if (part.parents.some((parent) => (hlcById.get(toBase64url(parent)) ?? 0) > hlc)) return false;
			const before = times.at(-epochsPerLaneAndHour);
			if (before !== undefined && before > hlc - hlcOfMs(hourMs)) return false;
			times.push(hlc);
			return true;
		});
}
