/** Of whom the lanes of a loaded segment are, and their newest entries: what a removal says that it accepts. */
import { controlSegment } from '../protocol/ids';
import type { Cap } from '../protocol/records';
import { certifiedBy, countsUntil, type Authority, type ControlLane } from './authority';
import type { Loaded } from './loaded-segments';

/** Of whom a lane is, and how far it counts; null if nobody knows. */
function standingOf(
	{ segment, log }: Loaded,
	lane: number,
	authority: Authority
): { readonly of: ControlLane; readonly until: number } | null {
	if (segment.number === controlSegment) {
		const of = authority.controlLaneByNumber.get(lane);
		return of === undefined ? null : { of, until: authority.limitByControlLane.get(lane) ?? 0 };
	}
	const certificate = log?.certificateOf(lane);
	if (certificate === undefined) return null;
	const of = certifiedBy(certificate);
	return { of, until: countsUntil(authority, segment.number, lane, of).until };
}

/**
 * Caps over the lanes of these grants in one segment, at the last entry that counts here. A lane of which nothing
 * counts is left out, and is void with that.
 * @param grants base64url
 */
export function capsOver(loaded: Loaded, grants: ReadonlySet<string>, authority: Authority): readonly Cap[] {
	const { segment } = loaded;
	return [...segment.lanes].flatMap((lane) => {
		const standing = standingOf(loaded, lane, authority);
		if (standing === null || !grants.has(standing.of.grant)) return [];
		const clock = Math.min(segment.nextClock(lane), standing.until) - 1;
		const id = segment.entryId(lane, clock);
		return id === undefined ? [] : [{ segment: segment.number, lane, clock, id }];
	});
}
