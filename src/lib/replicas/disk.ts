/**
 * A conversation's documents on this device's disk: y-indexeddb, behind a loader that lets only sound rows through.
 *
 * y-indexeddb has no error path: one bad row and the document never loads. So the rows are read through the guard
 * first, one by one; what is not sound is set aside (and asked for again from the others), what is stays. It also loads
 * all rows in one go, which holds up the page for as long as that takes: so it is begun after the last row, and what the
 * guard has read is put into the document here, piece by piece.
 */
import { IndexeddbPersistence } from 'y-indexeddb';
import * as Y from 'yjs';
import type { Documents, SegmentMeta } from '../conversation/ports';
import type { DeviceDatabase, SegmentRow } from '../identity/device-database';
import { encodeUpdate, splitRuns, type LaneRun } from '../protocol/guard/update';
import { contextOf, documentNameOf } from '../protocol/ids';
import { damagedRows, salvage } from './salvage';

/** Of what goes into a document in one turn: some milliseconds. */
const pieceBytes = 56 * 1024;

interface OpenDocument {
	readonly doc: Y.Doc;
	readonly persistence: IndexeddbPersistence;
	/** A transaction was aborted (no space, a fault): the disk lacks rows, and y-indexeddb does not know. */
	lacksRows: boolean;
}

/** y-indexeddb has no error path: its transactions are watched where they are made. */
function watchAborts(db: IDBDatabase, aborted: () => void): void {
	const begin = db.transaction.bind(db);
	db.transaction = (...args) => {
		const tx = begin(...args);
		tx.addEventListener('abort', aborted);
		return tx;
	};
}

export class DiskDocuments implements Documents {
	readonly #openBySegment = new Map<number, OpenDocument>();

	constructor(
		readonly database: DeviceDatabase,
		readonly conversation: Uint8Array,
		/** Base64url of the same. */
		readonly conversationId: string,
		readonly subtle: SubtleCrypto,
		/** Rows were set aside: the segment is asked for again. */
		readonly onDamage: (segment: number, rows: number) => void,
		/** The browser closed a document's database under us: nothing is kept until a reload. */
		readonly onLost: () => void,
		/** Lets the page take input between two pieces of a document. */
		readonly yieldTurn: () => Promise<void>
	) {}

	async open(
		segment: number,
		named: (lane: number, clock: number) => readonly Uint8Array[] = () => []
	): Promise<Y.Doc> {
		const known = this.#openBySegment.get(segment);
		if (known !== undefined) return known.doc;
		await this.#markOpen(segment);
		const context = contextOf(this.conversation, segment);
		const name = databaseNameOf(context);
		const runs: (readonly LaneRun[])[] = [];
		const { damaged, lastKey } = await salvage(
			name,
			this.subtle,
			context,
			(sound) => void runs.push(sound),
			named
		);
		if (damaged > 0) this.onDamage(segment, damaged);
		const doc = new Y.Doc({ guid: name });
		const persistence = new IndexeddbPersistence(name, doc);
		persistence._dbref = lastKey + 1;
		// It has no error path of its own: a database that cannot be opened would be waited for for ever.
		await Promise.race([persistence.whenSynced, failureOf(persistence)]);
		persistence.db?.addEventListener('close', () => this.onLost());
		const open: OpenDocument = { doc, persistence, lacksRows: false };
		if (persistence.db !== null) watchAborts(persistence.db, () => (open.lacksRows = true));
		for (const row of runs) {
			for (const piece of splitRuns(row, pieceBytes)) {
				// What comes from itself it does not write again.
				Y.applyUpdate(doc, encodeUpdate(piece), persistence);
				await this.yieldTurn();
			}
		}
		this.#openBySegment.set(segment, open);
		return doc;
	}

	async close(segment: number): Promise<void> {
		const open = this.#openBySegment.get(segment);
		if (open === undefined) return;
		this.#openBySegment.delete(segment);
		await open.persistence.destroy();
		open.doc.destroy();
	}

	/**
	 * @returns whether everything that was in the documents at the time of the call is committed now. Rows that were
	 *   lost to a fault are written again, as one row of all that the document holds.
	 */
	async flush(): Promise<boolean> {
		const flushed = await Promise.all([...this.#openBySegment.values()].map((open) => flushDocument(open)));
		return flushed.every((whole) => whole);
	}

	/** The same for one segment. One that is not open has been closed, and so is on disk. */
	async flushSegment(segment: number): Promise<boolean> {
		const open = this.#openBySegment.get(segment);
		return open === undefined || flushDocument(open);
	}

	/**
	 * Writes a segment anew as it is in memory, and with it goes what has been taken out of it, also of rows that were set
	 * aside.
	 * @returns false if the segment is not open, or the disk did not take it
	 */
	async rewrite(segment: number): Promise<boolean> {
		const open = this.#openBySegment.get(segment);
		if (open === undefined) return false;
		open.lacksRows = true;
		return flushDocument(open);
	}

	async metas(): Promise<readonly SegmentMeta[]> {
		return (await this.#rows()).filter((row) => row.entries > 0);
	}

	/** Segments that were loaded when this device stopped: what they hold may be ahead of what is known of them. */
	async unclean(): Promise<readonly number[]> {
		return (await this.#rows()).filter((row) => row.open).map((row) => row.segment);
	}

	async saveMeta(meta: SegmentMeta): Promise<void> {
		const tx = this.database.db.transaction('segments', 'readwrite');
		const known = await tx.store.get([this.conversationId, meta.segment]);
		const row = { ...known, ...meta, conversation: this.conversationId, open: false };
		await Promise.all([tx.store.put(row), tx.done]);
	}

	#rows(): Promise<SegmentRow[]> {
		return this.database.db.getAll(
			'segments',
			IDBKeyRange.bound([this.conversationId], [this.conversationId, []])
		);
	}

	async #markOpen(segment: number): Promise<void> {
		const tx = this.database.db.transaction('segments', 'readwrite');
		const known = await tx.store.get([this.conversationId, segment]);
		const nothing = {
			segment,
			entries: 0,
			bytes: 0,
			digest: new Uint8Array(8),
			conversation: this.conversationId
		};
		await Promise.all([tx.store.put({ ...(known ?? nothing), open: true }), tx.done]);
	}
}

/** Rejects if the database cannot be opened; never resolves. */
function failureOf(persistence: IndexeddbPersistence): Promise<never> {
	return new Promise((_, reject) => void persistence._db.catch(reject));
}

function flushDocument(open: OpenDocument): Promise<boolean> {
	const { db } = open.persistence;
	if (db === null) return Promise.resolve(false);
	// Transactions over one store commit in order: when this one has, all before it have, or are known to have failed.
	const again = open.lacksRows;
	const tx = db.transaction(again ? ['updates', 'custom'] : 'updates', 'readwrite', { durability: 'strict' });
	const rows = tx.objectStore('updates');
	open.lacksRows = false;
	if (again) {
		// Rows after the lost ones would be gaps, and those before hold what may have been deleted.
		rows.clear();
		rows.add(Y.encodeStateAsUpdate(open.doc));
		tx.objectStore('custom').delete(damagedRows());
	} else rows.count();
	return new Promise((resolve) => {
		tx.oncomplete = () => resolve(!open.lacksRows);
		// `lacksRows` is set again by whoever watches.
		tx.onabort = () => resolve(false);
	});
}

export const databaseNameOf = (context: Uint8Array): string => `skein-doc-${documentNameOf(context)}`;

/** Forgets a segment's document. */
export function deleteDocument(context: Uint8Array): Promise<void> {
	return new Promise((resolve, reject) => {
		const request = indexedDB.deleteDatabase(databaseNameOf(context));
		request.onsuccess = () => resolve();
		request.onerror = () => reject(request.error ?? new DOMException('not deleted', 'UnknownError'));
	});
}
