/**
 * A relay as the protocol sees it: keeps segments by context, admits by structure alone, tells what it holds on
 * stable storage. It knows no keys. Beyond that it does what it is told: it cannot help being lied to.
 */
import { toBase64url } from '../../src/lib/protocol/base64url';
import { equalBytes } from '../../src/lib/protocol/bytes';
import {
	admitRuns,
	unknownId,
	type AdmittedRun,
	type LaneHead,
	type LaneKeyCache,
	type LaneTable
} from '../../src/lib/protocol/guard/lanes';
import { decodeUpdate, encodeUpdate, splitRuns, type LaneRun } from '../../src/lib/protocol/guard/update';
import { contextOf } from '../../src/lib/protocol/ids';
import type { StateVector } from '../../src/lib/protocol/state-vector';

interface StoredLane {
	readonly publicKey: Uint8Array;
	readonly entries: Uint8Array[];
	readonly ids: Uint8Array[];
}

class StoredDocument implements LaneTable {
	readonly laneByNumber = new Map<number, StoredLane>();
	readonly keys: LaneKeyCache = new Map();

	constructor(readonly context: Uint8Array) {}

	head(lane: number): LaneHead | undefined {
		const stored = this.laneByNumber.get(lane);
		const id = stored?.ids.at(-1);
		return stored && id && { publicKey: stored.publicKey, next: stored.ids.length, id };
	}

	entry(lane: number, clock: number): Uint8Array | undefined {
		return this.laneByNumber.get(lane)?.entries[clock];
	}

	/** What is deleted stands under seal. */
	redactedIds(): 'any' {
		return 'any';
	}

	entryId(lane: number, clock: number): Uint8Array | undefined {
		const id = this.laneByNumber.get(lane)?.ids[clock];
		return id === unknownId ? undefined : id;
	}

	add(run: AdmittedRun): void {
		const stored = this.laneByNumber.get(run.lane) ?? {
			publicKey: run.publicKey.slice(),
			entries: [],
			ids: []
		};
		this.laneByNumber.set(run.lane, stored);
		stored.entries.push(...run.entries.map((entry) => entry.slice()));
		stored.ids.push(...run.ids);
	}

	above(nextByLane: StateVector): LaneRun[] {
		const runs: LaneRun[] = [];
		for (const [lane, { entries }] of this.laneByNumber) {
			const start = nextByLane.get(lane) ?? 0;
			if (start < entries.length) runs.push({ lane, start, entries: entries.slice(start) });
		}
		return runs;
	}
}

export interface ReplicaReport {
	readonly admitted: readonly AdmittedRun[];
	readonly gap: boolean;
	readonly reasons: readonly string[];
}

export class BlindReplica {
	readonly #documentBySegment = new Map<number, StoredDocument>();
	#order: Promise<unknown> = Promise.resolve();

	constructor(
		readonly conversation: Uint8Array,
		readonly subtle: SubtleCrypto
	) {}

	get segments(): readonly number[] {
		return [...this.#documentBySegment.keys()];
	}

	holds(segment: number, lane: number, clock: number, id: Uint8Array): boolean {
		const held = this.#documentBySegment.get(segment)?.entryId(lane, clock);
		return held !== undefined && equalBytes(held, id);
	}

	/** Of everything it holds, base64url. */
	*ids(): Generator<string> {
		for (const { laneByNumber } of this.#documentBySegment.values()) {
			for (const { ids } of laneByNumber.values()) for (const id of ids) yield toBase64url(id);
		}
	}

	nextByLane(segment: number): StateVector {
		const lanes = this.#document(segment).laneByNumber;
		return new Map([...lanes].map(([lane, { ids }]) => [lane, ids.length]));
	}

	/** What somebody with this state vector lacks. */
	updatesAbove(segment: number, nextByLane: StateVector, limitBytes: number): Uint8Array[] {
		return [...splitRuns(this.#document(segment).above(nextByLane), limitBytes)].map(encodeUpdate);
	}

	/** Newest clock and id of each lane. */
	heads(segment: number, lanes?: Iterable<number>): { lane: number; clock: number; id: Uint8Array }[] {
		const document = this.#document(segment);
		return [...(lanes ?? document.laneByNumber.keys())].flatMap((lane) => {
			const head = document.head(lane);
			return head === undefined ? [] : [{ lane, clock: head.next - 1, id: head.id.subarray(0, 8) }];
		});
	}

	/** One update after the other. Resolves when what was admitted is on stable storage. */
	receive(segment: number, update: Uint8Array): Promise<ReplicaReport> {
		const report = this.#order.then(() => this.#admit(segment, update));
		this.#order = report;
		return report;
	}

	async #admit(segment: number, update: Uint8Array): Promise<ReplicaReport> {
		const runs = decodeUpdate(update);
		if (!runs.ok) return { admitted: [], gap: false, reasons: [runs.reason] };
		const document = this.#document(segment);
		const admission = await admitRuns(this.subtle, document.context, document, document.keys, runs.value);
		for (const run of admission.admitted) document.add(run);
		return {
			admitted: admission.admitted,
			gap: admission.gaps.length > 0,
			reasons: admission.rejected.map(({ reason }) => reason)
		};
	}

	#document(segment: number): StoredDocument {
		const known =
			this.#documentBySegment.get(segment) ?? new StoredDocument(contextOf(this.conversation, segment));
		this.#documentBySegment.set(segment, known);
		return known;
	}
}
