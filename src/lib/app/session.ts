/**
 * What is open while this tab is the active one: the device database at once, the read model when it is asked to start.
 * Calls to the read model that come before are answered when it is there.
 */
import type { DeviceDatabase } from '$lib/identity/device-database';
import type { OpenOutcome, Store } from '$lib/store/types';

export interface SessionDeps {
	/** Loads what speaks to the read model, and starts the worker that it lives in. */
	openStore(): Promise<Store>;
}

export class Session {
	readonly store: Store;
	readonly #opening = Promise.withResolvers<Store>();
	#started: Promise<OpenOutcome> | null = null;
	#loading: Promise<Store> | null = null;

	constructor(
		readonly database: DeviceDatabase,
		readonly deps: SessionDeps
	) {
		this.store = lateStore(this.#opening.promise);
	}

	/**
	 * Loads and opens the read model, once.
	 * @throws StoreError if it cannot be had; calls that wait for it are never answered then
	 */
	startStore(): Promise<OpenOutcome> {
		this.#started ??= this.#start();
		return this.#started;
	}

	/** Not to be started afterwards. */
	async close(): Promise<void> {
		const [loaded] = await Promise.allSettled([this.#loading]);
		// What could not be loaded was said by who asked for it.
		if (loaded.status === 'fulfilled') await loaded.value?.close();
		this.database.close();
	}

	async #start(): Promise<OpenOutcome> {
		this.#loading = this.deps.openStore();
		const store = await this.#loading;
		const outcome = await store.open();
		this.#opening.resolve(store);
		return outcome;
	}
}

function lateStore(opening: Promise<Store>): Store {
	return {
		open: async () => (await opening).open(),
		apply: async (batch) => (await opening).apply(batch),
		conversations: async (dueTime) => (await opening).conversations(dueTime),
		members: async (conversation) => (await opening).members(conversation),
		page: async (query) => (await opening).page(query),
		messages: async (query) => (await opening).messages(query),
		entries: async (query) => (await opening).entries(query),
		lateWords: async (query) => (await opening).lateWords(query),
		versions: async (query) => (await opening).versions(query),
		pinned: async (query) => (await opening).pinned(query),
		placeAt: async (query) => (await opening).placeAt(query),
		links: async (query) => (await opening).links(query),
		search: async (query) => (await opening).search(query),
		expired: async (query) => (await opening).expired(query),
		nextExpiry: async () => (await opening).nextExpiry(),
		cursors: async (conversation) => (await opening).cursors(conversation),
		markRead: async (conversation, position, thread) =>
			(await opening).markRead(conversation, position, thread),
		hide: async (accounts) => (await opening).hide(accounts),
		forget: async (conversation) => (await opening).forget(conversation),
		stats: async () => (await opening).stats(),
		settled: async () => (await opening).settled(),
		close: async () => (await opening).close()
	};
}
