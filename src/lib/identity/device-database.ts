/**
 * What this installation alone holds: keys, the journal, which conversations there are. One IndexedDB database, apart
 * from the documents and from the read model; nothing in it can be fetched again from anybody.
 *
 * Every write goes through `write`: it is refused once another tab has taken over (the fence), whatever this tab still
 * has in flight. `strictWrite` is on stable storage when it resolves; a relaxed write is once `settle` resolves.
 */
import { openDB, type DBSchema, type IDBPDatabase, type StoreNames, type IDBPTransaction } from 'idb';
import type { DeliveryRecord } from '../conversation/delivery';
import type { HeldEpoch } from '../conversation/epochs/epoch-keyring';
import type {
	Erasure,
	JournalEntry,
	JournalFailure,
	OwnLane,
	RedactedEntry,
	SegmentMeta
} from '../conversation/ports';
import type { ReadingRecord } from '../conversation/reading';
import type { DeviceCertificate } from '../protocol/certificates';
import type { SealedKind } from '../protocol/epoch-records';
import { fail, ok, type Result } from '../protocol/result';
import type { ContactRow, IntroductionRow, ReachabilityRow, RequestRow } from './contacts';
import type { MarkRow } from './marks';
import type { ScheduledRow } from './scheduled';

export interface IdentityRow {
	readonly name: string;
	/** Seed of the account key; kept until the recovery kit has been taken. */
	readonly accountSeed: Uint8Array;
	readonly certificate: DeviceCertificate;
	readonly devicePrivateKey: CryptoKey;
	readonly agreementPrivateKey: CryptoKey;
	/** Another device has written as this one, and this one's person is still to be told. */
	readonly copied?: boolean;
}

export interface ConversationRecord {
	/** Base64url of the conversation id. */
	readonly id: string;
	/** By which this device came in: the first epoch, or that of a link. */
	readonly epochSecret: Uint8Array<ArrayBuffer>;
	/** What that is; whole if absent, as in rows from before there were others. */
	readonly epochKind?: SealedKind;
	/** Where the others are to be met; if absent, it follows from `epochSecret`. */
	readonly meeting?: Uint8Array<ArrayBuffer>;
	/** Of the invitations by which this device has come. */
	readonly inviteSeeds?: readonly Uint8Array[];
	/** Epochs that are held beside the first. */
	readonly epochs?: readonly HeldEpoch[];
	readonly grant: Uint8Array<ArrayBuffer>;
	/** As known from the link until the fold knows better. */
	readonly name: string;
	/** Of the group, as it was last seen. Absent in older rows. */
	readonly picture?: Uint8Array | null;
	readonly newestSegmentHint: number;
	/** HLC of founding or joining here. */
	readonly createdTime: number;
	readonly left: boolean;
	readonly invite: { readonly fragment: string; readonly expiresAtMs: number } | null;
	readonly delivery: DeliveryRecord | null;
	/** How far this person has read, as far as the others may know. Absent in older rows. */
	readonly reading?: ReadingRecord;
	/** Newest frontiers of other devices. */
	readonly frontiers: readonly Uint8Array[];
	/** When (ms) there was last a link to a member. Absent in older rows. */
	readonly seen?: readonly (readonly [account: string, atMs: number])[];
	/** When (ms) each older segment was last compared with the relay to the end. */
	readonly relayComparedAtMs: readonly (readonly [number, number])[];
}

type InConversation<T> = T & { readonly conversation: string };

export interface SegmentRow extends SegmentMeta {
	readonly conversation: string;
	/** Loaded, or was when this device stopped. */
	readonly open: boolean;
	/** What the relay has not yet erased of it; absent: nothing. */
	readonly erasures?: readonly Erasure[];
	/** What has been taken out of it; absent: nothing. */
	readonly redacted?: readonly RedactedEntry[];
}

interface DeviceSchema extends DBSchema {
	identity: { key: 'self'; value: IdentityRow };
	conversations: { key: string; value: ConversationRecord };
	lanes: { key: [string, number]; value: InConversation<OwnLane> };
	journal: { key: [string, number, number, number]; value: InConversation<JournalEntry> };
	segments: { key: [string, number]; value: SegmentRow };
	drafts: { key: string; value: string };
	fence: { key: 'holder'; value: string };
	/** Written to have the disk flushed; apart, so that no other write has to wait for that. */
	flushes: { key: 'last'; value: number };
	/** What screens showed last, for the next start; whoever reads it checks its form. Worth nothing to anybody else. */
	snapshots: { key: string; value: unknown };
	contacts: { key: string; value: ContactRow };
	requests: { key: string; value: RequestRow };
	introductions: { key: string; value: IntroductionRow };
	reachability: { key: 'self'; value: ReachabilityRow };
	marks: { key: [string, string, string]; value: MarkRow };
	scheduled: { key: string; value: ScheduledRow };
}

/** What a start needs first. */
export interface FirstReads {
	readonly identity: IdentityRow | undefined;
	readonly snapshots: readonly (readonly [key: string, value: unknown])[];
	/** What others are told about this person stands in it. */
	readonly reachability: ReachabilityRow | undefined;
	readonly marks: readonly MarkRow[];
}

export type DeviceStore = Exclude<StoreNames<DeviceSchema>, 'fence' | 'flushes'>;
type WriteTransaction = IDBPTransaction<DeviceSchema, StoreNames<DeviceSchema>[], 'readwrite'>;

export class DeviceDatabase {
	#flushes = 0;
	/** Begins when the one under way has ended; covers all that was committed until then. */
	#nextFlush: Promise<Result<void, JournalFailure>> | null = null;
	#lastFlush: Promise<unknown> = Promise.resolve();

	private constructor(
		readonly db: IDBPDatabase<DeviceSchema>,
		/** Drawn by each tab that becomes the active one. */
		readonly token: string,
		readonly onLost: () => void
	) {}

	/** Opens the database and raises the fence. For the rest see `connect`. */
	static async open(token: string, onLost: () => void, name = 'skein-device'): Promise<DeviceDatabase> {
		const database = await DeviceDatabase.connect(token, onLost, name);
		await database.raiseFence();
		return database;
	}

	/**
	 * Opens the database for reading; what is written before `raiseFence` is refused.
	 * @param onLost the browser closed the database under us; nothing can be saved until a reload
	 */
	static async connect(token: string, onLost: () => void, name = 'skein-device'): Promise<DeviceDatabase> {
		const db = await openDB<DeviceSchema>(name, 6, {
			upgrade(created, from) {
				if (from < 6) created.createObjectStore('scheduled', { keyPath: 'id' });
				if (from < 5) created.createObjectStore('marks', { keyPath: ['conversation', 'message', 'kind'] });
				if (from < 4) {
					created.createObjectStore('contacts', { keyPath: 'account' });
					created.createObjectStore('requests', { keyPath: 'account' });
					created.createObjectStore('introductions', { keyPath: 'conversation' });
					created.createObjectStore('reachability');
				}
				if (from < 3) created.createObjectStore('snapshots');
				if (from < 2) created.createObjectStore('flushes');
				if (from >= 1) return;
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
		return new DeviceDatabase(db, token, onLost);
	}

	/** Tabs that held the fence before can write no more. Writes that are begun after this call wait for it. */
	async raiseFence(): Promise<void> {
		const raising = this.db.transaction('fence', 'readwrite', { durability: 'strict' });
		await Promise.all([raising.store.put(this.token, 'holder'), raising.done]);
	}

	async firstReads(): Promise<FirstReads> {
		const tx = this.db.transaction(['identity', 'snapshots', 'reachability', 'marks']);
		const snapshots = tx.objectStore('snapshots');
		const [identity, keys, values, reachability, marks] = await Promise.all([
			tx.objectStore('identity').get('self'),
			snapshots.getAllKeys(),
			snapshots.getAll(),
			tx.objectStore('reachability').get('self'),
			tx.objectStore('marks').getAll()
		]);
		return {
			identity,
			reachability,
			marks,
			snapshots: keys.map((key, index) => [key, values[index]] as const)
		};
	}

	/** As `write`, and on stable storage when it resolves. */
	strictWrite(
		stores: readonly DeviceStore[],
		write: (tx: WriteTransaction) => readonly Promise<unknown>[]
	): Promise<Result<void, JournalFailure>> {
		return this.write(stores, write, 'strict');
	}

	/** Resolves when all that was committed before is on stable storage. Calls made meanwhile share one flush. */
	settle(): Promise<Result<void, JournalFailure>> {
		this.#nextFlush ??= this.#lastFlush.then(() => {
			this.#nextFlush = null;
			const flush = this.#flush();
			this.#lastFlush = flush;
			return flush;
		});
		return this.#nextFlush;
	}

	/** A strict commit flushes the database's log, and with it all commits that came before it in the log. */
	async #flush(): Promise<Result<void, JournalFailure>> {
		try {
			const tx = this.db.transaction('flushes', 'readwrite', { durability: 'strict' });
			await Promise.all([tx.store.put(++this.#flushes, 'last'), tx.done]);
			return ok(undefined);
		} catch (error) {
			return failureOf(error);
		}
	}

	/**
	 * Runs `write` in one transaction over `stores`. `write` must only use the transaction.
	 * @returns when it is committed, or why nothing of it is
	 */
	async write(
		stores: readonly DeviceStore[],
		write: (tx: WriteTransaction) => readonly Promise<unknown>[],
		durability: 'strict' | 'relaxed'
	): Promise<Result<void, JournalFailure>> {
		let fenced = false;
		try {
			const tx = this.db.transaction([...stores, 'fence'], 'readwrite', { durability });
			// Asked together with the writes, which saves a turn: nothing is committed before the answer has been looked at.
			const allowed = tx
				.objectStore('fence')
				.get('holder')
				.then((holder) => {
					if (holder === this.token) return;
					fenced = true;
					tx.abort();
				});
			await Promise.all([allowed, ...begun(tx, write), tx.done]);
			return ok(undefined);
		} catch (error) {
			return fenced ? fail('fenced') : failureOf(error);
		}
	}

	/** Keeps whether there is a copy of this device that its person is still to be told of. */
	keepCopied(copied: boolean): Promise<Result<void, JournalFailure>> {
		return this.strictWrite(['identity'], (tx) => {
			const store = tx.objectStore('identity');
			const update = async (): Promise<void> => {
				const identity = await store.get('self');
				if (identity !== undefined) await store.put({ ...identity, copied }, 'self');
			};
			return [update()];
		});
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

	/**
	 * Keeps drafts while the page is going away, when no answer can be waited for: committed in the same breath, since
	 * a transaction that is still open is given up with its page. Asks no fence, and so must write nothing but drafts.
	 */
	async keepDraftsNow(drafts: readonly (readonly [conversation: string, text: string])[]): Promise<void> {
		const tx = this.db.transaction('drafts', 'readwrite', { durability: 'relaxed' });
		const written = drafts.map(([conversation, text]) =>
			text === '' ? tx.store.delete(conversation) : tx.store.put(text, conversation)
		);
		tx.commit();
		await Promise.all([...written, tx.done]);
	}

	close(): void {
		this.db.close();
	}
}

/** @throws what is no refusal of the database's: a bug */
function failureOf(error: unknown): Result<never, JournalFailure> {
	if (!(error instanceof DOMException)) throw error;
	return fail(error.name === 'QuotaExceededError' ? 'storage-full' : 'not-saved');
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
