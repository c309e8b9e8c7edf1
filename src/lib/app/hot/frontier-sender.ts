/** Says what this device holds and what was read here: often enough to be useful, and never more than the disk holds. */
import type { Conversation } from '$lib/conversation/conversation';
import type { Timers } from '$lib/link/timers';

const frontierEveryMs = 2_000;
/** Lets a burst of entries settle before the first frontier after it. */
const frontierDelayMs = 50;

export interface FrontierSenderDeps {
	readonly timers: Timers;
	readonly conversation: Pick<Conversation, 'heldHeads' | 'frontier'>;
	/** Resolves when the disk holds what the documents hold; false if it does not. */
	flush(): Promise<boolean>;
	/** To everybody who is connected. */
	send(frontier: Uint8Array): void;
}

export class FrontierSender {
	#counter = 0;
	#dueMs: number | null = null;
	#sentMs = 0;
	#cancel: () => void = () => undefined;
	#closed = false;

	constructor(readonly deps: FrontierSenderDeps) {}

	/** At most every two seconds; the first after a pause almost at once. */
	soon(): void {
		if (this.#dueMs !== null || this.#closed) return;
		const { timers } = this.deps;
		const due = Math.max(timers.now() + frontierDelayMs, this.#sentMs + frontierEveryMs);
		this.#dueMs = due;
		this.#cancel = timers.after(due - timers.now(), () => void this.#send());
	}

	close(): void {
		this.#closed = true;
		this.#cancel();
	}

	async #send(): Promise<void> {
		const { conversation, timers, flush, send } = this.deps;
		this.#dueMs = null;
		this.#sentMs = timers.now();
		// What we say that we hold, the disk has to hold.
		const heads = conversation.heldHeads();
		if (!(await flush())) return this.soon();
		this.#counter = Math.max(this.#counter + 1, this.#sentMs);
		const frontier = await conversation.frontier(this.#counter, heads);
		if (frontier !== null && !this.#closed) send(frontier);
	}
}
