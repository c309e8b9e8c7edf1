import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Attempt, type Connection, type Saying } from '../../../src/lib/replicas/swarm/attempt';
import { Negotiation } from '../../../src/lib/replicas/swarm/negotiation';
import {
	candidatesOf,
	descriptionIdentity,
	readSignalMessage,
	type Description,
	type Signal
} from '../../../src/lib/replicas/swarm/signal-message';
import { SeededRandom } from '../../simulation/seeded-random';
import { LossyRoom } from './lossy-room';
import { ManualTimers } from './manual-timers';

const delayMs = { least: 10, most: 60 };
const patienceMs = 300_000;

/** Sorted milliseconds from the last one's joining until all have links to all, for each of `seeds` histories. */
function durationsMs(lossPerWay: number, joinsAtMs: readonly number[], seeds: number): number[] {
	const durations = Array.from({ length: seeds }, (_, seed) => {
		const room = new LossyRoom(new SeededRandom(seed), { lossPerWay, joinsAtMs, delayMs });
		return (room.allLinkedAfterMs(patienceMs) ?? Infinity) - Math.max(...joinsAtMs);
	});
	return durations.sort((a, b) => a - b);
}

const quantile = (sorted: readonly number[], share: number): number =>
	sorted[Math.floor((sorted.length - 1) * share)] ?? Infinity;

describe('people in a room', () => {
	const four = [0, 3_000, 3_100, 3_200];

	it('are together at once where nothing is lost', () => {
		for (const joinsAtMs of [[0, 0], [0, 300], [0, 90_000], four, [0, 0, 0, 0]])
			expect(quantile(durationsMs(0, joinsAtMs, 40), 1)).toBeLessThan(1_000);
	});

	it('are together in seconds where three of ten messages are lost on each of their two ways', () => {
		expect(quantile(durationsMs(0.3, [0, 300], 200), 0.99)).toBeLessThan(7_000);
		expect(quantile(durationsMs(0.3, four, 100), 0.99)).toBeLessThan(10_000);
		// Who has been there for long announces themselves rarely: the newcomer has to be heard.
		expect(quantile(durationsMs(0.3, [0, 90_000], 200), 0.99)).toBeLessThan(10_000);
	});

	it('come together where three of four messages are lost', () => {
		expect(quantile(durationsMs(0.5, four, 60), 1)).toBeLessThan(90_000);
	});
});

const description = (type: 'offer' | 'answer', name: string): Description => ({
	type,
	sdp: [`a=ice-ufrag:${name}`, 'a=ice-pwd:secret', 'a=mid:0', `a=candidate:1 of ${name}`].join('\r\n')
});
const offer = (name: string): Description => description('offer', name);
const answer = (name: string): Description => description('answer', name);
const identity = (name: string): string => `${name} secret`;

class RecordedConnection implements Connection {
	connecting = true;
	own: Description | null = null;
	readonly taken: Signal[] = [];
	readonly said: Saying[] = [];
	probes = 0;

	constructor(
		readonly as: 'offerer' | 'answerer',
		readonly over: () => void
	) {}
	take(signal: Signal): void {
		this.taken.push(signal);
	}
	publish(saying: Saying): void {
		this.said.push(saying);
	}
	probe(): void {
		this.probes++;
	}
	drop(gone: () => void): void {
		this.connecting = false;
		this.over();
		gone();
	}
}

/** We, and what becomes of our connections to the peer "them", one after the other. */
function us(hasRoom = true) {
	const timers = new ManualTimers();
	const connections: RecordedConnection[] = [];
	let current: Attempt | undefined;
	let lastToken = 1_000;
	const negotiation = new Negotiation({
		ownId: 'us',
		attemptWith: (peer) => (peer === 'them' ? current : undefined),
		hasRoom: (as) => hasRoom || as === 'answerer',
		begin(_peer, as) {
			const connection = new RecordedConnection(as, () => (current = undefined));
			connections.push(connection);
			current = new Attempt(connection, { timers, random: () => 0.5, nextToken: () => ++lastToken });
			return current;
		}
	});
	return {
		timers,
		connections,
		hear: (signal: Signal, token: number, answers?: string) =>
			negotiation.hear({
				type: 'signal',
				from: 'them',
				to: 'us',
				token,
				signal,
				...(answers === undefined ? {} : { answers })
			}),
		announced: (linked?: readonly string[]) =>
			negotiation.hear({ type: 'announce', from: 'them', ...(linked === undefined ? {} : { linked }) }),
		/** The browser has made our description. */
		describes(own: Description): void {
			const connection = connections.at(-1);
			if (connection === undefined) throw new Error('there is no connection');
			connection.own = own;
			current?.say(own);
		},
		finds: (candidate: string) => current?.say({ type: 'candidate', candidate: { candidate } })
	};
}

describe('negotiation', () => {
	it('invites who announces themselves, and says the offer again until it is answered', () => {
		const { timers, connections, announced, describes, hear } = us();
		announced();
		describes(offer('o1'));
		timers.pass(2_000);
		const [connection] = connections;
		expect(connection?.said.length).toBeGreaterThan(3);
		expect(new Set(connection?.said.map(({ token }) => token)).size).toBe(1);
		hear(answer('a1'), 1, identity('o1'));
		expect(connection?.taken).toEqual([answer('a1')]);
		if (connection !== undefined) connection.connecting = false;
		const before = connection?.said.length;
		timers.pass(60_000);
		expect(connection?.said.length).toBe(before);
		expect(timers.waiting).toBe(0);
	});

	it('says an answer again when the offer comes again, and takes the candidates in it', () => {
		const { timers, connections, describes, hear } = us();
		hear(offer('o1'), 1);
		describes(answer('a1'));
		timers.pass(400);
		hear(offer('o1'), 1);
		const [connection] = connections;
		expect(connection?.said.map(({ answers }) => answers)).toEqual([identity('o1'), identity('o1')]);
		expect(connection?.taken).toEqual([offer('o1'), ...candidatesOf(offer('o1'))]);
		expect(connections).toHaveLength(1);
	});

	it('says the candidates that it finds together, with their description', () => {
		const { timers, connections, announced, describes, finds } = us();
		announced();
		describes(offer('o1'));
		for (const found of ['candidate:1', 'candidate:2', 'candidate:3']) finds(found);
		const [connection] = connections;
		expect(connection?.said).toHaveLength(1);
		timers.pass(100);
		expect(connection?.said.map(({ signal }) => signal)).toEqual([offer('o1'), offer('o1')]);
	});

	it('lets the later of two offers win', () => {
		const { connections, announced, describes, hear } = us();
		announced();
		describes(offer('o1'));
		const token = connections[0]?.said[0]?.token ?? 0;
		hear(offer('theirs'), token - 1);
		expect(connections[0]?.taken).toEqual([]);
		hear(offer('theirs'), token + 1);
		expect(connections[0]?.taken).toEqual([offer('theirs')]);
		expect(connections).toHaveLength(1);
	});

	it('begins anew when the peer has, and not for what it said before', () => {
		const { connections, describes, hear } = us();
		hear(offer('o1'), 5);
		describes(answer('a1'));
		hear(offer('o0'), 4);
		expect(connections).toHaveLength(1);
		hear(offer('o2'), 6);
		expect(connections.map(({ taken }) => taken)).toEqual([[offer('o1')], [offer('o2')]]);
	});

	it('does not take an answer to an offer that it has given up, but offers again', () => {
		const { connections, announced, describes, hear } = us();
		hear(answer('a0'), 1, identity('o0'));
		expect(connections.map(({ as }) => as)).toEqual(['offerer']);
		describes(offer('o1'));
		hear(answer('a0'), 2, identity('o0'));
		expect(connections[0]?.taken).toEqual([]);
		hear(answer('a1'), 3, identity('o1'));
		expect(connections[0]?.taken).toEqual([answer('a1')]);
		announced();
		expect(connections).toHaveLength(1);
	});

	it('leaves a connection that is up alone, and asks whether it is when the peer begins anew', () => {
		const { connections, announced, hear } = us();
		hear(offer('o1'), 1);
		const [connection] = connections;
		if (connection === undefined) throw new Error('the offer was not taken');
		connection.connecting = false;
		hear(offer('o2'), 2);
		announced();
		expect(connection.probes).toBe(2);
		announced(['us']);
		expect(connection.probes).toBe(2);
		expect(connections).toHaveLength(1);
	});

	it('begins nothing for a candidate, nor for what cannot be an offer', () => {
		const { connections, hear } = us();
		hear({ type: 'candidate', candidate: { candidate: 'candidate:1' } }, 1);
		hear({ type: 'offer', sdp: 'v=0' }, 2);
		expect(connections).toEqual([]);
	});

	it('invites nobody while it is full, and takes in who comes', () => {
		const { connections, announced, hear } = us(false);
		announced();
		hear(answer('a1'), 1);
		expect(connections).toEqual([]);
		hear(offer('o1'), 2);
		expect(connections.map(({ as }) => as)).toEqual(['answerer']);
	});
});

describe('a message of signalling', () => {
	it('is read as it was written, or not at all', () => {
		const signal = fc.oneof(
			fc.record({ type: fc.constantFrom('offer' as const, 'answer' as const), sdp: fc.string() }),
			fc.record({
				type: fc.constant('candidate' as const),
				candidate: fc.record({
					candidate: fc.string(),
					sdpMid: fc.constant('0'),
					sdpMLineIndex: fc.constant(0)
				})
			})
		);
		const message = fc.oneof(
			fc.record({ type: fc.constant('announce' as const), from: fc.string() }),
			fc.record({
				type: fc.constant('announce' as const),
				from: fc.string(),
				linked: fc.array(fc.string())
			}),
			fc.record({
				type: fc.constant('signal' as const),
				from: fc.string(),
				to: fc.string(),
				token: fc.double(),
				signal
			})
		);
		fc.assert(
			fc.property(message, (sound) => {
				expect(readSignalMessage(sound)).toEqual(sound);
			})
		);
		fc.assert(
			fc.property(message, fc.constantFrom('type', 'from', 'to', 'token', 'signal'), (sound, field) => {
				fc.pre(field in sound);
				expect(readSignalMessage({ ...sound, [field]: null })).toBeNull();
			})
		);
		fc.assert(fc.property(fc.anything(), (anything) => void readSignalMessage(anything)));
	});

	it('has an identity that its candidates do not change', () => {
		const early = { ...offer('o1'), sdp: offer('o1').sdp.split('\r\na=candidate')[0] ?? '' };
		expect(descriptionIdentity(early)).toBe(descriptionIdentity(offer('o1')));
		expect(candidatesOf(early)).toEqual([]);
		expect(candidatesOf(offer('o1'))).toEqual([
			{
				type: 'candidate',
				candidate: {
					candidate: 'candidate:1 of o1',
					sdpMid: '0',
					sdpMLineIndex: 0,
					usernameFragment: 'o1'
				}
			}
		]);
	});
});
