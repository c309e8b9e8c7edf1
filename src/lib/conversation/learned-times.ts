/**
 * When this device learned how far somebody holds, or has read, its lanes. Not when it happened: nobody proves that.
 * Only the newest steps are kept; of what lies below them no time is known.
 */

const stepsKept = 32;

/** Entries below `next` that are at or above the step before: learned of at `atMs`; null if that is not known. */
export type LearnedStep = readonly [next: number, atMs: number | null];
/** Steps by key, rising. */
export type LearnedRecord = readonly (readonly [key: string, steps: readonly LearnedStep[]])[];

export class LearnedTimes {
	readonly #stepsByKey: Map<string, readonly LearnedStep[]>;

	constructor(record: LearnedRecord = []) {
		this.#stepsByKey = new Map(record);
	}

	/** Now known up to `next`, before up to `previous`, which is less. */
	add(key: string, previous: number, next: number, atMs: number): void {
		const known = this.#stepsByKey.get(key) ?? (previous > 0 ? [[previous, null] as const] : []);
		const steps = [...known, [next, atMs] as const].slice(-stepsKept);
		const [oldest] = steps;
		// What stood below it is forgotten, and its own time would be taken for theirs.
		if (known.length >= stepsKept && oldest !== undefined) steps[0] = [oldest[0], null];
		this.#stepsByKey.set(key, steps);
	}

	/** In ms, of the entry at `clock`; null if it is not known. */
	at(key: string, clock: number): number | null {
		return this.#stepsByKey.get(key)?.find(([next]) => next > clock)?.[1] ?? null;
	}

	toRecord(): LearnedRecord {
		return [...this.#stepsByKey];
	}
}
