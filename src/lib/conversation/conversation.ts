/**
 * A conversation on this device: its segments behind the guard, its authority, its lanes. Everything enters through
 * `ingest` (others' entries) or `write` (own ones) and takes the same way from there: document, fold, read model.
 * Knows no network and no disk but its ports; the simulator runs this very class.
 */
import { toBase64url } from '../protocol/base64url';
import { equalBytes } from '../protocol/bytes';
import { hlcOfMs, clockToleranceMs } from '../protocol/clock';
import { createFrontier, openFrontier, readFrontierHead, verifyFrontier, type Heads } from '../protocol/frontier';
import { admitRuns, type AdmittedRun, type ForkProof } from '../protocol/guard/lanes';
import { decodeUpdate, splitRuns, updateLimitBytes, encodeUpdate } from '../protocol/guard/update';
import { accountIdOf, controlSegment } from '../protocol/ids';
import { classOf, depIdLength, type Dep, type KnownRecord } from '../protocol/records';
import { ok, type Result } from '../protocol/result';
import type { StateVector } from '../protocol/state-vector';
import { deadFrom, forkKey, type Authority } from './authority';
import { ControlLog } from './control-log';
import { Delivery, type DeliveryRecord, type DeliveryState } from './delivery';
import { isSound, openRecord, type OpeningContext } from './opening';
import { OwnLanes } from './own-lanes';
import { MessageLog } from './message-log';
import type {
	ConversationIdentity, ConversationPorts, JournalEntry, JournalFailure, LaneCursor, SegmentMeta
} from './ports';
import { Segment, segmentLimits, type SegmentLimits } from './segment';
import { SerialQueue } from './serial-queue';

/** Of one source; more is dropped and counted (protocol 3.4). */
const quarantineLanesLimit = 64;
const quarantineLimitBytes = 1024 * 1024;
/** Loaded beside the control segment and the newest one. */
const coldSegmentsLoaded = 2;

export interface ConversationStart {
	/** What the read model has already. */
	readonly cursors: readonly LaneCursor[];
	readonly delivery?: DeliveryRecord;
	/** From the invite link: where to begin reading. */
	readonly newestSegmentHint: number;
	/** Other than the protocol's in simulations only. */
	readonly limits?: SegmentLimits;
}

export interface IngestReport {
	readonly admitted: number;
	/** Entries before these are missing here: ask for the segment. */
	readonly gap: boolean;
	readonly violations: readonly string[];
}

export interface ConversationEvents {
	/** New entries are in a segment's document; pass them on to everybody but `origin`. */
	admitted(segment: number, runs: readonly AdmittedRun[], origin: unknown): void;
	authorityChanged(authority: Authority): void;
	deliveryChanged(): void;
	/** Something was refused; for counting. */
	rejected(reason: string): void;
}

interface Loaded {
	readonly segment: Segment;
	/** Null for the control segment. */
	readonly log: MessageLog | null;
	lastUse: number;
}

export class Conversation {
	readonly events: ConversationEvents;
	readonly #queue = new SerialQueue();
	readonly #loadedByNumber = new Map<number, Loaded>();
	readonly #pinsByNumber = new Map<number, number>();
	readonly #metaByNumber = new Map<number, SegmentMeta>();
	readonly #projectedBySegment = new Map<number, Map<number, number>>();
	readonly #opening: OpeningContext;
	readonly #control: ControlLog;
	readonly #own: OwnLanes;
	readonly #delivery: Delivery;
	readonly #limits: SegmentLimits;
	readonly #frontierByLane = new Map<number, { counter: number; bytes: Uint8Array }>();
	#journalled: readonly JournalEntry[];
	#newest: number;
	#uses = 0;
	#closed = false;

	private constructor(
		readonly identity: ConversationIdentity,
		readonly ports: ConversationPorts,
		start: ConversationStart,
		events: ConversationEvents,
		own: OwnLanes,
		journalled: readonly JournalEntry[]
	) {
		this.events = events;
		this.#own = own;
		this.#journalled = journalled;
		this.#opening = { subtle: ports.crypto.subtle, conversation: identity.conversation, keys: identity.keys };
		this.#control = new ControlLog(this.#opening, (reason) => events.rejected(reason));
		this.#delivery = new Delivery(start.delivery);
		this.#limits = start.limits ?? segmentLimits;
		this.#newest = Math.max(1, start.newestSegmentHint);
		for (const { segment, lane, next } of start.cursors) this.#projected(segment).set(lane, next);
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
		const conversation = new Conversation(identity, ports, start, events, own, journal.entries);
		for (const meta of metas) conversation.#noteMeta(meta);
		for (const segment of own.segments) conversation.#newest = Math.max(conversation.#newest, segment);
		await conversation.#queue.run(async () => {
			await conversation.#load(controlSegment);
			// What waits in the journal has to be in its document before anybody is answered.
			for (const segment of new Set(journal.entries.map((entry) => entry.segment))) await conversation.#load(segment);
		});
		return conversation;
	}

	get authority(): Authority {
		return this.#control.authority;
	}

	get account(): string {
		return accountIdOf(this.identity.certificate.account);
	}

	get newestSegment(): number {
		return this.#newest;
	}

	isOwnLane(lane: number): boolean {
		return this.#own.isOwn(lane);
	}

	/** Loads and folds the newest message segment, so that the read model has everything of it. */
	warm(): Promise<void> {
		return this.#queue.run(async () => void (await this.#load(this.#newest)));
	}

	/** Loads a segment for projecting all of it again; the caller has emptied the read model before opening. */
	project(segment: number): Promise<void> {
		return this.#queue.run(async () => void (await this.#load(segment)));
	}

	/**
	 * Takes an update from outside through the guard.
	 * @param origin who sent it; Yjs observers see it as transaction origin
	 */
	async ingest(segment: number, update: Uint8Array, origin: unknown, limitBytes = updateLimitBytes): Promise<IngestReport> {
		if (!Number.isInteger(segment) || segment < 0 || segment > this.#newest + 1) return this.#refuse('segment');
		const runs = decodeUpdate(update, limitBytes);
		if (!runs.ok) return this.#refuse(runs.reason);
		if (runs.value.length === 0) return { admitted: 0, gap: false, violations: [] };
		return this.#queue.run(async () => {
			if (this.#closed) return { admitted: 0, gap: false, violations: [] };
			const loaded = await this.#load(segment);
			return this.#admit(loaded, runs.value, origin);
		});
	}

	/** Saves an own record (resolves when the journal has it) and lets it take the common way. */
	write(record: KnownRecord): Promise<Result<{ segment: number; lane: number; clock: number }, JournalFailure>> {
		return this.#queue.run(async () => {
			const loaded = await this.#load(classOf(record.type) === 'message' ? await this.#writeSegment() : controlSegment);
			return this.#append(loaded, record);
		}, 'urgent');
	}

	/** Peers speak of segments that we do not know yet. */
	noteSegment(segment: number): void {
		this.#newest = Math.max(this.#newest, segment);
	}

	/** What this replica holds; loaded segments as they are, others as they were when last unloaded. */
	inventory(): readonly SegmentMeta[] {
		for (const { segment } of this.#loadedByNumber.values()) this.#noteMeta(this.#metaOf(segment));
		return [...this.#metaByNumber.values()].filter((meta) => meta.entries > 0).sort((a, b) => b.segment - a.segment);
	}

	/** Entries in all segments, as far as is known. */
	get entriesHeld(): number {
		let held = 0;
		for (const [number, { segment }] of this.#loadedByNumber) held += segment.count - (this.#metaByNumber.get(number)?.entries ?? 0);
		for (const meta of this.#metaByNumber.values()) held += meta.entries;
		return held;
	}

	/** State vector of a segment, loading it if need be. */
	stateVector(segment: number): Promise<StateVector> {
		return this.#queue.run(async () => (await this.#load(segment)).segment.nextByLane());
	}

	/** Head ids of a segment's lanes, to find forks that state vectors hide. */
	heads(segment: number): Promise<readonly { lane: number; next: number; id: Uint8Array }[]> {
		return this.#queue.run(async () => {
			const { segment: loaded } = await this.#load(segment);
			return [...loaded.lanes].flatMap((lane) => {
				const head = loaded.head(lane);
				return head ? [{ lane, next: head.next, id: head.id }] : [];
			});
		});
	}

	/**
	 * Updates for somebody who has told their heads: what they lack, and whole lanes where their head is none of ours.
	 * Each at most about `limitBytes`; a long answer is made piece by piece, as it is taken.
	 */
	async *updatesFor(
		segment: number,
		heads: readonly { lane: number; next: number; id: Uint8Array }[],
		limitBytes: number
	): AsyncGenerator<Uint8Array<ArrayBuffer>> {
		const runs = await this.#queue.run(async () => {
			const { segment: loaded } = await this.#load(segment);
			return [...loaded.runsAbove(this.#branchVector(loaded, heads))];
		});
		for (const batch of splitRuns(runs, limitBytes)) {
			yield encodeUpdate(batch);
			await this.ports.yieldTurn();
		}
	}

	/** The given heads as a state vector; 0 for a lane in which they and we have gone different ways. */
	#branchVector(segment: Segment, heads: readonly { lane: number; next: number; id: Uint8Array }[]): StateVector {
		const nextByLane = new Map<number, number>();
		for (const { lane, next, id } of heads) {
			const known = next > 0 && next <= segment.nextClock(lane) ? segment.entryId(lane, next - 1) : undefined;
			const other = known !== undefined && !equalBytes(known.subarray(0, id.length), id);
			const published = next > deadFrom(this.authority, segment.number, lane);
			nextByLane.set(lane, other && !published ? 0 : next);
		}
		return nextByLane;
	}

	/** How far the lanes of the loaded segments go, for a frontier. */
	heldHeads(): Heads {
		return new Map([...this.#loadedByNumber.values()].map(({ segment }) => [segment.number, segment.nextByLane()]));
	}

	/**
	 * This device's signed word on what it holds, or null before it has a lane.
	 * @param heads that the disk holds for sure
	 */
	async frontier(counter: number, heads: Heads = this.heldHeads()): Promise<Uint8Array | null> {
		const lane = this.#own.active(controlSegment);
		const control = this.#loadedByNumber.get(controlSegment)?.segment;
		if (lane === undefined || control === undefined) return null;
		return createFrontier(this.ports.crypto, this.identity.keys, control.context, lane, counter, heads);
	}

	/** Newest frontiers of others, as received: any member may pass them on. */
	get frontiers(): readonly Uint8Array[] {
		return [...this.#frontierByLane.values()].map(({ bytes }) => bytes);
	}

	/** @returns whether it was news; refusals are counted */
	async receiveFrontier(bytes: Uint8Array): Promise<boolean> {
		const head = readFrontierHead(bytes);
		if (!head.ok) return this.#refuse(head.reason).admitted > 0;
		const { lane, counter } = head.value;
		if (this.#own.isOwn(lane) || counter <= (this.#frontierByLane.get(lane)?.counter ?? -1)) return false;
		const control = this.#loadedByNumber.get(controlSegment)?.segment;
		const owner = this.authority.controlLaneByNumber.get(lane);
		const publicKey = control?.publicKeyOf(lane);
		// Not a violation: their join may be still on its way to us.
		if (control === undefined || owner === undefined || publicKey === undefined) return false;
		if (!(await verifyFrontier(this.ports.crypto.subtle, bytes, control.context, publicKey))) {
			return this.#refuse('frontier-signature').admitted > 0;
		}
		const opened = await openFrontier(this.ports.crypto.subtle, this.identity.keys, control.context, bytes);
		if (!opened.ok) return this.#refuse(opened.reason).admitted > 0;
		if (counter <= (this.#frontierByLane.get(lane)?.counter ?? -1)) return false;
		this.#frontierByLane.set(lane, { counter, bytes: bytes.slice() });
		await this.#covered(owner.account, opened.value.heads);
		return true;
	}

	async #covered(account: string, heads: Heads): Promise<void> {
		const isOwn = (_segment: number, lane: number): boolean => this.#own.isOwn(lane);
		if (account === this.account) {
			for (const [segment, nextByLane] of heads) {
				for (const [lane, next] of nextByLane) if (this.#own.isOwn(lane)) await this.acknowledged(segment, lane, next);
			}
			return;
		}
		const news = this.#delivery.cover(account, heads, isOwn);
		for (const { segment, lane, next } of news) await this.#release(segment, lane, next);
		if (news.length > 0) this.events.deliveryChanged();
	}

	/**
	 * A replica on stable storage holds a lane of ours below `next`.
	 * @param id first bytes of the newest entry's id there, if it said so; another id than ours means a fork
	 */
	async acknowledged(segment: number, lane: number, next: number, id?: Uint8Array): Promise<void> {
		if (!this.#own.isOwn(lane)) return;
		const loaded = this.#loadedByNumber.get(segment)?.segment;
		const ours = loaded?.entryId(lane, next - 1);
		if (id !== undefined && ours !== undefined && !equalBytes(ours.subarray(0, id.length), id)) {
			this.events.rejected('acknowledged-other-branch');
			return;
		}
		if (id !== undefined && loaded !== undefined && ours === undefined) return;
		if (!this.#delivery.acknowledge(segment, lane, next)) return;
		await this.#release(segment, lane, next);
		this.events.deliveryChanged();
	}

	async #release(segment: number, lane: number, next: number): Promise<void> {
		this.#journalled = this.#journalled.filter((e) => e.segment !== segment || e.lane !== lane || e.clock >= next);
		await this.ports.journal.release(segment, lane, next);
	}

	get delivery(): DeliveryRecord {
		return this.#delivery.toRecord();
	}

	deliveryOf(segment: number, lane: number, clock: number): DeliveryState {
		const others = [...this.authority.memberByAccount.values()]
			.filter((member) => !member.left && member.account !== this.account)
			.map((member) => member.account);
		return this.#delivery.stateOf(segment, lane, clock, others);
	}

	/** Segments with own entries that no other replica is known to hold, and how many messages that are. */
	waiting(): { readonly segments: ReadonlySet<number>; readonly messages: number } {
		const segments = new Set(this.#journalled.map((entry) => entry.segment));
		const messages = this.#journalled.filter((e) => e.segment !== controlSegment && e.clock > 0).length;
		return { segments, messages };
	}

	/** A loaded segment's document, for a network replica that speaks Yjs itself. */
	document(segment: number): Promise<Segment> {
		return this.#queue.run(async () => (await this.#load(segment)).segment);
	}

	/** Loads a segment and keeps it loaded until `unpin`: a network replica holds its document. */
	pin(number: number): Promise<Segment> {
		return this.#queue.run(async () => {
			this.#pinsByNumber.set(number, (this.#pinsByNumber.get(number) ?? 0) + 1);
			return (await this.#load(number)).segment;
		});
	}

	unpin(number: number): Promise<void> {
		return this.#queue.run(async () => {
			const pins = (this.#pinsByNumber.get(number) ?? 0) - 1;
			if (pins > 0) this.#pinsByNumber.set(number, pins);
			else this.#pinsByNumber.delete(number);
			await this.#unloadOldest();
		});
	}

	get quarantined(): number {
		return [...this.#loadedByNumber.values()].reduce((sum, { segment }) => sum + segment.quarantine.size, 0);
	}

	/** Lanes of a loaded segment; 0 if it is not loaded. */
	lanesOf(segment: number): number {
		return this.#loadedByNumber.get(segment)?.segment.nextByLane().size ?? 0;
	}

	get loadedSegments(): readonly number[] {
		return [...this.#loadedByNumber.keys()];
	}

	/** Finishes what is under way, saves what is known of segments and closes the documents. */
	async close(): Promise<void> {
		this.#closed = true;
		await this.#queue.run(async () => {
			for (const number of [...this.#loadedByNumber.keys()]) await this.#unload(number);
		}, 'urgent');
		await this.#queue.idle();
	}

	#refuse(reason: string): IngestReport {
		this.events.rejected(reason);
		return { admitted: 0, gap: false, violations: [reason] };
	}

	#projected(segment: number): Map<number, number> {
		const known = this.#projectedBySegment.get(segment) ?? new Map<number, number>();
		this.#projectedBySegment.set(segment, known);
		return known;
	}

	#noteMeta(meta: SegmentMeta): void {
		this.#metaByNumber.set(meta.segment, meta);
		if (meta.entries > 0) this.#newest = Math.max(this.#newest, meta.segment);
	}

	#metaOf(segment: Segment): SegmentMeta {
		const dead = (lane: number): number => deadFrom(this.authority, segment.number, lane);
		return { segment: segment.number, entries: segment.count, bytes: segment.bytes, digest: segment.digest(dead) };
	}

	async #writeSegment(): Promise<number> {
		const { segment } = await this.#load(this.#newest);
		return segment.full ? segment.number + 1 : segment.number;
	}

	// --- loading -----------------------------------------------------------------------------------------------

	async #load(number: number): Promise<Loaded> {
		const known = this.#loadedByNumber.get(number);
		if (known !== undefined) {
			known.lastUse = ++this.#uses;
			return known;
		}
		const segment = new Segment(this.identity.conversation, number, await this.ports.documents.open(number), this.#limits);
		const isOwn = (lane: number): boolean => this.#own.isOwn(lane);
		const onRejected = (reason: string): void => this.events.rejected(reason);
		const log = number === controlSegment ? null : new MessageLog(segment, this.#opening, isOwn, onRejected);
		const loaded: Loaded = { segment, log, lastUse: ++this.#uses };
		this.#loadedByNumber.set(number, loaded);
		if (number > this.#newest && segment.count > 0) this.#newest = number;
		this.#reinsert(segment);
		await this.#checkOwnLanes(segment);
		await this.#fold(loaded, [...segment.runsAbove(new Map())].map((run) => this.#asAdmitted(segment, run)));
		await this.#unloadOldest();
		return loaded;
	}

	#asAdmitted(segment: Segment, run: { lane: number; start: number; entries: readonly Uint8Array[] }): AdmittedRun {
		const ids = run.entries.map((_, i) => segment.entryId(run.lane, run.start + i) as Uint8Array);
		return { ...run, ids, publicKey: segment.publicKeyOf(run.lane) as Uint8Array };
	}

	/** What the journal has and the document lacks is put back (replicas, y-indexeddb). */
	#reinsert(segment: Segment): void {
		const missing = this.#journalled.filter((entry) => entry.segment === segment.number);
		for (const entry of [...missing].sort((a, b) => a.clock - b.clock)) {
			const own = this.#own.get(entry.lane);
			if (own === undefined || entry.clock !== segment.nextClock(entry.lane)) continue;
			const id = entry.clock + 1 === own.next ? own.head : undefined;
			segment.restore(own, entry, id);
		}
	}

	/** Committed further than the document goes, or less far: this profile has been restored or copied. */
	async #checkOwnLanes(segment: Segment): Promise<void> {
		const own = this.#own.active(segment.number);
		if (own !== undefined && own.next !== segment.nextClock(own.lane)) await this.#own.retire(own.lane);
	}

	async #unloadOldest(): Promise<void> {
		const cold = [...this.#loadedByNumber.values()]
			.filter(({ segment }) => segment.number !== controlSegment && segment.number < this.#newest && segment.quarantine.size === 0)
			.filter(({ segment }) => !this.#pinsByNumber.has(segment.number))
			.sort((a, b) => b.lastUse - a.lastUse);
		for (const { segment } of cold.slice(coldSegmentsLoaded)) await this.#unload(segment.number);
	}

	async #unload(number: number): Promise<void> {
		const loaded = this.#loadedByNumber.get(number);
		if (loaded === undefined) return;
		const meta = this.#metaOf(loaded.segment);
		this.#noteMeta(meta);
		this.#loadedByNumber.delete(number);
		await this.ports.documents.saveMeta(meta);
		await this.ports.documents.close(number);
	}

	// --- admitting ---------------------------------------------------------------------------------------------

	async #admit(loaded: Loaded, runs: Parameters<typeof admitRuns>[4], origin: unknown): Promise<IngestReport> {
		const { segment } = loaded;
		const admission = await admitRuns(
			this.#opening.subtle, segment.context, segment, segment.keys, runs, segment.allowed
		);
		const violations: string[] = admission.rejected.map(({ reason }) => reason);
		const counted: AdmittedRun[] = [];
		for (const run of admission.admitted) {
			if (segment.nextClock(run.lane) > 0 || this.#own.isOwn(run.lane)) counted.push(run);
			else {
				const verdict = await this.#certify(loaded, run, origin);
				if (verdict === 'counts') counted.push(run);
				else if (verdict !== 'waits') violations.push(verdict);
			}
		}
		await this.#add(loaded, counted, origin);
		if (segment.number === controlSegment) await this.#releaseControl(loaded, origin);
		for (const proof of admission.forks) await this.#publishFork(segment.number, proof);
		for (const reason of violations) this.events.rejected(reason);
		return { admitted: counted.reduce((sum, run) => sum + run.entries.length, 0), gap: admission.gaps.length > 0, violations };
	}

	/** Whether a new lane may enter: its certificate has to open, to verify and to name a grant that is known. */
	async #certify(loaded: Loaded, run: AdmittedRun, origin: unknown): Promise<'counts' | 'waits' | string> {
		const { segment } = loaded;
		if (run.start === 0) {
			const envelope = await openRecord(this.#opening, segment.context, run.lane, 0, run.entries[0] as Uint8Array);
			if (!envelope.ok) return envelope.reason;
			const { record } = envelope.value;
			if (record.type !== 'lane' || !(await isSound(this.#opening, segment.context, run.publicKey, record))) {
				return 'certificate';
			}
			const grantedTo = this.authority.accountByGrant.get(toBase64url(record.grant));
			if (grantedTo !== undefined) return grantedTo === accountIdOf(record.account) ? 'counts' : 'certificate';
		}
		if (!segment.hold(run, origin, quarantineLanesLimit, quarantineLimitBytes)) return 'quarantine-full';
		if (loaded.log === null) this.#control.hold(run.lane, await this.#control.open(segment, run));
		return 'waits';
	}

	/** Adds sound, counting runs to the document, tells the network, folds. */
	async #add(loaded: Loaded, runs: readonly AdmittedRun[], origin: unknown): Promise<void> {
		if (runs.length === 0) return;
		const { segment } = loaded;
		for (const run of runs) {
			const own = this.#own.get(run.lane);
			if (own !== undefined && run.start + run.entries.length > own.next) await this.#own.retire(run.lane);
		}
		segment.apply(runs, origin);
		if (segment.number > this.#newest) this.#newest = segment.number;
		this.events.admitted(segment.number, runs, origin);
		await this.#fold(loaded, runs);
	}

	async #fold(loaded: Loaded, runs: readonly AdmittedRun[]): Promise<void> {
		const { segment, log } = loaded;
		if (log === null) {
			const opened: Awaited<ReturnType<ControlLog['open']>> = [];
			for (const run of runs) opened.push(...(await this.#control.open(segment, run)));
			await this.#addControl(opened);
			return;
		}
		const projected = this.#projected(segment.number);
		for await (const batch of log.fold(runs, () => this.authority, projected)) {
			for (const message of batch.messages) this.ports.clock.observe(message.hlc);
			const behind = batch.cursors.filter(({ lane, next }) => next > (projected.get(lane) ?? 0));
			if (batch.messages.length > 0 || behind.length > 0) await this.ports.projection.messages(batch.messages, behind);
			for (const { lane, next } of behind) projected.set(lane, next);
			await this.ports.yieldTurn();
		}
	}

	async #addControl(entries: Awaited<ReturnType<ControlLog['open']>>): Promise<void> {
		if (entries.length === 0) return;
		const before = this.authority;
		for (const { hlc } of entries) this.ports.clock.observe(hlc);
		this.#control.add(entries);
		await this.ports.projection.authority(this.authority);
		this.events.authorityChanged(this.authority);
		await this.#releaseMessages(before);
		await this.#applyForks(before);
	}

	async #releaseControl(loaded: Loaded, origin: unknown): Promise<void> {
		for (let lanes = this.#control.admissible(); lanes.length > 0; lanes = this.#control.admissible()) {
			for (const lane of lanes) {
				this.#control.drop(lane);
				await this.#add(loaded, [loaded.segment.releaseLane(lane)], origin);
			}
		}
	}

	/** New grants may let lanes out of quarantine. */
	async #releaseMessages(before: Authority): Promise<void> {
		if (before.accountByGrant.size === this.authority.accountByGrant.size) return;
		for (const loaded of [...this.#loadedByNumber.values()]) {
			if (loaded.log === null) continue;
			for (const lane of [...loaded.segment.quarantine.keys()]) {
				const run = loaded.segment.releaseLane(lane);
				const verdict = await this.#certify(loaded, run, null);
				if (verdict === 'counts') await this.#add(loaded, [run], null);
				else if (verdict !== 'waits') this.events.rejected(verdict);
			}
		}
	}

	// --- writing -----------------------------------------------------------------------------------------------

	async #append(
		loaded: Loaded,
		record: KnownRecord
	): Promise<Result<{ segment: number; lane: number; clock: number }, JournalFailure>> {
		const { segment } = loaded;
		const run = await this.#own.append(segment, record, this.#newestSeen(loaded));
		if (!run.ok) return run;
		const { lane, start, entries } = run.value;
		const saved = entries.map((bytes, i) => ({ segment: segment.number, lane, clock: start + i, bytes }));
		this.#journalled = [...this.#journalled, ...saved];
		await this.#add(loaded, [run.value], this);
		return ok({ segment: segment.number, lane, clock: start + entries.length - 1 });
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

	// --- forks -------------------------------------------------------------------------------------------------

	async #publishFork(segment: number, proof: ForkProof): Promise<void> {
		if (deadFrom(this.authority, segment, proof.lane) <= proof.clock) return;
		const { clock, publicKey, ids, signatures } = proof;
		if (this.#own.isOwn(proof.lane)) this.#own.suspend(proof.lane);
		const control = await this.#load(controlSegment);
		const record: KnownRecord = { type: 'fork', segment, clock, publicKey, ids, signatures };
		const written = await this.#append(control, record);
		if (!written.ok) this.events.rejected(`fork-${written.reason}`);
	}

	/** Withdraws what a newly proven fork kills; own entries among it are written again on a new lane. */
	async #applyForks(before: Authority): Promise<void> {
		for (const [key, clock] of this.authority.forkClockByLane) {
			const known = before.forkClockByLane.get(key) ?? Infinity;
			const [segment, lane] = key.split('/').map(Number) as [number, number];
			// At start every fork looks new; what has been dealt with is known by its lane being retired for good.
			if (known <= clock || (!before.founded && !this.#own.isDoubtful(lane))) continue;
			const loaded = await this.#load(segment);
			const dead = loaded.segment.run(lane, clock, Math.min(loaded.segment.nextClock(lane), known));
			if (loaded.log !== null) await this.#refold(loaded, lane, dead.start, dead.entries.length);
			if (!this.#own.isOwn(lane)) continue;
			this.#own.suspend(lane);
			for (const [i, bytes] of dead.entries.entries()) await this.#writeAgain(loaded, lane, clock + i, bytes);
			await this.#own.retire(lane);
		}
	}

	async #refold(loaded: Loaded, lane: number, start: number, count: number): Promise<void> {
		const { segment } = loaded;
		const ids = Array.from({ length: count }, (_, i) => segment.entryId(lane, start + i));
		await this.ports.projection.withdrawn(ids.flatMap((id) => (id ? [toBase64url(id)] : [])));
		const isOwn = (each: number): boolean => this.#own.isOwn(each);
		const log = new MessageLog(segment, this.#opening, isOwn, (reason) => this.events.rejected(reason));
		this.#loadedByNumber.set(segment.number, { segment, log, lastUse: ++this.#uses });
		this.#projectedBySegment.set(segment.number, new Map());
		const runs = [...segment.runsAbove(new Map())].map((run) => this.#asAdmitted(segment, run));
		await this.#fold({ segment, log, lastUse: this.#uses }, runs);
	}

	async #writeAgain(loaded: Loaded, lane: number, clock: number, bytes: Uint8Array): Promise<void> {
		const envelope = await openRecord(this.#opening, loaded.segment.context, lane, clock, bytes);
		if (!envelope.ok) return this.events.rejected(envelope.reason);
		const { record } = envelope.value;
		if (['unknown', 'lane', 'genesis', 'fork'].includes(record.type)) return;
		const target = loaded.log === null ? loaded.segment.number : await this.#writeSegment();
		const written = await this.#append(await this.#load(target), record as KnownRecord);
		if (!written.ok) this.events.rejected(`again-${written.reason}`);
	}

	/** For diagnostics. */
	get forks(): number {
		return this.authority.forkClockByLane.size;
	}

	isDead(segment: number, lane: number, clock: number): boolean {
		return (this.authority.forkClockByLane.get(forkKey(segment, lane)) ?? Infinity) <= clock;
	}
}
