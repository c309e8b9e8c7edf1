/**
 * One segment of a conversation: a Y.Doc that holds admitted entries and nothing else. Only `apply` writes to it, and
 * only bytes that our encoder made, so Yjs never sees a foreign update, a delete set or a gap.
 */
import * as Y from 'yjs';
import { ByteWriter, compareBytes, equalBytes } from '../protocol/bytes';
import { sha256, type Bytes } from '../protocol/crypto';
import { entryIdOf, parseEntry, prevOf, type EntryClass } from '../protocol/entry';
import { signedDigest, type SignedDigest } from '../protocol/guard/fork-proof';
import type { AdmittedRun, LaneHead, LaneKeyCache, LaneTable } from '../protocol/guard/lanes';
import { encodeUpdate, isPlaceholder, placeholder, type LaneRun } from '../protocol/guard/update';
import { contextOf, controlSegment, entryKey } from '../protocol/ids';
import { decodeStateVector, type StateVector } from '../protocol/state-vector';
import type { RedactedEntry } from './ports';
import { Quarantine } from './quarantine';

/** A new segment is begun beyond either. */
export interface SegmentLimits {
	readonly entries: number;
	readonly bytes: number;
}

/** Protocol 2. Simulations use smaller ones, so that every history has several segments. */
export const segmentLimits: SegmentLimits = { entries: 10_000, bytes: 4 * 1024 * 1024 };

/** What deletes say of one segment's entries (docs/decisions/0027). */
export interface NamedEntries {
	/**
	 * Ids that deletes name at a place, the most certain first.
	 * @param author account whose the lane is: what nobody may say of it is left out. Null: whatever they name
	 */
	idsAt(lane: number, clock: number, author: string | null): readonly Uint8Array[];
}

const nothingNamed: NamedEntries = { idsAt: () => [] };

/** An entry at its place. */
export interface PlacedEntry {
	readonly lane: number;
	readonly clock: number;
	readonly id: Uint8Array;
}

interface LaneState {
	readonly publicKey: Uint8Array;
	next: number;
	/** By clock; filled when first asked for, since most are never asked for. */
	readonly ids: (Uint8Array | undefined)[];
}

export class Segment implements LaneTable {
	readonly context: Bytes;
	readonly allowed: EntryClass;
	readonly keys: LaneKeyCache = new Map();
	/** Lanes whose grant is not known (yet): sound, but kept out of the document. */
	readonly quarantine = new Quarantine();
	readonly #entries: Y.Map<Uint8Array>;
	readonly #laneByNumber = new Map<number, LaneState>();
	/** As far as somebody has asked for it: see `noteAuthor`. */
	readonly #authorByLane = new Map<number, string>();
	readonly #redactedByKey = new Map<string, RedactedEntry>();
	#count = 0;
	#bytes = 0;

	/**
	 * @param doc loaded from disk already; every entry in it has been through the guard once, or is redacted
	 * @param redacted what this device has taken out of it
	 */
	constructor(
		readonly conversation: Uint8Array,
		readonly number: number,
		readonly doc: Y.Doc,
		readonly limits: SegmentLimits = segmentLimits,
		readonly named: NamedEntries = nothingNamed,
		redacted: readonly RedactedEntry[] = []
	) {
		this.context = contextOf(conversation, number);
		this.allowed = number === controlSegment ? 'control' : 'message';
		this.#entries = doc.getMap<Uint8Array>('e');
		for (const entry of redacted) this.#redactedByKey.set(entryKey(entry.lane, entry.clock), entry);
		this.#index();
	}

	/** Of entries, whether or not their bytes are gone. */
	get count(): number {
		return this.#count;
	}

	get bytes(): number {
		return this.#bytes;
	}

	get full(): boolean {
		return this.#count >= this.limits.entries || this.#bytes >= this.limits.bytes;
	}

	get lanes(): IterableIterator<number> {
		return this.#laneByNumber.keys();
	}

	/** Entries without their bytes are in no map: Yjs' own state tells how far lanes go. */
	#index(): void {
		for (const entry of this.#entries.values()) this.#bytes += entry.length;
		const nextByLane = decodeStateVector(Y.encodeStateVector(this.doc));
		if (!nextByLane.ok) throw new Error(`segment ${this.number}: ${nextByLane.reason}`);
		for (const [lane, next] of nextByLane.value) {
			const first = this.#entries.get(entryKey(lane, 0));
			const parsed = first === undefined ? null : parseEntry(first, 0);
			const publicKey = parsed?.ok ? parsed.value.header.lanePublicKey : null;
			if (publicKey === null) throw new Error(`segment ${this.number}: a stored lane has no key`);
			this.#laneByNumber.set(lane, { publicKey, next, ids: [] });
			this.#count += next;
		}
	}

	head(lane: number): LaneHead | undefined {
		const state = this.#laneByNumber.get(lane);
		if (state !== undefined) {
			const id = this.entryId(lane, state.next - 1);
			return id && { publicKey: state.publicKey, next: state.next, id };
		}
		return this.quarantine.head(lane);
	}

	/** An entry with its bytes. */
	entry(lane: number, clock: number): Uint8Array | undefined {
		const held = this.#entries.get(entryKey(lane, clock)) ?? this.quarantine.entry(lane, clock);
		return held === undefined || isPlaceholder(held) ? undefined : held;
	}

	entryId(lane: number, clock: number): Uint8Array | undefined {
		const state = this.#laneByNumber.get(lane);
		if (state === undefined) return this.quarantine.id(lane, clock);
		const known = state.ids[clock];
		if (known !== undefined || clock < 0 || clock >= state.next) return known;
		const entry = this.#entries.get(entryKey(lane, clock));
		const id = entry === undefined ? this.#redactedIdAt(lane, clock) : entryIdOf(entry);
		return id && (state.ids[clock] = id);
	}

	/** What stands upon it says which entry it was; at the end of a lane what is kept of it, or the deletes, do. */
	#redactedIdAt(lane: number, clock: number): Uint8Array | undefined {
		const next = this.#entries.get(entryKey(lane, clock + 1));
		if (next !== undefined) return prevOf(next).slice();
		return this.#redactedByKey.get(entryKey(lane, clock))?.id ?? this.named.idsAt(lane, clock, null)[0];
	}

	signedOf(lane: number, clock: number): SignedDigest | undefined {
		return this.#redactedByKey.get(entryKey(lane, clock));
	}

	/** Whose a lane is, as its certificate says; null while nobody has looked. */
	authorOf(lane: number): string | null {
		return this.#authorByLane.get(lane) ?? null;
	}

	noteAuthor(lane: number, account: string): void {
		this.#authorByLane.set(lane, account);
	}

	redactedIds(lane: number, clock: number): readonly Uint8Array[] {
		const author = this.#authorByLane.get(lane);
		return author === undefined ? [] : this.named.idsAt(lane, clock, author);
	}

	/**
	 * Takes the bytes of entries out of the document, where these very entries have any. For good.
	 * @returns what is left of them
	 */
	redact(entries: readonly PlacedEntry[]): readonly RedactedEntry[] {
		const redacted = new Map<string, RedactedEntry>();
		for (const { lane, clock, id } of entries) {
			const key = entryKey(lane, clock);
			const bytes = this.#entries.get(key);
			const held = this.entryId(lane, clock);
			if (held === undefined || !equalBytes(held, id)) continue;
			if (bytes === undefined) continue;
			redacted.set(key, { lane, clock, id, ...signedDigest(bytes) });
			this.#bytes -= bytes.length;
		}
		if (redacted.size === 0) return [];
		for (const [key, entry] of redacted) this.#redactedByKey.set(key, entry);
		this.doc.transact(() => {
			for (const key of redacted.keys()) this.#entries.delete(key);
		}, 'redaction');
		return [...redacted.values()];
	}

	/** How many entries of a lane are in the document (quarantined ones are not). */
	nextClock(lane: number): number {
		return this.#laneByNumber.get(lane)?.next ?? 0;
	}

	publicKeyOf(lane: number): Uint8Array | undefined {
		return this.#laneByNumber.get(lane)?.publicKey;
	}

	nextByLane(): Map<number, number> {
		return new Map([...this.#laneByNumber].map(([lane, state]) => [lane, state.next]));
	}

	/** Adds admitted runs to the document. Observers of the document are called before this returns. */
	apply(runs: readonly AdmittedRun[], origin: unknown): void {
		if (runs.length === 0) return;
		for (const run of runs) {
			const state = this.#laneByNumber.get(run.lane) ?? {
				publicKey: run.publicKey.slice(),
				next: 0,
				ids: []
			};
			if (run.start !== state.next) throw new Error('a run was admitted that does not continue its lane');
			this.#laneByNumber.set(run.lane, state);
			state.next += run.entries.length;
			run.ids.forEach((id, i) => (state.ids[run.start + i] = id));
			this.#count += run.entries.length;
			this.#bytes += run.entries.reduce((sum, entry) => sum + entry.length, 0);
		}
		Y.applyUpdate(this.doc, encodeUpdate(runs), origin);
	}

	/** Whether an entry stands upon what is held of its lane: a journal may hold another branch than the document. */
	continues(lane: number, clock: number, entry: Uint8Array): boolean {
		const before = this.entryId(lane, clock - 1);
		return clock === 0 || (before !== undefined && equalBytes(before, prevOf(entry)));
	}

	/** Full heads of all lanes in the document. */
	headByLane(): Map<number, LaneHead> {
		const headByLane = new Map<number, LaneHead>();
		for (const lane of this.#laneByNumber.keys()) {
			const head = this.head(lane);
			if (head !== undefined) headByLane.set(lane, head);
		}
		return headByLane;
	}

	/** Entries below a lane's dead end; what is beyond differs from replica to replica. */
	countAlive(deadFromOf: (lane: number) => number): number {
		let count = 0;
		for (const [lane, { next }] of this.#laneByNumber) count += Math.min(next, deadFromOf(lane));
		return count;
	}

	/** Entries that somebody with this state vector lacks. */
	*runsAbove(nextByLane: StateVector): Generator<LaneRun> {
		for (const [lane, state] of this.#laneByNumber) {
			const start = nextByLane.get(lane) ?? 0;
			const run = this.run(lane, start, state.next);
			if (run.entries.length > 0) yield run;
		}
	}

	/** What is held of a lane from a clock on; placeholders where the bytes are gone. */
	run(lane: number, start: number, end: number): LaneRun {
		const entries: Uint8Array[] = [];
		const held = Math.min(end, this.nextClock(lane));
		for (let clock = start; clock < held; clock++)
			entries.push(this.#entries.get(entryKey(lane, clock)) ?? placeholder);
		return { lane, start, entries };
	}

	/**
	 * Equal on two replicas exactly if they hold the same entries of lanes that are alive.
	 * @param deadFromOf clock from which a lane counts no more: beyond it replicas may differ for good
	 */
	digest(deadFromOf: (lane: number) => number): Bytes {
		const lines: Uint8Array[] = [];
		for (const [lane, state] of this.#laneByNumber) {
			const next = Math.min(state.next, deadFromOf(lane));
			const id = next > 0 ? this.entryId(lane, next - 1) : undefined;
			lines.push(
				new ByteWriter(64)
					.u64(lane)
					.u32(next)
					.raw(id ?? new Uint8Array())
					.done()
			);
		}
		const writer = new ByteWriter(lines.length * 48 + 8);
		for (const line of lines.sort(compareBytes)) writer.raw(line);
		return sha256(writer.done()).slice(0, 8) as Bytes;
	}
}
