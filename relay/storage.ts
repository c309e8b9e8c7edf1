/**
 * What the relay keeps. Entries, not updates: one row an entry at (document, lane, clock), so that an answer to a state
 * vector is exactly a range of rows, and nothing ever needs compaction.
 *
 * Guarantee of every implementation: when the promise of `append` resolves, the entries survive `kill -9` and loss of
 * power, all of one call or none of it.
 */
import type { AdmittedRun, LaneHead } from '../src/lib/protocol/guard/lanes';

export interface StoredDocument {
	/** head by lane; `next` counts what is held */
	readonly headByLane: Map<number, LaneHead>;
	/** counter of the newest frontier by lane, and its size */
	readonly frontierByLane: Map<number, { readonly counter: number; readonly bytes: number }>;
	readonly usage: DocumentUsage;
	/** What `putAccess` or `append` was given last, or null. */
	readonly access: Uint8Array | null;
}

/** Kept beside the entries, so that opening a document reads none of them. */
export interface DocumentUsage {
	/** How many writes the document has had. */
	readonly sequence: number;
	readonly entryCount: number;
	/** Of entries, frontiers and access. */
	readonly bytes: number;
}

export interface StoredFrontier {
	readonly lane: number;
	readonly counter: number;
	readonly bytes: Uint8Array;
}

export interface ErasedRow {
	readonly lane: number;
	readonly clock: number;
	readonly id: Uint8Array;
	readonly bytes: number;
}

export interface RelayStorage {
	/** An unknown document is an empty one; nothing is created. `document` is 32 bytes, everywhere here. */
	open(document: Uint8Array): Promise<StoredDocument>;
	/**
	 * Entries of a lane, as `storedForm` has them, from clock `from` upwards, contiguous: at least one if there is one, and no more than about
	 * `limitBytes`.
	 * @param end the clock before which to stop
	 */
	entries(
		document: Uint8Array,
		lane: number,
		from: number,
		end: number,
		limitBytes: number
	): Promise<readonly Uint8Array[]>;
	/**
	 * Writes may be under way side by side; each is made only if the one before it was.
	 * @param usage what the document has with this write; its `sequence` is one more than with the write before
	 * @throws (rejects) if the entries are not on stable storage, and then none of them is there: the engine failed, or
	 *   another write has come in between
	 * @param access as with `putAccess`, written with the entries
	 */
	append(
		document: Uint8Array,
		runs: readonly AdmittedRun[],
		usage: DocumentUsage,
		access?: Uint8Array
	): Promise<void>;
	/**
	 * Leaves of these entries their ids alone; when it resolves their bytes are in no row any more, nor in what rows have
	 * left behind in the engine's files.
	 * @param erased `bytes` is how many of them the entry had
	 */
	erase(document: Uint8Array, erased: readonly ErasedRow[], usage: DocumentUsage): Promise<void>;
	/** Replaces the row that says who may open the document. */
	putAccess(document: Uint8Array, access: Uint8Array, usage: DocumentUsage): Promise<void>;
	/** Replaces the lane's frontier. */
	putFrontier(document: Uint8Array, frontier: StoredFrontier, usage: DocumentUsage): Promise<void>;
	frontiers(document: Uint8Array): Promise<readonly Uint8Array[]>;
	/** Of all documents, what is being written included. */
	readonly totalBytes: number;
	/** Waits for writes under way. */
	close(): Promise<void>;
}
