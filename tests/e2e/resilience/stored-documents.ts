/**
 * What a person's browser keeps, looked at and damaged from outside the app: from a page of the same origin that runs
 * nothing of it.
 */
import { fromBase64url } from '../../../src/lib/protocol/base64url';
import { decodeOwnUpdate } from '../../../src/lib/protocol/guard/update';
import { contextOf, documentNameOf } from '../../../src/lib/protocol/ids';
import { expect } from '@playwright/test';
import type { Person } from '../fixtures';

/** A row of y-indexeddb: bytes, or what a broken disk left in their place. */
export type Damage =
	| { readonly kind: 'truncate' | 'zero' | 'text' | 'remove'; readonly row: number }
	| { readonly kind: 'add'; readonly bytes: readonly number[] };

/** Leaves the app: its page is gone, its databases closed. @returns the address of the conversation that was open */
export async function leaveApp(person: Person): Promise<string> {
	const address = person.page.url();
	// A picture has no link to an icon, so the browser looks for one.
	person.allow(/favicon\.ico/);
	await person.page.goto(`${person.home}/icon.svg`);
	return address;
}

/** Name of the database of a segment. @param address of the conversation, ending in its id */
export function documentDatabase(address: string, segment: number): string {
	const id = fromBase64url(new URL(address).pathname.split('/').pop() ?? '');
	if (!id.ok) throw new Error('the address names no conversation');
	return `skein-doc-${documentNameOf(contextOf(id.value, segment))}`;
}

/** The sealed entries that a document's database holds by now, in the order in which they were put there; again if twice. */
export async function storedEntries(person: Person, database: string): Promise<Uint8Array[]> {
	const rows = await person.page.evaluate(async (name) => {
		const opened = indexedDB.open(name);
		const db = await new Promise<IDBDatabase>((resolve, reject) => {
			opened.onsuccess = () => resolve(opened.result);
			opened.onerror = () => reject(opened.error ?? new Error('the database cannot be opened'));
			opened.onupgradeneeded = () => reject(new Error('there is no such database'));
		});
		const asked = db.transaction('updates').objectStore('updates').getAll();
		const values = await new Promise<Uint8Array[]>((resolve, reject) => {
			asked.onsuccess = () => resolve(asked.result as Uint8Array[]);
			asked.onerror = () => reject(asked.error ?? new Error('the rows cannot be read'));
		});
		db.close();
		return values.map((bytes) => Array.from(bytes));
	}, database);
	return rows.flatMap((row) => {
		const runs = decodeOwnUpdate(Uint8Array.from(row), row.length);
		if (!runs.ok) throw new Error(`${database} holds what is no update: ${runs.reason}`);
		return runs.value.flatMap(({ entries }) => entries);
	});
}

/** Changes rows of a document's database; `row` counts from 0. @returns how many rows there were before */
export function damageRows(person: Person, database: string, damages: readonly Damage[]): Promise<number> {
	return person.page.evaluate(
		async ([name, list]) => {
			const opened = indexedDB.open(name);
			const db = await new Promise<IDBDatabase>((resolve, reject) => {
				opened.onsuccess = () => resolve(opened.result);
				opened.onerror = () => reject(opened.error ?? new Error('the database cannot be opened'));
				opened.onupgradeneeded = () => reject(new Error('there is no such database'));
			});
			const tx = db.transaction('updates', 'readwrite', { durability: 'strict' });
			const done = new Promise<void>((resolve, reject) => {
				tx.oncomplete = () => resolve();
				tx.onabort = () => reject(tx.error ?? new Error('not damaged'));
			});
			const rows = tx.objectStore('updates');
			const asked = rows.getAllKeys();
			const keys = await new Promise<IDBValidKey[]>(
				(resolve) => (asked.onsuccess = () => resolve(asked.result))
			);
			for (const damage of list) {
				if (damage.kind === 'add') {
					rows.add(new Uint8Array(damage.bytes));
					continue;
				}
				const key = keys[damage.row];
				if (key === undefined) throw new Error(`there is no row ${damage.row} of ${keys.length}`);
				if (damage.kind === 'remove') rows.delete(key);
				else if (damage.kind === 'text') rows.put('not even bytes', key);
				else {
					const read = rows.get(key);
					const bytes = await new Promise<Uint8Array>((resolve) => {
						read.onsuccess = () => resolve(read.result as Uint8Array);
					});
					rows.put(
						damage.kind === 'zero' ? new Uint8Array(bytes.length) : bytes.slice(0, bytes.length >> 1),
						key
					);
				}
			}
			await done;
			db.close();
			return keys.length;
		},
		[database, damages] as const
	);
}

/**
 * Deletes everything in the origin's private file system, or overwrites the middle of every file there; as soon as the
 * app's worker has let go of the files. @returns how many there were
 */
export async function damageFiles(person: Person, how: 'delete' | 'overwrite'): Promise<number> {
	let files = 0;
	await expect(async () => {
		files = await changeFiles(person, how);
	}).toPass({ timeout: 20_000 });
	return files;
}

function changeFiles(person: Person, how: 'delete' | 'overwrite'): Promise<number> {
	return person.page.evaluate(async (chosen) => {
		let files = 0;
		const visit = async (folder: FileSystemDirectoryHandle): Promise<void> => {
			const entries: [string, FileSystemHandle][] = [];
			for await (const entry of (
				folder as unknown as { entries(): AsyncIterable<[string, FileSystemHandle]> }
			).entries()) {
				entries.push(entry);
			}
			for (const [name, handle] of entries) {
				if (handle.kind === 'directory') await visit(handle as FileSystemDirectoryHandle);
				else files++;
				if (chosen === 'delete') await folder.removeEntry(name, { recursive: true });
				else if (handle.kind === 'file') await overwrite(handle as FileSystemFileHandle);
			}
		};
		const overwrite = async (handle: FileSystemFileHandle): Promise<void> => {
			const { size } = await handle.getFile();
			const writable = await handle.createWritable({ keepExistingData: true });
			// Past the pool's own header, so that it still looks like a database.
			for (let at = 4_096; at < size; at += 65_536) {
				const noise = crypto.getRandomValues(new Uint8Array(Math.min(4_096, size - at)));
				await writable.write({ type: 'write', position: at, data: noise });
			}
			await writable.close();
		};
		await visit(await navigator.storage.getDirectory());
		return files;
	}, how);
}
