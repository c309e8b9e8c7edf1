/** Of whom the lanes of a loaded segment are, and their newest entries: what a removal says that it accepts. */
import { toBase64url } from '../protocol/base64url';
import { controlSegment } from '../protocol/ids';
import type { Cap } from '../protocol/records';
import { deadFrom, type Authority } from './authority';
import type { Loaded } from './loaded-segments';
import type { MessageLog } from './message-log';

function certifiedGrant(log: MessageLog | null, lane: number): string | undefined {
	const certificate = log?.certificateOf(lane);
	return certificate && toBase64url(certificate.grant);
}

/**
 * Caps over the lanes of these grants in one segment, at the last entry that counts here. A lane of which nothing
 * counts is left out, and is void with that.
 * @param grants base64url
 */
export function capsOver(
	{ segment, log }: Loaded,
	grants: ReadonlySet<string>,
	authority: Authority
): readonly Cap[] {
	return [...segment.lanes].flatMap((lane) => {
		const grant =
			segment.number === controlSegment
				? authority.controlLaneByNumber.get(lane)?.grant
				: certifiedGrant(log, lane);
		if (grant === undefined || !grants.has(grant)) return [];
		const until =
			segment.number === controlSegment
				? (authority.limitByControlLane.get(lane) ?? 0)
				: deadFrom(authority, segment.number, lane);
		const clock = Math.min(segment.nextClock(lane), until) - 1;
		const id = segment.entryId(lane, clock);
		return id === undefined ? [] : [{ segment: segment.number, lane, clock, id }];
	});
}
