/**
 * `InboxStorage` in an LMDB environment of its own, so that strangers' items never share a file with documents.
 *
 *   items     topic 32 ‖ item 16              → received u64 ‖ expiry u64 ‖ sender 8 ‖ bytes u32
 *   blobs     topic 32 ‖ item 16              → the sealed bytes
 *   expiries  expiry u64 ‖ topic 32 ‖ item 16 → nothing
 *   totals    "items"                         → items u64 ‖ bytes u64
 *
 * Every change is one transaction that reads what it decides on; they follow each other. Durability is as in
 * lmdb-storage.ts: without overlapping sync, a commit is on the disk when its promise resolves.
 */
import { inboxItemIdLength, type InboxItem } from '../src/lib/protocol/inbox';
import { inboxTopicLength } from '../src/lib/protocol/inbox-topic';
import { fail, ok, type Result } from '../src/lib/protocol/result';
import type { InboxLimits, InboxRefusal, InboxStorage, NewInboxItem } from './inbox-storage';
import { causeOf } from './lmdb-storage';
import { openRoot, openTable, type Root, type Table } from './lmdb-tables';

type Totals = InboxStorage['totals'];

interface Row extends Omit<InboxItem, 'id'> {
	readonly sender: Buffer;
}

const rowLength = 8 + 8 + 8 + 4;
const totalsKey = Buffer.from('items');
const nothing = Buffer.alloc(0);

const itemKey = (topic: Uint8Array, id: Uint8Array): Buffer => Buffer.concat([topic, id]);
const topicRange = (topic: Uint8Array): { start: Buffer; end: Buffer } => ({
	start: itemKey(topic, Buffer.alloc(inboxItemIdLength)),
	end: itemKey(topic, Buffer.alloc(inboxItemIdLength + 1, 0xff))
});

function expiryKey(expiresSeconds: number, key: Buffer): Buffer {
	const prefix = Buffer.alloc(8);
	prefix.writeBigUInt64BE(BigInt(expiresSeconds));
	return Buffer.concat([prefix, key]);
}

function encodeRow({ receivedSeconds, expiresSeconds, sender, blob }: NewInboxItem): Buffer {
	const row = Buffer.alloc(rowLength);
	row.writeBigUInt64BE(BigInt(receivedSeconds), 0);
	row.writeBigUInt64BE(BigInt(expiresSeconds), 8);
	row.set(sender, 16);
	row.writeUInt32BE(blob.length, 24);
	return row;
}

function decodeRow(row: Buffer): Row {
	return {
		receivedSeconds: Number(row.readBigUInt64BE(0)),
		expiresSeconds: Number(row.readBigUInt64BE(8)),
		sender: row.subarray(16, 24),
		bytes: row.readUInt32BE(24)
	};
}

export class LmdbInboxStorage implements InboxStorage {
	readonly #root: Root;
	readonly #items: Table;
	readonly #blobs: Table;
	readonly #expiries: Table;
	readonly #totals: Table;

	/** @param folder made if it is not there. Throws what LMDB says if it cannot be opened. */
	constructor(folder: string) {
		this.#root = openRoot(folder, 8);
		const table = (name: string): Table => openTable(this.#root, name);
		this.#items = table('items');
		this.#blobs = table('blobs');
		this.#expiries = table('expiries');
		this.#totals = table('totals');
	}

	get totals(): Totals {
		const row = this.#totals.get(totalsKey);
		if (row === undefined) return { items: 0, bytes: 0 };
		return { items: Number(row.readBigUInt64BE(0)), bytes: Number(row.readBigUInt64BE(8)) };
	}

	put(
		topic: Uint8Array,
		item: NewInboxItem,
		limits: InboxLimits
	): Promise<Result<{ readonly item: InboxItem; readonly isNew: boolean }, InboxRefusal>> {
		const { id, receivedSeconds, expiresSeconds, sender, blob } = item;
		return this.#change<Result<{ item: InboxItem; isNew: boolean }, InboxRefusal>>(() => {
			const rows = this.#rows(topic).filter((row) => row.expiresSeconds > receivedSeconds);
			const known = rows.find((row) => Buffer.compare(row.id, id) === 0);
			if (known !== undefined) return ok({ item: known, isNew: false });
			const refusal = this.#refusal(rows, item, limits);
			if (refusal !== null) return fail(refusal);
			const key = itemKey(topic, id);
			// Expired, and not yet swept: gone with everything that is said of it.
			this.#drop(key);
			void this.#items.put(key, encodeRow(item));
			void this.#blobs.put(key, Buffer.from(blob));
			void this.#expiries.put(expiryKey(expiresSeconds, key), nothing);
			this.#count(1, blob.length);
			const kept = { id, bytes: blob.length, receivedSeconds, expiresSeconds, sender };
			return ok({ item: kept, isNew: true });
		});
	}

	list(topic: Uint8Array, nowSeconds: number): readonly InboxItem[] {
		return this.#rows(topic)
			.filter(({ expiresSeconds }) => expiresSeconds > nowSeconds)
			.sort((a, b) => a.receivedSeconds - b.receivedSeconds || Buffer.compare(a.id, b.id));
	}

	blob(topic: Uint8Array, id: Uint8Array, nowSeconds: number): Uint8Array | null {
		const key = itemKey(topic, id);
		const row = this.#items.get(key);
		if (row === undefined || decodeRow(row).expiresSeconds <= nowSeconds) return null;
		return this.#blobs.get(key) ?? null;
	}

	delete(topic: Uint8Array, id: Uint8Array): Promise<boolean> {
		return this.#change(() => this.#drop(itemKey(topic, id)));
	}

	sweep(nowSeconds: number, limit: number): Promise<number> {
		return this.#change(() => {
			const end = expiryKey(nowSeconds + 1, nothing);
			const due = [...this.#expiries.getKeys({ start: expiryKey(0, nothing), end, limit })];
			for (const key of due) this.#drop(key.subarray(8));
			return due.length;
		});
	}

	async close(): Promise<void> {
		await this.#root.close();
	}

	#refusal(rows: readonly Row[], { sender, blob }: NewInboxItem, limits: InboxLimits): InboxRefusal | null {
		const bytes = rows.reduce((sum, row) => sum + row.bytes, blob.length);
		if (rows.length >= limits.inboxItems || bytes > limits.inboxBytes) return 'inbox-full';
		const own = rows.filter((row) => Buffer.compare(row.sender, sender) === 0);
		if (own.length >= limits.inboxItemsPerSender) return 'inbox-share';
		return this.totals.bytes + blob.length > limits.inboxTotalBytes ? 'relay-full' : null;
	}

	#rows(topic: Uint8Array): (InboxItem & Row)[] {
		const rows: (InboxItem & Row)[] = [];
		for (const { key, value } of this.#items.getRange(topicRange(topic)))
			rows.push({ id: key.subarray(inboxTopicLength), ...decodeRow(value) });
		return rows;
	}

	/** Within a change. @returns whether it was there */
	#drop(key: Buffer): boolean {
		const value = this.#items.get(key);
		if (value === undefined) return false;
		const { expiresSeconds, bytes } = decodeRow(value);
		void this.#items.remove(key);
		void this.#blobs.remove(key);
		void this.#expiries.remove(expiryKey(expiresSeconds, key));
		this.#count(-1, -bytes);
		return true;
	}

	#count(items: number, bytes: number): void {
		const totals = this.totals;
		const row = Buffer.alloc(16);
		row.writeBigUInt64BE(BigInt(totals.items + items), 0);
		row.writeBigUInt64BE(BigInt(totals.bytes + bytes), 8);
		void this.#totals.put(totalsKey, row);
	}

	/** Runs `action` in a transaction that sees its own writes. Rejects if it is not on stable storage. */
	async #change<T>(action: () => T): Promise<T> {
		try {
			return await this.#root.transaction(action);
		} catch (error) {
			throw await causeOf(error);
		}
	}
}
