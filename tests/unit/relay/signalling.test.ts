import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Relay } from '../../../relay/server';
import { metric, startTestRelay, TestSocket } from './test-relay';

const open = (relay: Relay): Promise<TestSocket> => TestSocket.open(`${relay.url}/signal`);

/** Subscribes, and waits until the relay has seen it: it answers in order. */
async function subscribed(relay: Relay, ...topics: readonly string[]): Promise<TestSocket> {
	const socket = await open(relay);
	socket.send({ type: 'subscribe', topics });
	await pong(socket);
	return socket;
}

async function pong(socket: TestSocket): Promise<void> {
	socket.send({ type: 'ping' });
	expect(await socket.nextJson()).toEqual({ type: 'pong' });
}

describe('signalling', () => {
	it('passes a publication on to the other subscribers of its topic, with their number', async () => {
		const relay = await startTestRelay();
		const [a, b, c] = [
			await subscribed(relay, 'room'),
			await subscribed(relay, 'room'),
			await subscribed(relay, 'else')
		];
		a.send({ type: 'publish', topic: 'room', data: 'c2VhbGVk' });
		expect(await b.nextJson()).toEqual({ type: 'publish', topic: 'room', data: 'c2VhbGVk', clients: 2 });
		await pong(a);
		await pong(c);
		expect([a.waiting, c.waiting]).toEqual([0, 0]);
	});

	it('hands a directed message to its addressee alone', async () => {
		const relay = await startTestRelay();
		const sockets = await Promise.all(['a', 'b', 'c'].map(() => subscribed(relay, 'room')));
		const [a, b, c] = sockets as [TestSocket, TestSocket, TestSocket];
		for (const [from, socket] of [
			['a', a],
			['b', b],
			['c', c]
		] as const) {
			socket.send({ type: 'publish', topic: 'room', data: { type: 'announce', from } });
			for (const other of sockets) if (other !== socket) await other.next();
		}
		const data = { type: 'signal', from: 'a', to: 'c', token: 1, signal: { type: 'offer', sdp: 'v=0' } };
		a.send({ type: 'publish', topic: 'room', data });
		expect(await c.nextJson()).toEqual({ type: 'publish', topic: 'room', data, clients: 3 });
		await pong(b);
		expect(b.waiting).toBe(0);
	});

	it('forgets who has unsubscribed and who has gone', async () => {
		const relay = await startTestRelay();
		const [a, b, c] = [
			await subscribed(relay, 'room'),
			await subscribed(relay, 'room'),
			await subscribed(relay, 'room')
		];
		b.send({ type: 'unsubscribe', topics: ['room'] });
		await pong(b);
		c.raw.close();
		await c.closed;
		const d = await subscribed(relay, 'room');
		a.send({ type: 'publish', topic: 'room', data: 'x' });
		expect(await d.nextJson()).toMatchObject({ clients: 2 });
		await pong(b);
		expect(b.waiting).toBe(0);
	});

	it.each([
		['no JSON', '{"type":'],
		['no object', 'null'],
		['a number', '17'],
		['an unknown type', '{"type":"shout"}'],
		['topics that are no list', '{"type":"subscribe","topics":"room"}'],
		['a topic that is no text', '{"type":"subscribe","topics":[1]}'],
		['an empty topic', '{"type":"publish","topic":"","data":"x"}'],
		['a topic that is too long', JSON.stringify({ type: 'subscribe', topics: ['x'.repeat(257)] })],
		['a publication of nothing', '{"type":"publish","topic":"room"}'],
		['a publication of null', '{"type":"publish","topic":"room","data":null}'],
		[
			'bottomless nesting',
			`{"type":"publish","topic":"room","data":{"a":${'['.repeat(25_000)}${']'.repeat(25_000)}}}`
		],
		['a prototype', '{"__proto__":{"type":"ping"}}'],
		['bytes', Buffer.from('{"type":"ping"}')]
	])('closes a socket that sends %s, and nothing else', async (_, frame) => {
		const relay = await startTestRelay();
		const [bystander, offender] = [await subscribed(relay, 'room'), await subscribed(relay, 'room')];
		offender.raw.send(frame, { binary: typeof frame !== 'string' });
		expect((await offender.closed).code).toBe(4400);
		await pong(bystander);
		expect(await metric(relay, 'rejected_total', { kind: 'signal' })).toBe(1);
	});

	it('refuses a frame that is too large with 4413', async () => {
		const relay = await startTestRelay({ settings: { signalFrameBytes: 1000 } });
		const socket = await open(relay);
		socket.send({ type: 'publish', topic: 'room', data: 'x'.repeat(1000) });
		expect((await socket.closed).code).toBe(4413);
	});

	it('refuses too many topics with 4420', async () => {
		const relay = await startTestRelay({ settings: { signalTopics: 3 } });
		const socket = await subscribed(relay, 'a', 'b', 'c');
		socket.send({ type: 'subscribe', topics: ['c'] });
		await pong(socket);
		socket.send({ type: 'subscribe', topics: ['d'] });
		expect((await socket.closed).code).toBe(4420);
	});

	it.each([{ signalMessagesBurst: 5 }, { signalBytesBurst: 100 }])(
		'refuses a flood with 4429: %o',
		async (settings) => {
			const relay = await startTestRelay({
				settings: { signalMessagesPerSecond: 1, signalBytesPerSecond: 1, ...settings }
			});
			const socket = await open(relay);
			for (let i = 0; i < 10; i++) socket.send({ type: 'ping' });
			expect((await socket.closed).code).toBe(4429);
		}
	);

	it('does not pile up messages for a socket that does not read', async () => {
		const relay = await startTestRelay({
			settings: { slowSocketBytes: 256 * 1024, signalBytesBurst: 1 << 30, signalMessagesBurst: 1 << 20 }
		});
		const [a, slow] = [await subscribed(relay, 'room'), await subscribed(relay, 'room')];
		slow.raw.pause();
		const data = 'x'.repeat(60_000);
		while ((await metric(relay, 'signal_dropped_total', { reason: 'slow' })) === 0) {
			for (let i = 0; i < 20; i++) a.send({ type: 'publish', topic: 'room', data });
			await pong(a);
		}
		expect(slow.raw.readyState).toBe(WebSocket.OPEN);
		slow.raw.resume();
		await pong(a);
		expect(await slow.nextJson()).toMatchObject({ data });
	});
});
