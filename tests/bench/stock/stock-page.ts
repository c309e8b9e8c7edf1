/**
 * The peers, as they are shipped: Yjs with y-webrtc, y-websocket or y-indexeddb, plaintext, no checks. Messages are
 * values of a flat Y.Map, the shape in which Yjs is fastest, and strings of random characters.
 */
import { IndexeddbPersistence } from 'y-indexeddb';
import { WebrtcProvider } from 'y-webrtc';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';

const now = (): number => performance.timeOrigin + performance.now();

interface Opened {
	readonly doc: Y.Doc;
	readonly persistence?: IndexeddbPersistence;
	readonly entries: Y.Map<string>;
	readonly close: () => void;
}

let opened: Opened | null = null;
const receivedAtMs = new Map<string, number>();

function use(doc: Y.Doc, close: () => void): void {
	const entries = doc.getMap<string>('messages');
	entries.observe((event) => {
		const at = now();
		for (const key of event.keysChanged) if (!receivedAtMs.has(key)) receivedAtMs.set(key, at);
	});
	opened = { doc, entries, close };
}

function current(): Opened {
	if (opened === null) throw new Error('nothing is open');
	return opened;
}

/** Random, so that nothing on the way can compress it. */
function randomText(characters: number): string {
	const bytes = crypto.getRandomValues(new Uint8Array(characters));
	return Array.from(bytes, (byte) => String.fromCharCode(97 + (byte % 26))).join('');
}

const keyOf = (number: number): string => `m${String(number).padStart(7, '0')}`;

const stock = {
	now,
	webrtc(room: string, signalling: string, messages: number, characters: number): void {
		const doc = new Y.Doc();
		use(doc, () => undefined);
		stock.fill(messages, characters);
		const provider = new WebrtcProvider(room, doc, {
			signaling: [signalling],
			peerOpts: { config: { iceServers: [] } }
		});
		opened = { ...current(), close: () => provider.destroy() };
	},
	websocket(url: string, room: string): number {
		const at = now();
		const doc = new Y.Doc();
		use(doc, () => undefined);
		const provider = new WebsocketProvider(url, room, doc, { disableBc: true });
		opened = { ...current(), close: () => provider.destroy() };
		return at;
	},
	/** Opens the document on disk, renders the newest `rows`; resolves with the times after the frame. */
	async indexeddb(
		name: string,
		rows: number
	): Promise<{ readonly syncedMs: number; readonly paintedMs: number }> {
		const doc = new Y.Doc();
		use(doc, () => undefined);
		const persistence = new IndexeddbPersistence(name, doc);
		opened = { ...current(), persistence, close: () => doc.destroy() };
		await persistence.whenSynced;
		const syncedMs = now();
		const newest = [...current().entries.keys()].sort().slice(-rows);
		const list = document.createElement('div');
		for (const key of newest) {
			const row = document.createElement('p');
			row.textContent = current().entries.get(key) ?? '';
			list.append(row);
		}
		document.body.replaceChildren(list);
		await stock.frame();
		return { syncedMs, paintedMs: now() };
	},
	/** Resolves when what was put in is committed: transactions over one store commit in order. */
	stored(): Promise<void> {
		const db = current().persistence?.db;
		if (db === null || db === undefined) throw new Error('there is no database');
		const tx = db.transaction('updates', 'readwrite');
		return new Promise((resolve, reject) => {
			tx.oncomplete = () => resolve();
			tx.onabort = () => reject(tx.error ?? new DOMException('aborted', 'AbortError'));
			tx.objectStore('updates').count();
		});
	},
	frame(): Promise<void> {
		return new Promise((resolve) => {
			requestAnimationFrame(() => {
				const { port1, port2 } = new MessageChannel();
				port1.onmessage = () => resolve();
				port2.postMessage(null);
			});
		});
	},
	fill(messages: number, characters: number): void {
		const { doc, entries } = current();
		doc.transact(() => {
			for (let number = 0; number < messages; number++) entries.set(keyOf(number), randomText(characters));
		});
	},
	/** Puts one message in and tells when. */
	send(key: string, characters: number): number {
		const text = randomText(characters);
		const at = now();
		current().entries.set(key, text);
		return at;
	},
	receivedAtMs: (key: string): number | null => receivedAtMs.get(key) ?? null,
	size: (): number => opened?.entries.size ?? 0,
	/** Resolves, with the time, when the document holds `messages` entries. */
	holds(messages: number): Promise<number> {
		const { doc, entries } = current();
		return new Promise((resolve) => {
			const look = (): void => {
				if (entries.size < messages) return;
				doc.off('afterTransaction', look);
				resolve(now());
			};
			doc.on('afterTransaction', look);
			look();
		});
	},
	close(): void {
		opened?.close();
		opened = null;
		receivedAtMs.clear();
	}
};

export type Stock = typeof stock;

declare global {
	interface Window {
		stock: Stock;
	}
}
window.stock = stock;
