/** Entries that are in their documents and wait to be folded: in order, own ones first, taken in small slices. */
import type { LaneRun } from '../protocol/guard/update';
import type { Loaded } from './loaded-segments';

interface Work {
	readonly loaded: Loaded;
	run: LaneRun;
}

export interface Slice {
	readonly loaded: Loaded;
	readonly runs: readonly LaneRun[];
}

export class FoldQueue {
	readonly #urgent: Work[] = [];
	readonly #ordinary: Work[] = [];
	#entries = 0;

	/** How many wait. */
	get entries(): number {
		return this.#entries;
	}

	/**
	 * @param urgent these overtake all but entries of their own lane: a lane is folded in order, lanes among each other
	 *   need not be
	 */
	add(loaded: Loaded, { lane, start, entries }: LaneRun, urgent = false): void {
		if (entries.length === 0) return;
		const waits = this.#ordinary.some((work) => work.loaded === loaded && work.run.lane === lane);
		(urgent && !waits ? this.#urgent : this.#ordinary).push({ loaded, run: { lane, start, entries } });
		this.#entries += entries.length;
	}

	has(loaded: Loaded): boolean {
		const isOf = (work: Work): boolean => work.loaded === loaded;
		return this.#urgent.some(isOf) || this.#ordinary.some(isOf);
	}

	/** The next entries, of one segment; null if none wait. */
	take(limit: number): Slice | null {
		const queue = this.#urgent.length > 0 ? this.#urgent : this.#ordinary;
		const loaded = queue[0]?.loaded;
		if (loaded === undefined) return null;
		const runs: LaneRun[] = [];
		let left = limit;
		let whole = 0;
		for (const work of queue) {
			if (work.loaded !== loaded || left === 0) break;
			const { lane, start, entries } = work.run;
			const count = Math.min(left, entries.length);
			left -= count;
			runs.push({ lane, start, entries: count < entries.length ? entries.slice(0, count) : entries });
			if (count === entries.length) whole++;
			else work.run = { lane, start: start + count, entries: entries.slice(count) };
		}
		queue.splice(0, whole);
		this.#entries -= limit - left;
		return { loaded, runs };
	}
}
