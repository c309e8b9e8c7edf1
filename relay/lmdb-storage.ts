/**
 * `RelayStorage` in one LMDB environment: no server to install, one process a folder.
 *
 *   entries     document 32 ‖ lane u64 ‖ clock u32   → the entry, or its id where it has been erased
 *   heads       document 32 ‖ lane u64               → next u32 ‖ id 32 ‖ lane public key 32
 *   frontiers   document 32 ‖ lane u64               → counter u64 ‖ the frontier
 *   documents   document 32                          → entries u64 ‖ bytes u64; LMDB version: the sequence
 *   access      document 32                          → who may open it (document-access.ts)
 *   totals      "bytes"                              → u64
 *   scrubbing   u8                                   → zeros (#scrub)
 *
 * Durability: `overlappingSync` is off, so a commit is LMDB's own: data pages, fdatasync, then the meta page through a
 * descriptor opened with O_DSYNC, and only then the promise. What arrives while one transaction is flushed is the next
 * one: that is the group commit. Each write holds only if the document's sequence is still what it was: after a failed
 * commit, those queued behind it must not leave a hole in a lane.
 */
import type { AdmittedRun, LaneHead } from '../src/lib/protocol/guard/lanes';
import { headAfter } from './lane-runs';
import { binary, openRoot, openTable, type Root, type Table } from './lmdb-tables';
import { storedForm } from './erased-entries';
import type { DocumentUsage, ErasedRow, RelayStorage, StoredDocument, StoredFrontier } from './storage';

const documentLength = 32;
const laneKeyLength = documentLength + 8;
const headLength = 4 + 32 + 32;
/** Pages that a commit has freed are there for the next but one. */
const scrubRounds = 4;
const scrubRows = 32;
/** Two of them fill a page. */
const scrubRowBytes = 1_900;
const totalKey = Buffer.from('bytes');

function laneKey(document: Uint8Array, lane: number): Buffer {
	const key = Buffer.alloc(laneKeyLength);
	key.set(document);
	key.writeBigUInt64BE(BigInt(lane), documentLength);
	return key;
}

function entryKey(document: Uint8Array, lane: number, clock: number): Buffer {
	const key = Buffer.alloc(laneKeyLength + 4);
	key.set(laneKey(document, lane));
	key.writeUInt32BE(clock, laneKeyLength);
	return key;
}

const laneOfKey = (key: Buffer): number => Number(key.readBigUInt64BE(documentLength));

/** Keys of a document are all below this one; lanes have 53 bits, so none is all ones. */
const afterLanes = (document: Uint8Array): Buffer => Buffer.concat([document, Buffer.alloc(8, 0xff)]);

function u64(...values: readonly number[]): Buffer {
	const bytes = Buffer.alloc(values.length * 8);
	values.forEach((value, i) => bytes.writeBigUInt64BE(BigInt(value), i * 8));
	return bytes;
}

const readU64 = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64BE(at));

function encodeHead(head: LaneHead): Buffer {
	const bytes = Buffer.alloc(headLength);
	bytes.writeUInt32BE(head.next, 0);
	bytes.set(head.id, 4);
	bytes.set(head.publicKey, 36);
	return bytes;
}

function decodeHead(bytes: Buffer): LaneHead {
	return {
		next: bytes.readUInt32BE(0),
		id: bytes.subarray(4, 36),
		publicKey: bytes.subarray(36, headLength)
	};
}

export class LmdbStorage implements RelayStorage {
	readonly #root: Root;
	readonly #entries: Table;
	readonly #heads: Table;
	readonly #frontiers: Table;
	readonly #documents: Table;
	readonly #access: Table;
	readonly #totals: Table;
	readonly #scrubbing: Table;
	#totalBytes: number;

	/** @param folder made if it is not there. Throws what LMDB says if it cannot be opened. */
	constructor(folder: string) {
		this.#root = openRoot(folder, 12);
		const table = (name: string): Table => openTable(this.#root, name);
		this.#entries = table('entries');
		this.#heads = table('heads');
		this.#frontiers = table('frontiers');
		this.#documents = this.#root.openDB<Buffer, Buffer>({ name: 'documents', useVersions: true, ...binary });
		this.#access = table('access');
		this.#totals = table('totals');
		this.#scrubbing = table('scrubbing');
		const total = this.#totals.get(totalKey);
		this.#totalBytes = total === undefined ? 0 : readU64(total, 0);
	}

	get totalBytes(): number {
		return this.#totalBytes;
	}

	async open(document: Uint8Array): Promise<StoredDocument> {
		const range = { start: laneKey(document, 0), end: afterLanes(document) };
		const headByLane = new Map<number, LaneHead>();
		for (const { key, value } of this.#heads.getRange(range))
			headByLane.set(laneOfKey(key), decodeHead(value));
		const frontierByLane = new Map<number, { counter: number; bytes: number }>();
		for (const { key, value } of this.#frontiers.getRange(range)) {
			frontierByLane.set(laneOfKey(key), { counter: readU64(value, 0), bytes: value.length - 8 });
		}
		const row = this.#documents.getEntry(Buffer.from(document));
		const usage: DocumentUsage =
			row === undefined
				? { sequence: 0, entryCount: 0, bytes: 0 }
				: { sequence: row.version ?? 0, entryCount: readU64(row.value, 0), bytes: readU64(row.value, 8) };
		const access = this.#access.get(Buffer.from(document)) ?? null;
		return { headByLane, frontierByLane, usage, access };
	}

	async entries(
		document: Uint8Array,
		lane: number,
		from: number,
		end: number,
		limitBytes: number
	): Promise<readonly Uint8Array[]> {
		const entries: Uint8Array[] = [];
		let bytes = 0;
		const range = { start: entryKey(document, lane, from), end: entryKey(document, lane, end) };
		for (const { value } of this.#entries.getRange(range)) {
			bytes += value.length;
			if (entries.length > 0 && bytes > limitBytes) break;
			entries.push(value);
		}
		return entries;
	}

	append(
		document: Uint8Array,
		runs: readonly AdmittedRun[],
		usage: DocumentUsage,
		access?: Uint8Array
	): Promise<void> {
		let added = access === undefined ? 0 : this.#addedByAccess(document, access);
		for (const run of runs) for (const entry of run.entries) added += entry.length;
		return this.#write(document, usage, added, () => {
			for (const run of runs) {
				run.entries.forEach((entry, i) => {
					const form = storedForm(entry, run.ids[i] as Uint8Array);
					const value = Buffer.from(form.buffer, form.byteOffset, form.length);
					void this.#entries.put(entryKey(document, run.lane, run.start + i), value);
				});
				void this.#heads.put(laneKey(document, run.lane), encodeHead(headAfter(run)));
			}
			if (access !== undefined) void this.#access.put(Buffer.from(document), Buffer.from(access));
		});
	}

	/**
	 * First zeros of the same length, which LMDB writes in their place, so that nothing is left in the page; then the id.
	 * Pages that earlier commits have left behind are written over too (#scrub).
	 */
	async erase(document: Uint8Array, erased: readonly ErasedRow[], usage: DocumentUsage): Promise<void> {
		const freed = erased.reduce((sum, { bytes }) => sum + bytes, 0);
		await this.#write(document, usage, -freed, () => {
			for (const { lane, clock, id, bytes } of erased) {
				const key = entryKey(document, lane, clock);
				void this.#entries.put(key, Buffer.alloc(bytes));
				void this.#entries.put(key, Buffer.from(id));
			}
		});
		await this.#scrub();
	}

	/**
	 * A commit leaves the pages that it replaces as they were, for later ones to write over, the oldest first. These do so
	 * at once, with nothing. Where much else has been freed before, it may take the commits of some hours.
	 */
	async #scrub(): Promise<void> {
		for (let round = 0; round < scrubRounds; round++)
			await this.#scrubbing.transaction(() => {
				for (let i = 0; i < scrubRows; i++)
					void this.#scrubbing.put(Buffer.from([i]), Buffer.alloc(scrubRowBytes));
			});
	}

	putAccess(document: Uint8Array, access: Uint8Array, usage: DocumentUsage): Promise<void> {
		return this.#write(document, usage, this.#addedByAccess(document, access), () => {
			void this.#access.put(Buffer.from(document), Buffer.from(access));
		});
	}

	#addedByAccess(document: Uint8Array, access: Uint8Array): number {
		return access.length - (this.#access.get(Buffer.from(document))?.length ?? 0);
	}

	putFrontier(
		document: Uint8Array,
		{ lane, counter, bytes }: StoredFrontier,
		usage: DocumentUsage
	): Promise<void> {
		const key = laneKey(document, lane);
		const before = this.#frontiers.get(key);
		return this.#write(document, usage, bytes.length - (before === undefined ? 0 : before.length - 8), () => {
			void this.#frontiers.put(key, Buffer.concat([u64(counter), bytes]));
		});
	}

	async frontiers(document: Uint8Array): Promise<readonly Uint8Array[]> {
		const range = { start: laneKey(document, 0), end: afterLanes(document) };
		const frontiers: Uint8Array[] = [];
		for (const { value } of this.#frontiers.getRange(range)) frontiers.push(value.subarray(8));
		return frontiers;
	}

	async close(): Promise<void> {
		await this.#root.close();
	}

	/** The puts of `action` share the fate of the condition, which is what the promise tells. */
	async #write(
		document: Uint8Array,
		usage: DocumentUsage,
		addedBytes: number,
		action: () => void
	): Promise<void> {
		const key = Buffer.from(document);
		this.#totalBytes += addedBytes;
		const puts = (): void => {
			action();
			void this.#documents.put(key, u64(usage.entryCount, usage.bytes), usage.sequence);
			void this.#totals.put(totalKey, u64(this.#totalBytes));
		};
		try {
			const before = usage.sequence - 1;
			const held = await (before === 0
				? this.#documents.ifNoExists(key, puts)
				: this.#documents.ifVersion(key, before, puts));
			if (!held) throw new Error('the document was written to by somebody else');
		} catch (error) {
			this.#totalBytes -= addedBytes;
			throw await causeOf(error);
		}
	}
}

/** lmdb says only "commit failed" and leaves the cause in a promise, which somebody has to look at. */
export async function causeOf(error: unknown): Promise<unknown> {
	if (!(error instanceof Error) || !('commitError' in error)) return error;
	try {
		await error.commitError;
		return error;
	} catch (cause) {
		return new Error('Commit failed', { cause });
	}
}
