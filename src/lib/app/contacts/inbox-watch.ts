/** Looks into one's own inbox as long as the app runs: takes what is there, deletes what was taken, waits for more. */
import { jittered, type Timers } from '$lib/link/timers';
import { inboxLongestWaitSeconds, type InboxItem } from '$lib/protocol/inbox';
import type { InboxState, OwnInbox } from '$lib/replicas/inbox';

const firstRetryMs = 2_000;
const longestRetryMs = 60_000;

export interface InboxWatchDeps {
	readonly inbox: Pick<OwnInbox, 'list' | 'fetch' | 'delete'>;
	readonly timers: Timers;
	readonly random: () => number;
	/** Whether items are wanted at all; others are deleted unread. */
	wanted(): boolean;
	/** @returns false if it could not be kept, and has to stay in the inbox */
	take(item: Uint8Array): Promise<boolean>;
	failed(reason: string): void;
}

export class InboxWatch {
	readonly #stopping = new AbortController();
	#failures = 0;
	#wake: () => void = () => undefined;
	readonly #ended: Promise<void>;

	/** Begins at once. */
	constructor(readonly deps: InboxWatchDeps) {
		this.#ended = this.#run();
	}

	/** The network is back or the page awake: try at once. */
	wake(): void {
		this.#failures = 0;
		this.#wake();
	}

	/** Resolves when nothing is asked of the inbox any more. */
	stop(): Promise<void> {
		this.#stopping.abort();
		this.#wake();
		return this.#ended;
	}

	async #run(): Promise<void> {
		const { signal } = this.#stopping;
		let known: InboxState | undefined;
		while (!signal.aborted) {
			const state = await this.deps.inbox.list(
				known,
				known === undefined ? 0 : inboxLongestWaitSeconds,
				signal
			);
			if (signal.aborted) return;
			if (state.ok) known = state.value;
			else this.deps.failed(state.reason);
			// What could not be done now is tried again after a pause, not at once: the relay would answer at once too.
			if (state.ok && (await this.#empty(state.value.items))) this.#failures = 0;
			else {
				// What is still there is no news to the relay, and would be waited for in vain.
				known = undefined;
				await this.#pause();
			}
		}
	}

	/** @returns whether nothing is left */
	async #empty(items: readonly InboxItem[]): Promise<boolean> {
		const done = [];
		for (const { id } of items) done.push(await this.#handle(id));
		return done.every((each) => each);
	}

	async #handle(id: Uint8Array): Promise<boolean> {
		const { inbox, wanted, take, failed } = this.deps;
		const { signal } = this.#stopping;
		if (wanted()) {
			const item = await inbox.fetch(id, signal);
			if (!item.ok) {
				failed(item.reason);
				return false;
			}
			if (item.value !== null && !(await take(item.value))) return false;
		}
		const deleted = await inbox.delete(id, signal);
		if (!deleted.ok) failed(deleted.reason);
		return deleted.ok;
	}

	#pause(): Promise<void> {
		const { timers, random } = this.deps;
		const delayMs = Math.min(longestRetryMs, firstRetryMs * 2 ** this.#failures++);
		return new Promise((resolve) => {
			const cancel = timers.after(jittered(delayMs, 0.3, random), () => resolve());
			this.#wake = () => {
				cancel();
				resolve();
			};
		});
	}
}
