import { describe, expect, test } from 'vitest';
import { SteadyWriter } from '../../../src/lib/app/steady-store';
import { plainlySaid } from '../../../src/lib/store/as-said';
import { StoreError } from '../../../src/lib/store/store-error';
import type { SaidMessage, ProjectionBatch } from '../../../src/lib/store/types';
import { ManualTimers } from '../link/manual-timers';

const batch = (next: number): ProjectionBatch => ({
	cursors: [{ conversation: 'c', segment: 1, lane: 1, next }]
});

function rig() {
	const timers = new ManualTimers();
	const written: (number | undefined)[] = [];
	const told: (string | null)[] = [];
	const disk = { failure: null as StoreError | null };
	const store = {
		async apply({ cursors }: ProjectionBatch): Promise<void> {
			if (disk.failure !== null) throw disk.failure;
			written.push(cursors?.[0]?.next);
		}
	};
	const writer = new SteadyWriter(store, { timers, stuck: (error) => told.push(error?.reason ?? null) });
	return { timers, written, told, disk, writer };
}

describe('a read model that cannot be written', () => {
	test('batches wait and are written in order with the next one', async () => {
		const { written, told, disk, writer } = rig();
		await writer.apply(batch(1));
		disk.failure = new StoreError('full', 'no space');
		await writer.apply(batch(2));
		await writer.apply(batch(3));
		expect(written).toEqual([1]);
		expect(told).toEqual(['full']);
		disk.failure = null;
		await writer.apply(batch(4));
		expect(written).toEqual([1, 2, 3, 4]);
		expect(told).toEqual(['full', null]);
	});

	test('batches are tried again although nothing new comes', async () => {
		const { timers, written, disk, writer } = rig();
		disk.failure = new StoreError('failed', 'disk I/O error');
		await writer.apply(batch(1));
		disk.failure = null;
		timers.pass(5_000);
		await expect.poll(() => written).toEqual([1]);
	});

	test('when too many wait nothing more is written, so that no cursor passes a message', async () => {
		const { written, told, disk, writer } = rig();
		disk.failure = new StoreError('full', 'no space');
		for (let next = 1; next <= 300; next++) await writer.apply(batch(next));
		disk.failure = null;
		await writer.apply(batch(301));
		expect(written).toEqual([]);
		expect(told).toEqual(['full', 'full']);
	});

	test('few batches are too many if they are large', async () => {
		const { written, disk, writer } = rig();
		const row: SaidMessage = {
			...plainlySaid,
			conversation: 'c',
			segment: 1,
			lane: 1,
			clock: 1,
			id: 'id',
			time: 1,
			author: 'Anna',
			own: false,
			text: 'Hello',
			sentAtMs: 1
		};
		const messages = Array.from({ length: 1_024 }, () => row);
		disk.failure = new StoreError('full', 'no space');
		for (let next = 1; next <= 30; next++) await writer.apply({ ...batch(next), messages });
		disk.failure = null;
		await writer.apply(batch(31));
		expect(written).toEqual([]);
	});

	test('a broken database is given up at once', async () => {
		const { written, told, disk, writer } = rig();
		disk.failure = new StoreError('broken', 'malformed');
		await writer.apply(batch(1));
		disk.failure = null;
		await writer.apply(batch(2));
		expect(written).toEqual([]);
		expect(told).toEqual(['broken']);
	});

	test('a read position that cannot be kept is lost quietly, but told', async () => {
		const { timers, told, writer } = rig();
		await writer.attempt(() => Promise.reject(new StoreError('full', 'no space')));
		expect(told).toEqual(['full']);
		timers.pass(5_000);
		await expect.poll(() => told).toEqual(['full', null]);
	});

	test('what is no fault of the store is thrown', async () => {
		const { timers } = rig();
		const writer = new SteadyWriter(
			{ apply: () => Promise.reject(new TypeError('a bug')) },
			{ timers, stuck: () => undefined }
		);
		await expect(writer.apply(batch(1))).rejects.toThrow('a bug');
	});
});
