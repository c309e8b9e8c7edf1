/** The read model as the app writes it. Loaded after first paint, so that nothing of it is waited for before. */
import { openStoreWorker } from '$lib/store/client';
import type { Store } from '$lib/store/types';
import { steadyStore, type SteadyStoreOptions } from './steady-store';

/** Starts the worker that SQLite lives in. */
export function openSteadyStore(options: SteadyStoreOptions): Store {
	return steadyStore(openStoreWorker(), options);
}
