/**
 * What this installation alone holds: keys, the journal, which conversations there are. One IndexedDB database, apart
 * from the documents and from the read model; nothing in it can be fetched again from anybody.
 *
 * Every write goes through `strictWrite`: committed with strict durability, and refused once another tab has taken
 * over (the fence), whatever this tab still has in flight.
 */
import { openDB, type DBSchema, type IDBPDatabase, type StoreNames, type IDBPTransaction } from 'idb';
import type { DeliveryRecord } from '../conversation/delivery';
import type { JournalEntry, JournalFailure, OwnLane, SegmentMeta } from '../conversation/ports';
import type { DeviceCertificate } from '../protocol/certificates';
import { fail, ok, type Result } from '../protocol/result';

export interface IdentityRow {
	readonly name: string;
	/** Seed of the account key; kept until the recovery kit has been taken. */
	readonly accountSeed: Uint8Array;
	readonly certificate: DeviceCertificate;
	readonly devicePrivateKey: CryptoKey;
	readonly agreementPrivateKey: CryptoKey;
}

export interface ConversationRecord {
	/** Base64url of the conversation id. */
	readonly id: string;
	readonly epochSecret: Uint8Array<ArrayBuffer>;
	readonly grant: Uint8Array<ArrayBuffer>;
	/** As known from the link until the fold knows better. */
	readonly name: string;
	readonly newestSegmentHint: number;
	/** HLC of founding or joining here. */
	readonly createdTime: number;
	readonly left: boolean;
	readonly invite: { readonly fragment: string; readonly expiresAtMs: number } | null;
	readonly delivery: DeliveryRecord | null;
	/** Newest frontiers of other devices. */
	readonly frontiers: readonly Uint8Array[];
	/** When (ms) each older segment was last compared with the relay to the end. */
	readonly relayComparedAtMs: readonly (readonly [number, number])[];
}

type InConversation<T> = T & { readonly conversation: string };

export interface SegmentRow extends SegmentMeta {
	readonly conversation: string;
	/** Loaded, or was when this device stopped. */
	readonly open: boolean;
}

interface DeviceSchema extends DBSchema {
	identity: { key: 'self'; value: IdentityRow };
	conversations: { key: string; value: ConversationRecord };
	lanes: { key: [string, number]; value: InConversation<OwnLane> };
	journal: { key: [string, number, number, number]; value: InConversation<JournalEntry> };
	segments: { key: [string, number]; value: SegmentRow };
	drafts: { key: string; value: string };
	fence: { key: 'holder'; value: string };
}

export type DeviceStore = Exclude<StoreNames<DeviceSchema>, 'fence'>;
type WriteTransaction = IDBPTransaction<DeviceSchema, StoreNames<DeviceSchema>[], 'readwrite'>;

export class DeviceDatabase {
	private constructor(
		readonly db: IDBPDatabase<DeviceSchema>,
		/** Drawn by each tab that becomes the active one. */
		readonly token: string,
		readonly onLost: () => void
	) {}

	/**
	 * Opens the database and raises the fence: tabs that held it before can write no more.
	 * @param onLost the browser closed the database under us; nothing can be saved until a reload
	 */
	static async open(token: string, onLost: () => void, name = 'skein-device'): Promise<DeviceDatabase> {
		const db = await openDB<DeviceSchema>(name, 1, {
			upgrade(created) {
				created.createObjectStore('identity');
				created.createObjectStore('conversations', { keyPath: 'id' });
				created.createObjectStore('lanes', { keyPath: ['conversation', 'lane'] });
				created.createObjectStore('journal', { keyPath: ['conversation', 'segment', 'lane', 'clock'] });
				created.createObjectStore('segments', { keyPath: ['conversation', 'segment'] });
				created.createObjectStore('drafts');
				created.createObjectStore('fence');
			},
			terminated: onLost
		});
		const raising = db.transaction('fence', 'readwrite', { durability: 'strict' });
		await raising.store.put(token, 'holder');
		await raising.done;
		return new DeviceDatabase(db, token, onLost);
	}

	/**
	 * Runs `write` in one strict transaction over `stores`. `write` must only use the transaction.
	 * @returns when it is committed, or why nothing of it is
	 */
	async strictWrite(
		stores: readonly DeviceStore[],
		write: (tx: WriteTransaction) => readonly Promise<unknown>[]
	): Promise<Result<void, JournalFailure>> {
		let fenced = false;
		try {
			const tx = this.db.transaction([...stores, 'fence'], 'readwrite', { durability: 'strict' });
			const holder = await tx.objectStore('fence').get('holder');
			if (holder !== this.token) {
				fenced = true;
				tx.abort();
			}
			await Promise.all([...(fenced ? [] : begun(tx, write)), tx.done]);
			return ok(undefined);
		} catch (error) {
			if (fenced) return fail('fenced');
			if (error instanceof DOMException && error.name === 'QuotaExceededError') return fail('storage-full');
			if (error instanceof DOMException) return fail('not-saved');
			throw error;
		}
	}

	/** Changes one conversation's record, if it is still there; reading and writing are one transaction. */
	async updateConversation(
		id: string,
		change: (record: ConversationRecord) => ConversationRecord
	): Promise<Result<void, JournalFailure>> {
		return this.strictWrite(['conversations'], (tx) => {
			const store = tx.objectStore('conversations');
			const update = async (): Promise<void> => {
				const record = await store.get(id);
				if (record !== undefined) await store.put(change(record));
			};
			return [update()];
		});
	}

	close(): void {
		this.db.close();
	}
}

/** A request that is refused at once must not leave those before it to be committed alone. */
function begun(
	tx: WriteTransaction,
	write: (tx: WriteTransaction) => readonly Promise<unknown>[]
): readonly Promise<unknown>[] {
	try {
		return write(tx);
	} catch (error) {
		tx.abort();
		return [Promise.reject(error)];
	}
}
