/** Runs of lanes on their way through the relay: looked up, joined, cut into frames. Pure. */
import { entryIdOf } from '../src/lib/protocol/entry';
import type { AdmittedRun, LaneHead, LaneTable } from '../src/lib/protocol/guard/lanes';
import { splitRuns, type LaneRun } from '../src/lib/protocol/guard/update';
import { encodeUpdateFrame } from './document-frames';
import { erasedId, isErased } from './erased-entries';

/** Of an update frame that the relay sends, and of what is admitted in one go between two turns of the event loop. */
export const pieceBytes = 256 * 1024;

/** @returns the head of the lane once the run is held */
export function headAfter({ start, entries, ids, publicKey }: AdmittedRun): LaneHead {
	const id = ids.at(-1);
	if (id === undefined) throw new Error('a run was admitted without entries');
	return { next: start + entries.length, id, publicKey };
}

/** What the guard looks up: all heads, and those held entries that a batch of runs overlaps with. */
export class HeldLanes implements LaneTable {
	readonly #overlapByLane = new Map<
		number,
		{ readonly start: number; readonly entries: readonly Uint8Array[] }
	>();

	constructor(private readonly headByLane: ReadonlyMap<number, LaneHead>) {}

	/** @returns the clocks of the run that are held already, or null */
	overlap(run: LaneRun): { readonly from: number; readonly end: number } | null {
		const end = Math.min(run.start + run.entries.length, this.headByLane.get(run.lane)?.next ?? 0);
		return run.start < end ? { from: run.start, end } : null;
	}

	add(lane: number, start: number, entries: readonly Uint8Array[]): void {
		this.#overlapByLane.set(lane, { start, entries });
	}

	head(lane: number): LaneHead | undefined {
		return this.headByLane.get(lane);
	}

	entry(lane: number, clock: number): Uint8Array | undefined {
		const stored = this.#stored(lane, clock);
		return stored === undefined || isErased(stored) ? undefined : stored;
	}

	entryId(lane: number, clock: number): Uint8Array | undefined {
		const stored = this.#stored(lane, clock);
		if (stored === undefined) return undefined;
		return isErased(stored) ? erasedId(stored) : entryIdOf(stored);
	}

	/** What is deleted stands under seal: a relay keeps what others do without, where the chain goes on behind it. */
	redactedIds(): 'any' {
		return 'any';
	}

	#stored(lane: number, clock: number): Uint8Array | undefined {
		const overlap = this.#overlapByLane.get(lane);
		return overlap?.entries[clock - overlap.start];
	}
}

/** Runs that go into one update, encoded once for all sockets that lack all of it. */
export interface UpdatePiece {
	readonly runs: readonly LaneRun[];
	frame(): Uint8Array;
}

/** Cuts what was committed together, in order, into frames of at most about `pieceBytes`. */
export function updatePieces(runs: readonly LaneRun[]): readonly UpdatePiece[] {
	return [...splitRuns(joinRuns(runs), pieceBytes)].map((piece) => {
		let encoded: Uint8Array | null = null;
		return { runs: piece, frame: () => (encoded ??= encodeUpdateFrame(piece)) };
	});
}

/** Runs of one lane that follow each other become one, since an update names a lane once. */
function joinRuns(runs: readonly LaneRun[]): LaneRun[] {
	const joinedByLane = new Map<
		number,
		{ readonly lane: number; readonly start: number; readonly entries: Uint8Array[] }
	>();
	for (const { lane, start, entries } of runs) {
		const joined = joinedByLane.get(lane);
		if (joined === undefined) joinedByLane.set(lane, { lane, start, entries: [...entries] });
		else for (const entry of entries) joined.entries.push(entry);
	}
	return [...joinedByLane.values()];
}
