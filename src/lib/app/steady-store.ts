/**
 * A Store whose `apply` does not fail its caller when the device is full or the database has a fault. What a person
 * writes is saved in the journal, and what comes from others is in the documents: neither may be stopped because the
 * read model cannot follow. Batches that could not be written wait in their order and are tried again with the next
 * one and every few seconds. If too many wait, or the database is gone, nothing more is written: cursors stay behind
 * what is in the documents, so the next start projects the rest.
 */
import type { Timers } from '../link/timers';
import { StoreError } from '../store/store-error';
import type { ProjectionBatch, Store } from '../store/types';

const retryMs = 5_000;
const waitingBatchesLimit = 200;
/** In all of them: some tens of megabytes at worst. */
const waitingMessagesLimit = 25_000;

export interface SteadyStoreOptions {
	readonly timers: Timers;
	/** Batches wait, because of this; null when they have been written after all. */
	stuck(error: StoreError | null): void;
}

export class SteadyWriter {
	readonly #waiting: ProjectionBatch[] = [];
	#writing: Promise<void> | null = null;
	#cancelRetry: () => void = () => undefined;
	#stuck = false;
	#givenUp = false;

	constructor(
		readonly store: Pick<Store, 'apply'>,
		readonly options: SteadyStoreOptions
	) {}

	/** Resolves when the batch is written, or has to wait. */
	apply(batch: ProjectionBatch): Promise<void> {
		if (this.#givenUp) return Promise.resolve();
		this.#waiting.push(batch);
		return this.#write();
	}

	/** A write that may be lost: it is only told that the store is stuck. */
	async attempt(write: () => Promise<void>): Promise<void> {
		if (this.#givenUp || this.#stuck) return;
		try {
			await write();
		} catch (error) {
			if (!(error instanceof StoreError)) throw error;
			this.#failed(error);
		}
	}

	close(): void {
		this.#cancelRetry();
		this.#givenUp = true;
		this.#waiting.length = 0;
	}

	#write(): Promise<void> {
		this.#writing ??= this.#writeAll().finally(() => (this.#writing = null));
		return this.#writing;
	}

	async #writeAll(): Promise<void> {
		for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
			try {
				await this.store.apply(next);
			} catch (error) {
				if (!(error instanceof StoreError)) throw error;
				return this.#failed(error);
			}
			this.#waiting.shift();
		}
		if (!this.#stuck) return;
		this.#stuck = false;
		this.options.stuck(null);
	}

	get #isTooMuch(): boolean {
		const messages = this.#waiting.reduce((sum, batch) => sum + (batch.messages?.length ?? 0), 0);
		return this.#waiting.length > waitingBatchesLimit || messages > waitingMessagesLimit;
	}

	#failed(error: StoreError): void {
		if (this.#givenUp) return;
		this.#cancelRetry();
		const canRecover = error.reason === 'full' || error.reason === 'failed';
		if (!canRecover || this.#isTooMuch) this.close();
		else this.#cancelRetry = this.options.timers.after(retryMs, () => void this.#write());
		if (this.#stuck && !this.#givenUp) return;
		this.#stuck = true;
		this.options.stuck(error);
	}
}

/** @param store is closed through the one returned */
export function steadyStore(store: Store, options: SteadyStoreOptions): Store {
	const writer = new SteadyWriter(store, options);
	return {
		open: () => store.open(),
		apply: (batch) => writer.apply(batch),
		conversations: (dueTime) => store.conversations(dueTime),
		members: (conversation) => store.members(conversation),
		page: (query) => store.page(query),
		messages: (query) => store.messages(query),
		entries: (query) => store.entries(query),
		lateWords: (query) => store.lateWords(query),
		versions: (query) => store.versions(query),
		pinned: (query) => store.pinned(query),
		placeAt: (query) => store.placeAt(query),
		links: (query) => store.links(query),
		search: (query) => store.search(query),
		expired: (query) => store.expired(query),
		nextExpiry: () => store.nextExpiry(),
		cursors: (conversation) => store.cursors(conversation),
		// Said again as soon as something newer has been seen.
		markRead: (conversation, position, thread) =>
			writer.attempt(() => store.markRead(conversation, position, thread)),
		hide: (accounts) => store.hide(accounts),
		forget: (conversation) => store.forget(conversation),
		stats: () => store.stats(),
		settled: () => store.settled(),
		close: () => {
			writer.close();
			return store.close();
		}
	};
}
