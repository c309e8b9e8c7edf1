import { Doc, encodeStateAsUpdate } from 'yjs';
import { WebsocketProvider } from 'y-websocket';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { Relay } from '../../../relay/server';
import { entryIdOf } from '../../../src/lib/protocol/entry';
import { entryKey } from '../../../src/lib/protocol/ids';
import { guardedSocketClass, type SocketOwner } from '../../../src/lib/replicas/relay/guarded-socket';
import { LaneWriter, newSegment, type Segment } from './lane-writer';
import { DocumentClient, newFolder, startTestRelay, ticketsFor, updateFrame } from './test-relay';

interface StockClient {
	readonly doc: Doc;
	readonly provider: WebsocketProvider;
	readonly held: () => ReadonlySet<string>;
}

/** The client as it comes from npm behind our socket, nothing else added. Its doc writes into the lane given. */
function stockClient(relay: Relay, segment: Segment, writer?: LaneWriter): StockClient {
	const doc = new Doc();
	const tickets = ticketsFor(relay, segment);
	const owner: SocketOwner = {
		challenged: async (frame) => {
			const answer = await tickets.answer(frame);
			return answer.ok ? answer.value : null;
		},
		inbound: async (frame) => ((frame[0] ?? 0) < 100 ? [frame] : []),
		outbound: (frame) => [frame],
		opened: () => undefined,
		closed: () => undefined
	};
	if (writer !== undefined) doc.clientID = writer.lane;
	const provider = new WebsocketProvider(`${relay.url.replace('http', 'ws')}/doc`, segment.name, doc, {
		WebSocketPolyfill: guardedSocketClass(owner, WebSocket as unknown as typeof globalThis.WebSocket),
		disableBc: true
	});
	onTestFinished(() => provider.destroy());
	return { doc, provider, held: () => new Set(doc.getMap('e').keys()) };
}

/** Waits until the document has so many entries. */
function entries({ doc, held }: StockClient, count: number): Promise<void> {
	return new Promise((resolve) => {
		const look = (): void => {
			if (held().size < count) return;
			doc.off('update', look);
			resolve();
		};
		doc.on('update', look);
		look();
	});
}

describe('a document with stock y-websocket clients', () => {
	it('carries entries both ways, live and for who comes later', async () => {
		const relay = await startTestRelay();
		const segment = await newSegment();
		const [anna, ben] = [await LaneWriter.create(segment), await LaneWriter.create(segment)];
		const [a, b] = [stockClient(relay, segment, anna), stockClient(relay, segment, ben)];
		await anna.write(20);
		anna.insertInto(a.doc);
		await entries(b, 20);
		await ben.write(5);
		ben.insertInto(b.doc);
		await entries(a, 25);
		const late = stockClient(relay, segment);
		await entries(late, 25);
		expect(encodeStateAsUpdate(late.doc).length).toBe(encodeStateAsUpdate(a.doc).length);
		expect(late.doc.getMap('e').get(entryKey(anna.lane, 19))).toEqual(anna.entries[19]);
	});

	it('takes a first upload of 4 MB in one frame, and gives it to a new client', async () => {
		const relay = await startTestRelay();
		const segment = await newSegment();
		const writer = await LaneWriter.create(segment);
		await writer.write(140, 30_000);
		const a = stockClient(relay, segment, writer);
		writer.insertInto(a.doc);
		const b = stockClient(relay, segment);
		await entries(b, 140);
		expect(b.held()).toEqual(a.held());
	});
});

describe('a document', () => {
	it('answers a state vector with exactly what lies above it, then step 2, step 1 and the heads', async () => {
		const relay = await startTestRelay();
		const segment = await newSegment();
		const [anna, ben] = [await LaneWriter.create(segment), await LaneWriter.create(segment)];
		const writing = await DocumentClient.open(relay, segment);
		await writing.synchronise();
		writing.socket.send(updateFrame(await anna.write(6), await ben.write(3)));
		await writing.nextOf('acknowledgement');

		const reading = await DocumentClient.open(relay, segment);
		reading.entriesByLane.set(anna.lane, anna.entries.slice(0, 4));
		const frames = await reading.synchronise(new Map([[anna.lane, 4]]));
		expect(frames.map(({ kind }) => kind)).toEqual(['update', 'step2', 'step1', 'acknowledgement']);
		const [update, , step1, acknowledgement] = frames;
		if (update?.kind !== 'update' || step1?.kind !== 'step1' || acknowledgement?.kind !== 'acknowledgement')
			throw new Error();
		expect(new Map(update.runs.map((run) => [run.lane, [run.start, run.entries.length]]))).toEqual(
			new Map([
				[anna.lane, [4, 2]],
				[ben.lane, [0, 3]]
			])
		);
		expect(step1.next).toEqual(
			new Map([
				[anna.lane, 6],
				[ben.lane, 3]
			])
		);
		const head = acknowledgement.heads.find(({ lane }) => lane === anna.lane);
		expect(head?.clock).toBe(5);
		expect(head?.id).toEqual(entryIdOf(anna.entries[5] as Uint8Array).subarray(0, 8));
	});

	it('holds everything after it was closed and opened again', async () => {
		const folder = newFolder();
		const segment = await newSegment();
		const writer = await LaneWriter.create(segment);
		const first = await startTestRelay({ folder });
		const a = await DocumentClient.open(first, segment);
		await a.synchronise();
		a.socket.send(updateFrame(await writer.write(300)));
		await a.nextOf('acknowledgement');
		await first.close();
		expect((await a.socket.closed).code).toBe(1001);

		const second = await startTestRelay({ folder });
		const b = await DocumentClient.open(second, segment);
		await b.synchronise();
		expect(await b.until(writer.lane, 300)).toEqual(writer.entries);
		b.socket.send(updateFrame(await writer.write(1)));
		expect((await b.nextOf('acknowledgement')).heads).toMatchObject([{ lane: writer.lane, clock: 300 }]);
	});
});
