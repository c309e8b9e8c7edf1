/**
 * A conversation on this device: its segments behind the guard, its authority, its lanes. Everything enters through
 * `ingest` (others' entries) or `write` (own ones) and takes the same way from there: document, fold, read model.
 * Knows no network and no disk but its ports; the simulator runs this very class. What is done stands in its parts
 * (conversation-parts.ts); here is all that one may ask of it.
 */
import { toBase64url } from '../protocol/base64url';
import type { Bytes, SigningKeys } from '../protocol/crypto';
import { kindForInvites } from '../protocol/epoch-records';
import type { Heads } from '../protocol/frontier';
import { updateLimitBytes } from '../protocol/guard/update';
import { controlSegment } from '../protocol/ids';
import type { InviteRecord } from '../protocol/membership-records';
import type { Cap, KnownRecord } from '../protocol/records';
import { fail, ok, type Result } from '../protocol/result';
import type { StateVector } from '../protocol/state-vector';
import { deletion, type SaidEntry } from './acts/delete';
import type { ActRefusal } from './acts/right';
import type { HeadClaim } from './answers';
import { Statements, deadFrom, type Authority, type ControlEntry } from './authority';
import type { ControlLog } from './control-log';
import type { ConversationEvents } from './conversation-events';
import {
	partsOf,
	type ConversationParts,
	type ConversationStart,
	type ConversationStock
} from './conversation-parts';
import type { DeliveryRecord, DeliveryState, Receipt } from './delivery';
import type { Duty } from './epochs/epoch-duties';
import type { LastWord } from './frontiers';
import type { IngestReport } from './intake';
import { ConversationKeys } from './keys/conversation-keys';
import { mayReadBy, newcomersOf } from './keys/epoch-facts-reader';
import { capsOver } from './known-lanes';
import { missingDeps } from './missing-deps';
import { OwnLanes } from './own-lanes';
import type {
	ConversationIdentity,
	ConversationPorts,
	FirstEpoch,
	JournalFailure,
	SegmentMeta
} from './ports';
import type { Presences } from './presences';
import type { ReadingRecord, ReadPlace } from './reading';
import type { Segment } from './segment';
import type { Place } from './unsettled-entries';
import type { WaitingEntries } from './waiting-entries';
import type { WritingHow, Written } from './writing';

export type { HeadClaim } from './answers';
export type { ConversationEvents } from './conversation-events';
export type { ConversationStart } from './conversation-parts';
export type { IngestReport } from './intake';

export class Conversation {
	readonly identity: ConversationIdentity;
	readonly ports: ConversationPorts;
	readonly keys: ConversationKeys;
	readonly #own: OwnLanes;
	readonly #parts: ConversationParts;

	private constructor(
		stock: ConversationStock,
		start: ConversationStart,
		readonly events: ConversationEvents
	) {
		this.identity = stock.identity;
		this.ports = stock.ports;
		this.keys = stock.keys;
		this.#own = stock.own;
		this.#parts = partsOf(stock, start, events, this);
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
		const control = (): ControlLog => conversation.#parts.control;
		const keys = await ConversationKeys.open(identity, ports, control, statements);
		const stock = { identity, ports, own, keys, statements, journalled: journal.entries };
		const conversation: Conversation = new Conversation(stock, start, events);
		const { segments, tasks, waiting } = conversation.#parts;
		for (const meta of metas) segments.noteMeta(meta);
		for (const segment of [...own.segments].sort((a, b) => a - b)) segments.noteEntries(segment);
		await tasks.run(async () => {
			await segments.load(controlSegment);
			// What waits in the journal has to be in its document before anybody is answered.
			for (const segment of waiting.segments) await segments.load(segment);
			await keys.ready();
		});
		return conversation;
	}

	/** Typing and the like: never part of a document. */
	get presences(): Presences {
		return this.#parts.presences;
	}

	get authority(): Authority {
		return this.#parts.control.authority;
	}

	get account(): string {
		return this.#parts.account;
	}

	/** The opened control entries: what `authority` follows from. */
	get controlEntries(): readonly ControlEntry[] {
		return this.#parts.control.entries;
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
				...(await this.#parts.tasks.run(async () =>
					capsOver(await this.#parts.segments.load(segment), grants, this.authority)
				))
			);
		return caps;
	}

	get newestSegment(): number {
		return this.#parts.segments.newest;
	}

	/** Where whoever is invited now begins reading: what their link says. */
	async segmentForNewcomers(): Promise<number> {
		if (this.authority.history !== 'none') return this.newestSegment;
		return this.#parts.tasks.run(async () =>
			this.#parts.tasks.isClosed ? this.newestSegment : this.#parts.segments.unused()
		);
	}

	/**
	 * Whether a segment is for somebody, see EpochGraph.isShown. What is not is neither named to them nor given, and not
	 * asked of anybody for oneself.
	 */
	isFor(account: string, segment: number): boolean {
		return segment === controlSegment || this.keys.graph.isShown(segment, account);
	}

	/** Whether another member is shown messages that are not passed on to this one. */
	seesLessThan(account: string): boolean {
		return this.keys.graph.firstSegments.some(
			(segment) => this.isFor(account, segment) && !this.isFor(this.account, segment)
		);
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
		return this.#parts.tasks.run(async () => {
			if (this.#parts.tasks.isClosed) return;
			await this.#parts.segments.load(segment);
			await this.#parts.feed.settled();
		});
	}

	/**
	 * Takes an update from outside through the guard. What is admitted is in its document when this resolves, and on
	 * its way into the read model.
	 * @param origin who sent it; Yjs observers see it as transaction origin
	 */
	ingest(
		segment: number,
		update: Uint8Array,
		origin: unknown,
		limitBytes = updateLimitBytes
	): Promise<IngestReport> {
		return this.#parts.intake.ingest(segment, update, origin, limitBytes);
	}

	/**
	 * Commits an own record, lets it take the common way, and resolves when it is saved: on stable storage.
	 * @param placed told the record's place when it has one, before it is inserted
	 * @param how `under`: id of an epoch that is held, else the one that everything is written under; `draft`: key of the
	 *   draft that this says, which is deleted in the same transaction
	 */
	write(record: KnownRecord, placed?: (place: Place) => void, how: WritingHow = {}): Promise<Written> {
		return this.#parts.writing.write(record, placed, how);
	}

	/**
	 * Commits control records that are one act, one after the other, with nothing in between; a removal among them
	 * together with the epoch that it begins. Resolves when they are saved. On failure those before it are written.
	 */
	act(records: readonly KnownRecord[]): Promise<Result<void, JournalFailure>> {
		return this.#parts.writing.act(records);
	}

	/**
	 * Deletes for everyone what somebody has said. Resolves when that is saved; the bytes go when it is folded.
	 * @param author account id of whose it is
	 * @param entries the message first, then the edits and copies of it that are known
	 * @returns why it was not said, or would not count
	 */
	async delete(
		author: string,
		entries: readonly SaidEntry[]
	): Promise<Result<void, ActRefusal | JournalFailure>> {
		const { account, identity, controlLane } = this;
		const actor = { account, grant: toBase64url(identity.grant), controlLane };
		const records = deletion(this.authority, actor, author, entries);
		return records.ok ? this.act(records.value) : records;
	}

	/** What is to be done about epochs now, with how long to wait before (ms) in case somebody else does it. */
	duties(): readonly { readonly duty: Duty; readonly turnMs: number }[] {
		return this.#parts.tasks.isClosed ? [] : this.#parts.epochs.duties(this.ports.clock.nowMs());
	}

	/** Does what `duties` said is to be done, if it still is. */
	fulfil(duty: Duty): Promise<Result<void, JournalFailure>> {
		return this.#parts.tasks.run(async () =>
			this.#parts.tasks.isClosed ? ok(undefined) : this.#parts.epochs.fulfil(duty, this.ports.clock.nowMs())
		);
	}

	/**
	 * The epoch for a new invitation: what its link is to hold. Begins one if there is none that is clean.
	 * @param terms whoever has to be let in is given no message beforehand
	 */
	epochToInvite(
		terms: Pick<InviteRecord, 'kind' | 'approval'>
	): Promise<Result<FirstEpoch & { readonly id: string }, JournalFailure | 'no-epoch'>> {
		return this.#parts.tasks.run(async () => {
			const clean = await this.#parts.epochs.ensureClean();
			if (!clean.ok) return clean;
			const id = await this.keys.toWriteUnder('control');
			const kind = mayReadBy(terms) ? kindForInvites(newcomersOf(this.authority)) : 'control';
			const secret = id === null ? null : this.keys.ring.secretOf(id, kind);
			return id === null || secret === null ? fail('no-epoch') : ok({ id, secret, kind });
		}, 'urgent');
	}

	/** Whether it makes sense to ask for a segment that a peer speaks of. */
	noteSegment(segment: number): boolean {
		return this.#parts.segments.isPlausible(segment);
	}

	/** What this replica holds; loaded segments as they are, others as they were when last unloaded. */
	inventory(): readonly SegmentMeta[] {
		return this.#parts.segments.inventory();
	}

	get entriesHeld(): number {
		return this.#parts.segments.entriesHeld;
	}

	/** State vector of a segment, loading it if need be. */
	stateVector(segment: number): Promise<StateVector> {
		return this.#parts.tasks.reading(segment, (loaded) => loaded.nextByLane(), new Map());
	}

	/**
	 * Head ids of a segment's lanes, to find forks that state vectors hide.
	 * @param branches says of forked own lanes only where they are forked, to be told what others hold beyond
	 */
	heads(segment: number, branches = false): Promise<readonly HeadClaim[]> {
		return this.#parts.answers.heads(segment, branches);
	}

	/** Segments in which a lane of this device's is forked, so that others may hold what it has lost. */
	get forkedSegments(): readonly number[] {
		return this.#parts.forks.ownSegments;
	}

	/**
	 * Updates for somebody who has told their heads: what they lack, and whole lanes where their head is none of ours.
	 * Each at most about `limitBytes`; a long answer is made piece by piece, as it is taken.
	 */
	updatesFor(
		segment: number,
		heads: readonly HeadClaim[],
		limitBytes: number
	): AsyncGenerator<Uint8Array<ArrayBuffer>> {
		return this.#parts.answers.updatesFor(segment, heads, limitBytes);
	}

	/** Updates with the control entries up to a time (HLC), for somebody who may know no more; each about `limitBytes`. */
	controlUntil(hlc: number, limitBytes: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
		return this.#parts.answers.controlUntil(hlc, limitBytes);
	}

	/** How far the lanes of the loaded segments go, for a frontier. */
	heldHeads(): Heads {
		return this.#parts.frontiers.heldHeads();
	}

	/**
	 * This device's signed word on what it holds, or null before it has a lane.
	 * @param heads that the disk holds for sure
	 */
	frontier(counter: number, heads: Heads = this.heldHeads()): Promise<Uint8Array | null> {
		return this.#parts.frontiers.create(counter, heads);
	}

	/** Newest frontiers of others, as received: any member may pass them on. */
	get frontiers(): readonly Uint8Array[] {
		return this.#parts.frontiers.all;
	}

	/** @returns whether it was news; refusals are counted */
	async receiveFrontier(bytes: Uint8Array): Promise<boolean> {
		const received = await this.#parts.frontiers.receive(bytes);
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
		const verdict = await this.#parts.frontiers.acknowledge(segment, lane, next, id);
		if (verdict === 'other-branch') this.events.rejected('acknowledged-other-branch');
		if (verdict === 'news') this.events.deliveryChanged();
	}

	get delivery(): DeliveryRecord {
		return this.#parts.frontiers.delivery;
	}

	/** Of an own entry. Whatever others hold: before it is settled here nothing else is said of it. */
	deliveryOf(segment: number, lane: number, clock: number): DeliveryState {
		if (this.#parts.unsettled.has({ segment, lane, clock })) return 'saving';
		return this.#parts.frontiers.deliveryOf(segment, lane, clock);
	}

	/** Those who have an own entry, or have read it, as far as they say so. */
	receiptsOf(segment: number, lane: number, clock: number): readonly Receipt[] {
		return this.#parts.frontiers.receiptsOf(segment, lane, clock);
	}

	/** All messages up to a place have been read here. @returns whether the next frontier says something new of it */
	markRead(place: ReadPlace): boolean {
		return this.#parts.frontiers.markRead(place);
	}

	get reading(): ReadingRecord {
		return this.#parts.frontiers.reading;
	}

	/**
	 * How many entries a message names as what its author knew (`deps`, at most four) that are not on this device. It is
	 * the author's word: they may still come, be kept by nobody, or never have been (docs/decisions/0036).
	 */
	missingBelow({ segment, lane, clock }: Place): Promise<number> {
		return this.#parts.tasks.run(async () => {
			if (this.#parts.tasks.isClosed) return 0;
			return missingDeps(await this.#parts.segments.load(segment), lane, clock);
		}, 'urgent');
	}

	/** When others last spoke. By account. */
	get lastWords(): ReadonlyMap<string, LastWord> {
		return this.#parts.frontiers.lastWords;
	}

	/** Segments with own entries that no other replica is known to hold; how many messages that are, and entries. */
	waiting(): Pick<WaitingEntries, 'segments' | 'messages' | 'entries'> {
		const { segments, messages, entries } = this.#parts.waiting;
		return { segments, messages, entries };
	}

	/** A loaded segment's document, for a network replica that speaks Yjs itself. */
	document(segment: number): Promise<Segment> {
		return this.#parts.tasks.run(async () => (await this.#parts.segments.load(segment)).segment);
	}

	/** Loads a segment and keeps it loaded until `unpin`: a network replica holds its document. */
	pin(number: number): Promise<Segment> {
		return this.#parts.tasks.run(() => this.#parts.segments.pin(number));
	}

	unpin(number: number): Promise<void> {
		return this.#parts.tasks.run(async () => this.#parts.segments.unpin(number));
	}

	get quarantined(): number {
		return this.#parts.segments.all.reduce((sum, { segment }) => sum + segment.quarantine.size, 0);
	}

	/** History is here that the read model does not have yet. */
	get isFolding(): boolean {
		return this.#parts.feed.isBehind;
	}

	/** For diagnostics. */
	lanesOf(segment: number): number {
		return this.#parts.segments.get(segment)?.segment.nextByLane().size ?? 0;
	}

	get loadedSegments(): readonly number[] {
		return this.#parts.segments.all.map(({ segment }) => segment.number);
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
		const { tasks, feed, segments } = this.#parts;
		await tasks.close(async () => {
			await feed.settled();
			await segments.unloadAll();
		});
	}
}
