/** A relay on a free port and a folder of its own, and clients that speak its frames by hand. */
import { webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { systemClock, type Clock } from '../../../relay/clock';
import { LmdbInboxStorage } from '../../../relay/lmdb-inbox-storage';
import { LmdbStorage } from '../../../relay/lmdb-storage';
import { createLog } from '../../../relay/log';
import { createMetrics } from '../../../relay/metrics';
import { startRelay, type Relay } from '../../../relay/server';
import { relaySettings, type RelaySettings } from '../../../relay/settings';
import type { RelayStorage } from '../../../relay/storage';
import { decodeAcknowledgement, type AcknowledgedHead } from '../../../src/lib/protocol/acknowledgement';
import { ByteReader, ByteWriter } from '../../../src/lib/protocol/bytes';
import { decodeErased, erasedMessageType, type ErasedPlace } from '../../../src/lib/protocol/erase';
import { decodeUpdate, encodeUpdate, type LaneRun } from '../../../src/lib/protocol/guard/update';
import { decodeStateVector, encodeStateVector } from '../../../src/lib/protocol/state-vector';
import { accessMessageType, decodeAccess, type GrantedAccess } from '../../../src/lib/protocol/ticket';
import {
	DocumentTickets,
	type DocumentTicketsOptions
} from '../../../src/lib/replicas/relay/document-tickets';
import { must } from '../../must';
import type { Segment } from './lane-writer';

export function newFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), 'skein-relay-test-'));
	onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

export interface TestRelayOptions {
	readonly settings?: Partial<RelaySettings>;
	readonly folder?: string;
	readonly clock?: Clock;
	readonly storage?: RelayStorage | undefined;
}

/** Closed when the test is over, if the test has not done so. */
export async function startTestRelay({
	settings,
	folder,
	clock,
	storage
}: TestRelayOptions = {}): Promise<Relay> {
	const dataDir = folder ?? newFolder();
	const relay = await startRelay(
		relaySettings({ port: 0, host: '127.0.0.1', appDir: '/nonexistent', ...settings }),
		{
			storage: storage ?? new LmdbStorage(dataDir),
			inboxes: new LmdbInboxStorage(join(dataDir, 'inboxes')),
			metrics: createMetrics(false),
			log: createLog('silent'),
			clock: clock ?? systemClock,
			crypto: webcrypto as Crypto
		}
	);
	onTestFinished(() => relay.close());
	return relay;
}

/** The sum of a counter over all labels that contain `labels`. */
export async function metric(
	relay: Relay,
	name: string,
	labels: Record<string, string> = {}
): Promise<number> {
	const values = (await relay.metrics.registry.getSingleMetric(`skein_relay_${name}`)?.get())?.values ?? [];
	return values
		.filter((value) => Object.entries(labels).every(([label, text]) => value.labels[label] === text))
		.reduce((sum, { value }) => sum + value, 0);
}

/** Looks again and again until `check` no longer throws; long enough for a busy machine. */
export const eventually = (check: () => Promise<void>): Promise<void> =>
	vi.waitFor(check, { timeout: 20_000, interval: 10 });

export interface Closed {
	readonly code: number;
	readonly reason: string;
}

/** A WebSocket whose messages are kept until they are asked for. */
export class TestSocket {
	readonly #messages: Uint8Array[] = [];
	#wake: (() => void) | null = null;
	readonly closed: Promise<Closed>;

	constructor(readonly raw: WebSocket) {
		raw.on('message', (data) => {
			// Plain bytes rather than Buffers, so that they compare with the protocol's.
			this.#messages.push(new Uint8Array(data as Buffer));
			this.#wake?.();
		});
		this.closed = new Promise((resolve) => {
			raw.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
		});
	}

	static async open(
		url: string,
		options: { readonly headers?: Record<string, string> } = {}
	): Promise<TestSocket> {
		const raw = new WebSocket(url.replace(/^http/, 'ws'), options);
		const socket = new TestSocket(raw);
		onTestFinished(() => raw.terminate());
		await new Promise<void>((resolve, reject) => {
			raw.once('open', resolve);
			raw.once('error', reject);
		});
		raw.on('error', () => raw.terminate());
		return socket;
	}

	/** The next message; waits for it. */
	async next(): Promise<Uint8Array> {
		for (;;) {
			const message = this.#messages.shift();
			if (message !== undefined) return message;
			if (this.raw.readyState === WebSocket.CLOSED) throw new Error('closed before the message came');
			await Promise.race([this.closed, new Promise<void>((resolve) => (this.#wake = resolve))]);
		}
	}

	async nextJson(): Promise<unknown> {
		return JSON.parse(new TextDecoder().decode(await this.next()));
	}

	/** Messages that have come and were not asked for. */
	get waiting(): number {
		return this.#messages.length;
	}

	send(data: Uint8Array | object): void {
		this.raw.send(data instanceof Uint8Array ? data : JSON.stringify(data));
	}
}

export type ServerFrame =
	| { readonly kind: 'step1'; readonly next: ReadonlyMap<number, number> }
	| { readonly kind: 'step2' | 'update'; readonly runs: readonly LaneRun[]; readonly bytes: number }
	| { readonly kind: 'acknowledgement'; readonly heads: readonly AcknowledgedHead[] }
	| { readonly kind: 'frontier'; readonly bytes: Uint8Array }
	| { readonly kind: 'erased'; readonly places: readonly ErasedPlace[] }
	| ({ readonly kind: 'access' } & GrantedAccess);

export function readServerFrame(data: Uint8Array): ServerFrame {
	const reader = new ByteReader(data);
	const type = reader.varuint();
	if (type === 100)
		return { kind: 'acknowledgement', heads: must(decodeAcknowledgement(reader.take(reader.left))) };
	if (type === 101) return { kind: 'frontier', bytes: reader.take(reader.left) };
	if (type === erasedMessageType)
		return { kind: 'erased', places: must(decodeErased(reader.take(reader.left))) };
	if (type === accessMessageType) return { kind: 'access', ...must(decodeAccess(reader.take(reader.left))) };
	if (type !== 0) throw new Error(`the relay sent type ${type}`);
	const step = reader.varuint();
	const body = reader.block(reader.left);
	reader.end();
	if (step === 0) return { kind: 'step1', next: must(decodeStateVector(body)) };
	return { kind: step === 1 ? 'step2' : 'update', runs: must(decodeUpdate(body)), bytes: data.length };
}

export const step1Frame = (next: ReadonlyMap<number, number> = new Map()): Uint8Array =>
	new ByteWriter().u8(0).u8(0).block(encodeStateVector(next)).done();

export const updateFrame = (...runs: readonly LaneRun[]): Uint8Array =>
	new ByteWriter().u8(0).u8(2).block(encodeUpdate(runs)).done();

export const frontierFrame = (frontier: Uint8Array): Uint8Array =>
	new ByteWriter().u8(101).raw(frontier).done();

/** What a member answers to a challenge, by default as a client of the segment's own epoch. */
export const ticketsFor = (
	relay: Pick<Relay, 'url'>,
	{ context, keys }: Segment,
	options: Partial<DocumentTicketsOptions> = {}
): DocumentTickets =>
	new DocumentTickets({
		subtle: webcrypto.subtle as SubtleCrypto,
		document: context,
		host: new URL(relay.url).host,
		accessSecrets: () => [keys.accessSecret],
		...options
	});

/** A socket whose challenge is answered; the relay's word on it is still to come. */
export async function answered(
	relay: Pick<Relay, 'url'>,
	segment: Segment,
	tickets: DocumentTickets = ticketsFor(relay, segment)
): Promise<TestSocket> {
	const socket = await TestSocket.open(`${relay.url}/doc/${segment.name}`);
	for (const frame of must(await tickets.answer(await socket.next()))) socket.send(frame);
	return socket;
}

/** A socket that has been let in. */
export async function openDocument(
	relay: Pick<Relay, 'url'>,
	segment: Segment,
	tickets?: DocumentTickets
): Promise<TestSocket> {
	const socket = await answered(relay, segment, tickets);
	const frame = readServerFrame(await socket.next());
	if (frame.kind !== 'access') throw new Error(`the relay let nobody in: ${frame.kind}`);
	return socket;
}

/** A client of one document that holds what it was sent, and checks that nothing is sent into a gap. */
export class DocumentClient {
	readonly entriesByLane = new Map<number, Uint8Array[]>();

	constructor(readonly socket: TestSocket) {}

	/** Lets itself in as a member does who knows the segment's epoch. */
	static async open(relay: Pick<Relay, 'url'>, segment: Segment): Promise<DocumentClient> {
		return new DocumentClient(await openDocument(relay, segment));
	}

	/** Sends sync step 1 and reads until the acknowledgement that ends the answer. */
	async synchronise(next: ReadonlyMap<number, number> = new Map()): Promise<readonly ServerFrame[]> {
		this.socket.send(step1Frame(next));
		const frames: ServerFrame[] = [];
		for (;;) {
			const frame = await this.next();
			frames.push(frame);
			const before = frames.at(-2);
			if (frame.kind === 'acknowledgement' && before?.kind === 'step1') return frames;
		}
	}

	async next(): Promise<ServerFrame> {
		const frame = readServerFrame(await this.socket.next());
		if (frame.kind === 'update') for (const run of frame.runs) this.#take(run);
		return frame;
	}

	/** Skips other frames. */
	async nextOf<K extends ServerFrame['kind']>(kind: K): Promise<Extract<ServerFrame, { kind: K }>> {
		for (;;) {
			const frame = await this.next();
			if (frame.kind === kind) return frame as Extract<ServerFrame, { kind: K }>;
		}
	}

	#take({ lane, start, entries }: LaneRun): void {
		const held = this.entriesByLane.get(lane) ?? [];
		if (start > held.length) throw new Error(`lane ${lane}: ${start} was sent after ${held.length}`);
		held.splice(start, entries.length, ...entries);
		this.entriesByLane.set(lane, held);
	}

	/** Reads until the relay has acknowledged this clock of the lane. */
	async acknowledged(lane: number, clock: number): Promise<void> {
		for (;;) {
			const { heads } = await this.nextOf('acknowledgement');
			if (heads.some((head) => head.lane === lane && head.clock >= clock)) return;
		}
	}

	/** Reads until so many entries of the lane are here. */
	async until(lane: number, count: number): Promise<readonly Uint8Array[]> {
		while ((this.entriesByLane.get(lane)?.length ?? 0) < count) await this.next();
		return this.entriesByLane.get(lane) ?? [];
	}
}
