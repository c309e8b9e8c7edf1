/**
 * A conversation on this device: its segments behind the guard, its authority, its lanes. Everything enters through
 * `ingest` (others' entries) or `write` (own ones) and takes the same way from there: document, fold, read model.
 * Knows no network and no disk but its ports; the simulator runs this very class.
 */
import { toBase64url } from '../protocol/base64url';
import { equalBytes } from '../protocol/bytes';
import { clockToleranceMs, hlcOfMs } from '../protocol/clock';
import type { Bytes, SigningKeys } from '../protocol/crypto';
import { entryIdOf } from '../protocol/entry';
import type { Heads } from '../protocol/frontier';
import type { AdmittedRun } from '../protocol/guard/lanes';
import { interleavedRuns } from '../protocol/guard/interleaved-runs';
import {
	decodeUpdate,
	encodeUpdate,
	splitRuns,
	updateLimitBytes,
	type LaneRun
} from '../protocol/guard/update';
import { accountIdOf, controlSegment } from '../protocol/ids';
import {
	classOf,
	depIdLength,
	type Cap,
	type Dep,
	type KnownRecord,
	type RemoveRecord
} from '../protocol/records';
import { fail, ok, type Result } from '../protocol/result';
import type { StateVector } from '../protocol/state-vector';
import { Admission } from './admission';
import { Statements, deadFrom, type Authority, type ControlEntry } from './authority';
import { ControlLog } from './control-log';
import { runsUntil } from './control-until';
import type { DeliveryRecord, DeliveryState, Receipt } from './delivery';
import type { Duty } from './epochs/epoch-duties';
import { Forks, type Appending } from './forks';
import { Frontiers, type LastWord } from './frontiers';
import { ConversationKeys } from './keys/conversation-keys';
import { EpochActs } from './keys/epoch-acts';
import { givesEpochs } from './keys/epoch-facts-reader';
import { capsOver } from './known-lanes';
import { LoadedSegments, type Loaded } from './loaded-segments';
import { MessageLog } from './message-log';
import type { OpenedEntry, OpeningContext } from './opening';
import { OwnLanes } from './own-lanes';
import type {
	ConversationIdentity,
	ConversationPorts,
	FirstEpoch,
	JournalEntry,
	JournalFailure,
	LaneCursor,
	SegmentMeta
} from './ports';
import { Presences } from './presences';
import { ReadModelFeed } from './read-model-feed';
import type { ReadingRecord, ReadPlace } from './reading';
import { segmentLimits, type Segment, type SegmentLimits } from './segment';
import { SerialQueue } from './serial-queue';
import { UnsettledEntries, type Place } from './unsettled-entries';
import { WaitingEntries } from './waiting-entries';

export interface ConversationStart {
	/** What the read model has already. */
	readonly cursors: readonly LaneCursor[];
	readonly delivery?: DeliveryRecord;
	readonly reading?: ReadingRecord;
	/** From the invite link: where to begin reading. */
	readonly newestSegmentHint: number;
	/** Other than the protocol's in simulations only. */
	readonly limits?: SegmentLimits;
}

/**
 * Of an update that is admitted in one go: some milliseconds, some tens on a slow device. It becomes one row on disk, and
 * rows of 64 KiB and more are files of their own in Chromium.
 */
const ingestPieceBytes = 56 * 1024;

export interface IngestReport {
	readonly admitted: number;
	/** Entries before these, or another branch of a lane, are missing here: ask for the segment. */
	readonly gap: boolean;
	readonly violations: readonly string[];
}

export interface ConversationEvents {
	/** New entries are in a segment's document; pass them on to everybody but `origin`. */
	admitted(segment: number, runs: readonly AdmittedRun[], origin: unknown): void;
	authorityChanged(authority: Authority): void;
	deliveryChanged(): void;
	/** Other epochs are held, or another one is written under. */
	epochsChanged?(): void;
	/** Something was refused; for counting. */
	rejected(reason: string): void;
}

/** How far somebody holds a lane. */
export interface HeadClaim {
	readonly lane: number;
	readonly next: number;
	/** First bytes of the id of the entry at next - 1. */
	readonly id: Uint8Array;
}

type Written = Result<Place, JournalFailure>;

const nothingIngested: IngestReport = { admitted: 0, gap: false, violations: [] };

export class Conversation {
	readonly #queue = new SerialQueue();
	readonly #segments: LoadedSegments;
	readonly #own: OwnLanes;
	readonly #waiting: WaitingEntries;
	readonly #unsettled: UnsettledEntries;
	readonly #control: ControlLog;
	readonly #admission: Admission;
	readonly #feed: ReadModelFeed;
	readonly #forks: Forks;
	readonly #frontiers: Frontiers;
	/** Typing and the like: never part of a document. */
	readonly presences: Presences;
	readonly #epochs: EpochActs;
	/** What `epochsChanged` told last. */
	#epochsTold = '';
	#closed = false;

	private constructor(
		readonly identity: ConversationIdentity,
		readonly ports: ConversationPorts,
		start: ConversationStart,
		readonly events: ConversationEvents,
		own: OwnLanes,
		readonly keys: ConversationKeys,
		statements: Statements,
		journalled: readonly JournalEntry[]
	) {
		const opening: OpeningContext = {
			subtle: ports.crypto.subtle,
			conversation: identity.conversation,
			keysOf: (epoch, entryClass) => keys.keysOf(epoch, entryClass)
		};
		const rejected = (reason: string): void => events.rejected(reason);
		const newLog = (segment: Segment): MessageLog =>
			new MessageLog(segment, opening, (lane) => own.isOwn(lane), rejected);
		const authority = (): Authority => this.#control.authority;
		this.#own = own;
		this.#waiting = new WaitingEntries(journalled);
		this.#unsettled = new UnsettledEntries(ports.journal, {
			settled: () => events.deliveryChanged(),
			failed: (reason) => events.rejected(`not-settled: ${reason}`)
		});
		this.#control = new ControlLog(opening, statements, rejected);
		this.#admission = new Admission(opening, own, this.#control);
		this.#feed = new ReadModelFeed(ports, authority, newLog, start.cursors);
		const { conversation } = identity;
		this.#segments = new LoadedSegments(
			conversation,
			ports.documents,
			start.limits ?? segmentLimits,
			start.newestSegmentHint,
			{
				loaded: (loaded) => this.#loaded(loaded),
				newLog,
				isBusy: (loaded) => this.#feed.isBusy(loaded),
				deadFrom: (segment, lane) => deadFrom(this.authority, segment, lane)
			}
		);
		const { account } = this;
		this.#forks = new Forks({
			opening,
			segments: this.#segments,
			own,
			control: this.#control,
			feed: this.#feed,
			waiting: this.#waiting,
			account,
			rejected,
			append: (loaded, record, how) => this.#append(loaded, record, how)
		});
		const parts = {
			identity,
			ports,
			keys,
			own,
			segments: this.#segments,
			waiting: this.#waiting,
			unsettled: this.#unsettled,
			authority,
			account
		};
		this.#frontiers = new Frontiers(parts, start.delivery, start.reading);
		this.presences = new Presences(parts);
		this.#epochs = new EpochActs({
			keys,
			nextPlace: () => {
				const lane = own.active(controlSegment);
				return lane === undefined ? null : { lane: lane.lane, clock: lane.next };
			},
			authorityWith: (more) => this.#control.authorityWith(more),
			say: async (record, how) => this.#append(await this.#segments.load(controlSegment), record, how),
			rejected
		});
	}

	/** Loads the control segment; message segments follow when they are needed. */
	static async open(
		identity: ConversationIdentity,
		ports: ConversationPorts,
		start: ConversationStart,
		events: ConversationEvents
	): Promise<Conversation> {
		const [journal, metas] = await Promise.all([ports.journal.load(), ports.documents.metas()]);
		const own = new OwnLanes(identity, ports, journal.lanes);
		const statements = new Statements(identity.conversation);
		const control = (): ControlLog => conversation.#control;
		const keys = await ConversationKeys.open(identity, ports, control, statements);
		const conversation: Conversation = new Conversation(
			identity,
			ports,
			start,
			events,
			own,
			keys,
			statements,
			journal.entries
		);
		const segments = conversation.#segments;
		for (const meta of metas) segments.noteMeta(meta);
		for (const segment of [...own.segments].sort((a, b) => a - b)) segments.noteEntries(segment);
		await conversation.#task(async () => {
			await segments.load(controlSegment);
			// What waits in the journal has to be in its document before anybody is answered.
			for (const segment of conversation.#waiting.segments) await segments.load(segment);
			await keys.ready();
		});
		return conversation;
	}

	get authority(): Authority {
		return this.#control.authority;
	}

	get account(): string {
		return accountIdOf(this.identity.certificate.account);
	}

	/** The opened control entries: what `authority` follows from. */
	get controlEntries(): readonly ControlEntry[] {
		return this.#control.entries;
	}

	/** The lane in which this device speaks in the control segment; null if it has to begin one. */
	get controlLane(): number | null {
		return this.#own.active(controlSegment)?.lane ?? null;
	}

	/** Keys of this device's lane in a segment; null if it has none. */
	ownLaneKeys(segment: number): SigningKeys | null {
		const lane = this.#own.active(segment);
		return lane === undefined ? null : { publicKey: lane.publicKey as Bytes, privateKey: lane.privateKey };
	}

	/** Caps over all that is held of the lanes of these grants, in all segments. @param grants base64url */
	async capsOver(grants: ReadonlySet<string>): Promise<readonly Cap[]> {
		const caps: Cap[] = [];
		for (const { segment } of this.inventory())
			caps.push(
				...(await this.#task(async () =>
					capsOver(await this.#segments.load(segment), grants, this.authority)
				))
			);
		return caps;
	}

	get newestSegment(): number {
		return this.#segments.newest;
	}

	isOwnLane(lane: number): boolean {
		return this.#own.isOwn(lane);
	}

	/** Loads and folds the newest message segment, so that the read model has everything of it. */
	warm(): Promise<void> {
		return this.project(this.newestSegment);
	}

	/** Loads a segment, so that the read model has everything of it; to begin anew, empty it before opening. */
	project(segment: number): Promise<void> {
		return this.#task(async () => {
			if (this.#closed) return;
			await this.#segments.load(segment);
			await this.#feed.settled();
		});
	}

	/**
	 * Takes an update from outside through the guard. What is admitted is in its document when this resolves, and on
	 * its way into the read model.
	 * @param origin who sent it; Yjs observers see it as transaction origin
	 */
	async ingest(
		segment: number,
		update: Uint8Array,
		origin: unknown,
		limitBytes = updateLimitBytes
	): Promise<IngestReport> {
		if (!this.#segments.isPlausible(segment)) return this.#refuse('segment');
		const runs = decodeUpdate(update, limitBytes);
		if (!runs.ok) return this.#refuse(runs.reason);
		if (runs.value.length === 0) return nothingIngested;
		const reports: IngestReport[] = [];
		// One task a piece: what a person writes meanwhile does not wait for all of it.
		for (const piece of splitRuns(runs.value, ingestPieceBytes)) {
			const admitted = this.#task(async () => {
				if (this.#closed) return nothingIngested;
				return this.#admit(await this.#segments.load(segment), piece, origin);
			});
			reports.push(await admitted);
			await this.#feed.room();
			await this.ports.yieldTurn();
		}
		return {
			admitted: reports.reduce((sum, report) => sum + report.admitted, 0),
			gap: reports.some((report) => report.gap),
			violations: reports.flatMap((report) => report.violations)
		};
	}

	/**
	 * Commits an own record, lets it take the common way, and resolves when it is saved: on stable storage.
	 * @param placed told the record's place when it has one, before it is inserted
	 * @param under id of an epoch that is held; else the one that everything is written under
	 */
	async write(record: KnownRecord, placed?: (place: Place) => void, under?: string): Promise<Written> {
		const written = await this.#task(async (): Promise<Written> => {
			if (this.#closed) return fail('not-saved');
			if (this.#removes(record)) {
				const removed = await this.#epochs.remove([record], (each) => this.#removes(each));
				return removed.ok ? ok(removed.value[0] as Place) : removed;
			}
			const clean = await this.#epochs.ensureClean();
			if (!clean.ok) return clean;
			const isMessage = classOf(record.type) === 'message';
			const loaded = await (isMessage ? this.#segments.forWriting() : this.#segments.load(controlSegment));
			return this.#append(loaded, record, under === undefined ? {} : { under }, placed);
		}, 'urgent');
		if (written.ok) await this.#unsettled.settled(written.value);
		return written;
	}

	/**
	 * Commits control records that are one act, one after the other, with nothing in between; a removal among them
	 * together with the epoch that it begins. Resolves when they are saved. On failure those before it are written.
	 */
	async act(records: readonly KnownRecord[]): Promise<Result<void, JournalFailure>> {
		const places: Place[] = [];
		const acted = await this.#task(async (): Promise<Result<void, JournalFailure>> => {
			if (this.#closed) return fail('not-saved');
			if (records.some((record) => this.#removes(record))) {
				const removed = await this.#epochs.remove(records, (each) => this.#removes(each));
				if (removed.ok) places.push(...removed.value);
				return removed.ok ? ok(undefined) : removed;
			}
			const clean = await this.#epochs.ensureClean();
			if (!clean.ok) return clean;
			const under = await this.keys.toWriteUnder('control');
			const loaded = await this.#segments.load(controlSegment);
			for (const record of records) {
				const written = await this.#append(loaded, record, under === null ? {} : { under });
				if (!written.ok) return written;
				places.push(written.value);
			}
			return ok(undefined);
		}, 'urgent');
		for (const place of places) await this.#unsettled.settled(place);
		return acted;
	}

	/** Whether it takes somebody out who is in, and has no epoch yet. */
	#removes(record: KnownRecord): record is RemoveRecord {
		if (record.type !== 'remove' || record.epoch !== null) return false;
		return record.grants.some((grant) => this.authority.accountByGrant.has(toBase64url(grant)));
	}

	/** What is to be done about epochs now, with how long to wait before (ms) in case somebody else does it. */
	duties(): readonly { readonly duty: Duty; readonly turnMs: number }[] {
		return this.#closed ? [] : this.#epochs.duties(this.ports.clock.nowMs());
	}

	/** Does what `duties` said is to be done, if it still is. */
	fulfil(duty: Duty): Promise<Result<void, JournalFailure>> {
		return this.#task(async () =>
			this.#closed ? ok(undefined) : this.#epochs.fulfil(duty, this.ports.clock.nowMs())
		);
	}

	/** The epoch for a new invitation: what its link is to hold. Begins one if there is none that is clean. */
	epochToInvite(): Promise<Result<FirstEpoch & { readonly id: string }, JournalFailure | 'no-epoch'>> {
		return this.#task(async () => {
			const clean = await this.#epochs.ensureClean();
			if (!clean.ok) return clean;
			const id = await this.keys.toWriteUnder('control');
			const kind = this.authority.history === 'all' ? 'secret' : 'control';
			const secret = id === null ? null : this.keys.ring.secretOf(id, kind);
			return id === null || secret === null ? fail('no-epoch') : ok({ id, secret, kind });
		}, 'urgent');
	}

	/** Whether it makes sense to ask for a segment that a peer speaks of. */
	noteSegment(segment: number): boolean {
		return this.#segments.isPlausible(segment);
	}

	/** What this replica holds; loaded segments as they are, others as they were when last unloaded. */
	inventory(): readonly SegmentMeta[] {
		return this.#segments.inventory();
	}

	get entriesHeld(): number {
		return this.#segments.entriesHeld;
	}

	/** State vector of a segment, loading it if need be. */
	stateVector(segment: number): Promise<StateVector> {
		return this.#reading(segment, (loaded) => loaded.nextByLane(), new Map());
	}

	/**
	 * Head ids of a segment's lanes, to find forks that state vectors hide.
	 * @param branches says of forked own lanes only where they are forked, to be told what others hold beyond
	 */
	heads(segment: number, branches = false): Promise<readonly HeadClaim[]> {
		const headsOf = (loaded: Segment): HeadClaim[] =>
			[...loaded.lanes].flatMap((lane) => {
				const dead = branches && this.#own.isOwn(lane) ? deadFrom(this.authority, segment, lane) : Infinity;
				const next = Math.min(loaded.nextClock(lane), dead);
				const id = loaded.entryId(lane, next - 1);
				return id === undefined ? [] : [{ lane, next, id }];
			});
		return this.#reading(segment, headsOf, []);
	}

	/** Segments in which a lane of this device's is forked, so that others may hold what it has lost. */
	get forkedSegments(): readonly number[] {
		return this.#forks.ownSegments;
	}

	/**
	 * Updates for somebody who has told their heads: what they lack, and whole lanes where their head is none of ours.
	 * Each at most about `limitBytes`; a long answer is made piece by piece, as it is taken.
	 */
	async *updatesFor(
		segment: number,
		heads: readonly HeadClaim[],
		limitBytes: number
	): AsyncGenerator<Uint8Array<ArrayBuffer>> {
		const runsFor = (loaded: Segment): LaneRun[] => [...loaded.runsAbove(this.#branchVector(loaded, heads))];
		for (const batch of interleavedRuns(await this.#reading(segment, runsFor, []), limitBytes)) {
			yield encodeUpdate(batch);
			await this.ports.yieldTurn();
		}
	}

	/** Updates with the control entries up to a time (HLC), for somebody who may know no more; each about `limitBytes`. */
	async *controlUntil(hlc: number, limitBytes: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
		const until = (loaded: Segment): readonly LaneRun[] => runsUntil(loaded, this.controlEntries, hlc);
		for (const batch of splitRuns(await this.#reading(controlSegment, until, []), limitBytes))
			yield encodeUpdate(batch);
	}

	/** The given heads as a state vector; 0 for a lane in which they and we have gone different ways unknown to all. */
	#branchVector(segment: Segment, heads: readonly HeadClaim[]): StateVector {
		const nextByLane = new Map<number, number>();
		for (const { lane, next, id } of heads) {
			const known = next > 0 && next <= segment.nextClock(lane) ? segment.entryId(lane, next - 1) : undefined;
			const other = known !== undefined && !equalBytes(known.subarray(0, id.length), id);
			const isKnownDead = next > deadFrom(this.authority, segment.number, lane);
			// Beyond a known fork everybody keeps their own branch: it counts for nobody.
			nextByLane.set(lane, isKnownDead ? Number.MAX_SAFE_INTEGER : other ? 0 : next);
		}
		return nextByLane;
	}

	/** How far the lanes of the loaded segments go, for a frontier. */
	heldHeads(): Heads {
		return this.#frontiers.heldHeads();
	}

	/**
	 * This device's signed word on what it holds, or null before it has a lane.
	 * @param heads that the disk holds for sure
	 */
	frontier(counter: number, heads: Heads = this.heldHeads()): Promise<Uint8Array | null> {
		return this.#frontiers.create(counter, heads);
	}

	/** Newest frontiers of others, as received: any member may pass them on. */
	get frontiers(): readonly Uint8Array[] {
		return this.#frontiers.all;
	}

	/** @returns whether it was news; refusals are counted */
	async receiveFrontier(bytes: Uint8Array): Promise<boolean> {
		const received = await this.#frontiers.receive(bytes);
		if (!received.ok) {
			this.events.rejected(received.reason);
			return false;
		}
		if (received.value.delivered) this.events.deliveryChanged();
		return received.value.news;
	}

	/**
	 * A replica on stable storage holds a lane of ours below `next`.
	 * @param id first bytes of the newest entry's id there; another id than ours means a fork
	 */
	async acknowledged(segment: number, lane: number, next: number, id: Uint8Array): Promise<void> {
		const verdict = await this.#frontiers.acknowledge(segment, lane, next, id);
		if (verdict === 'other-branch') this.events.rejected('acknowledged-other-branch');
		if (verdict === 'news') this.events.deliveryChanged();
	}

	get delivery(): DeliveryRecord {
		return this.#frontiers.delivery;
	}

	/** Of an own entry. Whatever others hold: before it is settled here nothing else is said of it. */
	deliveryOf(segment: number, lane: number, clock: number): DeliveryState {
		if (this.#unsettled.has({ segment, lane, clock })) return 'saving';
		return this.#frontiers.deliveryOf(segment, lane, clock);
	}

	/** Those who have an own entry, or have read it, as far as they say so. */
	receiptsOf(segment: number, lane: number, clock: number): readonly Receipt[] {
		return this.#frontiers.receiptsOf(segment, lane, clock);
	}

	/** All messages up to a place have been read here. @returns whether the next frontier says something new of it */
	markRead(place: ReadPlace): boolean {
		return this.#frontiers.markRead(place);
	}

	get reading(): ReadingRecord {
		return this.#frontiers.reading;
	}

	/** When others last spoke. By account. */
	get lastWords(): ReadonlyMap<string, LastWord> {
		return this.#frontiers.lastWords;
	}

	/** Segments with own entries that no other replica is known to hold, and how many messages that are. */
	waiting(): { readonly segments: ReadonlySet<number>; readonly messages: number } {
		return { segments: this.#waiting.segments, messages: this.#waiting.messages };
	}

	/** A loaded segment's document, for a network replica that speaks Yjs itself. */
	document(segment: number): Promise<Segment> {
		return this.#task(async () => (await this.#segments.load(segment)).segment);
	}

	/** Loads a segment and keeps it loaded until `unpin`: a network replica holds its document. */
	pin(number: number): Promise<Segment> {
		return this.#task(() => this.#segments.pin(number));
	}

	unpin(number: number): Promise<void> {
		return this.#task(async () => this.#segments.unpin(number));
	}

	get quarantined(): number {
		return this.#segments.all.reduce((sum, { segment }) => sum + segment.quarantine.size, 0);
	}

	/** History is here that the read model does not have yet. */
	get isFolding(): boolean {
		return this.#feed.isBehind;
	}

	/** For diagnostics. */
	lanesOf(segment: number): number {
		return this.#segments.get(segment)?.segment.nextByLane().size ?? 0;
	}

	get loadedSegments(): readonly number[] {
		return this.#segments.all.map(({ segment }) => segment.number);
	}

	/** For diagnostics. */
	get forks(): number {
		return this.authority.forkClockByLane.size;
	}

	isDead(segment: number, lane: number, clock: number): boolean {
		return deadFrom(this.authority, segment, lane) <= clock;
	}

	/** Finishes what is under way, saves what is known of segments and closes the documents. */
	async close(): Promise<void> {
		this.#closed = true;
		await this.#queue.run(async () => {
			await this.#feed.settled();
			await this.#segments.unloadAll();
		}, 'urgent');
		await this.#queue.idle();
	}

	#refuse(reason: string): IngestReport {
		this.events.rejected(reason);
		return { ...nothingIngested, violations: [reason] };
	}

	/** One after the other; between two, what has not been used for long is let go. */
	#task<T>(task: () => Promise<T>, urgency: 'urgent' | 'ordinary' = 'ordinary'): Promise<T> {
		return this.#queue.run(async () => {
			const value = await task();
			if (!this.#closed) await this.#segments.unloadOldest();
			return value;
		}, urgency);
	}

	/** @param otherwise when the conversation has been closed */
	#reading<T>(segment: number, read: (loaded: Segment) => T, otherwise: T): Promise<T> {
		return this.#task(async () =>
			this.#closed ? otherwise : read((await this.#segments.load(segment)).segment)
		);
	}

	// --- loading -----------------------------------------------------------------------------------------------

	async #loaded(loaded: Loaded): Promise<void> {
		const { segment, log } = loaded;
		for (const run of this.#takeBack(segment)) segment.apply([run], null);
		await this.#checkOwnLanes(segment);
		if (log !== null) await this.#feed.load(loaded, segment.number < this.newestSegment);
		else
			await this.#foldControl(
				loaded,
				[...segment.runsAbove(new Map())].map((run) => asAdmitted(segment, run))
			);
		// A crash may have come between a fork and what had to follow from it.
		for (const lane of [...segment.lanes])
			if (this.#own.isOwn(lane)) await this.#forks.sayAgainOwn(loaded, lane);
	}

	/** What the journal has and the document lacks (replicas, y-indexeddb), as far as it continues what is there. */
	*#takeBack(segment: Segment): Generator<AdmittedRun> {
		for (const { lane, clock, bytes } of [...this.#waiting.of(segment.number)]) {
			const own = this.#own.get(lane);
			if (own !== undefined && clock === segment.nextClock(lane) && segment.continues(lane, clock, bytes)) {
				yield { lane, start: clock, entries: [bytes], ids: [entryIdOf(bytes)], publicKey: own.publicKey };
			}
		}
	}

	/** Committed further than the document goes, or less far: this profile has been restored or copied. */
	async #checkOwnLanes(segment: Segment): Promise<void> {
		for (const { lane, next } of this.#own.unretired(segment.number))
			if (next !== segment.nextClock(lane)) await this.#own.retire(lane);
	}

	// --- admitting ---------------------------------------------------------------------------------------------

	async #admit(loaded: Loaded, runs: readonly LaneRun[], origin: unknown): Promise<IngestReport> {
		const { segment } = loaded;
		const waited = this.#control.waiting.length;
		const { counted, forks, gap, violations, dropped } = await this.#admission.sort(loaded, runs, origin);
		await this.#add(loaded, counted, origin);
		const own = counted.filter((run) => this.#own.isOwn(run.lane));
		if (own.length > 0) {
			// Own entries come back that a disk had lost; those that only the journal has follow them.
			for (const run of this.#takeBack(segment)) await this.#add(loaded, [run], null);
		}
		// The fork was known before what it kills came back.
		for (const { lane, start, entries } of own)
			if (start + entries.length > deadFrom(this.authority, segment.number, lane))
				await this.#forks.sayAgainOwn(loaded, lane);
		if (loaded.log === null) {
			// What a lane that waits seals or links may be what opens it.
			if (this.#control.waiting.length > waited) await this.#readWaiting();
			await this.#releaseControl(loaded, origin);
		}
		for (const { proof, run } of forks) await this.#forks.met(loaded, proof, run);
		for (const reason of [...violations, ...dropped]) this.events.rejected(reason);
		return { admitted: counted.reduce((sum, run) => sum + run.entries.length, 0), gap, violations };
	}

	/** Adds sound, counting runs to the document, tells the network, folds. */
	async #add(loaded: Loaded, runs: readonly AdmittedRun[], origin: unknown): Promise<void> {
		if (runs.length === 0) return;
		const { segment, log } = loaded;
		for (const run of runs) {
			const own = this.#own.get(run.lane);
			if (own !== undefined && run.start + run.entries.length > own.next) await this.#own.retire(run.lane);
		}
		segment.apply(runs, origin);
		this.#segments.noteEntries(segment.number);
		this.events.admitted(segment.number, runs, origin);
		if (log === null) await this.#foldControl(loaded, runs);
		else this.#feed.fold(loaded, runs, origin === this);
	}

	async #foldControl({ segment }: Loaded, runs: readonly AdmittedRun[]): Promise<void> {
		const entries: OpenedEntry[] = [];
		for (const run of runs) entries.push(...(await this.#control.open(segment, run)));
		if (entries.length === 0) return;
		// Those before have been folded as what they were.
		await this.#feed.settled();
		const before = this.authority;
		this.#observe(entries);
		this.#control.add(entries);
		await this.#refold(before, await this.#readOn(entries));
	}

	async #readWaiting(): Promise<void> {
		const before = this.authority;
		await this.#feed.settled();
		const isOpened = await this.#readOn(this.#control.waiting);
		if (isOpened) await this.#refold(before, isOpened);
	}

	/** Opens the epochs that these entries give, and what stands under them, until nothing is new. */
	async #readOn(entries: readonly OpenedEntry[]): Promise<boolean> {
		this.keys.changed();
		let isOpened = false;
		if (!entries.some(({ record }) => givesEpochs(record))) return isOpened;
		for (let ids = await this.keys.openMore(); ids.length > 0; ids = await this.keys.openMore()) {
			isOpened = true;
			this.#observe(await this.#control.reopen(new Set(ids)));
			this.keys.changed();
		}
		return isOpened;
	}

	#observe(entries: readonly OpenedEntry[]): void {
		for (const { hlc } of entries) this.ports.clock.observe(hlc);
	}

	/** The authority is another one, and with it what counts. @param isOpened epochs are held that were not before */
	async #refold(before: Authority, isOpened: boolean): Promise<void> {
		await this.ports.projection.authority(this.authority);
		this.events.authorityChanged(this.authority);
		for (const loaded of this.#segments.all) if (loaded.log !== null) await this.#reconsider(loaded);
		await this.#forks.apply(before);
		if (isOpened) await this.#reread();
		const told = `${this.keys.current?.id} ${this.keys.ring.held.length}`;
		if (told === this.#epochsTold) return;
		this.#epochsTold = told;
		await this.keys.ready();
		this.events.epochsChanged?.();
	}

	/** Shows what could not be opened before. */
	async #reread(): Promise<void> {
		for (const loaded of this.#segments.all) if (loaded.log !== null) await this.#feed.reread(loaded);
		for (const number of [...this.#feed.unreadSegments])
			if (this.#segments.get(number) === undefined) await this.#segments.load(number);
	}

	/** Grants have changed: lanes may leave quarantine, and others may speak for nobody any more. */
	async #reconsider(loaded: Loaded): Promise<void> {
		await this.#feed.reattribute(loaded);
		const { counted, dropped } = await this.#admission.release(loaded);
		await this.#add(loaded, counted, null);
		for (const reason of dropped) this.events.rejected(reason);
	}

	async #releaseControl(loaded: Loaded, origin: unknown): Promise<void> {
		for (
			let runs = this.#admission.releaseControl(loaded);
			runs.length > 0;
			runs = this.#admission.releaseControl(loaded)
		) {
			await this.#add(loaded, runs, origin);
		}
	}

	// --- writing -----------------------------------------------------------------------------------------------

	async #append(
		loaded: Loaded,
		record: KnownRecord,
		{ under, ...how }: Appending = {},
		placed?: (place: Place) => void
	): Promise<Written> {
		const { segment } = loaded;
		await this.#feed.catchUp(loaded);
		const epoch = under ?? (await this.keys.toWriteUnder(classOf(record.type)));
		const keys = epoch === null ? null : await this.keys.ring.keysOf(epoch);
		if (keys === null) {
			this.events.rejected('no-epoch');
			return fail('not-saved');
		}
		const run = await this.#own.append(segment, record, { keys, deps: this.#newestSeen(loaded), ...how });
		if (!run.ok) return run;
		const { lane, start, entries } = run.value;
		const place = { segment: segment.number, lane, clock: start + entries.length - 1 };
		this.#unsettled.add(place);
		placed?.(place);
		this.#waiting.add(
			entries.map((bytes, i) => ({ segment: segment.number, lane, clock: start + i, bytes }))
		);
		await this.#add(loaded, [run.value], this);
		return ok(place);
	}

	/** Up to four newest entries of others; none from the future, none that is dead. */
	#newestSeen({ segment, log }: Loaded): readonly Dep[] {
		if (log === null) return [];
		const latest = hlcOfMs(this.ports.clock.nowMs() + clockToleranceMs);
		const heads: { lane: number; clock: number; time: number }[] = [];
		for (const lane of segment.lanes) {
			const clock = Math.min(segment.nextClock(lane), deadFrom(this.authority, segment.number, lane)) - 1;
			const time = log.timeOf(lane, clock);
			if (time !== undefined && time <= latest && !this.#own.isOwn(lane)) heads.push({ lane, clock, time });
		}
		heads.sort((a, b) => b.time - a.time);
		return heads.slice(0, 4).flatMap(({ lane, clock }) => {
			const id = segment.entryId(lane, clock);
			return id ? [{ lane, clock, id: id.subarray(0, depIdLength) }] : [];
		});
	}
}

function asAdmitted(segment: Segment, run: LaneRun): AdmittedRun {
	const ids = run.entries.map((_, i) => segment.entryId(run.lane, run.start + i) as Uint8Array);
	return { ...run, ids, publicKey: segment.publicKeyOf(run.lane) as Uint8Array };
}
