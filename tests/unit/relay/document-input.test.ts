import { describe, expect, it } from 'vitest';
import { Doc, encodeStateAsUpdate, encodeStateAsUpdateV2 } from 'yjs';
import type { Relay } from '../../../relay/server';
import { ByteWriter, concatBytes } from '../../../src/lib/protocol/bytes';
import { encodeUpdate } from '../../../src/lib/protocol/guard/update';
import { LaneWriter, newSegment, type Segment } from './lane-writer';
import {
	eventually,
	DocumentClient,
	metric,
	startTestRelay,
	openDocument,
	step1Frame,
	updateFrame
} from './test-relay';

const syncFrame = (step: number, body: Uint8Array): Uint8Array =>
	new ByteWriter().u8(0).u8(step).block(body).done();

interface Scene {
	readonly relay: Relay;
	readonly segment: Segment;
	/** Has written three entries. */
	readonly writer: LaneWriter;
	readonly client: DocumentClient;
}

async function scene(settings = {}): Promise<Scene> {
	const relay = await startTestRelay({ settings });
	const segment = await newSegment();
	const writer = await LaneWriter.create(segment);
	const client = await DocumentClient.open(relay, segment);
	await client.synchronise();
	client.socket.send(updateFrame(await writer.write(3)));
	await client.nextOf('acknowledgement');
	return { relay, segment, writer, client };
}

/** What a newcomer is given: the document as it is on the disk. */
async function heldBy({ relay, segment }: Scene): Promise<ReadonlyMap<number, readonly Uint8Array[]>> {
	const reader = await DocumentClient.open(relay, segment);
	await reader.synchronise();
	return reader.entriesByLane;
}

const overwriting = (): Uint8Array => {
	const doc = new Doc();
	doc.getMap('e').set('k', new Uint8Array(300));
	doc.getMap('e').set('k', new Uint8Array(300));
	return encodeStateAsUpdate(doc);
};

/** Frames that no sound client sends, each of a kind of its own. */
const malformed: Readonly<Record<string, (writer: LaneWriter) => Uint8Array>> = {
	'no bytes': () => new Uint8Array(),
	'an unknown type': () => Uint8Array.of(7, 1, 2),
	auth: () => Uint8Array.of(2, 0),
	'an acknowledgement': () => Uint8Array.of(100, 0),
	'an unknown sync step': () => Uint8Array.of(0, 3, 0),
	'a length beyond the end': () => Uint8Array.of(0, 2, 200, 1, 0, 0),
	'something trailing': () => Uint8Array.of(0, 2, 2, 0, 0, 0),
	'a padded varint': () => Uint8Array.of(0x80, 0, 2, 2, 0, 0),
	'a state vector with a lane twice': () => syncFrame(0, Uint8Array.of(2, 5, 1, 5, 1)),
	'a state vector with a false count': () => syncFrame(0, Uint8Array.of(255, 255, 3, 1, 1)),
	'a delete set': () => syncFrame(2, Uint8Array.of(0, 1, 5, 1, 0, 100)),
	'an overwrite of Yjs': () => syncFrame(2, overwriting()),
	'a V2 update': () => syncFrame(2, encodeStateAsUpdateV2(new Doc())),
	'a struct count without structs': () => syncFrame(2, Uint8Array.of(1, 255, 255, 255, 255, 7, 5, 0, 0)),
	'the 21-byte bomb': () =>
		syncFrame(
			2,
			Uint8Array.from({ length: 21 }, (_, i) => (i % 2 === 0 ? 0xff : 0x7f))
		),
	'a key that is another place': (writer) => {
		const update = encodeUpdate([writer.run(0, 1)]);
		const at = update.indexOf('.'.charCodeAt(0));
		update[at + 1] = '1'.charCodeAt(0);
		return syncFrame(2, update);
	},
	'an entry of another version': (writer) => {
		const entry = (writer.entries[0] as Uint8Array).slice();
		entry[0] = 2;
		return updateFrame({ lane: writer.lane + 1, start: 0, entries: [entry] });
	},
	'a lane that is not the hash of its key': (writer) =>
		updateFrame({ lane: writer.lane + 1, start: 0, entries: [writer.entries[0] as Uint8Array] }),
	'a frontier that is none': () => Uint8Array.of(101, 9, 9, 9),
	'a small frame that is large': () => concatBytes(Uint8Array.of(101), new Uint8Array(70_000))
};

describe('malformed input', () => {
	it.each(Object.keys(malformed))(
		'%s is counted, changes nothing, and the fifth time closes for good',
		async (name) => {
			const here = await scene();
			const frame = malformed[name]?.(here.writer) ?? new Uint8Array();
			const offender = await DocumentClient.open(here.relay, here.segment);
			for (let i = 0; i < 4; i++) offender.socket.send(frame);
			await offender.synchronise();
			expect(await metric(here.relay, 'rejected_total', { kind: 'document' })).toBe(4);
			offender.socket.send(frame);
			expect((await offender.socket.closed).code).toBe(4400);
			expect(await heldBy(here)).toEqual(new Map([[here.writer.lane, here.writer.entries]]));
		}
	);

	it('texts are violations too', async () => {
		const here = await scene();
		for (let i = 0; i < 5; i++) here.client.socket.raw.send('hello');
		expect((await here.client.socket.closed).code).toBe(4400);
	});

	it('a frame over the limit is refused for good with 4413', async () => {
		const here = await scene({ documentFrameBytes: 100_000 });
		here.client.socket.send(new Uint8Array(100_001));
		expect((await here.client.socket.closed).code).toBe(4413);
		expect((await heldBy(here)).size).toBe(1);
	});

	it('random bytes and mutated frames leave process and document as they were', async () => {
		const here = await scene();
		const sound = updateFrame(here.writer.run());
		let seed = 12345;
		const random = (below: number): number => {
			seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
			return seed % below;
		};
		for (let round = 0; round < 60; round++) {
			const socket = await openDocument(here.relay, here.segment);
			for (let i = 0; i < 5; i++) {
				const frame =
					round % 2 === 0 ? sound.slice(0, 1 + random(sound.length)) : new Uint8Array(1 + random(300));
				for (let flips = 0; flips < 1 + random(8); flips++) frame[random(frame.length)] = random(256);
				socket.raw.send(frame);
			}
			socket.raw.close();
			await socket.closed;
		}
		expect(await heldBy(here)).toEqual(new Map([[here.writer.lane, here.writer.entries]]));
	});

	it('awareness of stock clients is dropped without blame', async () => {
		const here = await scene();
		for (let i = 0; i < 20; i++) here.client.socket.send(Uint8Array.of(i % 2 === 0 ? 1 : 3, 1, 2, 3));
		await here.client.synchronise(new Map([[here.writer.lane, 3]]));
		expect(await metric(here.relay, 'rejected_total')).toBe(0);
	});
});

describe('entries that may not stand where they claim to', () => {
	it('a forged signature is refused, and the head acknowledged is still ours', async () => {
		const here = await scene();
		const run = await here.writer.fork().write(2);
		const forged = run.entries.map((entry) => {
			const copy = entry.slice();
			copy[copy.length - 1] = (copy[copy.length - 1] ?? 0) ^ 1;
			return copy;
		});
		here.client.socket.send(updateFrame({ ...run, entries: forged }));
		expect((await here.client.nextOf('acknowledgement')).heads).toMatchObject([
			{ lane: here.writer.lane, clock: 2 }
		]);
		expect(await metric(here.relay, 'rejected_total', { reason: 'entry-signature' })).toBe(1);
		expect(await heldBy(here)).toEqual(new Map([[here.writer.lane, here.writer.entries]]));
	});

	it('the other branch of a forked lane is refused without shutting out who brings it', async () => {
		const here = await scene();
		const twin = here.writer.fork();
		twin.entries.pop();
		await twin.write(3);
		for (let i = 0; i < 10; i++) {
			here.client.socket.send(updateFrame(twin.run(2)));
			expect((await here.client.nextOf('acknowledgement')).heads).toMatchObject([{ clock: 2 }]);
			here.client.socket.send(updateFrame(twin.run(3)));
			await here.client.nextOf('acknowledgement');
		}
		expect(await metric(here.relay, 'rejected_total', { reason: 'fork' })).toBe(10);
		expect(await metric(here.relay, 'rejected_total', { reason: 'branch' })).toBe(10);
		here.client.socket.send(updateFrame(await here.writer.write(1)));
		expect((await here.client.nextOf('acknowledgement')).heads).toMatchObject([{ clock: 3 }]);
		expect(await heldBy(here)).toEqual(new Map([[here.writer.lane, here.writer.entries]]));
	});

	it('entries of another document are refused', async () => {
		const here = await scene();
		const stranger = await LaneWriter.create(await newSegment());
		here.client.socket.send(updateFrame(await stranger.write(2)));
		await eventually(async () => {
			expect(await metric(here.relay, 'rejected_total', { reason: 'entry-signature' })).toBe(1);
		});
		expect((await heldBy(here)).has(stranger.lane)).toBe(false);
	});

	it('a gap is dropped and asked for, at most once a second, and never forgotten', async () => {
		const here = await scene();
		await here.writer.write(4);
		for (let i = 0; i < 3; i++) here.client.socket.send(updateFrame(here.writer.run(5)));
		expect((await here.client.nextOf('step1')).next).toEqual(new Map([[here.writer.lane, 3]]));
		// The second request comes by itself, a second later.
		expect((await here.client.nextOf('step1')).next).toEqual(new Map([[here.writer.lane, 3]]));
		expect(await metric(here.relay, 'resyncs_total', { reason: 'gap' })).toBe(2);
		here.client.socket.send(updateFrame(here.writer.run(3)));
		expect((await here.client.nextOf('acknowledgement')).heads).toMatchObject([{ clock: 6 }]);
		expect(await heldBy(here)).toEqual(new Map([[here.writer.lane, here.writer.entries]]));
	});

	it('what is held already is acknowledged again and stored once', async () => {
		const here = await scene();
		here.client.socket.send(updateFrame(here.writer.run()));
		expect((await here.client.nextOf('acknowledgement')).heads).toMatchObject([{ clock: 2 }]);
		expect(await metric(here.relay, 'entries_stored_total')).toBe(3);
	});
});

describe('quotas', () => {
	it.each([
		[{ documentEntries: 5 }, 'quota-entries'],
		[{ documentBytes: 4000 }, 'quota-bytes'],
		[{ totalBytes: 4000 }, 'quota-total'],
		[{ documentLanes: 1 }, 'quota-lanes']
	])('with %o more is refused, not acknowledged, and reading goes on', async (settings, reason) => {
		const here = await scene(settings);
		const more = reason === 'quota-lanes' ? await LaneWriter.create(here.segment) : here.writer;
		const before = new Map([[here.writer.lane, here.writer.entries.slice()]]);
		here.client.socket.send(updateFrame(await more.write(10)));
		for (let i = 0; i < 10; i++) here.client.socket.send(updateFrame(await more.write(1)));
		await eventually(async () => expect(await metric(here.relay, 'rejected_total')).toBe(11));
		expect(await metric(here.relay, 'rejected_total', { reason })).toBeGreaterThan(0);
		const frames = await here.client.synchronise(new Map([[here.writer.lane, 3]]));
		const clocks = frames.flatMap((frame) => (frame.kind === 'acknowledgement' ? frame.heads : []));
		expect(clocks.every(({ lane, clock }) => lane === here.writer.lane && clock === 2)).toBe(true);
		expect(frames.filter((frame) => frame.kind === 'step1')).toHaveLength(1);
		expect(await heldBy(here)).toEqual(before);
	});

	it('a socket that sends too fast is read more slowly, and loses nothing', async () => {
		const here = await scene({ documentMessagesBurst: 10, documentMessagesPerSecond: 100 });
		await here.writer.write(60);
		for (let clock = 3; clock < 63; clock++)
			here.client.socket.send(updateFrame(here.writer.run(clock, clock + 1)));
		while ((await here.client.nextOf('acknowledgement')).heads[0]?.clock !== 62);
		expect(await metric(here.relay, 'held_back_total')).toBeGreaterThan(0);
	});
});

describe('sync step 1', () => {
	it('with clocks beyond ours is answered with what we have, and asks for the rest', async () => {
		const here = await scene();
		here.client.socket.send(
			step1Frame(
				new Map([
					[here.writer.lane, 900],
					[12345, 7]
				])
			)
		);
		expect((await here.client.nextOf('step1')).next).toEqual(new Map([[here.writer.lane, 3]]));
	});
});
