/** The control entries up to a time: what somebody who was removed then may still be told (docs/decisions/0017). */
import type { LaneRun } from '../protocol/guard/update';
import type { Authority, ControlEntry } from './authority';
import type { Segment } from './segment';

/**
 * HLC of the newest removal that counts of an account that is in under no other grant; null if it is not removed.
 * Whoever spoke before that time may have been heard by who removed; what came after is nothing to who is gone.
 */
export function removedAt(authority: Authority, account: string): number | null {
	if (authority.memberByAccount.get(account)?.removed !== true) return null;
	const hlcs = authority
		.moderationLog()
		.filter(({ what, whom, verdict }) => what === 'remove' && verdict === 'counts' && whom.includes(account))
		.map(({ hlc }) => hlc);
	return hlcs.length === 0 ? null : Math.max(...hlcs);
}

/** The beginning of each control lane in which nothing is later than `hlc`. */
export function runsUntil(
	segment: Segment,
	entries: readonly ControlEntry[],
	hlc: number
): readonly LaneRun[] {
	const clocksByLane = new Map<number, Set<number>>();
	for (const entry of entries) {
		if (entry.hlc > hlc) continue;
		const clocks = clocksByLane.get(entry.lane) ?? new Set();
		clocksByLane.set(entry.lane, clocks.add(entry.clock));
	}
	return [...clocksByLane].flatMap(([lane, clocks]) => {
		let end = 0;
		while (clocks.has(end)) end++;
		return end === 0 ? [] : [segment.run(lane, 0, end)];
	});
}
