/** What the page and the store's worker say to each other. Requests are answered in the order in which they come. */
import type { StoreFailure } from './store-error';
import type { Store } from './types';

export type StoreMethod = keyof Store;

export interface StoreRequest<M extends StoreMethod = StoreMethod> {
	readonly id: number;
	readonly method: M;
	readonly args: Parameters<Store[M]>;
}

export type StoreReply =
	| { readonly id: number; readonly ok: true; readonly value: unknown }
	| { readonly id: number; readonly ok: false; readonly reason: StoreFailure; readonly message: string };
