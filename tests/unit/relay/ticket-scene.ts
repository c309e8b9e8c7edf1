/** A document with something in it, and what those send who want to get in. */
import { expect } from 'vitest';
import { LmdbStorage } from '../../../relay/lmdb-storage';
import type { Relay } from '../../../relay/server';
import type { RelayStorage } from '../../../relay/storage';
import { ByteWriter } from '../../../src/lib/protocol/bytes';
import type { SigningKeys } from '../../../src/lib/protocol/crypto';
import { deriveEpochKeys } from '../../../src/lib/protocol/epoch';
import {
	createRotation,
	createTicket,
	decodeChallenge,
	deriveAccessKeys,
	type AccessMode,
	type Rotation,
	type TicketKind
} from '../../../src/lib/protocol/ticket';
import { crypto, type Segment } from './lane-writer';
import { ManualClock } from './manual-clock';
import { answered, newFolder, readServerFrame, startTestRelay, TestSocket } from './test-relay';
import { writtenDocument, type WrittenDocument } from './written-document';

const { subtle } = crypto;
export const daySeconds = 24 * 60 * 60;

/** The next epoch of the segment's conversation, as far as a relay can see one. */
export async function nextEpoch(segment: Segment): Promise<Segment> {
	const keys = await deriveEpochKeys(subtle, crypto.randomBytes(32), crypto.randomBytes(32));
	return { ...segment, keys };
}

export const accessKeys = ({ keys, context }: Segment): Promise<SigningKeys> =>
	deriveAccessKeys(subtle, keys.accessSecret, context);

const rotationFrame = (body: Uint8Array): Uint8Array => new ByteWriter().u8(105).raw(body).done();
const ticketFrame = (body: Uint8Array): Uint8Array => new ByteWriter().u8(103).raw(body).done();

export async function rotation(
	from: Segment,
	to: Segment,
	changes: Partial<Rotation> = {}
): Promise<Uint8Array> {
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

export async function challenged(relay: Pick<Relay, 'url'>, segment: Segment): Promise<Challenged> {
	const socket = await TestSocket.open(`${relay.url}/doc/${segment.name}`);
	const frame = await socket.next();
	expect(frame[0]).toBe(102);
	const challenge = decodeChallenge(frame.subarray(1));
	if (!challenge.ok) throw new Error(challenge.reason);
	return { socket, ...challenge.value };
}

export async function ticket(
	keys: SigningKeys,
	segment: Segment,
	nonce: Uint8Array,
	options: { kind?: TicketKind; mode?: AccessMode; host?: string } = {}
): Promise<Uint8Array> {
	const all = { kind: 'access', mode: 'write', host: 'relay.example', ...options } as const;
	return ticketFrame(await createTicket(subtle, keys, segment.context, nonce, all));
}

/** Three entries are there. */
export interface Scene extends WrittenDocument {
	readonly relay: Relay;
	readonly clock: ManualClock;
	readonly folder: string;
}

/** A disk that takes its time over who may open a document. */
export class SlowRotations extends LmdbStorage {
	goOn: () => void = () => undefined;
	readonly #mayGoOn = new Promise<void>((resolve) => (this.goOn = resolve));

	override async putAccess(...args: Parameters<LmdbStorage['putAccess']>): Promise<void> {
		await this.#mayGoOn;
		return super.putAccess(...args);
	}
}

export async function scene(settings = {}, storage?: RelayStorage): Promise<Scene> {
	const clock = new ManualClock();
	const folder = newFolder();
	const relay = await startTestRelay({ settings, clock, folder, storage });
	return { relay, clock, folder, ...(await writtenDocument(relay, 3)) };
}

/** How an attempt to get in ends: with what is granted, or with a close code and reason. */
export async function outcome(socket: TestSocket): Promise<string> {
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

export const attempt = async (relay: Relay, segment: Segment): Promise<string> =>
	outcome(await answered(relay, segment));
