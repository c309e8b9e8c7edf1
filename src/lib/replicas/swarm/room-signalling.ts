/**
 * Signalling of one room of y-webrtc's: says and hears its messages by our own rules (negotiation.ts), and puts the
 * connections that come of it where y-webrtc has its own.
 */
import { WebrtcConn, type Room, type SignalingConn } from 'y-webrtc';
import type { LinkClass } from '../../link/link-class';
import type { Timers } from '../../link/timers';
import { Attempt } from './attempt';
import { Negotiation } from './negotiation';
import { openSignal, sealSignal } from './sealed-signal';
import type { SignalMessage } from './signal-message';
import { WebrtcConnection } from './webrtc-connection';

export interface RoomSignallingOptions {
	readonly room: Room;
	readonly links: LinkClass;
	/** The sockets of the room. */
	readonly sockets: () => readonly SignalingConn[];
	readonly timers: Timers;
	/** In [0, 1). */
	readonly random: () => number;
}

export class RoomSignalling {
	readonly #options: RoomSignallingOptions;
	readonly #negotiation: Negotiation;
	readonly #attempts = new Map<
		string,
		{ readonly attempt: Attempt; readonly connection: WebrtcConnection }
	>();
	/** Sealing and unsealing take a moment: what is said and heard stays in its order. */
	#saying: Promise<void> = Promise.resolve();
	#hearing: Promise<void> = Promise.resolve();
	#lastToken = 0;
	#closed = false;

	constructor(options: RoomSignallingOptions) {
		this.#options = options;
		const { room } = options;
		// Whom it takes for connected over BroadcastChannel, y-webrtc does not answer on signalling.
		room.bcConns = new Everybody();
		this.#negotiation = new Negotiation({
			ownId: room.peerId,
			attemptWith: (peer) => this.#attempts.get(peer)?.attempt,
			hasRoom: (as) => {
				// As y-webrtc has it: who is full invites nobody, and turns nobody away who comes.
				const { maxConns } = room.provider;
				return room.webrtcConns.size < (as === 'offerer' ? maxConns : maxConns * 2);
			},
			begin: (peer, as) => this.#begin(peer, as)
		});
	}

	/** Takes what came over a socket, for whatever room. */
	receive(message: unknown): void {
		const { room } = this.#options;
		if (!isPublished(message, room.name)) return;
		const opened = openSignal(message.data, room.key);
		this.#hearing = this.#hearing.then(async () => {
			const heard = await opened;
			if (heard !== null && !this.#closed) this.#negotiation.hear(heard);
		});
	}

	/** Tells the room that we are here, unless there are as many peers as there should be. */
	announce(): void {
		const { room, sockets } = this.#options;
		// y-webrtc has subscribed, but that may have been lost.
		for (const socket of sockets())
			if (socket.connected) socket.send({ type: 'subscribe', topics: [room.name] });
		if (room.webrtcConns.size >= room.provider.maxConns) return;
		const linked = [...this.#attempts].flatMap(([peer, { connection }]) => (connection.linked ? [peer] : []));
		this.#say({ type: 'announce', from: room.peerId, linked });
	}

	/** Says and hears nothing more. */
	close(): void {
		this.#closed = true;
		for (const { attempt } of this.#attempts.values()) attempt.end();
	}

	#begin(peer: string, as: 'offerer' | 'answerer'): Attempt {
		const { room, links, sockets, timers, random } = this.#options;
		const [socket] = sockets();
		if (socket === undefined) throw new Error('nothing is heard without a socket');
		const conn = new WebrtcConn(socket, as === 'offerer', peer, room);
		room.webrtcConns.set(peer, conn);
		const connection = new WebrtcConnection(conn, {
			links,
			publish: (saying) => this.#say({ type: 'signal', from: room.peerId, to: peer, ...saying }),
			said: (signal) => attempt.say(signal),
			closed: () => {
				attempt.end();
				this.#attempts.delete(peer);
			}
		});
		const nextToken = (): number => (this.#lastToken = Math.max(this.#lastToken + 1, Date.now() + random()));
		const attempt = new Attempt(connection, { timers, random, nextToken });
		this.#attempts.set(peer, { attempt, connection });
		return attempt;
	}

	#say(message: SignalMessage): void {
		const { room, sockets } = this.#options;
		const sealed = sealSignal(message, room.key);
		this.#saying = this.#saying.then(async () => {
			const data = await sealed;
			if (this.#closed) return;
			for (const socket of sockets())
				if (socket.connected) socket.send({ type: 'publish', topic: room.name, data });
		});
	}
}

/** As y-webrtc's set of those who are connected in another way: all are. */
class Everybody extends Set<string> {
	override has(): boolean {
		return true;
	}
}

function isPublished(message: unknown, topic: string): message is { readonly data: unknown } {
	if (typeof message !== 'object' || message === null) return false;
	return (
		'type' in message &&
		message.type === 'publish' &&
		'topic' in message &&
		message.topic === topic &&
		'data' in message
	);
}
