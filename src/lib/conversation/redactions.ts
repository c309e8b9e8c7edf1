/**
 * Lets the bytes go that a delete which counts has named (docs/decisions/0027): out of the document in memory, out of
 * the disk, the journal, the fold and the read model, and so that they never come in again. Each step may be done twice,
 * and all are begun anew when a segment is loaded: a crash in between leaves nothing behind.
 */
import { epochOf, parseEntry } from '../protocol/entry';
import { eraseToken } from '../protocol/epoch';
import type { AdmittedRun } from '../protocol/guard/lanes';
import { isPlaceholder, placeholder, type LaneRun } from '../protocol/guard/update';
import { equalBytes } from '../protocol/bytes';
import { laneOf } from '../protocol/ids';
import { certifiedBy } from './authority';
import type { KnownRecord } from '../protocol/records';
import type { LoadedSegments, Loaded } from './loaded-segments';
import { idOfNamed, nameOf, type NamedDeletes, type NamedEntry } from './named-deletes';
import { isSound, openRecord, type OpeningContext } from './opening';
import type { ConversationPorts, Erasure, ProjectedDeletion, RedactedEntry } from './ports';
import type { Segment } from './segment';
import type { WaitingEntries } from './waiting-entries';

export interface RedactionParts {
	readonly ports: Pick<ConversationPorts, 'redaction' | 'projection'>;
	readonly opening: OpeningContext;
	readonly named: NamedDeletes;
	readonly segments: Pick<LoadedSegments, 'get' | 'metas'>;
	readonly waiting: WaitingEntries;
	/** There is something to be erased at a relay. */
	erasing(segment: number): void;
	rejected(reason: string): void;
}

export class Redactions {
	readonly #parts: RedactionParts;
	/** What has been told to the read model since its segment was loaded; by segment, see nameOf. */
	readonly #toldBySegment = new Map<number, Set<string>>();

	/** Segments of which the disk still holds what is deleted. */
	readonly #notSaved = new Set<number>();

	constructor(parts: RedactionParts) {
		this.#parts = parts;
	}

	/** Segments that are not loaded and have not been looked through for all that deletes name now. */
	unseen(): readonly number[] {
		const { named, segments } = this.#parts;
		const metas = segments.metas();
		return named.segments.filter((number) => {
			const meta = metas.get(number);
			if (segments.get(number) !== undefined || meta === undefined || meta.entries === 0) return false;
			return !equalBytes(meta.deletes ?? new Uint8Array(0), named.digestOf(number));
		});
	}

	/** Finds out whose lanes are of which deletes name something: before what comes of them meets the guard. */
	async prepare({ segment }: Loaded, runs: readonly LaneRun[]): Promise<void> {
		for (const { lane, start, entries } of runs) {
			if (this.#parts.named.inLane(segment.number, lane).length === 0) continue;
			await this.#findAuthor(segment, lane, start === 0 ? entries[0] : undefined);
		}
	}

	/** The same runs without what has been deleted: what comes after its delete is never stored, nor shown. */
	without({ segment }: Loaded, runs: readonly AdmittedRun[]): readonly AdmittedRun[] {
		return runs.map((run) => {
			const gone = this.#deletedIn(segment, run.lane).flatMap(({ clock, id }) => {
				const at = clock - run.start;
				const held = run.ids[at];
				return held !== undefined && equalBytes(held, id) && !isPlaceholder(run.entries[at] ?? placeholder)
					? [at]
					: [];
			});
			if (gone.length === 0) return run;
			return { ...run, entries: run.entries.map((entry, i) => (gone.includes(i) ? placeholder : entry)) };
		});
	}

	/**
	 * Tells of what has just been taken out on its way in. @param before as it came @param after as `without` has it
	 */
	async cameLate(
		loaded: Loaded,
		before: readonly AdmittedRun[],
		after: readonly AdmittedRun[]
	): Promise<void> {
		const { segment } = loaded;
		const erasures: Erasure[] = [];
		for (const [i, { lane, start, entries }] of before.entries())
			for (const [at, bytes] of entries.entries())
				if (bytes !== after[i]?.entries[at])
					erasures.push(...(await this.#erasureOf(segment, lane, start + at, bytes)));
		if (erasures.length > 0) {
			await this.#fromDisk(segment.number, [], erasures);
			this.#parts.erasing(segment.number);
		}
		const lanes = new Set(before.map(({ lane }) => lane));
		await this.#tell(
			segment,
			this.#allDeleted(segment).filter(({ lane }) => lanes.has(lane))
		);
	}

	/**
	 * Takes out of a loaded segment what deletes that count name. Its messages must have been folded, or none of them.
	 * @returns whether there was anything to take out
	 */
	async apply(loaded: Loaded): Promise<boolean> {
		const { segment, log } = loaded;
		const { named, waiting, erasing } = this.#parts;
		const lanes = named.lanesOf(segment.number).filter((lane) => segment.nextClock(lane) > 0);
		if (lanes.length === 0) return false;
		for (const lane of lanes) await this.#findAuthor(segment, lane);
		const deleted = this.#allDeleted(segment);
		const held = deleted.filter(({ lane, clock, id }) => isHeld(segment, lane, clock, id));
		if (held.length > 0) {
			const erasures: Erasure[] = [];
			for (const { lane, clock } of held) {
				const bytes = segment.entry(lane, clock);
				if (bytes !== undefined) erasures.push(...(await this.#erasureOf(segment, lane, clock, bytes)));
			}
			const redacted = segment.redact(held);
			log?.forget(held.map(idOfNamed));
			waiting.redact(segment.number, held);
			await this.#fromDisk(segment.number, redacted, erasures);
			if (erasures.length > 0) erasing(segment.number);
		}
		await this.#tell(segment, deleted);
		return held.length > 0;
	}

	/** See SegmentMeta.deletes: empty where the disk did not let go of something. */
	seenOf(segment: number): Uint8Array {
		return this.#notSaved.has(segment) ? new Uint8Array(0) : this.#parts.named.digestOf(segment);
	}

	async #fromDisk(
		segment: number,
		redacted: readonly RedactedEntry[],
		erasures: readonly Erasure[]
	): Promise<void> {
		const kept = await this.#parts.ports.redaction?.redact(segment, redacted, erasures);
		if (kept === undefined || kept.ok) return;
		// When the segment is loaded the next time, it is begun anew.
		this.#notSaved.add(segment);
		this.#parts.rejected(`not-redacted: ${kept.reason}`);
	}

	/** A segment has been loaded: the read model may have been made anew. */
	forgetTold(segment: number): void {
		this.#toldBySegment.delete(segment);
	}

	/** Whether what stood in this entry is deleted: it must not be said again. */
	isDeleted(segment: Segment, lane: number, clock: number, id: Uint8Array): boolean {
		return this.#deletedIn(segment, lane).some((named) => named.clock === clock && equalBytes(named.id, id));
	}

	/** Whether this account's words are deleted anyway, wherever they are: said again they would only be deleted again. */
	takes(record: KnownRecord, account: string): boolean {
		const of = record.type === 'again' ? record.origin : record.type === 'edit' ? record.target : null;
		return of !== null && this.#parts.named.names(of, account);
	}

	async #tell(segment: Segment, deleted: readonly NamedEntry[]): Promise<void> {
		const told = this.#toldBySegment.get(segment.number) ?? new Set<string>();
		this.#toldBySegment.set(segment.number, told);
		// Also of what is not held, nor will be: there may be copies of it here.
		const news = deleted.filter((named) => !told.has(nameOf(named)));
		if (news.length === 0) return;
		for (const named of news) told.add(nameOf(named));
		await this.#parts.ports.projection.deleted(
			news.flatMap((named) => deletionOf(named, segment.authorOf(named.lane)) ?? [])
		);
	}

	#allDeleted(segment: Segment): readonly NamedEntry[] {
		return this.#parts.named.lanesOf(segment.number).flatMap((lane) => this.#deletedIn(segment, lane));
	}

	/** What is deleted of a lane; nothing while it is not known whose it is. */
	#deletedIn(segment: Segment, lane: number): readonly NamedEntry[] {
		const { named } = this.#parts;
		const inLane = named.inLane(segment.number, lane);
		const author = inLane.length === 0 ? null : segment.authorOf(lane);
		return author === null ? [] : inLane.filter((each) => named.counts(each, author));
	}

	/** @param first the lane's first entry, where it is not in the segment yet */
	async #findAuthor(segment: Segment, lane: number, first = segment.entry(lane, 0)): Promise<void> {
		if (first === undefined || isPlaceholder(first) || segment.authorOf(lane) !== null) return;
		const { opening } = this.#parts;
		const parsed = parseEntry(first, 0);
		const publicKey = parsed.ok ? parsed.value.header.lanePublicKey : null;
		if (publicKey === null || laneOf(publicKey) !== lane) return;
		const envelope = await openRecord(opening, segment.context, lane, 0, first);
		if (!envelope.ok || envelope.value.record.type !== 'lane') return;
		const { record } = envelope.value;
		// The guard has not looked at it yet: whose it is must not be for whoever brings it to say.
		if (!(await isSound(opening, segment.context, publicKey, record))) return;
		segment.noteAuthor(lane, certifiedBy(record).account);
	}

	/** What makes a relay drop an entry's bytes; none if its epoch is not held. */
	async #erasureOf(
		segment: Segment,
		lane: number,
		clock: number,
		bytes: Uint8Array
	): Promise<readonly Erasure[]> {
		const parsed = parseEntry(bytes, clock);
		const keys = await this.#parts.opening.keysOf(epochOf(bytes), 'control');
		if (!parsed.ok || keys === null) return [];
		return [{ lane, clock, token: eraseToken(keys, segment.context, parsed.value.header.nonce) }];
	}
}

function isHeld(segment: Segment, lane: number, clock: number, id: Uint8Array): boolean {
	const held = segment.entryId(lane, clock);
	return segment.entry(lane, clock) !== undefined && held !== undefined && equalBytes(held, id);
}

const deletionOf = (named: NamedEntry, author: string | null): ProjectedDeletion | null =>
	author === null
		? null
		: {
				segment: named.segment,
				lane: named.lane,
				clock: named.clock,
				id: idOfNamed(named),
				author,
				by: named.said.by.account,
				hlc: named.said.hlc
			};
