/** Who gets into a document, and who no longer: real sockets, real keys, a real disk. */
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { LmdbStorage } from '../../../relay/lmdb-storage';
import type { Relay } from '../../../relay/server';
import type { RelayStorage } from '../../../relay/storage';
import { ByteWriter } from '../../../src/lib/protocol/bytes';
import { entryIdOf } from '../../../src/lib/protocol/entry';
import { deriveEpochKeys, type EpochKeys } from '../../../src/lib/protocol/epoch';
import {
	createRotation,
	createTicket,
	decodeChallenge,
	deriveAccessKeys,
	type AccessMode,
	type Rotation,
	type TicketKind
} from '../../../src/lib/protocol/ticket';
import type { SigningKeys } from '../../../src/lib/protocol/crypto';
import { crypto, LaneWriter, newSegment, type Segment } from './lane-writer';
import { ManualClock } from './manual-clock';
import {
	answered,
	DocumentClient,
	eventually,
	frontierFrame,
	metric,
	newFolder,
	openDocument,
	readServerFrame,
	startTestRelay,
	step1Frame,
	TestSocket,
	ticketsFor,
	updateFrame
} from './test-relay';

const { subtle } = crypto;
const daySeconds = 24 * 60 * 60;

/** The next epoch of the segment's conversation, as far as a relay can see one. */
async function nextEpoch(segment: Segment): Promise<Segment> {
	const keys = await deriveEpochKeys(subtle, crypto.randomBytes(32), crypto.randomBytes(32));
	return { ...segment, keys };
}

const accessKeys = ({ keys, context }: Segment): Promise<SigningKeys> =>
	deriveAccessKeys(subtle, keys.accessSecret, context);

const rotationFrame = (body: Uint8Array): Uint8Array => new ByteWriter().u8(105).raw(body).done();
const ticketFrame = (body: Uint8Array): Uint8Array => new ByteWriter().u8(103).raw(body).done();

async function rotation(from: Segment, to: Segment, changes: Partial<Rotation> = {}): Promise<Uint8Array> {
	const next = await accessKeys(to);
	const terms = { generation: 2, readUntilSeconds: 0, readerLanes: [], ...changes };
	const body = await createRotation(subtle, await accessKeys(from), from.context, {
		next: next.publicKey,
		...terms
	});
	return rotationFrame(body);
}

interface Challenged {
	readonly socket: TestSocket;
	readonly nonce: Uint8Array;
	readonly generation: number;
}

async function challenged(relay: Pick<Relay, 'url'>, segment: Segment): Promise<Challenged> {
	const socket = await TestSocket.open(`${relay.url}/doc/${segment.name}`);
	const frame = await socket.next();
	expect(frame[0]).toBe(102);
	const challenge = decodeChallenge(frame.subarray(1));
	if (!challenge.ok) throw new Error(challenge.reason);
	return { socket, ...challenge.value };
}

async function ticket(
	keys: SigningKeys,
	segment: Segment,
	nonce: Uint8Array,
	options: { kind?: TicketKind; mode?: AccessMode; host?: string } = {}
): Promise<Uint8Array> {
	const all = { kind: 'access', mode: 'write', host: 'relay.example', ...options } as const;
	return ticketFrame(await createTicket(subtle, keys, segment.context, nonce, all));
}

interface Scene {
	readonly relay: Relay;
	readonly clock: ManualClock;
	readonly folder: string;
	readonly segment: Segment;
	readonly writer: LaneWriter;
	/** Has written three entries. */
	readonly client: DocumentClient;
}

/** A disk that takes its time over who may open a document. */
class SlowRotations extends LmdbStorage {
	goOn: () => void = () => undefined;
	readonly #mayGoOn = new Promise<void>((resolve) => (this.goOn = resolve));

	override async putAccess(...args: Parameters<LmdbStorage['putAccess']>): Promise<void> {
		await this.#mayGoOn;
		return super.putAccess(...args);
	}
}

async function scene(settings = {}, storage?: RelayStorage): Promise<Scene> {
	const clock = new ManualClock();
	const folder = newFolder();
	const relay = await startTestRelay({ settings, clock, folder, storage });
	const segment = await newSegment();
	const writer = await LaneWriter.create(segment);
	const client = await DocumentClient.open(relay, segment);
	await client.synchronise();
	client.socket.send(updateFrame(await writer.write(3)));
	await client.acknowledged(writer.lane, 2);
	return { relay, clock, folder, segment, writer, client };
}

/** How an attempt to get in ends: with what is granted, or with a close code and reason. */
async function outcome(socket: TestSocket): Promise<string> {
	try {
		for (;;) {
			const frame = readServerFrame(await socket.next());
			if (frame.kind === 'access') return `${frame.mode} ${frame.generation}`;
		}
	} catch {
		const { code, reason } = await socket.closed;
		return `${code} ${reason}`;
	}
}

const attempt = async (relay: Relay, segment: Segment): Promise<string> =>
	outcome(await answered(relay, segment));

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
