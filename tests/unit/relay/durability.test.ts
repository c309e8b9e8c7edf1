import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LmdbStorage } from '../../../relay/lmdb-storage';
import type { Relay } from '../../../relay/server';
import type { DocumentUsage, RelayStorage, StoredDocument, StoredFrontier } from '../../../relay/storage';
import type { AdmittedRun } from '../../../src/lib/protocol/guard/lanes';
import { fromBase64url, toBase64url } from '../../../src/lib/protocol/base64url';
import { inboxTopicOf } from '../../../src/lib/protocol/inbox';
import { leaveInInbox, OwnInbox } from '../../../src/lib/replicas/inbox';
import { crypto, LaneWriter, newSegment, type Segment } from './lane-writer';
import {
	answered,
	DocumentClient,
	newFolder,
	openDocument,
	startTestRelay,
	ticketsFor,
	updateFrame
} from './test-relay';

function bytesOf(text: string): Uint8Array {
	const bytes = fromBase64url(text);
	if (!bytes.ok) throw new Error(bytes.reason);
	return bytes.value;
}

interface RelayProcess {
	readonly child: ChildProcess;
	readonly relay: Pick<Relay, 'url'>;
}

/** `relay/main.ts` as an operator starts it. */
async function startProcess(folder: string, more: readonly string[] = []): Promise<RelayProcess> {
	const args = [
		'--import',
		'tsx',
		'relay/main.ts',
		'--port',
		'0',
		'--host',
		'127.0.0.1',
		'--data-dir',
		folder,
		...more
	];
	const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
	onTestFinished(() => void child.kill('SIGKILL'));
	for await (const line of createInterface({ input: child.stdout })) {
		const url = /^Skein relay listens on (http:\S+)$/.exec(line)?.[1];
		if (url !== undefined) return { child, relay: { url } };
	}
	throw new Error('the relay ended before it listened');
}

/** Writes until it is told to stop or the relay goes away. @returns how many entries were acknowledged */
async function writeOn(
	relay: Pick<Relay, 'url'>,
	segment: Segment,
	writer: LaneWriter,
	onAcknowledged: () => void
): Promise<number> {
	const client = await DocumentClient.open(relay, segment);
	let acknowledged = 0;
	try {
		await client.synchronise(new Map([[writer.lane, writer.entries.length]]));
		client.socket.send(updateFrame(writer.run()));
		for (;;) {
			const run = await writer.write(3, 500);
			client.socket.send(updateFrame(run));
			const { heads } = await client.nextOf('acknowledgement');
			for (const { lane, clock } of heads)
				if (lane === writer.lane) acknowledged = Math.max(acknowledged, clock + 1);
			onAcknowledged();
		}
	} catch (error) {
		if (!(error instanceof Error && error.message.startsWith('closed before'))) throw error;
		return acknowledged;
	}
}

describe('what was acknowledged', () => {
	it('is there after kill -9 right after an acknowledgement, five times over, with four writers', async () => {
		const folder = newFolder();
		const segment = await newSegment();
		const writers = await Promise.all(Array.from({ length: 4 }, () => LaneWriter.create(segment)));
		for (let round = 0; round < 5; round++) {
			const { child, relay } = await startProcess(folder);
			const ended = once(child, 'exit');
			let left = 15 + round * 13;
			const kill = (): void => {
				if (--left === 0) child.kill('SIGKILL');
			};
			const acknowledged = await Promise.all(writers.map((writer) => writeOn(relay, segment, writer, kill)));
			expect((await ended)[1]).toBe('SIGKILL');
			expect(Math.max(...acknowledged)).toBeGreaterThan(0);

			const storage = new LmdbStorage(folder);
			const stored = await storage.open(segment.context);
			for (const [i, writer] of writers.entries()) {
				const next = stored.headByLane.get(writer.lane)?.next ?? 0;
				expect(next).toBeGreaterThanOrEqual(acknowledged[i] ?? 0);
				const held = await storage.entries(segment.context, writer.lane, 0, next, Number.MAX_SAFE_INTEGER);
				expect(Buffer.concat(held).equals(Buffer.concat(writer.entries.slice(0, next)))).toBe(true);
			}
			await storage.close();
		}
	}, 60_000);

	it('belongs to the key that wrote it after kill -9, and to the next one after a rotation', async () => {
		const folder = newFolder();
		const segment = await newSegment();
		const next: Segment = { ...segment, keys: (await newSegment()).keys };
		const stranger: Segment = { ...segment, keys: (await newSegment()).keys };
		const writer = await LaneWriter.create(segment);
		const lives: readonly ((relay: Pick<Relay, 'url'>) => Promise<void>)[] = [
			async (relay) => {
				const client = await DocumentClient.open(relay, segment);
				await client.synchronise();
				client.socket.send(updateFrame(await writer.write(1)));
				await client.acknowledged(writer.lane, 0);
			},
			async (relay) => {
				expect((await (await answered(relay, stranger)).closed).code).toBe(4403);
				const accessSecrets = (): Uint8Array[] => [next.keys.accessSecret, segment.keys.accessSecret];
				const socket = await openDocument(relay, segment, ticketsFor(relay, segment, { accessSecrets }));
				// The relay says so when the new key is on the disk.
				expect((await socket.closed).code).toBe(4503);
			},
			async (relay) => {
				expect((await (await answered(relay, segment)).closed).code).toBe(4403);
				const client = await DocumentClient.open(relay, next);
				await client.synchronise();
				expect(client.entriesByLane.get(writer.lane)).toHaveLength(1);
			}
		];
		for (const live of lives) {
			const { child, relay } = await startProcess(folder);
			await live(relay);
			const ended = once(child, 'exit');
			child.kill('SIGKILL');
			await ended;
		}
	}, 60_000);

	it('lies in an inbox after kill -9, every time, with three senders', async () => {
		const folder = newFolder();
		const owner = await crypto.generateSigningKeys();
		const topic = inboxTopicOf(owner.publicKey);
		const acknowledged = new Map<string, Uint8Array>();
		for (let round = 0; round < 3; round++) {
			const { child, relay } = await startProcess(folder, ['--inbox-items-per-sender', '64']);
			const ended = once(child, 'exit');
			const deps = { fetch, subtle: crypto.subtle, url: `${relay.url}/inbox` };
			let left = 5 + round * 4;
			const leaveOn = async (): Promise<void> => {
				for (;;) {
					const blob = crypto.randomBytes(2_000);
					const receipt = await leaveInInbox(deps, topic, blob, 3600);
					if (!receipt.ok) return expect(receipt.reason).toBe('unreachable');
					acknowledged.set(toBase64url(receipt.value.id), blob);
					if (--left === 0) child.kill('SIGKILL');
				}
			};
			await Promise.all([leaveOn(), leaveOn(), leaveOn()]);
			expect((await ended)[1]).toBe('SIGKILL');
		}
		expect(acknowledged.size).toBeGreaterThanOrEqual(5 + 9 + 13);
		const { relay } = await startProcess(folder);
		const inbox = new OwnInbox({ fetch, subtle: crypto.subtle, url: `${relay.url}/inbox` }, owner);
		for (const [id, blob] of acknowledged)
			expect(await inbox.fetch(bytesOf(id))).toEqual({ ok: true, value: blob });
	}, 60_000);

	it('is kept by an orderly end, which closes sockets with 1001 and exits with 0', async () => {
		const folder = newFolder();
		const segment = await newSegment();
		const writer = await LaneWriter.create(segment);
		const { child, relay } = await startProcess(folder);
		const client = await DocumentClient.open(relay, segment);
		await client.synchronise();
		client.socket.send(updateFrame(await writer.write(10)));
		await client.acknowledged(writer.lane, 9);
		const ended = once(child, 'exit');
		child.kill('SIGTERM');
		expect((await client.socket.closed).code).toBe(1001);
		expect(await ended).toEqual([0, null]);
		const storage = new LmdbStorage(folder);
		onTestFinished(() => storage.close());
		expect((await storage.open(segment.context)).headByLane.get(writer.lane)?.next).toBe(10);
	});
});

/** A disk that is full for a while. */
class FailingStorage implements RelayStorage {
	failing = false;

	constructor(private readonly inner: RelayStorage) {}

	get totalBytes(): number {
		return this.inner.totalBytes;
	}

	open(document: Uint8Array): Promise<StoredDocument> {
		return this.inner.open(document);
	}

	entries(...args: Parameters<RelayStorage['entries']>): Promise<readonly Uint8Array[]> {
		return this.inner.entries(...args);
	}

	append(
		document: Uint8Array,
		runs: readonly AdmittedRun[],
		usage: DocumentUsage,
		access?: Uint8Array
	): Promise<void> {
		return this.failing ? this.#full() : this.inner.append(document, runs, usage, access);
	}

	putAccess(document: Uint8Array, access: Uint8Array, usage: DocumentUsage): Promise<void> {
		return this.failing ? this.#full() : this.inner.putAccess(document, access, usage);
	}

	erase(...args: Parameters<RelayStorage['erase']>): Promise<void> {
		return this.failing ? this.#full() : this.inner.erase(...args);
	}

	#full(): Promise<void> {
		return Promise.reject(new Error('no space'));
	}

	putFrontier(document: Uint8Array, frontier: StoredFrontier, usage: DocumentUsage): Promise<void> {
		return this.inner.putFrontier(document, frontier, usage);
	}

	frontiers(document: Uint8Array): Promise<readonly Uint8Array[]> {
		return this.inner.frontiers(document);
	}

	close(): Promise<void> {
		return this.inner.close();
	}
}

describe('when a write fails', () => {
	it('nothing is acknowledged or passed on, the sockets are sent away, and later all goes on', async () => {
		const storage = new FailingStorage(new LmdbStorage(newFolder()));
		const relay = await startTestRelay({ storage });
		const segment = await newSegment();
		const writer = await LaneWriter.create(segment);
		const [a, b] = [await DocumentClient.open(relay, segment), await DocumentClient.open(relay, segment)];
		await a.synchronise();
		await b.synchronise();
		a.socket.send(updateFrame(await writer.write(3)));
		await a.acknowledged(writer.lane, 2);
		await b.until(writer.lane, 3);
		storage.failing = true;
		a.socket.send(updateFrame(await writer.write(1)));
		a.socket.send(updateFrame(await writer.write(1)));
		expect((await a.socket.closed).code).toBe(1011);
		expect((await b.socket.closed).code).toBe(1011);
		expect([a.socket.waiting, b.socket.waiting]).toEqual([0, 0]);

		storage.failing = false;
		const again = await DocumentClient.open(relay, segment);
		const frames = await again.synchronise();
		expect(frames.find((frame) => frame.kind === 'step1')?.next).toEqual(new Map([[writer.lane, 3]]));
		again.socket.send(updateFrame(writer.run(3)));
		await again.acknowledged(writer.lane, 4);
	});
});
