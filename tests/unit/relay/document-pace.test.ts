import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { LaneRun } from '../../../src/lib/protocol/guard/update';
import { LaneWriter, newSegment } from './lane-writer';
import {
	eventually,
	DocumentClient,
	metric,
	startTestRelay,
	step1Frame,
	openDocument,
	updateFrame
} from './test-relay';

/** Megabytes, compared as such: vitest goes byte by byte. */
const same = (a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean =>
	a.length === b.length && Buffer.concat(a).equals(Buffer.concat(b));

const total = (runs: readonly LaneRun[]): number => runs.reduce((sum, run) => sum + run.entries.length, 0);

describe('answers', () => {
	it('come in frames of at most about 256 KiB', async () => {
		const relay = await startTestRelay();
		const segment = await newSegment();
		const writers = await Promise.all(Array.from({ length: 40 }, () => LaneWriter.create(segment)));
		const a = await DocumentClient.open(relay, segment);
		await a.synchronise();
		for (const writer of writers) a.socket.send(updateFrame(await writer.write(10, 4000)));
		const b = await DocumentClient.open(relay, segment);
		await eventually(async () => expect(await metric(relay, 'entries_stored_total')).toBe(400));
		const frames = await b.synchronise();
		const updates = frames.flatMap((frame) => (frame.kind === 'update' ? [frame] : []));
		expect(updates.length).toBeGreaterThan(5);
		expect(Math.max(...updates.map(({ bytes }) => bytes))).toBeLessThan(300 * 1024);
		expect(updates.reduce((sum, { runs }) => sum + total(runs), 0)).toBe(400);
	});

	it('are not buffered for a client that does not read', async () => {
		const relay = await startTestRelay({
			settings: { slowSocketBytes: 512 * 1024, stuckSocketBytes: 1024 * 1024, documentBytesBurst: 1 << 30 }
		});
		const segment = await newSegment();
		const writers = await Promise.all(Array.from({ length: 4 }, () => LaneWriter.create(segment)));
		const a = await DocumentClient.open(relay, segment);
		await a.synchronise();
		for (const writer of writers) {
			await writer.write(300, 30_000);
			for (let i = 0; i < 300; i += 50) a.socket.send(updateFrame(writer.run(i, i + 50)));
			await a.acknowledged(writer.lane, 299);
		}
		const slow = await DocumentClient.open(relay, segment);
		slow.socket.raw.pause();
		slow.socket.send(step1Frame());
		const sent = async (): Promise<number> => metric(relay, 'entries_sent_total', { path: 'stored' });
		await eventually(async () => expect(await sent()).toBeGreaterThan(0));
		// The others are served meanwhile, and the answer stands still somewhere: the socket's buffers are full.
		const other = await DocumentClient.open(relay, segment);
		await other.synchronise();
		expect(await sent()).toBeLessThan(1200 + 600);
		expect(slow.socket.raw.readyState).toBe(WebSocket.OPEN);
		slow.socket.raw.resume();
		for (const writer of writers) expect(same(await slow.until(writer.lane, 300), writer.entries)).toBe(true);
		await slow.nextOf('step2');
	}, 60_000);
});

describe('a socket that does not drain', () => {
	it('gets no fan-out beyond the limit, and is caught up when it reads again', async () => {
		const relay = await startTestRelay({
			settings: { slowSocketBytes: 256 * 1024, documentBytesBurst: 1 << 30, documentMessagesBurst: 1 << 20 }
		});
		const segment = await newSegment();
		const writer = await LaneWriter.create(segment);
		const [a, slow] = [await DocumentClient.open(relay, segment), await DocumentClient.open(relay, segment)];
		await a.synchronise();
		await slow.synchronise();
		slow.socket.raw.pause();
		while ((await metric(relay, 'resyncs_total', { reason: 'slow' })) === 0) {
			a.socket.send(updateFrame(await writer.write(10, 30_000)));
			await a.acknowledged(writer.lane, writer.entries.length - 1);
		}
		a.socket.send(updateFrame(await writer.write(20, 30_000)));
		await a.acknowledged(writer.lane, writer.entries.length - 1);
		const held = writer.entries.length;
		expect(await metric(relay, 'entries_sent_total')).toBeLessThan(held);
		slow.socket.raw.resume();
		expect(same(await slow.until(writer.lane, held), writer.entries)).toBe(true);
		a.socket.send(updateFrame(await writer.write(1)));
		expect(same(await slow.until(writer.lane, held + 1), writer.entries)).toBe(true);
	}, 60_000);

	it('is closed with 1013 when even what it cannot do without piles up', async () => {
		const relay = await startTestRelay({
			settings: {
				slowSocketBytes: 1000,
				stuckSocketBytes: 4000,
				documentBytesBurst: 1 << 30,
				documentMessagesBurst: 1 << 20
			}
		});
		const segment = await newSegment();
		const writer = await LaneWriter.create(segment);
		const a = await DocumentClient.open(relay, segment);
		await a.synchronise();
		const b = await openDocument(relay, segment);
		a.socket.send(updateFrame(await writer.write(30, 30_000)));
		await a.acknowledged(writer.lane, 29);
		// Reads nothing, and asks for everything over and over.
		b.raw.pause();
		const repeats = updateFrame(writer.run(0, 1));
		while ((await metric(relay, 'closed_total', { code: '1013' })) === 0) {
			b.send(step1Frame());
			for (let i = 0; i < 20; i++) b.send(repeats);
			a.socket.send(repeats);
			await a.acknowledged(writer.lane, 29);
		}
		a.socket.send(updateFrame(await writer.write(1)));
		await a.acknowledged(writer.lane, 30);
	}, 60_000);
});

describe('many clients at once', () => {
	it('that write, leave and come back end with the same set, and nothing is ever sent into a gap', async () => {
		const relay = await startTestRelay();
		const segment = await newSegment();
		const writers = await Promise.all(Array.from({ length: 6 }, () => LaneWriter.create(segment)));
		await Promise.all(
			writers.map(async (writer, i) => {
				let client = await DocumentClient.open(relay, segment);
				await client.synchronise();
				for (let round = 0; round < 25; round++) {
					client.socket.send(updateFrame(await writer.write(1 + ((round * 7 + i) % 5))));
					if ((round + i) % 6 === 5) {
						client.socket.raw.terminate();
						const held = client.entriesByLane;
						client = await DocumentClient.open(relay, segment);
						for (const [lane, entries] of held) client.entriesByLane.set(lane, entries);
						await client.synchronise(new Map([...held].map(([lane, entries]) => [lane, entries.length])));
						client.socket.send(updateFrame(writer.run()));
					}
					if (round % 3 === 0) await client.acknowledged(writer.lane, writer.entries.length - 1);
				}
				for (const other of writers) if (other !== writer) await client.until(other.lane, 25);
			})
		);
		const reader = await DocumentClient.open(relay, segment);
		await reader.synchronise();
		for (const writer of writers)
			expect(same(await reader.until(writer.lane, writer.entries.length), writer.entries)).toBe(true);
		expect(await metric(relay, 'rejected_total')).toBe(0);
	});
});
