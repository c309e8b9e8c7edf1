import { beforeEach, describe, expect, it } from 'vitest';
import { Doorbell } from '../../../src/lib/replicas/swarm/doorbell';
import type { PageMoment } from '../../../src/lib/replicas/swarm/page-moments';
import {
	SignallingTopics,
	type SignallingSocketEvents
} from '../../../src/lib/replicas/swarm/signalling-topics';
import { ManualTimers } from './manual-timers';

interface DialledSocket {
	readonly events: SignallingSocketEvents;
	readonly sent: {
		readonly type: string;
		readonly topics?: string[];
		readonly topic?: string;
		readonly data?: unknown;
	}[];
	closed: boolean;
}

let timers: ManualTimers;
let sockets: DialledSocket[];
let rings: string[];
let meet: (moment: PageMoment) => void;
let topics: SignallingTopics;
let doorbell: Doorbell;

function openWith(random: () => number): void {
	topics = new SignallingTopics('wss://relay.example/signal', {
		timers,
		random,
		moments(listener) {
			meet = listener;
			return () => (meet = () => undefined);
		},
		dial(_url, events) {
			const socket: DialledSocket = { events, sent: [], closed: false };
			sockets.push(socket);
			return {
				send: (text) => socket.sent.push(JSON.parse(text) as DialledSocket['sent'][number]),
				close: () => (socket.closed = true)
			};
		}
	});
	doorbell = new Doorbell({ topics, onRing: (topic) => rings.push(topic), random });
}

const newest = (): DialledSocket => {
	const socket = sockets.at(-1);
	if (socket === undefined) throw new Error('nothing was dialled');
	return socket;
};
const ringOn = (topic: string, from = 'somebody'): string =>
	JSON.stringify({ type: 'publish', topic, data: { type: 'ring', from } });

beforeEach(() => {
	timers = new ManualTimers();
	sockets = [];
	rings = [];
	openWith(() => 0.5);
});

describe('signalling topics', () => {
	it('listens for the topics it was given, before and after it is connected', () => {
		topics.listen(['a', 'b']);
		expect(newest().sent).toEqual([]);
		newest().events.opened();
		topics.listen(['b', 'c']);
		topics.ignore(['a', 'unknown']);
		expect(newest().sent).toEqual([
			{ type: 'subscribe', topics: ['a', 'b'] },
			{ type: 'subscribe', topics: ['c'] },
			{ type: 'unsubscribe', topics: ['a'] }
		]);
	});

	it('subscribes in messages of at most a hundred topics', () => {
		topics.listen(Array.from({ length: 250 }, (_, number) => `t${number}`));
		newest().events.opened();
		expect(newest().sent.map((message) => message.topics?.length)).toEqual([100, 100, 50]);
	});

	it('backs off from one second to five minutes with full jitter', () => {
		const delays: number[] = [];
		for (let failure = 0; failure < 12; failure++) {
			newest().events.closed();
			delays.push(timers.nextInMs);
			timers.pass(timers.nextInMs);
		}
		expect(delays).toEqual([
			500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 150_000, 150_000, 150_000
		]);
		expect(sockets).toHaveLength(13);
	});

	it('begins anew with the back-off after a connection that worked, not after one that only opened', () => {
		for (let failure = 0; failure < 4; failure++) {
			newest().events.opened();
			newest().events.closed();
			timers.pass(timers.nextInMs);
		}
		newest().events.opened();
		newest().events.received('{"type":"pong"}');
		newest().events.closed();
		expect(timers.nextInMs).toBe(500);
	});

	it('dials at once when the network is back', () => {
		for (let failure = 0; failure < 8; failure++) {
			newest().events.closed();
			timers.pass(timers.nextInMs);
		}
		newest().events.closed();
		const before = sockets.length;
		meet('online');
		expect(sockets).toHaveLength(before + 1);
		newest().events.closed();
		expect(timers.nextInMs).toBe(500);
	});

	it('pings, and dials anew when nothing comes back', () => {
		newest().events.opened();
		timers.pass(20_000);
		expect(newest().sent).toEqual([{ type: 'ping' }]);
		newest().events.received('{"type":"pong"}');
		timers.pass(40_000);
		expect(sockets).toHaveLength(1);
		timers.pass(60_000);
		expect(sockets.length).toBeGreaterThan(1);
		expect(sockets[0]?.closed).toBe(true);
	});

	it('after a sleep keeps a fresh connection and replaces a stale one', () => {
		newest().events.opened();
		meet('awake');
		expect(sockets).toHaveLength(1);
		timers.pass(44_000);
		newest().events.received('{"type":"pong"}');
		meet('awake');
		expect(sockets).toHaveLength(1);
	});

	it('subscribes again on a new connection', () => {
		doorbell.listen('a');
		newest().events.opened();
		newest().events.closed();
		timers.pass(1_000);
		newest().events.opened();
		expect(newest().sent).toEqual([{ type: 'subscribe', topics: ['a'] }]);
		expect(topics.connected).toBe(true);
	});

	it('is silent once closed', () => {
		newest().events.opened();
		doorbell.close();
		topics.close();
		meet('online');
		timers.pass(1_000_000);
		expect([sockets.length, newest().closed, timers.waiting]).toEqual([1, true, 0]);
	});
});

describe('doorbell', () => {
	it('tells of a ring on its topics, and of nothing else', () => {
		doorbell.listen('a');
		newest().events.opened();
		const { received } = newest().events;
		received(ringOn('a'));
		received(ringOn('b'));
		received('not json');
		received('null');
		received(JSON.stringify({ type: 'publish', topic: 'a', data: 'sealed' }));
		received(JSON.stringify({ type: 'publish', topic: 'a', data: { type: 'announce', from: 'x' } }));
		received(JSON.stringify({ type: 'publish', topic: 7, data: { type: 'ring' } }));
		expect(rings).toEqual(['a']);
	});

	it('does not hear its own ring', () => {
		doorbell.listen('a');
		newest().events.opened();
		doorbell.ring('a');
		newest().events.received(JSON.stringify(newest().sent.at(-1)));
		expect(rings).toEqual([]);
	});

	it('rings once there is a connection, once for each topic', () => {
		doorbell.ring('a');
		doorbell.ring('a');
		newest().events.opened();
		expect(newest().sent.map((message) => [message.type, message.topic])).toEqual([['publish', 'a']]);
	});

	it('hears nothing on a topic that it ignores, though somebody else listens there', () => {
		doorbell.listen('a');
		newest().events.opened();
		doorbell.ignore('a');
		topics.listen(['a']);
		newest().events.received(ringOn('a'));
		expect(rings).toEqual([]);
	});
});
