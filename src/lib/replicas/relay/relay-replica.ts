/**
 * A conversation on one relay. The control segment and the two newest message segments stay connected; older ones are
 * compared one after the other, newest first, and again after a day (somebody may have written late), and those in
 * which own entries wait are brought there first. Where a group withholds what was said before somebody came, their
 * device asks for nothing of it (docs/decisions/0034): the relay would give it.
 */
import type { Conversation } from '../../conversation/conversation';
import { controlSegment } from '../../protocol/ids';
import type { SegmentKeys } from './document-tickets';
import { RelaySegment } from './relay-segment';
import { segmentKeysOf } from './segment-keys';

const compareAgainMs = 24 * 60 * 60_000;

export interface RelayReplicaOptions {
	readonly conversation: Conversation;
	/** "wss://host/doc" */
	readonly url: string;
	readonly longestRetryMs: number;
	readonly nowMs: () => number;
	/** When (ms) older segments were last compared to the end. */
	readonly comparedAtMs: Map<number, number>;
	readonly onChange: () => void;
	readonly onViolation: (reason: string) => void;
	/** Keys of epochs that open a segment; if absent, those that the conversation holds. */
	readonly keysOf?: (segment: number) => SegmentKeys;
}

export class RelayReplica {
	readonly #connectedByNumber = new Map<number, RelaySegment>();
	/** The older segment that is being compared now. */
	#comparing: number | null = null;
	/** All that the relay has of the control segment has been read: what the group withholds is known. */
	#knowsRules = false;
	/** The last arrangement has passed over a segment as not being for this device. */
	#leavesOut = false;
	#arranging: Promise<void> = Promise.resolve();
	#closed = false;

	constructor(readonly options: RelayReplicaOptions) {
		this.arrange();
	}

	/** The relay carries this conversation right now. */
	get connected(): boolean {
		return this.#connectedByNumber.get(controlSegment)?.state === 'connected';
	}

	get refused(): boolean {
		return [...this.#connectedByNumber.values()].some((segment) => segment.state === 'refused');
	}

	/** History is still being fetched: of a connected segment, or of the older ones that are compared in turn. */
	get comparing(): boolean {
		return (
			this.#comparing !== null || [...this.#connectedByNumber.values()].some((segment) => segment.fetching)
		);
	}

	sendFrontier(frontier: Uint8Array): void {
		this.#connectedByNumber.get(controlSegment)?.sendFrontier(frontier);
	}

	/** Something of a segment is deleted. Of one that is not connected the relay hears when it is. */
	async erase(segment: number): Promise<void> {
		await this.#connectedByNumber.get(segment)?.erase();
	}

	reconnect(): void {
		for (const segment of this.#connectedByNumber.values()) segment.reconnect();
	}

	/** To be called when an epoch has become known: every segment is opened anew, and given the newest key where it lacks it. */
	keysChanged(): void {
		for (const segment of this.#connectedByNumber.values()) segment.keysChanged();
	}

	/** A refusal is meant for good, but relays are set up anew: asked again now and then. */
	retryRefused(): void {
		for (const segment of this.#connectedByNumber.values()) segment.retryRefused();
	}

	/** Connects what should be connected; call when a new segment has begun or something waits. */
	arrange(): void {
		this.#arranging = this.#arranging.then(() => this.#arrange());
	}

	/** Other rules or epochs are known: what was left out may be for this device now. */
	rulesChanged(): void {
		if (this.#leavesOut) this.arrange();
	}

	async close(): Promise<void> {
		this.#closed = true;
		await this.#arranging;
		for (const segment of this.#connectedByNumber.values()) segment.close();
		this.#connectedByNumber.clear();
	}

	async #arrange(): Promise<void> {
		if (this.#closed) return;
		this.#leavesOut = false;
		const newest = this.options.conversation.newestSegment;
		const wanted = new Set([controlSegment]);
		if (this.#isOurs(newest)) wanted.add(newest);
		if (this.#isSynced(newest)) {
			if (newest > 1 && this.#isOurs(newest - 1)) wanted.add(newest - 1);
			this.#comparing = this.#nextToCompare(newest);
			if (this.#comparing !== null) wanted.add(this.#comparing);
		} else {
			// After a sleep or for a new key all of them open anew at once: what is compared next is known later, and an
			// older one that were let go of now would be fetched from its beginning again.
			for (const number of this.#connectedByNumber.keys()) if (this.#isOurs(number)) wanted.add(number);
		}
		for (const [number, segment] of this.#connectedByNumber) {
			if (wanted.has(number)) continue;
			segment.close();
			this.#connectedByNumber.delete(number);
			await this.options.conversation.unpin(number);
		}
		for (const number of wanted) if (!this.#connectedByNumber.has(number)) await this.#connect(number);
	}

	/** Own entries are to be brought there in any case. */
	#isOurs(number: number): boolean {
		const { conversation } = this.options;
		if (conversation.waiting().segments.has(number)) return true;
		// Who came by a link without the key to messages does not know yet which are for them.
		const isKnown = conversation.identity.epoch.kind !== 'control' || this.#knowsRules;
		if (isKnown && conversation.isFor(conversation.account, number)) return true;
		this.#leavesOut = true;
		return false;
	}

	#isSynced(number: number): boolean {
		return this.#connectedByNumber.get(number)?.synced ?? false;
	}

	#nextToCompare(newest: number): number | null {
		const { conversation, comparedAtMs, nowMs } = this.options;
		for (const number of conversation.waiting().segments)
			if (number !== controlSegment && number < newest - 1) return number;
		for (let number = newest - 2; number >= 1; number--) {
			const last = comparedAtMs.get(number);
			if (!this.#isOurs(number)) continue;
			if (last === undefined || last + compareAgainMs < nowMs()) return number;
		}
		return null;
	}

	async #connect(number: number): Promise<void> {
		const { conversation, url, longestRetryMs, onChange, onViolation } = this.options;
		const segment = await conversation.pin(number);
		if (this.#closed) return conversation.unpin(number);
		const keys = this.options.keysOf?.(number) ?? segmentKeysOf(conversation, number);
		const connected = new RelaySegment(conversation, segment, url, longestRetryMs, keys, {
			stateChanged: onChange,
			synced: () => this.#synced(number),
			violation: onViolation
		});
		this.#connectedByNumber.set(number, connected);
	}

	#synced(number: number): void {
		if (number === controlSegment) this.#knowsRules = true;
		const { conversation, comparedAtMs, nowMs, onChange } = this.options;
		const waits = conversation.waiting().segments.has(number);
		if (number !== controlSegment && number < conversation.newestSegment - 1 && !waits)
			comparedAtMs.set(number, nowMs());
		onChange();
		this.arrange();
	}
}
