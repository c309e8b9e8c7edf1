/** The page that the store's browser tests drive: stores in workers, by number. */
import { openStoreWorker } from '../../../../src/lib/store/client';
import type { OpenOutcome, Store } from '../../../../src/lib/store/types';
import { allCases } from '../../../unit/store/all-cases';
import { message, messages } from '../../../unit/store/store-rows';
import { runBench, type BenchReport } from './bench';

const stores: Store[] = [];

const harness = {
	/** Starts a worker and opens its store. */
	async open(): Promise<OpenOutcome> {
		const store = openStoreWorker();
		stores.push(store);
		return store.open();
	},
	/** Runs one case of the acceptance suite on an empty database. */
	async runCase(name: string): Promise<string> {
		const wanted = allCases.find((candidate) => candidate.name === name);
		if (!wanted) throw new Error(`no case is called ${name}`);
		const store = openStoreWorker();
		const { state } = await store.open();
		try {
			await wanted.run(store);
		} finally {
			await store.close();
		}
		return state;
	},
	async write(from: number, to: number): Promise<void> {
		await newest().apply({ messages: messages(from, to) });
	},
	async clocks(limit: number): Promise<number[]> {
		const query = {
			conversation: 'c1',
			anchor: { at: 'newest' },
			limit,
			dueTime: message(1_000_000).time
		} as const;
		return (await newest().page(query)).messages.map(({ clock }) => clock);
	},
	async settle(): Promise<void> {
		await newest().settled();
	},
	/** The name and reason of what a page query fails with, or null. */
	async failure(): Promise<{ name: string; reason: unknown } | null> {
		return harness.clocks(500).then(
			() => null,
			(error: Error) => ({ name: error.name, reason: 'reason' in error ? error.reason : undefined })
		);
	},
	reopen: (): Promise<OpenOutcome> => newest().open(),
	async close(): Promise<void> {
		await newest().close();
		stores.pop();
	},
	/** Overwrites bytes of the database file; only while no store has it open. */
	async damage(fromByte: number, byteCount: number): Promise<void> {
		const file = await databaseFile();
		const writable = await file.createWritable({ keepExistingData: true });
		await writable.write({
			type: 'write',
			position: poolHeaderBytes + fromByte,
			data: new Uint8Array(byteCount).fill(0x5a)
		});
		await writable.close();
	},
	/** Sets the schema version that the file claims (bytes 60–63 of its header). */
	async claimVersion(version: number): Promise<void> {
		const file = await databaseFile();
		const writable = await file.createWritable({ keepExistingData: true });
		await writable.write({
			type: 'write',
			position: poolHeaderBytes + 60,
			data: new Uint8Array([0, 0, 0, version])
		});
		await writable.close();
	},
	/** How many files of the store hold these ASCII letters; only while no store has them open. */
	async filesWith(letters: string): Promise<number> {
		let count = 0;
		for (const file of await poolFiles()) {
			const text = new TextDecoder('latin1').decode(await (await file.getFile()).arrayBuffer());
			if (text.includes(letters)) count++;
		}
		return count;
	},
	async writeText(clock: number, text: string): Promise<void> {
		await newest().apply({ messages: [message(clock, { text })] });
	},
	async withdraw(clock: number): Promise<void> {
		await newest().apply({ withdrawn: [{ conversation: 'c1', id: message(clock).id }] });
	},
	forget: (): Promise<void> => newest().forget('c1'),
	/** Milliseconds from starting the worker to an open store, to its newest 60 messages, and for a first search. */
	async coldOpen(): Promise<{ openMs: number; firstPageMs: number; searchMs: number }> {
		const start = performance.now();
		await harness.open();
		const opened = performance.now();
		const dueTime = message(1_000_000_000).time;
		const { messages: shown } = await newest().page({
			conversation: 'conversation-3',
			anchor: { at: 'newest' },
			limit: 60,
			dueTime
		});
		const paged = performance.now();
		if (shown.length !== 60) throw new Error(`60 messages wanted, ${shown.length} got`);
		await newest().search({ text: shown[7]?.text.slice(0, 6) ?? '', limit: 50, dueTime });
		const rounded = (ms: number) => Math.round(ms * 10) / 10;
		return {
			openMs: rounded(opened - start),
			firstPageMs: rounded(paged - start),
			searchMs: rounded(performance.now() - paged)
		};
	},
	bench: (count: number): Promise<BenchReport> => runBench(newest(), count)
};

/** What the pool puts before the contents of each of its files: one sector. */
const poolHeaderBytes = 4096;

async function poolFiles(): Promise<FileSystemFileHandle[]> {
	const root = await navigator.storage.getDirectory();
	const pool = await (await root.getDirectoryHandle('.skein-store')).getDirectoryHandle('.opaque');
	const files: FileSystemFileHandle[] = [];
	for await (const handle of pool.values())
		if (handle.kind === 'file') files.push(handle as FileSystemFileHandle);
	return files;
}

async function databaseFile(): Promise<FileSystemFileHandle> {
	for (const file of await poolFiles()) {
		const start = new Uint8Array(await (await file.getFile()).slice(0, poolHeaderBytes).arrayBuffer());
		if (new TextDecoder().decode(start).startsWith('/read-model.sqlite3\0')) return file;
	}
	throw new Error('there is no database file');
}

function newest(): Store {
	const store = stores.at(-1);
	if (!store) throw new Error('no store is open');
	return store;
}

export type StoreHarness = typeof harness;

declare global {
	interface Window {
		storeHarness: StoreHarness;
	}
}
window.storeHarness = harness;
