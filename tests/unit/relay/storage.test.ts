import { describe, expect, it, onTestFinished } from 'vitest';
import { LmdbStorage } from '../../../relay/lmdb-storage';
import type { DocumentUsage, RelayStorage } from '../../../relay/storage';
import { entryIdOf } from '../../../src/lib/protocol/entry';
import type { AdmittedRun } from '../../../src/lib/protocol/guard/lanes';
import { LaneWriter, newSegment } from './lane-writer';
import { newFolder } from './test-relay';

/** What every driver has to pass. `open` opens the same place each time. */
function storageAcceptance(name: string, newPlace: () => () => RelayStorage): void {
	async function scene() {
		const openStorage = newPlace();
		const segment = await newSegment();
		const writer = await LaneWriter.create(segment);
		const storage = openStorage();
		let closed = false;
		const close = async (): Promise<void> => {
			if (!closed) await storage.close();
			closed = true;
		};
		onTestFinished(close);
		const admitted = async (count: number): Promise<AdmittedRun> => {
			const run = await writer.write(count);
			return { ...run, ids: run.entries.map(entryIdOf), publicKey: writer.signing.publicKey };
		};
		const usage = (sequence: number): DocumentUsage => ({
			sequence,
			entryCount: writer.entries.length,
			bytes: 1000
		});
		return { storage, close, openStorage, document: segment.context, writer, admitted, usage };
	}

	describe(name, () => {
		it('opens an unknown document as an empty one', async () => {
			const { storage, document } = await scene();
			const stored = await storage.open(document);
			expect([stored.headByLane.size, stored.frontierByLane.size, stored.usage]).toEqual([
				0,
				0,
				{ sequence: 0, entryCount: 0, bytes: 0 }
			]);
			expect(await storage.entries(document, 5, 0, 10, 1000)).toEqual([]);
		});

		it('gives back what was appended, in ranges, also when opened anew', async () => {
			const { storage, close, openStorage, document, writer, admitted, usage } = await scene();
			await storage.append(document, [await admitted(300)], usage(1));
			await close();
			const again = openStorage();
			onTestFinished(() => again.close());
			const stored = await again.open(document);
			const head = stored.headByLane.get(writer.lane);
			expect(head?.next).toBe(300);
			expect(new Uint8Array(head?.id ?? [])).toEqual(entryIdOf(writer.entries[299] as Uint8Array));
			expect(new Uint8Array(head?.publicKey ?? [])).toEqual(writer.signing.publicKey);
			expect(stored.usage).toEqual(usage(1));
			expect(again.totalBytes).toBe(writer.entries.reduce((sum, entry) => sum + entry.length, 0));
			const plain = (entries: readonly Uint8Array[]): Uint8Array[] =>
				entries.map((entry) => new Uint8Array(entry));
			expect(plain(await again.entries(document, writer.lane, 254, 258, 1e9))).toEqual(
				writer.entries.slice(254, 258)
			);
			expect(plain(await again.entries(document, writer.lane, 10, 300, 1))).toEqual(
				writer.entries.slice(10, 11)
			);
			expect(await again.entries(document, writer.lane, 300, 400, 1e9)).toEqual([]);
			expect(await again.entries(document, writer.lane + 1, 0, 400, 1e9)).toEqual([]);
		});

		it('keeps documents apart whose names are neighbours', async () => {
			const { storage, document, admitted, usage } = await scene();
			const neighbour = document.slice();
			neighbour[31] = ((neighbour[31] ?? 0) + 1) % 256;
			await storage.append(document, [await admitted(2)], usage(1));
			expect((await storage.open(neighbour)).headByLane.size).toBe(0);
			expect((await storage.open(document)).headByLane.size).toBe(1);
		});

		it('takes writes side by side, in order', async () => {
			const { storage, document, writer, admitted, usage } = await scene();
			const writes: Promise<void>[] = [];
			for (let i = 1; i <= 50; i++) writes.push(storage.append(document, [await admitted(2)], usage(i)));
			await Promise.all(writes);
			expect((await storage.entries(document, writer.lane, 0, 100, 1e9)).length).toBe(100);
		});

		it('refuses a write that does not follow the one before, whole', async () => {
			const { storage, document, writer, admitted, usage } = await scene();
			await storage.append(document, [await admitted(2)], usage(1));
			const bytes = storage.totalBytes;
			const lost = await admitted(2);
			const queued = await admitted(2);
			await expect(storage.append(document, [lost], usage(1))).rejects.toThrow('somebody else');
			await expect(storage.append(document, [queued], usage(3))).rejects.toThrow('somebody else');
			expect((await storage.entries(document, writer.lane, 0, 100, 1e9)).length).toBe(2);
			expect((await storage.open(document)).headByLane.get(writer.lane)?.next).toBe(2);
			expect(storage.totalBytes).toBe(bytes);
		});

		it('keeps the newest row on who may open a document, written with entries or alone', async () => {
			const { storage, document, admitted, usage } = await scene();
			expect((await storage.open(document)).access).toBeNull();
			const run = await admitted(1);
			const bytes = run.entries.reduce((sum, entry) => sum + entry.length, 0);
			await storage.append(document, [run], usage(1), Uint8Array.of(1, 2, 3));
			expect([...((await storage.open(document)).access ?? [])]).toEqual([1, 2, 3]);
			await storage.putAccess(document, Uint8Array.of(9), usage(2));
			expect([...((await storage.open(document)).access ?? [])]).toEqual([9]);
			expect(storage.totalBytes).toBe(bytes + 1);
			await expect(storage.putAccess(document, Uint8Array.of(8), usage(2))).rejects.toThrow('somebody else');
			expect([...((await storage.open(document)).access ?? [])]).toEqual([9]);
		});

		it('keeps the newest frontier of each lane', async () => {
			const { storage, document } = await scene();
			const put = (sequence: number, lane: number, counter: number, bytes: Uint8Array): Promise<void> =>
				storage.putFrontier(document, { lane, counter, bytes }, { sequence, entryCount: 0, bytes: 0 });
			await put(1, 7, 1, Uint8Array.of(1, 1));
			await put(2, 7, 2 ** 52, Uint8Array.of(2));
			await put(3, 2 ** 53 - 1, 3, Uint8Array.of(3));
			const frontiers = await storage.frontiers(document);
			expect(frontiers.map((bytes) => [...bytes])).toEqual([[2], [3]]);
			expect((await storage.open(document)).frontierByLane).toEqual(
				new Map([
					[7, { counter: 2 ** 52, bytes: 1 }],
					[2 ** 53 - 1, { counter: 3, bytes: 1 }]
				])
			);
			expect(storage.totalBytes).toBe(2);
		});
	});
}

storageAcceptance('LmdbStorage', () => {
	const folder = newFolder();
	return () => new LmdbStorage(folder);
});
