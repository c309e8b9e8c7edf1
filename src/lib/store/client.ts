import { packBatch, type PackedBatch } from './packed-messages';
import { StoreError } from './store-error';
import { trustedScript } from './trusted-script';
import type { Position, ProjectionBatch, Store } from './types';
import workerAddress from './worker?worker&url';
import type { StoreMethod, StoreReply, StoreRequest } from './worker-messages';

/** What the client needs of a Worker. */
export type StoreWorker = Pick<Worker, 'postMessage' | 'terminate' | 'addEventListener'>;

/**
 * Starts the store's worker. Script and wasm are fetched now and on `open()`, not before.
 * Requests are answered in order, so await each `apply` of an import before giving the next: then queries that come
 * meanwhile wait for one batch at most.
 */
export function openStoreWorker(): Store {
	return new WorkerStore(new Worker(trustedScript(workerAddress), { type: 'module', name: 'store' }));
}

/** The Store in another thread. */
export class WorkerStore implements Store {
	readonly #pendingById = new Map<number, Pending>();
	#nextId = 0;
	#end: StoreError | null = null;

	constructor(readonly worker: StoreWorker) {
		worker.addEventListener('message', ({ data }: MessageEvent<StoreReply>) => this.#settle(data));
		worker.addEventListener('error', ({ message }: ErrorEvent) =>
			this.#finish(new StoreError('worker', message || 'the worker could not be started'))
		);
		worker.addEventListener('messageerror', () =>
			this.#finish(new StoreError('worker', 'a message could not be read'))
		);
	}

	open = () => this.#call('open');
	apply = (batch: ProjectionBatch) => this.#apply(packBatch(batch));
	conversations = (dueTime: number) => this.#call('conversations', dueTime);
	members = (conversation: string) => this.#call('members', conversation);
	page = (query: Parameters<Store['page']>[0]) => this.#call('page', query);
	messages = (query: Parameters<Store['messages']>[0]) => this.#call('messages', query);
	entries = (query: Parameters<Store['entries']>[0]) => this.#call('entries', query);
	lateWords = (query: Parameters<Store['lateWords']>[0]) => this.#call('lateWords', query);
	versions = (query: Parameters<Store['versions']>[0]) => this.#call('versions', query);
	pinned = (query: Parameters<Store['pinned']>[0]) => this.#call('pinned', query);
	placeAt = (query: Parameters<Store['placeAt']>[0]) => this.#call('placeAt', query);
	links = (query: Parameters<Store['links']>[0]) => this.#call('links', query);
	search = (query: Parameters<Store['search']>[0]) => this.#call('search', query);
	expired = (query: Parameters<Store['expired']>[0]) => this.#call('expired', query);
	nextExpiry = () => this.#call('nextExpiry');
	cursors = (conversation: string) => this.#call('cursors', conversation);
	markRead = (conversation: string, position: Position, thread?: string) =>
		this.#call('markRead', conversation, position, thread);
	hide = (accounts: readonly string[]) => this.#call('hide', accounts);
	forget = (conversation: string) => this.#call('forget', conversation);
	stats = () => this.#call('stats');
	settled = () => this.#call('settled');

	/** Closes the database and ends the worker; to be called once. */
	close = async (): Promise<void> => {
		if (this.#end) return;
		try {
			await this.#call('close');
		} finally {
			this.#finish(new StoreError('closed', 'the store was closed'));
		}
	};

	#call<M extends StoreMethod>(
		method: M,
		...args: Parameters<Store[M]>
	): Promise<Awaited<ReturnType<Store[M]>>> {
		return this.#request(method, args);
	}

	#apply(batch: PackedBatch): Promise<void> {
		return this.#request('apply', [batch], [batch.messages.numbers.buffer]);
	}

	#request<M extends StoreMethod>(
		method: M,
		args: readonly unknown[],
		transfer: Transferable[] = []
	): Promise<Awaited<ReturnType<Store[M]>>> {
		if (this.#end) return Promise.reject(this.#end);
		const id = this.#nextId++;
		const request: StoreRequest = { id, method, args };
		return new Promise<Awaited<ReturnType<Store[M]>>>((resolve, reject) => {
			// The worker is ours, and answers with what its store gave.
			this.#pendingById.set(id, {
				resolve: (value) => resolve(value as Awaited<ReturnType<Store[M]>>),
				reject
			});
			this.worker.postMessage(request, transfer);
		});
	}

	#settle(reply: StoreReply): void {
		const pending = this.#pendingById.get(reply.id);
		this.#pendingById.delete(reply.id);
		if (reply.ok) pending?.resolve(reply.value);
		else pending?.reject(new StoreError(reply.reason, reply.message));
	}

	#finish(reason: StoreError): void {
		this.#end ??= reason;
		for (const { reject } of this.#pendingById.values()) reject(reason);
		this.#pendingById.clear();
		this.worker.terminate();
	}
}

interface Pending {
	readonly resolve: (value: unknown) => void;
	readonly reject: (reason: StoreError) => void;
}
