/**
 * What this person has read, as a place in each lane: "below this clock". A lane's effective times rise with its clocks,
 * so what stands at or above a place on screen is a prefix of every lane; and what comes late, with a time of long ago,
 * is not taken for read, because it was not held then. Monotonic.
 */
import { toBase64url } from '../protocol/base64url';
import type { Loaded } from './loaded-segments';

/** A place on screen: effective time (an HLC number), then id (base64url). */
export interface ReadPlace {
	readonly time: number;
	readonly id: string;
}

/** Segments are read one after the other; of older ones others have long heard. */
const segmentsKept = 4;

export type ReadingRecord = readonly (readonly [
	segment: number,
	nextByLane: readonly (readonly [lane: number, next: number])[]
])[];

export class Reading {
	readonly #nextByLaneBySegment: Map<number, Map<number, number>>;

	constructor(record: ReadingRecord = []) {
		this.#nextByLaneBySegment = new Map(record.map(([segment, lanes]) => [segment, new Map(lanes)]));
	}

	/** Below this clock all was read; 0 if nothing is known. */
	next(segment: number, lane: number): number {
		return this.#nextByLaneBySegment.get(segment)?.get(lane) ?? 0;
	}

	/**
	 * All that these segments hold up to a place has been read.
	 * @param isOwn lanes of this device: nobody needs to be told of them
	 * @returns whether that is news
	 */
	upTo(place: ReadPlace, loaded: readonly Loaded[], isOwn: (lane: number) => boolean): boolean {
		let news = false;
		for (const each of loaded) {
			if (each.log === null) continue;
			const { number, lanes } = each.segment;
			const nextByLane = this.#nextByLaneBySegment.get(number) ?? new Map<number, number>();
			for (const lane of lanes) {
				if (isOwn(lane)) continue;
				const next = readBelow(each, lane, place, nextByLane.get(lane) ?? 0);
				if (next <= (nextByLane.get(lane) ?? 0)) continue;
				nextByLane.set(lane, next);
				news = true;
			}
			if (nextByLane.size > 0) this.#nextByLaneBySegment.set(number, nextByLane);
		}
		const segments = [...this.#nextByLaneBySegment.keys()].sort((a, b) => b - a);
		for (const segment of segments.slice(segmentsKept)) this.#nextByLaneBySegment.delete(segment);
		return news;
	}

	toRecord(): ReadingRecord {
		return [...this.#nextByLaneBySegment].map(([segment, lanes]) => [segment, [...lanes]]);
	}
}

/** First clock of a lane that does not stand at or above the place; what is not folded yet does not. */
function readBelow({ segment, log }: Loaded, lane: number, place: ReadPlace, known: number): number {
	const isRead = (clock: number): boolean => {
		const time = log?.timeOf(lane, clock);
		if (time === undefined || time > place.time) return false;
		if (time < place.time) return true;
		const id = segment.entryId(lane, clock);
		return id !== undefined && toBase64url(id) <= place.id;
	};
	let [low, high] = [known, segment.nextClock(lane)];
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (isRead(middle)) low = middle + 1;
		else high = middle;
	}
	return low;
}
