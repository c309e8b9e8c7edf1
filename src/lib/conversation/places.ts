/** Something for each of many places (lane, clock); quicker than a map by a text made of both. */
export class Places<T> {
	readonly #byLane = new Map<number, Map<number, T>>();

	get(lane: number, clock: number): T | undefined {
		return this.#byLane.get(lane)?.get(clock);
	}

	set(lane: number, clock: number, value: T): void {
		const known = this.#byLane.get(lane);
		if (known === undefined) this.#byLane.set(lane, new Map([[clock, value]]));
		else known.set(clock, value);
	}

	/** @returns what was there */
	take(lane: number, clock: number): T | undefined {
		const ofLane = this.#byLane.get(lane);
		const value = ofLane?.get(clock);
		ofLane?.delete(clock);
		return value;
	}
}
