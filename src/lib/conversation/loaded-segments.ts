/**
 * Which segments are in memory, what is known of the others, and how far the conversation goes. Loads on demand and
 * lets go of the oldest; what a network replica has pinned stays.
 */
import { controlSegment } from '../protocol/ids';
import { segmentNumberLimit } from '../protocol/sync-frames';
import type { MessageLog } from './message-log';
import type { Documents, RedactedEntry, SegmentMeta } from './ports';
import { Segment, type NamedEntries, type SegmentLimits } from './segment';

/** Loaded beside the control segment and the newest one. */
const coldSegmentsLoaded = 2;
/** How far beyond the newest segment with entries a claim, or entries themselves, may lead. More comes step by step. */
const segmentsAhead = 64;

export interface Loaded {
	readonly segment: Segment;
	/** Null for the control segment. */
	log: MessageLog | null;
	lastUse: number;
}

export interface LoadedSegmentsEvents {
	/** Folds what a segment holds that has just been loaded. */
	loaded(loaded: Loaded): Promise<void>;
	newLog(segment: Segment): MessageLog;
	/** Whether entries of it still have to be folded. */
	isBusy(loaded: Loaded): boolean;
	/** First clock of a lane that counts no more. */
	deadFrom(segment: number, lane: number): number;
	/** What deletes name of it. */
	named(segment: number): NamedEntries;
	/** What this device has taken out of it. */
	redacted(segment: number): Promise<readonly RedactedEntry[]>;
	/** See SegmentMeta.deletes. */
	deletesOf(segment: number): Uint8Array;
}

export class LoadedSegments {
	readonly #loadedByNumber = new Map<number, Loaded>();
	readonly #pinsByNumber = new Map<number, number>();
	readonly #metaByNumber = new Map<number, SegmentMeta>();
	#newest: number;
	#uses = 0;

	constructor(
		readonly conversation: Uint8Array,
		readonly documents: Documents,
		readonly limits: SegmentLimits,
		newestHint: number,
		readonly events: LoadedSegmentsEvents
	) {
		this.#newest = Math.min(Math.max(1, newestHint), segmentNumberLimit);
	}

	get newest(): number {
		return this.#newest;
	}

	get all(): readonly Loaded[] {
		return [...this.#loadedByNumber.values()];
	}

	get(number: number): Loaded | undefined {
		return this.#loadedByNumber.get(number);
	}

	/** Whether a segment may exist, as far as we can tell: one hostile number is not to lead us astray. */
	isPlausible(number: number): boolean {
		return (
			Number.isInteger(number) &&
			number >= 0 &&
			number <= Math.min(this.#newest + segmentsAhead, segmentNumberLimit)
		);
	}

	/** A segment has entries that count. */
	noteEntries(number: number): void {
		if (number > this.#newest && this.isPlausible(number)) this.#newest = number;
	}

	noteMeta(meta: SegmentMeta): void {
		this.#metaByNumber.set(meta.segment, meta);
		if (meta.entries > 0) this.noteEntries(meta.segment);
	}

	/** Messages are to be written in this segment or a later one, whether or not it has any (docs/decisions/0034). */
	expect(number: number): void {
		this.#newest = Math.min(Math.max(this.#newest, number), segmentNumberLimit);
	}

	/** The first message segment that has no entries, as far as is known here. */
	async unused(): Promise<number> {
		const { segment } = await this.load(this.#newest);
		return segment.count === 0 ? segment.number : Math.min(segment.number + 1, segmentNumberLimit);
	}

	/** Where the next message goes. The last segment takes all that comes. */
	async forWriting(): Promise<Loaded> {
		const newest = await this.load(this.#newest);
		return newest.segment.full && this.#newest < segmentNumberLimit ? this.load(this.#newest + 1) : newest;
	}

	async load(number: number): Promise<Loaded> {
		const known = this.#loadedByNumber.get(number);
		if (known !== undefined) {
			known.lastUse = ++this.#uses;
			return known;
		}
		const named = this.events.named(number);
		const redacted = await this.events.redacted(number);
		const doc = await this.documents.open(number, (lane, clock) => [
			...redacted.flatMap((each) => (each.lane === lane && each.clock === clock ? [each.id] : [])),
			...named.idsAt(lane, clock, null)
		]);
		const segment = new Segment(this.conversation, number, doc, this.limits, named, redacted);
		const log = number === controlSegment ? null : this.events.newLog(segment);
		const loaded: Loaded = { segment, log, lastUse: ++this.#uses };
		this.#loadedByNumber.set(number, loaded);
		if (segment.count > 0) this.noteEntries(number);
		await this.events.loaded(loaded);
		return loaded;
	}

	async pin(number: number): Promise<Segment> {
		this.#pinsByNumber.set(number, (this.#pinsByNumber.get(number) ?? 0) + 1);
		return (await this.load(number)).segment;
	}

	unpin(number: number): void {
		const pins = (this.#pinsByNumber.get(number) ?? 0) - 1;
		if (pins > 0) this.#pinsByNumber.set(number, pins);
		else this.#pinsByNumber.delete(number);
	}

	/** Between two tasks only: within one, somebody may still hold what is let go here. */
	async unloadOldest(): Promise<void> {
		const cold = this.all
			.filter(({ segment }) => segment.number !== controlSegment && segment.number < this.#newest)
			.filter(({ segment }) => segment.quarantine.size === 0 && !this.#pinsByNumber.has(segment.number))
			.filter((loaded) => !this.events.isBusy(loaded))
			// Their messages are to be shown as soon as it is known whose they are, and nothing else would load them then.
			.filter(({ log }) => log === null || log.unattributedLanes().length === 0)
			.sort((a, b) => b.lastUse - a.lastUse);
		for (const { segment } of cold.slice(coldSegmentsLoaded)) await this.#unload(segment);
	}

	async unloadAll(): Promise<void> {
		for (const { segment } of this.all) await this.#unload(segment);
	}

	/** What this replica holds; loaded segments as they are, others as they were when last unloaded. */
	inventory(): readonly SegmentMeta[] {
		for (const { segment } of this.#loadedByNumber.values()) this.noteMeta(this.#metaOf(segment));
		return [...this.#metaByNumber.values()]
			.filter((meta) => meta.entries > 0)
			.sort((a, b) => b.segment - a.segment);
	}

	/** What is known of segments that are not loaded. */
	metas(): ReadonlyMap<number, SegmentMeta> {
		return this.#metaByNumber;
	}

	/** Entries in all segments. */
	get entriesHeld(): number {
		let held = 0;
		for (const [number, { segment }] of this.#loadedByNumber)
			held += segment.count - (this.#metaByNumber.get(number)?.entries ?? 0);
		for (const meta of this.#metaByNumber.values()) held += meta.entries;
		return held;
	}

	/** Counts only what counts: what is dead differs between replicas for good. */
	#metaOf(segment: Segment): SegmentMeta {
		const dead = (lane: number): number => this.events.deadFrom(segment.number, lane);
		return {
			segment: segment.number,
			entries: segment.countAlive(dead),
			bytes: segment.bytes,
			digest: segment.digest(dead),
			deletes: this.events.deletesOf(segment.number)
		};
	}

	async #unload(segment: Segment): Promise<void> {
		const meta = this.#metaOf(segment);
		this.noteMeta(meta);
		this.#loadedByNumber.delete(segment.number);
		await this.documents.saveMeta(meta);
		await this.documents.close(segment.number);
	}
}
