/** Who gets into a document: real sockets, real keys, a real disk. */
import { describe, expect, it } from 'vitest';
import { LmdbStorage } from '../../../relay/lmdb-storage';
import { entryIdOf } from '../../../src/lib/protocol/entry';
import { crypto, LaneWriter, newSegment } from './lane-writer';
import { ManualClock } from './manual-clock';
import {
	DocumentClient,
	eventually,
	frontierFrame,
	metric,
	newFolder,
	openDocument,
	startTestRelay,
	step1Frame,
	TestSocket,
	updateFrame
} from './test-relay';
import {
	accessKeys,
	attempt,
	challenged,
	nextEpoch,
	outcome,
	scene,
	ticket,
	type Scene
} from './ticket-scene';

describe('a ticket', () => {
	it('opens a document, and makes an unknown one its own', async () => {
		const relay = await startTestRelay();
		const segment = await newSegment();
		expect((await challenged(relay, segment)).generation).toBe(0);
		expect(await attempt(relay, segment)).toBe('write 1');
		expect(await metric(relay, 'tickets_total', { mode: 'write' })).toBe(1);
	});

	it('that asks to read gets no more', async () => {
		const here = await scene();
		const { socket, nonce } = await challenged(here.relay, here.segment);
		const keys = await accessKeys(here.segment);
		socket.send(await ticket(keys, here.segment, nonce, { mode: 'read' }));
		expect(await outcome(socket)).toBe('read 1');
		socket.send(updateFrame(await here.writer.write(1)));
		socket.send(frontierFrame(await here.writer.frontier()));
		await eventually(async () =>
			expect(await metric(here.relay, 'rejected_total', { reason: 'read-only' })).toBe(2)
		);
		const frames = await new DocumentClient(socket).synchronise();
		expect(frames.find(({ kind }) => kind === 'step1')).toMatchObject({
			next: new Map([[here.writer.lane, 3]])
		});
	});

	it('may have everything else right behind it, in the same breath', async () => {
		const here = await scene();
		const { socket, nonce } = await challenged(here.relay, here.segment);
		socket.send(await ticket(await accessKeys(here.segment), here.segment, nonce));
		const writer = await LaneWriter.create(here.segment);
		for (let i = 0; i < 50; i++) socket.send(updateFrame(await writer.write(1)));
		socket.send(step1Frame());
		const client = new DocumentClient(socket);
		expect((await client.nextOf('access')).mode).toBe('write');
		await client.acknowledged(writer.lane, 49);
	});

	it.each<[string, string, (here: Scene) => Promise<TestSocket>]>([
		[
			'that is no ticket but a stock client’s first frame',
			'4401 ticket-missing',
			async (here) => {
				const { socket } = await challenged(here.relay, here.segment);
				socket.send(step1Frame());
				return socket;
			}
		],
		[
			'cut short',
			'4401 ticket-missing',
			async (here) => {
				const { socket, nonce } = await challenged(here.relay, here.segment);
				socket.send((await ticket(await accessKeys(here.segment), here.segment, nonce)).slice(0, -1));
				return socket;
			}
		],
		[
			'as a text',
			'4401 ticket-missing',
			async (here) => {
				const { socket } = await challenged(here.relay, here.segment);
				socket.raw.send('ticket');
				return socket;
			}
		],
		[
			'larger than any frame',
			'4413 frame too large',
			async (here) => {
				const { socket } = await challenged(here.relay, here.segment);
				socket.raw.send(new Uint8Array(9 * 1024 * 1024));
				return socket;
			}
		],
		[
			'replayed: signed for another socket’s nonce',
			'4401 ticket-signature',
			async (here) => {
				const first = await challenged(here.relay, here.segment);
				const { socket } = await challenged(here.relay, here.segment);
				socket.send(await ticket(await accessKeys(here.segment), here.segment, first.nonce));
				return socket;
			}
		],
		[
			'of another document, by its key',
			'4401 ticket-signature',
			async (here) => {
				const other = await newSegment();
				const { socket, nonce } = await challenged(here.relay, here.segment);
				socket.send(await ticket(await accessKeys(other), other, nonce));
				return socket;
			}
		],
		[
			'of a stranger',
			'4403 ticket-key',
			async (here) => {
				const { socket, nonce } = await challenged(here.relay, here.segment);
				socket.send(await ticket(await crypto.generateSigningKeys(), here.segment, nonce));
				return socket;
			}
		],
		[
			'in another key’s name',
			'4401 ticket-signature',
			async (here) => {
				const { socket, nonce } = await challenged(here.relay, here.segment);
				const { publicKey } = await accessKeys(here.segment);
				const { privateKey } = await crypto.generateSigningKeys();
				socket.send(await ticket({ publicKey, privateKey }, here.segment, nonce));
				return socket;
			}
		],
		[
			'of a lane that nobody has named',
			'4403 ticket-lane',
			async (here) => {
				const { socket, nonce } = await challenged(here.relay, here.segment);
				socket.send(await ticket(here.writer.signing, here.segment, nonce, { kind: 'lane' }));
				return socket;
			}
		]
	])('%s is refused with %s, counted, and changes nothing', async (_, expected, present) => {
		const here = await scene();
		const socket = await present(here);
		// Whatever comes behind a bad ticket is not looked at.
		socket.send(updateFrame(await here.writer.write(1)));
		expect(await outcome(socket)).toBe(expected);
		const reason = expected.slice(5);
		if (reason.startsWith('ticket')) expect(await metric(here.relay, 'refused_total', { reason })).toBe(1);
		expect(await metric(here.relay, 'entries_stored_total')).toBe(3);
		expect(await attempt(here.relay, here.segment)).toBe('write 1');
	});

	it('that does not come in time is not waited for (4510), and one that came is not asked for again', async () => {
		const here = await scene();
		const late = await challenged(here.relay, here.segment);
		here.clock.advance(10_000);
		expect(await outcome(late.socket)).toBe('4510 ticket-late');
		expect(await metric(here.relay, 'refused_total', { reason: 'ticket-late' })).toBe(1);
		await here.client.synchronise(new Map([[here.writer.lane, 3]]));
	});

	it('is not found in noise, whatever it looks like, and the document never hears of it', async () => {
		const here = await scene();
		const keys = await accessKeys(here.segment);
		const codes: number[] = [];
		for (let i = 0; i < 60; i++) {
			const { socket, nonce } = await challenged(here.relay, here.segment);
			const frame = await ticket(keys, here.segment, nonce);
			const noise = crypto.randomBytes(1 + (i % 40));
			// Half of them sound but for one byte, which decides about the whole.
			if (i % 2 === 0) frame[i % frame.length] = (frame[i % frame.length] ?? 0) ^ (1 << (i % 8));
			socket.send(i % 2 === 0 ? frame : noise);
			socket.send(updateFrame(here.writer.run()));
			codes.push((await socket.closed).code);
		}
		expect(codes.every((code) => code === 4401 || code === 4403)).toBe(true);
		expect(await metric(here.relay, 'document_frames_total', { kind: 'update' })).toBe(1);
		expect(await metric(here.relay, 'tickets_total')).toBe(1);
	});

	it('is waited for by no memory for longer than it may take', async () => {
		const clock = new ManualClock();
		const relay = await startTestRelay({ clock });
		const segments = await Promise.all(Array.from({ length: 100 }, newSegment));
		const silent = await Promise.all(segments.map((segment) => challenged(relay, segment)));
		expect(await metric(relay, 'open_documents')).toBe(100);
		clock.advance(10_000);
		for (const { socket } of silent) expect((await socket.closed).code).toBe(4510);
		await eventually(async () => expect(await metric(relay, 'open_documents')).toBe(0));
		expect(await metric(relay, 'sockets', { kind: 'document' })).toBe(0);
	});

	it('again is a violation', async () => {
		const here = await scene();
		const { socket, nonce } = await challenged(here.relay, here.segment);
		const frame = await ticket(await accessKeys(here.segment), here.segment, nonce);
		for (let i = 0; i < 6; i++) socket.send(frame);
		expect(await outcome(socket)).toBe('write 1');
		expect((await socket.closed).code).toBe(4400);
	});

	it('for another relay’s name is refused where the operator has said how this one is called', async () => {
		const relay = await startTestRelay({ settings: { ticketHosts: 'relay.example, 10.0.0.1:4400' } });
		const segment = await newSegment();
		const keys = await accessKeys(segment);
		for (const [host, expected] of [
			['evil.example', '4403 ticket-host'],
			['relay.example', 'write 1'],
			['10.0.0.1:4400', 'write 1']
		] as const) {
			const { socket, nonce } = await challenged(relay, segment);
			socket.send(await ticket(keys, segment, nonce, { host }));
			expect(await outcome(socket)).toBe(expected);
		}
	});
});

describe('the first key', () => {
	it('holds over restarts once something is stored, and over kill -9 (see durability)', async () => {
		const here = await scene();
		await here.relay.close();
		const again = await startTestRelay({ folder: here.folder });
		const stranger = await nextEpoch(here.segment);
		expect(await attempt(again, stranger)).toBe('4403 ticket-key');
		expect(await attempt(again, here.segment)).toBe('write 1');
	});

	it('of a document kept from before there were tickets is on the disk before anything is granted', async () => {
		const folder = newFolder();
		const segment = await newSegment();
		const writer = await LaneWriter.create(segment);
		const run = await writer.write(2);
		const bytes = run.entries.reduce((sum, entry) => sum + entry.length, 0);
		const admitted = { ...run, ids: run.entries.map(entryIdOf), publicKey: writer.signing.publicKey };
		const old = new LmdbStorage(folder);
		await old.append(segment.context, [admitted], { sequence: 1, entryCount: 2, bytes });
		await old.close();
		const first = await startTestRelay({ folder });
		const client = await DocumentClient.open(first, segment);
		await client.synchronise();
		expect(client.entriesByLane.get(writer.lane)).toHaveLength(2);
		await first.close();
		const second = await startTestRelay({ folder });
		expect(await attempt(second, await nextEpoch(segment))).toBe('4403 ticket-key');
		const again = await DocumentClient.open(second, segment);
		again.socket.send(updateFrame(await writer.write(1)));
		await again.acknowledged(writer.lane, 2);
	});

	it('of a document in which nothing was ever written is forgotten with its last socket', async () => {
		const relay = await startTestRelay();
		const segment = await newSegment();
		const squatter = await openDocument(relay, await nextEpoch(segment));
		expect(await attempt(relay, segment)).toBe('4403 ticket-key');
		squatter.raw.close();
		await squatter.closed;
		await eventually(async () => expect(await attempt(relay, segment)).toBe('write 1'));
	});
});
