/**
 * A disk that can lose power: commits of the journal, rows of documents and of the read model are lost from the end as
 * far as they were not flushed, never from the middle.
 */
import { Deletions, type NamedDeletion } from '../../src/lib/conversation/content/deletions';
import { shownMessages, type ShownMessage } from '../../src/lib/conversation/content/shown-message';
import type { DeliveryRecord } from '../../src/lib/conversation/delivery';
import type { HeldEpoch } from '../../src/lib/conversation/epochs/epoch-keyring';
import type {
	JournalEntry,
	LaneCursor,
	OwnLane,
	ProjectedAct,
	ProjectedMessage,
	RedactedEntry,
	SegmentMeta
} from '../../src/lib/conversation/ports';
import { placeholder } from '../../src/lib/protocol/guard/update';
import { controlSegment } from '../../src/lib/protocol/ids';
import type { SeededRandom } from './seeded-random';

/** Rows in the order they were written; those before `flushed` survive anything. */
class Rows<T> {
	constructor(
		readonly rows: T[] = [],
		public flushed = 0
	) {}

	add(row: T): void {
		this.rows.push(row);
	}

	flush(): void {
		this.flushed = this.rows.length;
	}

	loseTail(random: SeededRandom): void {
		const kept = this.flushed + random.below(this.rows.length - this.flushed + 1);
		this.rows.length = kept;
		this.flushed = kept;
	}

	/** As a copy of the disk has it: whole. */
	copied(): Rows<T> {
		return new Rows([...this.rows], this.rows.length);
	}
}

export type ReadModelStep =
	| {
			readonly type: 'messages';
			readonly messages: readonly ProjectedMessage[];
			readonly acts: readonly ProjectedAct[];
			readonly cursors: readonly LaneCursor[];
	  }
	| { readonly type: 'withdrawn'; readonly ids: readonly string[]; readonly from: LaneCursor | undefined }
	| { readonly type: 'deleted'; readonly deletions: readonly NamedDeletion[] };

/** What a screen would query. */
export class ReadModel {
	readonly messageById = new Map<string, ProjectedMessage>();
	readonly actById = new Map<string, ProjectedAct>();
	readonly cursorByLane = new Map<string, LaneCursor>();
	readonly deletions: NamedDeletion[] = [];
	readonly #gone = new Deletions();

	/** Messages that are not deleted, with what has been said about them. */
	get shown(): readonly ShownMessage[] {
		const rows = [[...this.messageById.values()], [...this.actById.values()]] as const;
		return shownMessages(...rows, this.deletions).filter(({ isDeleted }) => !isDeleted);
	}

	apply(step: ReadModelStep): void {
		if (step.type === 'deleted') {
			this.deletions.push(...step.deletions);
			for (const deletion of step.deletions) this.#gone.add(deletion);
			for (const rows of [this.messageById, this.actById])
				for (const { id, author } of step.deletions) if (rows.get(id)?.account === author) rows.delete(id);
			return;
		}
		if (step.type === 'messages') {
			for (const message of step.messages)
				if (!this.#gone.has(message.id, message.account)) this.messageById.set(message.id, message);
			for (const act of step.acts) if (!this.#gone.has(act.id, act.account)) this.actById.set(act.id, act);
			for (const cursor of step.cursors) this.cursorByLane.set(`${cursor.segment}/${cursor.lane}`, cursor);
			return;
		}
		for (const id of step.ids) this.messageById.delete(id);
		const { from } = step;
		if (from === undefined) return;
		for (const rows of [this.messageById, this.actById])
			for (const [id, { segment, lane, clock }] of rows)
				if (segment === from.segment && lane === from.lane && clock >= from.next) rows.delete(id);
		const key = `${from.segment}/${from.lane}`;
		const cursor = this.cursorByLane.get(key);
		if (cursor !== undefined && cursor.next > from.next) this.cursorByLane.set(key, from);
	}
}

/** A commit of the journal that a loss of power may undo. */
interface Unsettled {
	readonly lane: OwnLane;
	readonly laneBefore: OwnLane | undefined;
	readonly entries: readonly JournalEntry[];
	/** Counts all commits. */
	readonly number: number;
}

export class SimulatedDisk {
	commits = 0;
	#unsettled: Unsettled[] = [];
	readonly laneByNumber = new Map<number, OwnLane>();
	journal: JournalEntry[] = [];
	readonly rowsBySegment = new Map<number, Rows<Uint8Array>>();
	readonly readModel = new Rows<ReadModelStep>();
	readonly metaBySegment = new Map<number, SegmentMeta>();
	readonly redactedBySegment = new Map<number, readonly RedactedEntry[]>();
	/** Loaded when the power went. */
	readonly openSegments = new Set<number>();
	delivery: DeliveryRecord | undefined;
	/** Beside the first; each is flushed as it is written. */
	readonly epochById = new Map<string, HeldEpoch>();

	rows(segment: number): Rows<Uint8Array> {
		const known = this.rowsBySegment.get(segment) ?? new Rows<Uint8Array>();
		this.rowsBySegment.set(segment, known);
		return known;
	}

	commit(lane: OwnLane, entries: readonly JournalEntry[]): void {
		const laneBefore = this.laneByNumber.get(lane.lane);
		this.#unsettled.push({ lane, laneBefore, entries, number: ++this.commits });
		this.laneByNumber.set(lane.lane, lane);
		this.journal.push(...entries);
	}

	/** @param commits as many as there were when the flush began */
	settle(commits: number): void {
		this.#unsettled = this.#unsettled.filter(({ number }) => number > commits);
	}

	release(segment: number, lane: number, next: number): void {
		this.journal = this.journal.filter((e) => e.segment !== segment || e.lane !== lane || e.clock >= next);
	}

	/**
	 * After the deletes themselves, in strict transactions: all that was committed to the journal before is settled with it.
	 * @param state of the document, in place of all that was written of it
	 */
	redact(segment: number, redacted: readonly RedactedEntry[], state: Uint8Array): void {
		const isRedacted = (entry: JournalEntry): boolean =>
			entry.segment === segment &&
			redacted.some(({ lane, clock }) => lane === entry.lane && clock === entry.clock);
		this.journal = this.journal.map((entry) =>
			isRedacted(entry) ? { ...entry, bytes: placeholder } : entry
		);
		this.settle(this.commits);
		this.rows(controlSegment).flush();
		if (redacted.length === 0) return;
		this.redactedBySegment.set(segment, [...(this.redactedBySegment.get(segment) ?? []), ...redacted]);
		this.rows(segment).rows.splice(0, Infinity, state);
		this.rows(segment).flush();
	}

	flush(): void {
		this.#unsettled = [];
		for (const rows of this.rowsBySegment.values()) rows.flush();
		this.readModel.flush();
	}

	losePower(random: SeededRandom): void {
		const lost = this.#unsettled.splice(random.below(this.#unsettled.length + 1));
		for (const { lane, laneBefore, entries } of lost.reverse()) {
			if (laneBefore === undefined) this.laneByNumber.delete(lane.lane);
			else this.laneByNumber.set(lane.lane, laneBefore);
			const gone = new Set(entries);
			this.journal = this.journal.filter((entry) => !gone.has(entry));
		}
		for (const rows of this.rowsBySegment.values()) rows.loseTail(random);
		this.readModel.loseTail(random);
	}

	/** What a backup, or a copy of the profile, holds. */
	copied(): SimulatedDisk {
		const copy = new SimulatedDisk();
		for (const [lane, state] of this.laneByNumber) copy.laneByNumber.set(lane, state);
		copy.journal = [...this.journal];
		for (const [segment, rows] of this.rowsBySegment) copy.rowsBySegment.set(segment, rows.copied());
		copy.readModel.rows.push(...this.readModel.rows);
		copy.readModel.flush();
		for (const [segment, meta] of this.metaBySegment) copy.metaBySegment.set(segment, meta);
		for (const [segment, redacted] of this.redactedBySegment) copy.redactedBySegment.set(segment, redacted);
		for (const segment of this.openSegments) copy.openSegments.add(segment);
		copy.delivery = this.delivery;
		for (const [id, epoch] of this.epochById) copy.epochById.set(id, epoch);
		return copy;
	}
}
