/**
 * One client of one document. What it holds is known as a state vector, its cursor: from its own sync step 1, from what
 * it sends and from what it was sent. Live entries are passed on if they follow the cursor; otherwise, and after the
 * socket was too slow for a while, a pump sends from the disk whatever lies between cursor and heads. So an answer to
 * sync step 1, a catch-up and a resync are one thing, and nothing is ever sent into a gap.
 */
import type { Admission } from '../src/lib/protocol/guard/lanes';
import type { ErasedPlace } from '../src/lib/protocol/erase';
import type { LaneRun } from '../src/lib/protocol/guard/update';
import type { AcknowledgedHead } from '../src/lib/protocol/acknowledgement';
import type { StateVector } from '../src/lib/protocol/state-vector';
import type { Clock } from './clock';
import { closeCodes, type CloseCode } from './close-codes';
import type { RelayDocument } from './document';
import type { Grant } from './document-access';
import {
	decodeDocumentFrame,
	emptyStep2,
	encodeAccessFrame,
	encodeAcknowledgementFrames,
	encodeErasedFrame,
	encodeFrontierFrame,
	encodeStep1,
	encodeUpdateFrame
} from './document-frames';
import { servedForm } from './erased-entries';
import { pieceBytes, type UpdatePiece } from './lane-runs';
import type { RelayLog } from './log';
import type { RelayMetrics } from './metrics';
import { Pace } from './pace';
import type { RelaySettings } from './settings';
import type { RelaySocket } from './socket';

/** Between two requests for what we lack; each makes a client send all of it. */
const askAgainAfterMs = 1000;
/** What a socket pays for entries that are well-formed but may not stand where they claim to. */
const refusedRunCostMessages = 10;
/** A commit of its own, after which others have to come back. */
const rotationCostMessages = 100;
/**
 * Refusals that do not speak against the socket: an honest client passes on what a dishonest device has signed, two
 * branches of a lane included, and must not be shut out for it. It pays for them with waiting.
 */
const passedOnInGoodFaith: ReadonlySet<string> = new Set(['fork', 'branch', 'chain', 'entry-signature']);

export interface DocumentSocketDeps {
	readonly settings: RelaySettings;
	readonly clock: Clock;
	readonly metrics: RelayMetrics;
	readonly log: RelayLog;
}

export class DocumentSocket {
	/** next clock by lane that the client holds or was sent; null until its first sync step 1 */
	#cursor: Map<number, number> | null = null;
	#pumping = false;
	#owesAnswer = false;
	#owesFrontiers = false;
	/** Lanes on which client and relay differ for good; asking for them again would be in vain. */
	readonly #hopelessLanes = new Set<number>();
	#askedMs = -Infinity;
	#cancelAsking: (() => void) | null = null;
	readonly #pace: Pace;
	#grant: Grant;

	/** @param grant what its ticket is worth; see Entrance, which hands on what comes in */
	constructor(
		private readonly socket: RelaySocket,
		private readonly document: RelayDocument,
		private readonly deps: DocumentSocketDeps,
		grant: Grant
	) {
		this.#pace = new Pace(socket, deps.settings, deps.clock);
		this.#grant = grant;
		socket.onClose(() => {
			this.#cancelAsking?.();
			document.leave(this);
		});
	}

	get grant(): Grant {
		return this.#grant;
	}

	// --- what the document says to this socket

	/** Entries that are new on the disk. */
	offer(pieces: readonly UpdatePiece[]): void {
		if (this.#cursor === null || this.#pumping) return;
		for (const piece of pieces) {
			const cursor = this.#cursor;
			const lacking = piece.runs.filter(
				(run) => (cursor.get(run.lane) ?? 0) < run.start + run.entries.length
			);
			if (lacking.length === 0) continue;
			const inOrder = lacking.every((run) => (cursor.get(run.lane) ?? 0) === run.start);
			if (!inOrder || this.socket.slow) {
				this.deps.metrics.resyncs.inc({ reason: inOrder ? 'slow' : 'behind' });
				this.#pump();
				return;
			}
			const frame = lacking.length === piece.runs.length ? piece.frame() : encodeUpdateFrame(lacking);
			if (!this.#sendRuns(frame, lacking, 'live')) return;
		}
	}

	offerFrontier(frontier: Uint8Array): void {
		if (this.#cursor === null || this.#owesFrontiers) return;
		if (!this.socket.slow) this.socket.send(encodeFrontierFrame(frontier));
		else {
			this.#owesFrontiers = true;
			this.#pump();
		}
	}

	acknowledge(heads: readonly AcknowledgedHead[]): void {
		for (const frame of encodeAcknowledgementFrames(heads)) this.socket.send(frame);
	}

	/** Nothing is left of what stood at these places. */
	erased(places: readonly ErasedPlace[]): void {
		this.socket.send(encodeErasedFrame(places));
	}

	/** What the guard made of an update of this socket. */
	judge(runs: readonly LaneRun[], admission: Admission): void {
		const { admitted, gaps, rejected, forks, branches, unexplained } = admission;
		const { metrics } = this.deps;
		const refused = [
			...forks.map(({ lane }) => ({ lane, reason: 'fork' as const })),
			...branches.map(({ lane }) => ({ lane, reason: 'branch' as const })),
			...rejected
		];
		const lanesAside = new Set([...refused, ...gaps, ...unexplained].map(({ lane }) => lane));
		for (const run of runs)
			if (!lanesAside.has(run.lane)) this.#holds(run.lane, run.start + run.entries.length);
		for (const run of admitted) this.#holds(run.lane, run.start + run.entries.length);
		for (const { lane, reason } of refused) {
			if (!passedOnInGoodFaith.has(reason)) return this.socket.violation(reason);
			metrics.rejected.inc({ kind: 'document', reason });
			this.#giveUp(lane);
		}
		if (refused.length > 0) this.#pace.pay(refused.length * refusedRunCostMessages, 0);
		// Nothing behind them tells which entries they were: they come again with what is said next.
		if (unexplained.length > 0)
			metrics.rejected.inc({ kind: 'document', reason: 'placeholder-last' }, unexplained.length);
		if (gaps.length > 0) metrics.rejected.inc({ kind: 'document', reason: 'gap' }, gaps.length);
		if (gaps.some(({ lane }) => !this.#hopelessLanes.has(lane))) this.#askForMissing();
	}

	#giveUp(lane: number): void {
		// The lanes' numbers come from the client; no more of them are remembered than a document can have.
		if (this.#hopelessLanes.size >= this.deps.settings.documentLanes) this.#hopelessLanes.clear();
		this.#hopelessLanes.add(lane);
	}

	/** Entries were sound but there is no room; the client sees that no acknowledgement comes. */
	refusedForSpace(lane: number, reason: string): void {
		this.deps.metrics.rejected.inc({ kind: 'document', reason });
		if (this.#hopelessLanes.size === 0) this.deps.log.warn({ reason }, 'no room for entries');
		this.#giveUp(lane);
	}

	/** Input that is dropped without blame. */
	ignored(reason: string): void {
		this.deps.metrics.rejected.inc({ kind: 'document', reason });
	}

	violation(reason: string): void {
		this.socket.violation(reason);
	}

	close(code: CloseCode, reason: string): void {
		this.socket.close(code, reason);
	}

	/** The document has a new key, and this socket may read on. */
	demote(grant: Grant): void {
		this.#grant = grant;
		this.socket.send(encodeAccessFrame({ generation: this.document.key.generation, mode: grant.mode }));
	}

	/** Its key has ended. What of it still waits to be decided was sent by nobody who may write. */
	expel(code: CloseCode, reason: string): void {
		this.#grant = { mode: 'read', untilSeconds: 0 };
		this.socket.close(code, reason);
	}

	/** It has sent what only a writer may: on its way while the key changed, or for lack of manners. It waits for it. */
	refusedAsReader(): void {
		this.ignored('read-only');
		this.#pace.pay(refusedRunCostMessages, 0);
	}

	// --- what this socket says

	/** One frame, in order. */
	receive(data: Buffer, isBinary: boolean): void {
		this.#pace.pay(1, data.length);
		if (!isBinary) return this.socket.violation('text');
		const frame = decodeDocumentFrame(data, this.deps.settings.documentFrameBytes);
		if (!frame.ok) return this.socket.violation(frame.reason);
		this.deps.metrics.documentFrames.inc({ kind: frame.value.kind });
		switch (frame.value.kind) {
			case 'step1':
				return this.#synchronise(frame.value.nextByLane);
			// Neither rejects: a document that fails says so by closing its sockets.
			case 'update':
				void this.#pace.while(this.document.update(this, frame.value.runs), data.length);
				return;
			case 'frontier':
				void this.#pace.while(this.document.frontier(this, frame.value.bytes), data.length);
				return;
			case 'rotation':
				this.#pace.pay(rotationCostMessages, 0);
				void this.#pace.while(this.document.rotate(this, frame.value.rotation), data.length);
				return;
			case 'erase':
				this.#pace.pay(frame.value.entries.length, 0);
				void this.#pace.while(this.document.erase(this, frame.value.entries), data.length);
				return;
			case 'ticket':
				return this.socket.violation('ticket-again');
			case 'presence':
				return;
		}
	}

	#synchronise(nextByLane: StateVector): void {
		this.#cursor = new Map(nextByLane);
		this.#owesAnswer = true;
		this.#owesFrontiers = true;
		this.#pump();
	}

	/** The client has this lane up to `next`: it has sent it. */
	#holds(lane: number, next: number): void {
		if (this.#cursor !== null && (this.#cursor.get(lane) ?? 0) < next) this.#cursor.set(lane, next);
	}

	/** Sends our state vector now, or when a second has passed since the last time: a gap must not be forgotten. */
	#askForMissing(): void {
		if (this.#cancelAsking !== null) return;
		const { clock, metrics } = this.deps;
		const ask = (): void => {
			this.#cancelAsking = null;
			this.#askedMs = clock.nowMs();
			metrics.resyncs.inc({ reason: 'gap' });
			this.socket.send(encodeStep1(this.document.nextByLane()));
		};
		const waitMs = this.#askedMs + askAgainAfterMs - clock.nowMs();
		if (waitMs <= 0) ask();
		else this.#cancelAsking = clock.after(waitMs, ask);
	}

	// --- the pump

	#pump(): void {
		if (this.#pumping) return;
		this.#pumping = true;
		this.#pumpUntilEven().catch((error: unknown) => {
			this.deps.log.error({ err: error }, 'catch-up failed');
			this.socket.close(closeCodes.internalError, 'catch-up failed');
		});
	}

	async #pumpUntilEven(): Promise<void> {
		for (;;) {
			await this.socket.drained();
			if (!this.socket.open || this.#cursor === null) break;
			const behind = this.#lanesBehind(this.#cursor);
			if (behind.length > 0) {
				await this.#sendStored(this.#cursor, behind);
			} else if (this.#owesAnswer) {
				this.#owesAnswer = false;
				this.#finishAnswer();
			} else if (this.#owesFrontiers) {
				this.#owesFrontiers = false;
				await this.#sendFrontiers();
			} else break;
		}
		// In the same breath as finding nothing to do: what is offered from now on begins a new pump.
		this.#pumping = false;
	}

	#lanesBehind(cursor: ReadonlyMap<number, number>): readonly { lane: number; from: number; end: number }[] {
		const behind: { lane: number; from: number; end: number }[] = [];
		for (const [lane, { next }] of this.document.durableByLane) {
			const from = cursor.get(lane) ?? 0;
			if (from < next) behind.push({ lane, from, end: next });
		}
		return behind;
	}

	/** One frame of at most about `pieceBytes`. A cursor that was replaced meanwhile is left alone: all begins anew. */
	async #sendStored(
		cursor: Map<number, number>,
		behind: readonly { lane: number; from: number; end: number }[]
	): Promise<void> {
		const runs: LaneRun[] = [];
		let left = pieceBytes;
		for (const { lane, from, end } of behind) {
			if (left <= 0) break;
			const entries = await this.document.entries(lane, from, end, left);
			if (entries.length === 0) throw new Error('a head without its entries');
			runs.push({ lane, start: from, entries: entries.map(servedForm) });
			for (const entry of entries) left -= entry.length;
		}
		if (cursor === this.#cursor) this.#sendRuns(encodeUpdateFrame(runs), runs, 'stored');
	}

	#sendRuns(frame: Uint8Array, runs: readonly LaneRun[], path: 'live' | 'stored'): boolean {
		if (!this.socket.send(frame)) return false;
		for (const run of runs) {
			this.#holds(run.lane, run.start + run.entries.length);
			this.deps.metrics.entriesSent.inc({ path }, run.entries.length);
		}
		return true;
	}

	#finishAnswer(): void {
		this.socket.send(emptyStep2);
		this.socket.send(encodeStep1(this.document.nextByLane()));
		this.acknowledge(this.document.heads());
	}

	async #sendFrontiers(): Promise<void> {
		for (const frontier of await this.document.frontiers()) {
			await this.socket.drained();
			this.socket.send(encodeFrontierFrame(frontier));
		}
	}
}
