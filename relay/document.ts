/**
 * One open document: its lanes' heads, the order in which input is decided, and who is told.
 *
 * An update is admitted (guard), written, and only when it is on stable storage acknowledged and passed on. Admission is
 * one after the other; writing is not waited for by the next admission, so commits are shared. Sockets are told what is
 * on disk, never more.
 */
import { acknowledgedIdLength, type AcknowledgedHead } from '../src/lib/protocol/acknowledgement';
import { entryIdOf } from '../src/lib/protocol/entry';
import type { ErasedEntry, ErasedPlace } from '../src/lib/protocol/erase';
import { readFrontierHead, verifyFrontier } from '../src/lib/protocol/frontier';
import {
	admitRuns,
	type Admission,
	type AdmittedRun,
	type LaneHead,
	type LaneKeyCache
} from '../src/lib/protocol/guard/lanes';
import { splitRuns, type LaneRun } from '../src/lib/protocol/guard/update';
import { fail, ok, type Result } from '../src/lib/protocol/result';
import type { SignedRotation } from '../src/lib/protocol/ticket';
import { Announcements } from './announcements';
import type { Clock } from './clock';
import { closeCodes } from './close-codes';
import type { AccessRefusal, Credential, Grant } from './document-access';
import { DocumentLock } from './document-lock';
import type { DocumentSocket } from './document-socket';
import { erases, isErased } from './erased-entries';
import { headAfter, HeldLanes, pieceBytes } from './lane-runs';
import type { RelayLog } from './log';
import type { RelayMetrics } from './metrics';
import { runsThatFit } from './quota';
import type { RelaySettings } from './settings';
import type { DocumentUsage, ErasedRow, RelayStorage, StoredDocument } from './storage';

export interface RelayDocumentDeps {
	readonly settings: RelaySettings;
	readonly storage: RelayStorage;
	readonly subtle: SubtleCrypto;
	readonly clock: Clock;
	readonly metrics: RelayMetrics;
	readonly log: RelayLog;
}

export class RelayDocument {
	readonly #lock: DocumentLock;
	/** Admitted, maybe still on its way to the disk. */
	readonly #headByLane: Map<number, LaneHead>;
	/** On the disk. */
	readonly #durableByLane: Map<number, LaneHead>;
	readonly #frontierByLane: Map<number, { readonly counter: number; readonly bytes: number }>;
	#usage: DocumentUsage;
	readonly #keys: LaneKeyCache = new Map();
	#decided: Promise<void> = Promise.resolve();
	#written: Promise<void> = Promise.resolve();
	readonly #announcements: Announcements;
	#broken = false;
	readonly #brokenListeners: (() => void)[] = [];

	/** @param context the document's name in bytes: what its entries are signed for */
	constructor(
		readonly context: Uint8Array,
		stored: StoredDocument,
		private readonly deps: RelayDocumentDeps
	) {
		this.#headByLane = stored.headByLane;
		this.#durableByLane = new Map(stored.headByLane);
		this.#frontierByLane = stored.frontierByLane;
		this.#usage = stored.usage;
		const laneKey = (lane: number): Uint8Array | undefined => this.#durableByLane.get(lane)?.publicKey;
		this.#lock = new DocumentLock(context, stored.access, { ...deps, laneKey });
		this.#announcements = new Announcements({
			heads: (lanes) => this.heads(lanes),
			sockets: () => this.#lock.sockets
		});
	}

	/** What a challenge says of this document. */
	get key(): DocumentLock['key'] {
		return this.#lock.key;
	}

	/** Set when storage has failed: what is in memory can no longer be trusted, nor this object used. */
	get broken(): boolean {
		return this.#broken;
	}

	/** @param listener called once, when storage has failed */
	onBroken(listener: () => void): void {
		this.#brokenListeners.push(listener);
	}

	/** Lanes as they are on the disk. */
	get durableByLane(): ReadonlyMap<number, LaneHead> {
		return this.#durableByLane;
	}

	/** The state vector for "send me what I lack": what is being written need not be sent again. */
	nextByLane(): ReadonlyMap<number, number> {
		return new Map([...this.#headByLane].map(([lane, head]) => [lane, head.next]));
	}

	/** @returns the durable heads of these lanes, or of all */
	heads(lanes: Iterable<number> = this.#durableByLane.keys()): AcknowledgedHead[] {
		const heads: AcknowledgedHead[] = [];
		for (const lane of lanes) {
			const head = this.#durableByLane.get(lane);
			if (head !== undefined)
				heads.push({ lane, clock: head.next - 1, id: head.id.subarray(0, acknowledgedIdLength) });
		}
		return heads;
	}

	/** Entries from the disk, as they are stored. @see RelayStorage.entries */
	entries(lane: number, from: number, end: number, limitBytes: number): Promise<readonly Uint8Array[]> {
		return this.deps.storage.entries(this.context, lane, from, end, limitBytes);
	}

	frontiers(): Promise<readonly Uint8Array[]> {
		return this.deps.storage.frontiers(this.context);
	}

	/** Resolves when all that was handed in so far is decided and written. */
	async settled(): Promise<void> {
		await this.#decided;
		await this.#written;
	}

	/**
	 * Lets a socket in, if its credential, which has been proved, may open the document. The first to come makes an
	 * unknown document its own; where something is on the disk already, that is there too before it gets anything.
	 * @param seat makes the socket, in order with everything else; null if it has gone
	 */
	async enter(
		credential: Credential,
		seat: (grant: Grant) => DocumentSocket | null
	): Promise<Result<DocumentSocket | null, AccessRefusal | 'broken'>> {
		let entered: Result<DocumentSocket | null, AccessRefusal | 'broken'> = fail('broken');
		await this.#inOrder(async () => {
			this.#lock.claim(credential);
			await this.#saveLock();
			if (this.#broken) return;
			const grant = this.#lock.grantOf(credential);
			const socket = grant.ok ? seat(grant.value) : null;
			entered = grant.ok ? ok(socket) : grant;
			if (socket !== null) this.#lock.enter(socket, credential);
		});
		return entered;
	}

	leave(socket: DocumentSocket): void {
		this.#lock.leave(socket);
	}

	/** Takes the document's next key from a socket. */
	async rotate(source: DocumentSocket, rotation: SignedRotation): Promise<void> {
		await this.#inOrder(async () => {
			if (!(await this.#lock.turn(source, rotation))) return;
			await this.#saveLock();
			if (this.#broken) return;
			this.deps.metrics.rotations.inc();
			this.#lock.review();
		});
	}

	endLeases(): void {
		this.#lock.endLeases();
	}

	/** Resolves when it is on stable storage. A document without entries gets its row with the first of them. */
	async #saveLock(): Promise<void> {
		const unsaved = this.#lock.unsaved;
		if (unsaved === null || this.#usage.sequence === 0) return;
		const { sequence, bytes } = this.#usage;
		this.#usage = { ...this.#usage, sequence: sequence + 1, bytes: bytes + unsaved.addedBytes };
		this.#lock.saved();
		this.#write(this.deps.storage.putAccess(this.context, unsaved.row, this.#usage), () => undefined);
		await this.#written;
	}

	/** Takes runs from a socket. Resolves when what was admitted of them is on stable storage. */
	async update(source: DocumentSocket, runs: readonly LaneRun[]): Promise<void> {
		await this.#inOrder(async () => {
			for (const piece of splitRuns(runs, pieceBytes)) await this.#admit(source, piece);
		});
		await this.#written;
	}

	/**
	 * Lets the bytes of entries go for whoever shows their tokens. The socket is told of each place at which nothing is
	 * left, when that is on stable storage; of what is not here, or another entry, nothing.
	 */
	async erase(source: DocumentSocket, asked: readonly ErasedEntry[]): Promise<void> {
		await this.#inOrder(() => this.#erase(source, asked));
		await this.#written;
	}

	async #erase(source: DocumentSocket, asked: readonly ErasedEntry[]): Promise<void> {
		if (source.grant.mode !== 'write') return source.refusedAsReader();
		const { storage, metrics } = this.deps;
		await this.#written;
		const rows: ErasedRow[] = [];
		const gone: ErasedPlace[] = [];
		for (const { lane, clock, token } of asked) {
			const isHeld = clock > 0 && clock < (this.#durableByLane.get(lane)?.next ?? 0);
			const [stored] = isHeld ? await this.entries(lane, clock, clock + 1, 1) : [];
			if (stored === undefined) source.ignored('erase-unknown');
			else if (isErased(stored)) gone.push({ lane, clock });
			else if (!erases(token, stored, clock)) source.ignored('erase-token');
			else if (!rows.some((row) => row.lane === lane && row.clock === clock)) {
				rows.push({ lane, clock, id: entryIdOf(stored), bytes: stored.length });
				gone.push({ lane, clock });
			}
		}
		if (rows.length > 0) {
			const freed = rows.reduce((sum, { bytes }) => sum + bytes, 0);
			const { sequence, bytes } = this.#usage;
			this.#usage = { ...this.#usage, sequence: sequence + 1, bytes: bytes - freed };
			this.#write(storage.erase(this.context, rows, this.#usage), () => {
				metrics.entriesErased.inc(rows.length);
				metrics.storedBytes.set(storage.totalBytes);
			});
		}
		if (gone.length > 0) void this.#written.then(() => source.erased(gone));
	}

	/** Takes a frontier from a socket: kept and passed on if it is genuine and the newest of its lane. Acknowledged to nobody. */
	async frontier(source: DocumentSocket, bytes: Uint8Array): Promise<void> {
		await this.#inOrder(() => this.#admitFrontier(source, bytes));
	}

	#inOrder(job: () => Promise<void>): Promise<void> {
		this.#decided = this.#decided.then(async () => {
			if (this.#broken) return;
			try {
				await job();
			} catch (error) {
				this.#fail(error);
			}
		});
		return this.#decided;
	}

	async #admit(source: DocumentSocket, runs: readonly LaneRun[]): Promise<void> {
		if (source.grant.mode !== 'write') return source.refusedAsReader();
		const { settings, storage, subtle, clock } = this.deps;
		// Keys of lanes that were refused are cached too; they must not pile up.
		if (this.#keys.size > settings.documentLanes * 2) this.#keys.clear();
		const held = await this.#held(runs);
		const admission = await admitRuns(subtle, this.context, held, this.#keys, runs);
		source.judge(runs, admission);
		const lanes = this.#headByLane.size;
		const fitting = runsThatFit(admission.admitted, this.#usage, lanes, storage.totalBytes, settings);
		for (const { lane, reason } of fitting.refused) source.refusedForSpace(lane, reason);
		if (fitting.runs.length > 0) {
			const lock = this.#lock.unsaved;
			this.#lock.saved();
			this.#usage = { ...fitting.usage, bytes: fitting.usage.bytes + (lock?.addedBytes ?? 0) };
			for (const run of fitting.runs) this.#headByLane.set(run.lane, headAfter(run));
			const startedMs = clock.nowMs();
			const append = storage.append(this.context, fitting.runs, this.#usage, lock?.row);
			this.#write(append, () => this.#durable(fitting.runs, startedMs));
		}
		this.#acknowledgeWhenWritten(source, runs, admission);
	}

	async #held(runs: readonly LaneRun[]): Promise<HeldLanes> {
		const held = new HeldLanes(this.#headByLane);
		for (const run of runs) {
			const overlap = held.overlap(run);
			if (overlap === null) continue;
			const { from, end } = overlap;
			if ((this.#durableByLane.get(run.lane)?.next ?? 0) < end) await this.#written;
			held.add(run.lane, from, await this.entries(run.lane, from, end, Number.MAX_SAFE_INTEGER));
		}
		return held;
	}

	/** Writes are made side by side, but what they lead to happens in their order. */
	#write(writing: Promise<void>, whenDurable: () => void): void {
		this.#written = Promise.all([this.#written, writing]).then(whenDurable, (error: unknown) =>
			this.#fail(error)
		);
	}

	#durable(runs: readonly AdmittedRun[], startedMs: number): void {
		const { metrics, storage } = this.deps;
		metrics.commitSeconds.observe((this.deps.clock.nowMs() - startedMs) / 1000);
		metrics.storedBytes.set(storage.totalBytes);
		for (const run of runs) {
			metrics.entriesStored.inc(run.entries.length);
			this.#durableByLane.set(run.lane, headAfter(run));
		}
		this.#announcements.add(runs);
	}

	/** Lanes that were already held are acknowledged too: the socket may have missed it the first time. */
	#acknowledgeWhenWritten(source: DocumentSocket, runs: readonly LaneRun[], { gaps }: Admission): void {
		const dropped = new Set(gaps.map(({ lane }) => lane));
		const lanes = runs.map(({ lane }) => lane).filter((lane) => !dropped.has(lane));
		if (lanes.length === 0) return;
		void this.#written.then(() => this.#announcements.acknowledge(source, lanes));
	}

	async #admitFrontier(source: DocumentSocket, bytes: Uint8Array): Promise<void> {
		if (source.grant.mode !== 'write') return source.refusedAsReader();
		const { settings, storage, subtle } = this.deps;
		const head = readFrontierHead(bytes);
		if (!head.ok) return source.violation(`frontier-${head.reason}`);
		const { lane, counter } = head.value;
		const known = this.#frontierByLane.get(lane);
		if (known !== undefined && counter <= known.counter) return source.ignored('frontier-stale');
		const publicKey = this.#headByLane.get(lane)?.publicKey;
		if (publicKey === undefined) return source.ignored('frontier-lane');
		if (!(await verifyFrontier(subtle, bytes, this.context, publicKey)))
			return source.violation('frontier-signature');
		const added = bytes.length - (known?.bytes ?? 0);
		if (this.#usage.bytes + added > settings.documentBytes) return source.ignored('quota-bytes');
		if (storage.totalBytes + added > settings.totalBytes) return source.ignored('quota-total');
		this.#usage = { ...this.#usage, sequence: this.#usage.sequence + 1, bytes: this.#usage.bytes + added };
		this.#frontierByLane.set(lane, { counter, bytes: bytes.length });
		// Told only when it is on the disk: a socket that is being sent the stored ones must not miss it in between.
		this.#write(storage.putFrontier(this.context, { lane, counter, bytes }, this.#usage), () => {
			for (const socket of this.#lock.sockets) if (socket !== source) socket.offerFrontier(bytes);
		});
	}

	/** Storage has failed or we have a bug: nobody is told anything more from this object; clients come back and resync. */
	#fail(error: unknown): void {
		if (this.#broken) return;
		this.#broken = true;
		this.#announcements.silence();
		this.deps.log.error({ err: error }, 'document failed');
		for (const listener of this.#brokenListeners) listener();
		for (const socket of this.#lock.sockets) socket.close(closeCodes.internalError, 'storage failed');
	}
}
