/**
 * Own entries that are committed and not yet known to be on stable storage: sent already, and not yet called saved
 * (docs/decisions/0010).
 */
import type { Journal, JournalFailure } from './ports';

export interface Place {
	readonly segment: number;
	readonly lane: number;
	readonly clock: number;
}

const keyOf = ({ segment, lane, clock }: Place): string => `${segment}/${lane}/${clock}`;

export class UnsettledEntries {
	readonly #flushByPlace = new Map<string, Promise<void>>();

	constructor(
		readonly journal: Pick<Journal, 'settle'>,
		readonly events: {
			settled(): void;
			/** Said once a flush; the entries stay unsettled until a later flush covers them. */
			failed(reason: JournalFailure): void;
		}
	) {}

	has(place: Place): boolean {
		return this.#flushByPlace.has(keyOf(place));
	}

	/** An entry that has just been committed; begins to settle it. */
	add(place: Place): void {
		const key = keyOf(place);
		this.#flushByPlace.set(key, Promise.resolve());
		const covered = [...this.#flushByPlace.keys()];
		this.#flushByPlace.set(key, this.#flush(covered));
	}

	/** Resolves when the flush that was begun for it has ended, well or not: `has` tells. */
	async settled(place: Place): Promise<void> {
		await this.#flushByPlace.get(keyOf(place));
	}

	/**
	 * Waits for the flushes of a lane's entries below `next`. What others hold of them counts after that: a claim that
	 * outlived the entry itself would be taken for one about whatever comes to stand in its place.
	 * @returns whether they are all on stable storage
	 */
	async settledBelow(segment: number, lane: number, next: number): Promise<boolean> {
		const below = [...this.#flushByPlace].filter(([key]) => {
			const [inSegment, inLane, clock] = key.split('/').map(Number);
			return inSegment === segment && inLane === lane && (clock ?? 0) < next;
		});
		await Promise.all(below.map(([, flush]) => flush));
		return below.every(([key]) => !this.#flushByPlace.has(key));
	}

	async #flush(covered: readonly string[]): Promise<void> {
		const flushed = await this.journal.settle();
		if (!flushed.ok) return this.events.failed(flushed.reason);
		// Those before it as well, also if their own flush had failed.
		for (const key of covered) this.#flushByPlace.delete(key);
		this.events.settled();
	}
}
