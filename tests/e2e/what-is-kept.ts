/** All that an installation keeps, as text: whoever has the device could read this much without any key of anybody. */
import type { Person } from './person';

/**
 * Every row of every database, bytes taken for Latin letters, and every file of the read model.
 * In front of each is where it was found, see `placesOf`. The page is open: what is still on its way into the read model is not among it.
 */
export function everythingKept(person: Person): Promise<string> {
	return person.page.evaluate(async () => {
		const parts: string[] = [];
		const read = (value: unknown): void => {
			if (value instanceof ArrayBuffer) read(new Uint8Array(value));
			else if (value instanceof Uint8Array) parts.push(new TextDecoder('latin1').decode(value));
			else if (typeof value === 'string') parts.push(value);
			else if (Array.isArray(value)) value.forEach(read);
			else if (typeof value === 'object' && value !== null) Object.values(value).forEach(read);
		};
		const settled = <T>(request: IDBRequest<T>): Promise<T> =>
			new Promise((resolve, reject) => {
				request.onsuccess = () => resolve(request.result);
				request.onerror = () => reject(request.error ?? new Error('a request failed'));
			});
		for (const { name } of await indexedDB.databases()) {
			if (name === undefined) continue;
			const db = await settled(indexedDB.open(name));
			for (const store of db.objectStoreNames) {
				parts.push(`\n@@ ${name}/${store} @@\n`);
				read(await settled(db.transaction(store).objectStore(store).getAll()));
			}
			db.close();
		}
		// SQLite's journal goes with the transaction: what is gone between being listed and being read is not kept.
		const bytesOf = async (handle: FileSystemFileHandle): Promise<ArrayBuffer> => {
			try {
				return await (await handle.getFile()).arrayBuffer();
			} catch (error) {
				if (error instanceof DOMException && error.name === 'NotFoundError') return new ArrayBuffer(0);
				throw error;
			}
		};
		const visit = async (folder: FileSystemDirectoryHandle): Promise<void> => {
			const entries = (folder as unknown as { values(): AsyncIterable<FileSystemHandle> }).values();
			for await (const handle of entries) {
				if (handle.kind === 'directory') await visit(handle as FileSystemDirectoryHandle);
				else {
					parts.push(`\n@@ ${folder.name}/${handle.name} @@\n`);
					read(await bytesOf(handle as FileSystemFileHandle));
				}
			}
		};
		await visit(await navigator.storage.getDirectory());
		return parts.join('\n');
	});
}

/** Where a text stands in what `everythingKept` gave: databases with their stores, and files. */
export function placesOf(text: string, all: string): string[] {
	return all
		.split('\n@@ ')
		.filter((part) => part.includes(text))
		.map((part) => part.slice(0, part.indexOf(' @@\n')));
}

/** Bytes as `everythingKept` gives them. */
export function asKept(person: Person, bytes: Uint8Array): Promise<string> {
	return person.page.evaluate(
		(list) => new TextDecoder('latin1').decode(new Uint8Array(list)),
		Array.from(bytes)
	);
}

/** Databases of the segments of which an installation keeps entries; they are called the same on every device. */
export function keptSegments(person: Person): Promise<string[]> {
	return person.page.evaluate(async () => {
		const settled = <T>(request: IDBRequest<T>): Promise<T> =>
			new Promise((resolve, reject) => {
				request.onsuccess = () => resolve(request.result);
				request.onerror = () => reject(request.error ?? new Error('a request failed'));
			});
		const kept: string[] = [];
		for (const { name } of await indexedDB.databases()) {
			if (name?.startsWith('skein-doc-') !== true) continue;
			const db = await settled(indexedDB.open(name));
			const rows: unknown[] = await settled(db.transaction('updates').objectStore('updates').getAll());
			// An update without anything in it is two zeros.
			if (rows.some((row) => row instanceof Uint8Array && row.length > 2)) kept.push(name);
			db.close();
		}
		return kept.sort();
	});
}

interface KeptConversation {
	readonly epochKind?: 'secret' | 'control';
	readonly epochs?: readonly { readonly id: string; readonly secret: Uint8Array | null }[];
}

/** Names of the epochs that an installation holds of its only conversation, beside the one by which it came. */
export async function laterEpochs(person: Person): Promise<string[]> {
	return ((await keptConversation(person)).epochs ?? []).map(({ id }) => id);
}

/** Of how many epochs of its only conversation an installation holds what opens messages. */
export async function readableEpochs(person: Person): Promise<number> {
	const { epochKind, epochs } = await keptConversation(person);
	const first = epochKind === 'control' ? 0 : 1;
	return first + (epochs ?? []).filter(({ secret }) => secret !== null).length;
}

function keptConversation(person: Person): Promise<KeptConversation> {
	return person.page.evaluate(async () => {
		const opening = indexedDB.open('skein-device');
		const db = await new Promise<IDBDatabase>((resolve, reject) => {
			opened(opening, resolve, reject);
		});
		const rows = await new Promise<KeptConversation[]>((resolve, reject) => {
			opened(db.transaction('conversations').objectStore('conversations').getAll(), resolve, reject);
		});
		db.close();
		return rows[0] ?? {};

		function opened<T>(
			request: IDBRequest<T>,
			resolve: (value: T) => void,
			reject: (error: Error) => void
		): void {
			request.onsuccess = () => resolve(request.result);
			request.onerror = () => reject(request.error ?? new Error('the database does not answer'));
		}
	});
}
