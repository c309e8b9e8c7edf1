/**
 * Brings the segments of two replicas together over one link: inventories are compared by digest, what differs is
 * pulled (control segment first, then newest to oldest), and what comes in live is passed on.
 * Pure but for the conversation it serves; the simulator runs it over a network that loses and reorders.
 */
import { equalBytes } from '../protocol/bytes';
import type { AdmittedRun } from '../protocol/guard/lanes';
import { encodeUpdate, splitRuns } from '../protocol/guard/update';
import { controlSegment } from '../protocol/ids';
import { decodeSyncFrame, encodeSyncFrame, type SegmentClaim, type SyncFrame } from '../protocol/sync-frames';
import type { Conversation } from '../conversation/conversation';

/** One update frame: small enough that admitting it is a short task on the main thread. */
export const updateFrameBytes = 128 * 1024;
/** A pull answer waits while the link has more than this queued. */
const highWaterBytes = 512 * 1024;
/** The peer reads the next segment from its disk while the one before is still on its way. */
const pullsAtOnce = 2;
/** Honest peers have two pulls on their way, and others if they took the first for lost. */
const pullsToAnswerLimit = 8;

export interface PeerSyncPorts {
	/** False if the link is closed. */
	send(frame: Uint8Array): boolean;
	queuedBytes(): number;
	/** Resolves when the link has room again, or is closed. */
	drained(): Promise<void>;
	/** A protocol violation of the peer, for scoring. */
	violation(reason: string): void;
	/** A frontier that was news here: others may not have heard it. */
	heard(frontier: Uint8Array): void;
	/** Whether a segment is for the peer (docs/decisions/0034); if absent, all are. */
	mayHave?(segment: number): boolean;
	/** The peer has asked for a segment that is not for them. */
	withheld?(): void;
	/** How the history sync goes on: entries that the peer claims to have more than we. */
	progress(): void;
}

export class PeerSync {
	/** The peer's newest claims, by segment. */
	readonly #claimBySegment = new Map<number, SegmentClaim>();
	readonly #wanted = new Set<number>();
	/** Segments that are being pulled, with how many entries that has brought. */
	readonly #admittedByPull = new Map<number, number>();
	/** Segments for which a pull brought nothing new: not asked again before `retry`, unless the peer claims otherwise. */
	readonly #exhausted = new Map<number, Uint8Array>();
	/** Segments with forked lanes of our own, of which the peer has been asked for its branches. */
	readonly #branchesAsked = new Set<number>();
	/** Something of the answer to our pulls has come since the last `retry`. */
	#answerGoesOn = false;
	#pullsToAnswer = 0;
	#answering: Promise<void> = Promise.resolve();
	#closed = false;

	constructor(
		readonly conversation: Conversation,
		readonly ports: PeerSyncPorts
	) {}

	/** Call when the link has opened, and from time to time (30 s ± 20 %). */
	announce(): void {
		const segments = this.conversation
			.inventory()
			.filter(({ segment }) => this.#mayHave(segment))
			.map(({ segment, entries, digest }) => ({ segment, entries, digest }));
		this.#send({ type: 'inventory', segments });
	}

	/** What is for whom has changed: announces anew, and looks again at what the peer has claimed. */
	reconsider(): void {
		this.announce();
		this.#compare([...this.#claimBySegment.values()]);
	}

	/**
	 * Gives up pulls of which nothing has come since the last call, and starts over; call on the same timer as
	 * `announce`. What was in vain is tried again: the grants that were missing then may be known now.
	 */
	retry(): void {
		this.#exhausted.clear();
		const { pulling } = this;
		if (pulling && this.#answerGoesOn) {
			this.#answerGoesOn = false;
			return;
		}
		for (const segment of this.#admittedByPull.keys()) this.#wanted.add(segment);
		this.#admittedByPull.clear();
		this.#pullNext();
	}

	close(): void {
		this.#closed = true;
	}

	/** Own frontier or another member's: passed on as it is. */
	sendFrontier(frontier: Uint8Array): void {
		this.#send({ type: 'frontier', frontier });
	}

	/** New entries of a segment, from anywhere but this peer. */
	pass(segment: number, runs: readonly AdmittedRun[]): void {
		if (!this.#mayHave(segment)) return;
		if (this.ports.queuedBytes() > highWaterBytes) return;
		for (const batch of splitRuns(runs, updateFrameBytes)) {
			this.#send({ type: 'update', segment, update: encodeUpdate(batch) });
		}
	}

	#isExhausted({ segment, digest }: SegmentClaim): boolean {
		const exhausted = this.#exhausted.get(segment);
		return exhausted !== undefined && equalBytes(exhausted, digest);
	}

	/** Entries the peer claims to hold beyond ours, in segments that differ. What was asked for in vain is no history. */
	get missing(): number {
		const ours = new Map(this.conversation.inventory().map((meta) => [meta.segment, meta]));
		let missing = 0;
		for (const claim of this.#claimBySegment.values()) {
			const known = ours.get(claim.segment);
			if (known !== undefined && equalBytes(known.digest, claim.digest)) continue;
			if (this.#isExhausted(claim) || !this.#isOurs(claim.segment)) continue;
			missing += Math.max(0, claim.entries - (known?.entries ?? 0));
		}
		return missing;
	}

	get pulling(): boolean {
		return this.#admittedByPull.size > 0;
	}

	/** One message from the peer, in order. */
	async receive(bytes: Uint8Array): Promise<void> {
		const frame = decodeSyncFrame(bytes);
		if (!frame.ok) return this.ports.violation(`sync-${frame.reason}`);
		switch (frame.value.type) {
			case 'inventory':
				return this.#compare(frame.value.segments);
			case 'pull':
				return this.#answerLater(frame.value);
			case 'update':
				return this.#take(frame.value.segment, frame.value.update);
			case 'end':
				return this.#ended(frame.value.segment);
			case 'frontier':
				if (await this.conversation.receiveFrontier(frame.value.frontier))
					this.ports.heard(frame.value.frontier);
		}
	}

	#send(frame: SyncFrame): boolean {
		return !this.#closed && this.ports.send(encodeSyncFrame(frame));
	}

	#mayHave(segment: number): boolean {
		return this.ports.mayHave?.(segment) ?? true;
	}

	/** What was said before this device's person came is not missing, if it is not passed on to them. */
	#isOurs(segment: number): boolean {
		return this.conversation.isFor(this.conversation.account, segment);
	}

	#compare(claims: readonly SegmentClaim[]): void {
		const ours = new Map(this.conversation.inventory().map((meta) => [meta.segment, meta]));
		const forked = new Set(this.conversation.forkedSegments);
		for (const claim of claims) {
			if (claim.entries === 0 || !this.conversation.noteSegment(claim.segment)) {
				this.#claimBySegment.delete(claim.segment);
				continue;
			}
			this.#claimBySegment.set(claim.segment, claim);
			if (!this.#isOurs(claim.segment)) continue;
			if (forked.has(claim.segment) && !this.#branchesAsked.has(claim.segment)) {
				this.#wanted.add(claim.segment);
				continue;
			}
			const known = ours.get(claim.segment);
			if (known !== undefined && equalBytes(known.digest, claim.digest)) continue;
			if (!this.#isExhausted(claim)) this.#wanted.add(claim.segment);
		}
		this.ports.progress();
		this.#pullNext();
	}

	#pullNext(): void {
		// Authority comes first, and is answered first: what it does not know yet would wait in quarantine.
		while (this.#admittedByPull.size < pullsAtOnce) {
			const next = this.#wanted.has(controlSegment) ? controlSegment : Math.max(...this.#wanted);
			if (this.#closed || !this.#wanted.delete(next)) return;
			this.#admittedByPull.set(next, 0);
			this.#answerGoesOn = true;
			void this.#pull(next);
		}
	}

	async #pull(segment: number): Promise<void> {
		const branches = this.conversation.forkedSegments.includes(segment) && !this.#branchesAsked.has(segment);
		if (branches) this.#branchesAsked.add(segment);
		const heads = await this.conversation.heads(segment, branches);
		this.#send({ type: 'pull', segment, heads });
	}

	/** Answers one pull after the other, and does not keep what the peer says meanwhile waiting. */
	#answerLater(pull: Extract<SyncFrame, { type: 'pull' }>): void {
		if (this.#pullsToAnswer >= pullsToAnswerLimit) return this.ports.violation('sync-pulls');
		this.#pullsToAnswer++;
		this.#answering = this.#answering.then(() => this.#answer(pull)).finally(() => this.#pullsToAnswer--);
	}

	async #answer({ segment, heads }: Extract<SyncFrame, { type: 'pull' }>): Promise<void> {
		if (!this.#mayHave(segment)) {
			this.ports.withheld?.();
			this.#send({ type: 'end', segment });
			return;
		}
		for await (const update of this.conversation.updatesFor(segment, heads, updateFrameBytes)) {
			if (this.ports.queuedBytes() > highWaterBytes) await this.ports.drained();
			if (!this.#send({ type: 'update', segment, update })) return;
		}
		this.#send({ type: 'end', segment });
	}

	async #take(segment: number, update: Uint8Array): Promise<void> {
		const report = await this.conversation.ingest(segment, update, this);
		for (const reason of report.violations) this.ports.violation(reason);
		const admitted = this.#admittedByPull.get(segment);
		if (admitted !== undefined) {
			this.#admittedByPull.set(segment, admitted + report.admitted);
			this.#answerGoesOn = true;
		}
		this.ports.progress();
		if (report.gap && !this.#admittedByPull.has(segment)) {
			this.#wanted.add(segment);
			this.#pullNext();
		}
	}

	#ended(segment: number): void {
		const admitted = this.#admittedByPull.get(segment);
		if (admitted === undefined) return;
		const claim = this.#claimBySegment.get(segment);
		if (claim !== undefined && admitted === 0) this.#exhausted.set(segment, claim.digest);
		this.#admittedByPull.delete(segment);
		this.ports.progress();
		this.#pullNext();
	}
}
