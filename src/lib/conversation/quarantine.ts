/** Lanes of a segment that are sound and wait: their grant is not known (yet), so they are kept out of the document. */
import type { AdmittedRun, LaneHead } from '../protocol/guard/lanes';

/** Of how many sources with all that they may have it holds at most. */
const sourcesLimit = 4;

interface Held {
	readonly publicKey: Uint8Array;
	readonly entries: Uint8Array[];
	readonly ids: Uint8Array[];
	readonly source: unknown;
	bytes: number;
}

export class Quarantine {
	readonly #heldByLane = new Map<number, Held>();

	get size(): number {
		return this.#heldByLane.size;
	}

	get lanes(): readonly number[] {
		return [...this.#heldByLane.keys()];
	}

	has(lane: number): boolean {
		return this.#heldByLane.has(lane);
	}

	head(lane: number): LaneHead | undefined {
		const held = this.#heldByLane.get(lane);
		const id = held?.ids.at(-1);
		return held && id && { publicKey: held.publicKey, next: held.ids.length, id };
	}

	entry(lane: number, clock: number): Uint8Array | undefined {
		return this.#heldByLane.get(lane)?.entries[clock];
	}

	id(lane: number, clock: number): Uint8Array | undefined {
		return this.#heldByLane.get(lane)?.ids[clock];
	}

	/**
	 * Holds a run back until its lane's grant is known.
	 * @param lanesLimit of one source, as is `limitBytes`
	 * @returns false if its source has too much held already
	 */
	hold(run: AdmittedRun, source: unknown, lanesLimit: number, limitBytes: number): boolean {
		const held = this.#heldByLane.get(run.lane);
		const bytes = run.entries.reduce((sum, entry) => sum + entry.length, 0);
		const ofSource = [...this.#heldByLane.values()].filter((each) => each.source === source);
		const heldBytes = ofSource.reduce((sum, each) => sum + each.bytes, 0);
		if (heldBytes + bytes > limitBytes || (held === undefined && ofSource.length >= lanesLimit)) return false;
		if (held === undefined && this.size >= lanesLimit * sourcesLimit) this.#dropOldest();
		const into = held ?? { publicKey: run.publicKey.slice(), entries: [], ids: [], source, bytes: 0 };
		// Copies: what a peer sent is a view into a larger frame.
		into.entries.push(...run.entries.map((entry) => entry.slice()));
		into.ids.push(...run.ids);
		into.bytes += bytes;
		this.#heldByLane.set(run.lane, into);
		return true;
	}

	/** A lane, as the run that it is. @throws if it is not held */
	run(lane: number): AdmittedRun {
		const held = this.#heldByLane.get(lane);
		if (held === undefined) throw new Error('the lane is not in quarantine');
		return { lane, start: 0, entries: held.entries, ids: held.ids, publicKey: held.publicKey };
	}

	/** Lets go of a lane. @throws if it is not held */
	release(lane: number): AdmittedRun {
		const run = this.run(lane);
		this.#heldByLane.delete(lane);
		return run;
	}

	/** Sources come and go, and what they left is not to pile up. A sound lane is sent again, since it is not held. */
	#dropOldest(): void {
		const [oldest] = this.#heldByLane.keys();
		if (oldest !== undefined) this.#heldByLane.delete(oldest);
	}
}
