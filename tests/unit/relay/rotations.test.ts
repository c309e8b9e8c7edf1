/** Who no longer gets into a document, because its key has been changed: real sockets, real keys, a real disk. */
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { EpochKeys } from '../../../src/lib/protocol/epoch';
import { LaneWriter, type Segment } from './lane-writer';
import {
	answered,
	DocumentClient,
	eventually,
	metric,
	newFolder,
	openDocument,
	startTestRelay,
	TestSocket,
	ticketsFor,
	updateFrame
} from './test-relay';
import {
	SlowRotations,
	accessKeys,
	attempt,
	challenged,
	daySeconds,
	nextEpoch,
	outcome,
	rotation,
	scene,
	ticket
} from './ticket-scene';

describe('a rotation', () => {
	it('by the holder of the key ends it: its sockets go, it opens nothing, the next one writes', async () => {
		const here = await scene();
		const next = await nextEpoch(here.segment);
		const other = await DocumentClient.open(here.relay, here.segment);
		here.client.socket.send(await rotation(here.segment, next));
		expect((await here.client.socket.closed).code).toBe(4503);
		expect((await other.socket.closed).code).toBe(4503);
		expect(await attempt(here.relay, here.segment)).toBe('4403 ticket-key');
		const client = await DocumentClient.open(here.relay, next);
		await client.synchronise();
		expect(client.entriesByLane.get(here.writer.lane)).toHaveLength(3);
		client.socket.send(updateFrame(await here.writer.write(1)));
		await client.acknowledged(here.writer.lane, 3);
		expect(await metric(here.relay, 'rotations_total')).toBe(1);
	});

	it('tells those back whose challenge named the key that has ended meanwhile (4503): they may know the next', async () => {
		const here = await scene();
		const next = await nextEpoch(here.segment);
		const late = await challenged(here.relay, here.segment);
		here.client.socket.send(await rotation(here.segment, next));
		expect((await here.client.socket.closed).code).toBe(4503);
		late.socket.send(await ticket(await accessKeys(here.segment), here.segment, late.nonce));
		expect((await late.socket.closed).code).toBe(4503);
		expect(await attempt(here.relay, here.segment)).toBe('4403 ticket-key');
	});

	it('ends the key for what has already arrived while the change was on its way to the disk', async () => {
		const storage = new SlowRotations(newFolder());
		const here = await scene({}, storage);
		here.client.socket.send(await rotation(here.segment, await nextEpoch(here.segment)));
		for (let i = 0; i < 5; i++) here.client.socket.send(updateFrame(await here.writer.write(1)));
		await eventually(async () =>
			expect(await metric(here.relay, 'document_frames_total', { kind: 'update' })).toBe(6)
		);
		storage.goOn();
		expect((await here.client.socket.closed).code).toBe(4503);
		await eventually(async () =>
			expect(await metric(here.relay, 'rejected_total', { reason: 'read-only' })).toBe(5)
		);
		expect(await metric(here.relay, 'entries_stored_total')).toBe(3);
	});

	it('is there after a restart', async () => {
		const here = await scene();
		const next = await nextEpoch(here.segment);
		here.client.socket.send(await rotation(here.segment, next));
		await here.client.socket.closed;
		await here.relay.close();
		const again = await startTestRelay({ folder: here.folder });
		expect(await attempt(again, here.segment)).toBe('4403 ticket-key');
		expect(await attempt(again, next)).toBe('write 2');
	});

	it('lets ended keys read until it says, and then no longer', async () => {
		const here = await scene();
		const next = await nextEpoch(here.segment);
		const readUntilSeconds = here.clock.unixSeconds() + 30;
		const reader = await DocumentClient.open(here.relay, here.segment);
		await reader.synchronise();
		here.client.socket.send(await rotation(here.segment, next, { readUntilSeconds }));
		expect(await reader.nextOf('access')).toEqual({ kind: 'access', mode: 'read', generation: 2 });
		here.client.socket.send(updateFrame(await here.writer.write(1)));
		await eventually(async () =>
			expect(await metric(here.relay, 'rejected_total', { reason: 'read-only' })).toBe(1)
		);
		// The new key writes, and the ended one is told at once.
		const client = await DocumentClient.open(here.relay, next);
		client.socket.send(updateFrame(here.writer.run()));
		expect(await reader.until(here.writer.lane, 4)).toHaveLength(4);
		expect(await attempt(here.relay, here.segment)).toBe('read 2');
		here.clock.advance(29_000);
		expect(await attempt(here.relay, here.segment)).toBe('read 2');
		here.clock.advance(1_000);
		expect((await reader.socket.closed).code).toBe(4403);
		expect(client.socket.raw.readyState).toBe(WebSocket.OPEN);
		expect(await attempt(here.relay, here.segment)).toBe('4403 ticket-key');
	});

	it('that lets nobody read on cuts off what earlier ones allowed: two generations', async () => {
		const here = await scene();
		const [second, third] = [await nextEpoch(here.segment), await nextEpoch(here.segment)];
		const readUntilSeconds = here.clock.unixSeconds() + 7 * daySeconds;
		here.client.socket.send(await rotation(here.segment, second, { readUntilSeconds }));
		await here.client.nextOf('access');
		const by = await openDocument(here.relay, second);
		by.send(await rotation(second, third, { generation: 3 }));
		expect((await by.closed).code).toBe(4503);
		expect((await here.client.socket.closed).code).toBe(4503);
		expect(await attempt(here.relay, here.segment)).toBe('4403 ticket-key');
		expect(await attempt(here.relay, second)).toBe('4403 ticket-key');
		expect(await attempt(here.relay, third)).toBe('write 3');
	});

	it('lets the lanes that it names read with their own keys, and no other lane', async () => {
		const here = await scene();
		const gone = await LaneWriter.create(here.segment);
		here.client.socket.send(updateFrame(await gone.write(1)));
		await here.client.acknowledged(gone.lane, 0);
		const next = await nextEpoch(here.segment);
		const absent = await LaneWriter.create(here.segment);
		const readerLanes = [here.writer.lane, absent.lane];
		here.client.socket.send(await rotation(here.segment, next, { readerLanes }));
		await here.client.socket.closed;
		const by = (writer: LaneWriter): Promise<TestSocket> =>
			answered(
				here.relay,
				here.segment,
				ticketsFor(here.relay, here.segment, { ownLane: () => writer.signing })
			);
		expect(await outcome(await by(here.writer))).toBe('read 2');
		expect(await outcome(await by(gone))).toBe('4403 ticket-lane');
		// Named, but the document holds nothing that would prove whose lane it is.
		expect(await outcome(await by(absent))).toBe('4403 ticket-lane');
		expect(await metric(here.relay, 'refused_total', { reason: 'ticket-lane' })).toBe(2);
	});

	it('is refused if stale, repeated, to a key it had, or not by the key’s holder', async () => {
		const here = await scene();
		const [next, junk] = [await nextEpoch(here.segment), await nextEpoch(here.segment)];
		const count = (reason: string): Promise<number> => metric(here.relay, 'rejected_total', { reason });
		here.client.socket.send(await rotation(here.segment, junk, { generation: 3 }));
		here.client.socket.send(await rotation(here.segment, here.segment));
		here.client.socket.send(await rotation(next, junk));
		const forged = await rotation(here.segment, next);
		forged[forged.length - 1] = (forged[forged.length - 1] ?? 0) ^ 1;
		here.client.socket.send(forged);
		here.client.socket.send(new Uint8Array([105, 1, 2, 3]));
		await eventually(async () => expect(await metric(here.relay, 'rejected_total')).toBe(5));
		expect(await count('rotation-stale')).toBe(1);
		expect(await count('rotation-key')).toBe(1);
		expect(await count('rotation-signature')).toBe(2);
		expect(await metric(here.relay, 'rotations_total')).toBe(0);

		const sound = await rotation(here.segment, next);
		const member = await DocumentClient.open(here.relay, here.segment);
		member.socket.send(sound);
		await member.socket.closed;
		const after = await DocumentClient.open(here.relay, next);
		after.socket.send(sound);
		after.socket.send(await rotation(here.segment, junk));
		await eventually(async () => expect(await count('rotation-stale')).toBe(2));
		expect(await attempt(here.relay, next)).toBe('write 2');
	});

	it('cannot keep more ended keys, nor longer, than the operator allows', async () => {
		const here = await scene({ documentEndedKeys: 2, documentLeaseDays: 3 });
		const epochs = [here.segment];
		const readUntilSeconds = Number.MAX_SAFE_INTEGER;
		for (let generation = 2; generation <= 5; generation++) {
			const [from, to] = [epochs.at(-1) as Segment, await nextEpoch(here.segment)];
			const socket = await openDocument(here.relay, from);
			socket.send(await rotation(from, to, { generation, readUntilSeconds }));
			expect(await outcome(socket)).toBe(`read ${generation}`);
			epochs.push(to);
		}
		const outcomes = [];
		for (const epoch of epochs) outcomes.push(await attempt(here.relay, epoch));
		expect(outcomes).toEqual(['4403 ticket-key', '4403 ticket-key', 'read 5', 'read 5', 'write 5']);
		here.clock.advance(3 * daySeconds * 1000);
		expect(await attempt(here.relay, epochs[3] as Segment)).toBe('4403 ticket-key');
	});

	it('is made by a client that knows newer epochs than the relay, which then comes back with its newest', async () => {
		const here = await scene();
		const next = await nextEpoch(here.segment);
		const both = (): EpochKeys[] => [next.keys, here.segment.keys];
		const tickets = ticketsFor(here.relay, here.segment, {
			accessSecrets: () => both().map(({ accessSecret }) => accessSecret)
		});
		const first = await openDocument(here.relay, here.segment, tickets);
		expect((await first.closed).code).toBe(4503);
		const second = await answered(here.relay, here.segment, tickets);
		expect(await outcome(second)).toBe('write 2');
	});

	it('leaves a device that missed it two ways to try: its lane, then its key', async () => {
		const here = await scene();
		const next = await nextEpoch(here.segment);
		const tickets = ticketsFor(here.relay, here.segment, { ownLane: () => here.writer.signing });
		await openDocument(here.relay, here.segment, tickets);
		expect(tickets.hasAnotherWay).toBe(false);
		here.client.socket.send(await rotation(here.segment, next, { readUntilSeconds: 2 ** 40 }));
		await here.client.nextOf('access');
		expect(await outcome(await answered(here.relay, here.segment, tickets))).toBe('4403 ticket-lane');
		expect(tickets.hasAnotherWay).toBe(true);
		expect(await outcome(await answered(here.relay, here.segment, tickets))).toBe('read 2');
		expect(tickets.hasAnotherWay).toBe(false);
	});

	it('leaves who was let in by one way both ways again, when the next rotation finds them', async () => {
		const here = await scene();
		const [second, third] = [await nextEpoch(here.segment), await nextEpoch(here.segment)];
		const tickets = ticketsFor(here.relay, here.segment, { ownLane: () => here.writer.signing });
		const readerLanes = [here.writer.lane];
		here.client.socket.send(await rotation(here.segment, second, { readerLanes }));
		await here.client.socket.closed;
		expect(await outcome(await answered(here.relay, here.segment, tickets))).toBe('read 2');
		tickets.entered();
		const rotator = await openDocument(here.relay, second);
		rotator.send(await rotation(second, third, { generation: 3, readerLanes }));
		await rotator.closed;
		expect(await outcome(await answered(here.relay, here.segment, tickets))).toBe('read 3');
	});
});
