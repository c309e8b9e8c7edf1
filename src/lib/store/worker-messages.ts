/** What the page and the store's worker say to each other. Requests are answered in the order in which they come. */
import type { StoreFailure } from './store-error';
import type { Store } from './types';

export type StoreMethod = keyof Store;

export interface StoreRequest {
	readonly id: number;
	readonly method: StoreMethod;
	/** As the method takes them, but for the messages of a batch: they go packed. */
	readonly args: readonly unknown[];
}

export type StoreReply =
	| { readonly id: number; readonly ok: true; readonly value: unknown }
	| { readonly id: number; readonly ok: false; readonly reason: StoreFailure; readonly message: string };
