/**
 * Stratum 3: how far the control lanes count. Caps pin: a lane that a removal has capped counts up to there whatever
 * proof of a fork below comes up later, because the cap has chosen the branch. Otherwise somebody who was removed could
 * take back, by forking their own lane, everything that others have built on it. For the same reason the removal of a
 * grant settles its lanes whatever its account says of its devices.
 */
import type { ControlIndex, Said } from './control-index';
import { deviceKey } from './devices';
import type { LaneCaps } from './lane-caps';

export class LaneLimits {
	readonly #limitByLane = new Map<number, number>();

	constructor(
		readonly index: ControlIndex,
		readonly capsByGrant: ReadonlyMap<string, LaneCaps>,
		readonly capsByDevice: ReadonlyMap<string, LaneCaps>
	) {}

	/** Whether a removal has chosen how far the lane counts, so that forks say nothing any more. */
	isCapped(lane: number): boolean {
		return this.#capsOf(lane) !== undefined;
	}

	/** First clock of a control lane that does not count. */
	limitOf(lane: number): number {
		const known = this.#limitByLane.get(lane);
		if (known !== undefined) return known;
		const limit = this.#findLimit(lane);
		this.#limitByLane.set(lane, limit);
		return limit;
	}

	counts({ lane, clock }: Said): boolean {
		return clock < this.limitOf(lane);
	}

	#findLimit(lane: number): number {
		if (!this.index.certificateByLane.has(lane)) return 0;
		return this.#capsOf(lane)?.limitOf(lane) ?? this.index.forkLimitOf(lane);
	}

	#capsOf(lane: number): LaneCaps | undefined {
		const certificate = this.index.certificateByLane.get(lane);
		if (certificate === undefined) return undefined;
		const { grant, account, device } = certificate;
		return this.capsByGrant.get(grant) ?? this.capsByDevice.get(deviceKey(account, device));
	}
}
