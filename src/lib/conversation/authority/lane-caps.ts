/**
 * Caps as they count. Over control lanes a cap counts if the entry that it names is here; one that names an entry that
 * does not exist is void, and the lane with it (protocol 4). Over message lanes, whose entries the fold of authority
 * does not see, a cap is kept as it was stated, for who holds them.
 */
import { controlSegment } from '../../protocol/ids';
import type { CapClaim } from './statement';

export const laneKey = (segment: number, lane: number): string => `${segment}/${lane}`;

export class LaneCaps {
	private constructor(
		/** Last clock that counts, by control lane. What is not listed does not count at all. */
		readonly controlClockByLane: ReadonlyMap<number, number>,
		/** Last entry that counts, by "segment/lane" of message lanes. */
		readonly claimByMessageLane: ReadonlyMap<string, CapClaim>
	) {}

	static of(claims: readonly CapClaim[], isHeld: (claim: CapClaim) => boolean): LaneCaps {
		const control = new Map<number, number>();
		const messages = new Map<string, CapClaim>();
		for (const claim of claims) {
			if (claim.segment !== controlSegment) messages.set(laneKey(claim.segment, claim.lane), claim);
			else if (isHeld(claim)) control.set(claim.lane, claim.clock);
		}
		return new LaneCaps(control, messages);
	}

	/** Whether an entry of a control lane is within. */
	allows(lane: number, clock: number): boolean {
		return clock <= (this.controlClockByLane.get(lane) ?? -1);
	}

	/** First clock of a control lane that does not count. */
	limitOf(lane: number): number {
		return (this.controlClockByLane.get(lane) ?? -1) + 1;
	}

	/** What both accept. */
	and(other: LaneCaps): LaneCaps {
		const control = new Map<number, number>();
		for (const [lane, clock] of this.controlClockByLane) {
			const others = other.controlClockByLane.get(lane);
			if (others !== undefined) control.set(lane, Math.min(clock, others));
		}
		const messages = new Map<string, CapClaim>();
		for (const [key, claim] of this.claimByMessageLane) {
			const others = other.claimByMessageLane.get(key);
			if (others !== undefined) messages.set(key, lower(claim, others));
		}
		return new LaneCaps(control, messages);
	}
}

/** Of two at one clock, one names another branch than the other: the lower name, so that all choose the same. */
function lower(a: CapClaim, b: CapClaim): CapClaim {
	if (a.clock !== b.clock) return a.clock < b.clock ? a : b;
	return a.idPrefix <= b.idPrefix ? a : b;
}

/** Adds caps to those that a key has already: several removals, the minimum. */
export function narrow(capsByKey: Map<string, LaneCaps>, key: string, caps: LaneCaps): void {
	const known = capsByKey.get(key);
	capsByKey.set(key, known === undefined ? caps : known.and(caps));
}
