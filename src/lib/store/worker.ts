/** The thread in which SQLite lives: answers the requests of client.ts. Nothing of SQLite loads before `open`. */
import wasmUrl from '@sqlite.org/sqlite-wasm/sqlite3.wasm?url';
import { memoryHome } from './memory-home';
import { openOpfsHome } from './opfs-home';
import { unpackBatch, type PackedBatch } from './packed-messages';
import { QuietSchedule } from './quiet-schedule';
import { loadSqlite } from './sqlite-module';
import { SqliteStore } from './sqlite-store';
import { toStoreError } from './store-error';
import type { StoreReply, StoreRequest } from './worker-messages';
import type { Schedule } from './upkeep';

const quiet = new QuietSchedule({
	now: () => performance.now(),
	after: (delayMs, task) => void setTimeout(task, delayMs),
	soon: afterMessages()
});
const sqlite = lazy(() => loadSqlite(wasmUrl));
const store = new SqliteStore({
	openHome: async () => openOpfsHome(await sqlite(), navigator.locks),
	openMemory: async () => memoryHome(await sqlite()),
	schedule: quiet.schedule
});

self.addEventListener('message', ({ data }: MessageEvent<StoreRequest>) => {
	quiet.asked();
	void answer(data).then((reply) => self.postMessage(reply));
});

async function answer(request: StoreRequest): Promise<StoreReply> {
	const { id, method } = request;
	try {
		const call = store[method] as (...args: readonly unknown[]) => Promise<unknown>;
		return { id, ok: true, value: await call.apply(store, [...argumentsOf(request)]) };
	} catch (error) {
		const { reason, message } = toStoreError(error);
		return { id, ok: false, reason, message };
	}
}

function argumentsOf({ method, args }: StoreRequest): readonly unknown[] {
	return method === 'apply' ? [unpackBatch(args[0] as PackedBatch)] : args;
}

/** A task of its own, after the messages that have come already. */
function afterMessages(): Schedule {
	const { port1, port2 } = new MessageChannel();
	const tasks: (() => void)[] = [];
	port1.onmessage = () => tasks.shift()?.();
	return (task) => {
		tasks.push(task);
		port2.postMessage(null);
	};
}

function lazy<T>(load: () => Promise<T>): () => Promise<T> {
	let loading: Promise<T> | null = null;
	return () =>
		(loading ??= load().catch((error: unknown) => {
			// A script that could not be fetched may be had later.
			loading = null;
			throw error;
		}));
}
