/** A relay that is lied to, and one that lies. */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { Relay } from '../../relay/server';
import { encodeUpdate } from '../../src/lib/protocol/guard/update';
import { createTicket, decodeChallenge, deriveAccessKeys } from '../../src/lib/protocol/ticket';
import { ByteWriter } from '../../src/lib/protocol/bytes';
import { deriveEpochKeys } from '../../src/lib/protocol/epoch';
import type { SigningKeys } from '../../src/lib/protocol/crypto';
import { crypto, LaneWriter, newSegment, type Segment } from '../unit/relay/lane-writer';
import {
	DocumentClient,
	eventually,
	metric,
	openDocument,
	startTestRelay,
	TestSocket,
	updateFrame
} from '../unit/relay/test-relay';
import { writtenDocument } from '../unit/relay/written-document';
import { goOn, honestGroup, ingestInVain, laneRun } from './honest-group';
import type { Row } from './row';

async function pong(socket: TestSocket): Promise<void> {
	socket.send({ type: 'ping' });
	expect(await socket.nextJson()).toEqual({ type: 'pong' });
}

async function subscriber(relay: Relay): Promise<TestSocket> {
	const socket = await TestSocket.open(`${relay.url}/signal`);
	socket.send({ type: 'subscribe', topics: ['room'] });
	await pong(socket);
	return socket;
}

/** Others of the room hear each other as before. */
async function signallingGoesOn(relay: Relay): Promise<void> {
	const [a, b] = [await subscriber(relay), await subscriber(relay)];
	a.send({ type: 'publish', topic: 'room', data: 'c2VhbGVk' });
	for (;;) {
		const message = await b.nextJson();
		if (typeof message === 'object' && message !== null && 'data' in message && message.data === 'c2VhbGVk')
			return;
	}
}

const accessKeysOf = ({ keys, context }: Segment): Promise<SigningKeys> =>
	deriveAccessKeys(crypto.subtle, keys.accessSecret, context);

/** How a first frame that is no good ticket ends. */
async function closeCodeFor(
	relay: Relay,
	segment: Segment,
	frameOf: (nonce: Uint8Array) => Uint8Array | Promise<Uint8Array>
): Promise<number> {
	const socket = await TestSocket.open(`${relay.url}/doc/${segment.name}`);
	const challenge = decodeChallenge((await socket.next()).subarray(1));
	if (!challenge.ok) throw new Error(challenge.reason);
	socket.send(await frameOf(challenge.value.nonce));
	return (await socket.closed).code;
}

const ticket = async (
	keys: SigningKeys,
	document: Uint8Array,
	nonce: Uint8Array,
	host: string
): Promise<Uint8Array> =>
	new ByteWriter()
		.u8(103)
		.raw(await createTicket(crypto.subtle, keys, document, nonce, { kind: 'access', mode: 'write', host }))
		.done();

export const relayRows: readonly Row[] = [
	{
		no: 42,
		input: 'signalling that is no JSON, no object, of bytes, nested without end, with "__proto__"',
		outcome: 'that socket is closed (4400) and counted; the others go on',
		run: async () => {
			const relay = await startTestRelay();
			const frames = [
				'not json',
				'null',
				'{"__proto__":{"type":"ping"}}',
				`{"type":"publish","topic":"room","data":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
				Buffer.from('{"type":"ping"}')
			];
			for (const frame of frames) {
				const socket = await subscriber(relay);
				socket.raw.send(frame, { binary: typeof frame !== 'string' });
				expect((await socket.closed).code).toBe(4400);
			}
			expect(await metric(relay, 'rejected_total', { kind: 'signal' })).toBe(frames.length);
			await signallingGoesOn(relay);
		}
	},
	{
		no: 42,
		input: 'a frame of many megabytes, 100 000 topics, a flood',
		outcome: 'closed (4413, 4420, 4429); the others go on',
		run: async () => {
			const relay = await startTestRelay();
			const large = await subscriber(relay);
			large.raw.send('x'.repeat(8 * 1024 * 1024));
			expect((await large.closed).code).toBe(4413);
			const many = await subscriber(relay);
			for (let i = 0; i < 100_000 && many.raw.readyState === many.raw.OPEN; i += 100)
				many.send({ type: 'subscribe', topics: Array.from({ length: 100 }, (_, j) => `t${i + j}`) });
			expect([4420, 4429]).toContain((await many.closed).code);
			const flood = await subscriber(relay);
			for (let i = 0; i < 20_000 && flood.raw.readyState === flood.raw.OPEN; i++)
				flood.send({ type: 'ping' });
			expect((await flood.closed).code).toBe(4429);
			await signallingGoesOn(relay);
		}
	},
	{
		no: 42,
		input: 'an answer for a peer that nobody knows, 10 000 announcements of made-up peers',
		outcome:
			'goes to nobody who is not meant; who floods is closed (4429), whoever listens reads what they can',
		run: async () => {
			const relay = await startTestRelay();
			const bystander = await subscriber(relay);
			const liar = await subscriber(relay);
			const data = { type: 'signal', from: 'x', to: 'nobody', token: 1, signal: { type: 'answer', sdp: '' } };
			liar.send({ type: 'publish', topic: 'room', data });
			for (let i = 0; i < 10_000 && liar.raw.readyState === liar.raw.OPEN; i++) {
				const from = createHash('sha256').update(String(i)).digest('hex');
				liar.send({ type: 'publish', topic: 'room', data: { type: 'announce', from } });
			}
			expect((await liar.closed).code).toBe(4429);
			expect(bystander.raw.readyState).toBe(bystander.raw.OPEN);
			await signallingGoesOn(relay);
		}
	},
	{
		no: 43,
		input: 'a document without a ticket; with one for another nonce, document, key, or of noise',
		outcome: 'closed (4401, 4403); nothing was read',
		run: async () => {
			const relay = await startTestRelay();
			const { segment } = await writtenDocument(relay, 3);
			const keys = await accessKeysOf(segment);
			const stranger = await accessKeysOf(await newSegment());
			const host = new URL(relay.url).host;
			const { context } = segment;
			const codes = [
				await closeCodeFor(relay, segment, () => Uint8Array.of(0, 0, 1, 0)),
				await closeCodeFor(relay, segment, () => Uint8Array.of(103, 1, 2, 3)),
				await closeCodeFor(relay, segment, () => ticket(keys, context, crypto.randomBytes(32), host)),
				await closeCodeFor(relay, segment, (nonce) => ticket(keys, crypto.randomBytes(32), nonce, host)),
				await closeCodeFor(relay, segment, (nonce) => ticket(stranger, context, nonce, host))
			];
			expect(codes).toEqual([4401, 4401, 4401, 4401, 4403]);
			const socket = await openDocument(relay, segment);
			expect(socket.raw.readyState).toBe(socket.raw.OPEN);
		}
	},
	{
		no: 43,
		input: 'writing with the key of an epoch that has ended',
		outcome: 'closed (4403, or 4503 where the key has moved on meanwhile): tests/unit/relay/tickets.test.ts',
		run: async () => {
			const relay = await startTestRelay();
			const { segment } = await writtenDocument(relay, 1);
			const otherEpoch = {
				...segment,
				keys: await deriveEpochKeys(crypto.subtle, crypto.randomBytes(32), crypto.randomBytes(32))
			};
			const stranger = await accessKeysOf(otherEpoch);
			const host = new URL(relay.url).host;
			expect(
				await closeCodeFor(relay, segment, (nonce) => ticket(stranger, segment.context, nonce, host))
			).toBe(4403);
			expect(await metric(relay, 'closed_total', { code: '4403' })).toBe(1);
		}
	},
	{
		no: 44,
		input: 'a relay that leaves out a lane, or serves it only up to an old entry',
		outcome: 'nothing is wrong with what it serves; any peer who has more heals it. A gap is never stored',
		run: async () => {
			const people = await honestGroup();
			const { founder, ben, cleo } = people;
			for (let i = 0; i < 5; i++) await ben.say(`m${i}`);
			await founder.hear(ben);
			const { lane, entries } = await laneRun(founder, 1, ben);
			const held = (await laneRun(cleo, 1, ben)).entries.length;
			const stale = encodeUpdate([{ lane, start: 0, entries: entries.slice(0, held + 2) }]);
			expect((await cleo.conversation.ingest(1, stale, 'relay')).admitted).toBe(2);
			const report = await ingestInVain(
				cleo,
				encodeUpdate([{ lane, start: held + 3, entries: entries.slice(held + 3) }]),
				1,
				'relay'
			);
			expect(report.gap).toBe(true);
			await cleo.hear(founder);
			expect(cleo.shown).toEqual(founder.shown);
			await goOn(people);
		}
	},
	{
		no: 44,
		input:
			'a relay that acknowledges what it does not hold: another branch, a clock to come, a lane of nobody',
		outcome: 'nothing is called sent (acknowledged-other-branch is counted)',
		run: async () => {
			const { ben } = await honestGroup();
			await ben.say('waiting');
			const { conversation } = ben;
			const own = (await conversation.heads(1)).find(({ lane }) => conversation.isOwnLane(lane));
			if (own === undefined) throw new Error('Ben has no lane');
			const state = (): string => conversation.deliveryOf(1, own.lane, own.next - 1);
			const before = state();
			await conversation.acknowledged(1, own.lane, own.next, new Uint8Array(8).fill(1));
			await conversation.acknowledged(1, own.lane, own.next + 5, own.id);
			await conversation.acknowledged(1, 123, own.next, own.id);
			await conversation.acknowledged(7, own.lane, own.next, own.id);
			expect([state(), before]).toEqual(['queued', 'queued']);
			expect(ben.rejected).toEqual(['acknowledged-other-branch']);
			await conversation.acknowledged(1, own.lane, own.next, own.id);
			expect(state()).toBe('sent');
		}
	},
	{
		no: 44,
		input: 'a relay under a flood of updates that it refuses',
		outcome: 'the fifth closes the socket (4400); other sockets of the document go on',
		run: async () => {
			const relay = await startTestRelay();
			const segment = await newSegment();
			const writer = await LaneWriter.create(segment);
			const honest = await DocumentClient.open(relay, segment);
			await honest.synchronise();
			const offender = await openDocument(relay, segment);
			for (let i = 0; i < 6; i++) offender.send(Uint8Array.of(0, 2, 6, 0, 1, 5, 1, 0, 100));
			expect((await offender.closed).code).toBe(4400);
			honest.socket.send(updateFrame(await writer.write(2)));
			await honest.acknowledged(writer.lane, 1);
			await eventually(async () =>
				expect(await metric(relay, 'rejected_total', { reason: 'delete-set' })).toBe(5)
			);
		}
	}
];
