/**
 * The journal of one conversation in IndexedDB: own entries are committed here before anybody else sees them, and
 * flushed to stable storage right after (docs/decisions/0010).
 * Rows go when another replica holds the entry.
 */
import type { Journal, JournalEntry, JournalFailure, OwnLane } from '../conversation/ports';
import type { DeviceDatabase } from '../identity/device-database';
import type { Result } from '../protocol/result';

export class DeviceJournal implements Journal {
	constructor(
		readonly database: DeviceDatabase,
		/** Base64url. */
		readonly conversation: string
	) {}

	async load(): Promise<{ readonly lanes: readonly OwnLane[]; readonly entries: readonly JournalEntry[] }> {
		const { db } = this.database;
		const [lanes, entries] = await Promise.all([
			db.getAll('lanes', IDBKeyRange.bound([this.conversation], [this.conversation, []])),
			db.getAll('journal', IDBKeyRange.bound([this.conversation], [this.conversation, []]))
		]);
		return { lanes, entries };
	}

	commit(
		lane: OwnLane,
		entries: readonly JournalEntry[],
		draft?: string
	): Promise<Result<void, JournalFailure>> {
		const { conversation } = this;
		return this.database.write(
			['lanes', 'journal', 'drafts'],
			(tx) => [
				tx.objectStore('lanes').put({ ...lane, conversation }),
				...entries.map((entry) => tx.objectStore('journal').put({ ...entry, conversation })),
				...(draft === undefined ? [] : [tx.objectStore('drafts').delete(draft)])
			],
			'relaxed'
		);
	}

	settle(): Promise<Result<void, JournalFailure>> {
		return this.database.settle();
	}

	/** Not strict in effect: a row too many after a crash is released again by the next acknowledgement. */
	async release(segment: number, lane: number, next: number): Promise<void> {
		const below = IDBKeyRange.bound(
			[this.conversation, segment, lane, 0],
			[this.conversation, segment, lane, next],
			false,
			true
		);
		await this.database.db.delete('journal', below);
	}
}
