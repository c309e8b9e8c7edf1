/**
 * Delivery states are facts, and monotonic (protocol 7): from a relay's acknowledgements and from members' signed
 * frontiers, for the lanes of this device.
 */

/** 'saving': committed, and not yet on stable storage. */
export type DeliveryState = 'saving' | 'queued' | 'sent' | 'delivered' | 'delivered-to-all';

/** What to keep across restarts. Next clock by "segment/lane". */
export interface DeliveryRecord {
	readonly acknowledged: readonly (readonly [string, number])[];
	readonly coveredByAccount: readonly (readonly [string, readonly (readonly [string, number])[]])[];
}

const laneKey = (segment: number, lane: number): string => `${segment}/${lane}`;

function raise(nextByLane: Map<string, number>, key: string, next: number): boolean {
	if ((nextByLane.get(key) ?? 0) >= next) return false;
	nextByLane.set(key, next);
	return true;
}

export class Delivery {
	readonly #acknowledged: Map<string, number>;
	readonly #coveredByAccount: Map<string, Map<string, number>>;

	constructor(record?: DeliveryRecord) {
		this.#acknowledged = new Map(record?.acknowledged);
		this.#coveredByAccount = new Map(
			record?.coveredByAccount.map(([account, lanes]) => [account, new Map(lanes)])
		);
	}

	/** A replica on stable storage holds the lane below `next`. @returns whether that is news */
	acknowledge(segment: number, lane: number, next: number): boolean {
		return raise(this.#acknowledged, laneKey(segment, lane), next);
	}

	/** A device of another account holds a lane of ours below `next`. @returns whether that is news */
	cover(account: string, segment: number, lane: number, next: number): boolean {
		const covered = this.#coveredByAccount.get(account) ?? new Map<string, number>();
		this.#coveredByAccount.set(account, covered);
		return raise(covered, laneKey(segment, lane), next);
	}

	/** @param others accounts of the other members that have not left */
	stateOf(segment: number, lane: number, clock: number, others: readonly string[]): DeliveryState {
		const key = laneKey(segment, lane);
		const holders = [...this.#coveredByAccount].filter(([, covered]) => (covered.get(key) ?? 0) > clock);
		if (holders.length > 0) {
			const accounts = new Set(holders.map(([account]) => account));
			return others.length > 1 && others.every((account) => accounts.has(account))
				? 'delivered-to-all'
				: 'delivered';
		}
		return (this.#acknowledged.get(key) ?? 0) > clock ? 'sent' : 'queued';
	}

	/** Below this clock some other replica holds the lane. */
	heldElsewhere(segment: number, lane: number): number {
		const key = laneKey(segment, lane);
		let next = this.#acknowledged.get(key) ?? 0;
		for (const covered of this.#coveredByAccount.values()) next = Math.max(next, covered.get(key) ?? 0);
		return next;
	}

	toRecord(): DeliveryRecord {
		return {
			acknowledged: [...this.#acknowledged],
			coveredByAccount: [...this.#coveredByAccount].map(([account, lanes]) => [account, [...lanes]])
		};
	}
}
