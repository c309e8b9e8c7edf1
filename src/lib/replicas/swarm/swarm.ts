/**
 * The peers of one conversation that are connected right now: y-webrtc over our own link, for the conversation's
 * control segment. What y-webrtc does not do well is done here (see decisions and replicas in the design):
 *
 * - its path between tabs, BroadcastChannel, would go round the guard and is cut off;
 * - it is always disconnected before it is destroyed, or it would keep the document alive for ever;
 * - it announces itself again and again, so that nothing waits for an event alone (announcing.ts);
 * - its way to set up a connection counts on every message of signalling: negotiation.ts takes its place.
 */
import * as broadcast from 'lib0/broadcastchannel';
import { Awareness } from 'y-protocols/awareness';
import { WebrtcProvider, type SignalingConn } from 'y-webrtc';
import type { Doc } from 'yjs';
import type { Link, LinkOwner } from '../../link/contract';
import type { LinkTiming } from '../../link/limits';
import { createLinkClass, type LinkClass } from '../../link/link-class';
import { jittered, pageTimers, type Timers } from '../../link/timers';
import { announcementPauseMs } from './announcing';
import { pageMoments, type PageMoment, type PageMoments } from './page-moments';
import { RoomSignalling } from './room-signalling';

export interface SwarmDeps {
	readonly RTCPeerConnection: typeof RTCPeerConnection;
	readonly timers: Timers;
	/** In [0, 1); for jitter only. */
	readonly random: () => number;
	readonly moments: PageMoments;
	readonly timing?: Partial<LinkTiming & SwarmTiming>;
}

export interface SwarmTiming {
	/** Between two announcements, ± 20 %; if absent, as in announcing.ts. */
	readonly announceEveryMs: number;
}

export interface SwarmOptions {
	/** The conversation's control segment. Load it before: what disk has is not asked for again. */
	readonly doc: Doc;
	/** Signalling topic; at most one open swarm per room and page. */
	readonly room: string;
	/** A random secret, not a human's password: it authenticates the signalling. */
	readonly password: string;
	/** WebSocket addresses. */
	readonly signalling: readonly string[];
	readonly iceServers: readonly RTCIceServer[];
	/** 'relay' for people who do not want peers to see their address. */
	readonly iceTransportPolicy?: RTCIceTransportPolicy;
	readonly owner: LinkOwner;
	/** Peers at once, 8 to 12: beyond it others carry on. */
	readonly maxPeers: number;
	readonly deps: SwarmDeps;
}

export interface Swarm {
	/** The open, authenticated links. */
	links(): readonly Link[];
	/** Tells the room that we are here. Happens by itself often enough; harmless at any time. */
	reannounce(): void;
	/** For connections made from now on: TURN credentials expire. */
	setIceServers(iceServers: readonly RTCIceServer[]): void;
	/** Resolves when the room is left: it may be opened again then. Safe to call twice. */
	close(): Promise<void>;
}

/** What the browser offers for `SwarmDeps`. */
export const pageSwarmDeps = (): SwarmDeps => ({
	RTCPeerConnection,
	timers: pageTimers,
	random: Math.random,
	moments: pageMoments
});

/** lib0 pings every 15 s and gives up after 30 s without an answer; after a sleep it may not have noticed yet. */
const staleSocketMs = 30_000;

export function openSwarm(options: SwarmOptions): Swarm {
	return new WebrtcSwarm(options);
}

class WebrtcSwarm implements Swarm {
	readonly #options: SwarmOptions;
	readonly #links: LinkClass;
	readonly #provider: WebrtcProvider;
	readonly #awareness: Awareness;
	readonly #heardSockets = new Set<SignalingConn>();
	readonly #hear = (message: unknown): void => this.#signalling?.receive(message);
	/** Null until the room's key is derived. */
	#signalling: RoomSignalling | null = null;
	#cancelAnnouncement: () => void = () => undefined;
	readonly #forgetMoments: () => void;
	#closing: Promise<void> | null = null;
	#eagerSinceMs: number;

	constructor(options: SwarmOptions) {
		const { doc, room, password, signalling, owner, maxPeers, deps } = options;
		this.#options = options;
		this.#eagerSinceMs = deps.timers.now();
		this.#links = createLinkClass(owner, { ...deps, connectionLimit: maxPeers * 2 });
		this.#awareness = new Awareness(doc);
		// Presence goes another way; without a state y-webrtc has none to send.
		this.#awareness.setLocalState(null);
		this.#provider = new WebrtcProvider(room, doc, {
			signaling: [...signalling],
			password,
			awareness: this.#awareness,
			maxConns: maxPeers,
			filterBcConns: false,
			peerOpts: {
				config: {
					iceServers: [...options.iceServers],
					iceTransportPolicy: options.iceTransportPolicy ?? 'all'
				},
				wrtc: { RTCPeerConnection: this.#links.RTCPeerConnection, RTCSessionDescription, RTCIceCandidate }
			}
		});
		this.#attach();
		this.#forgetMoments = deps.moments((moment) => this.#meet(moment));
		this.#scheduleAnnouncement();
	}

	links(): readonly Link[] {
		return this.#links.links();
	}

	reannounce(): void {
		if (this.#closing === null) this.#signalling?.announce();
	}

	setIceServers(iceServers: readonly RTCIceServer[]): void {
		const { peerOpts } = this.#provider;
		this.#provider.peerOpts = { ...peerOpts, config: { ...peerOpts.config, iceServers: [...iceServers] } };
	}

	close(): Promise<void> {
		this.#closing ??= this.#close();
		return this.#closing;
	}

	async #close(): Promise<void> {
		this.#cancelAnnouncement();
		this.#forgetMoments();
		const provider = this.#provider;
		const sockets = this.#sockets();
		for (const socket of this.#heardSockets) socket.off('message', this.#hear);
		this.#signalling?.close();
		this.#leave();
		await provider.key;
		provider.destroy();
		await provider.key;
		// Each connection that closes makes y-webrtc subscribe anew, on a socket that other rooms may still use.
		for (const socket of sockets) {
			if (socket.connected) socket.send({ type: 'unsubscribe', topics: [this.#options.room] });
		}
		this.#awareness.destroy();
	}

	/** Disconnects without the announcements with which y-webrtc answers every connection that closes. */
	#leave(): void {
		const sockets = this.#sockets();
		this.#provider.maxConns = 0;
		this.#provider.disconnect();
		this.#provider.signalingConns = [];
		// lib0 would go on writing to a socket that it has closed itself.
		for (const socket of sockets) if (!socket.shouldConnect) dropSocket(socket);
	}

	/** After a `connect` of the provider; its room exists once the key is derived. */
	#attach(): void {
		for (const socket of this.#sockets()) {
			if (this.#heardSockets.has(socket)) continue;
			this.#heardSockets.add(socket);
			sendOnlyWhileOpen(socket);
			socket.on('message', this.#hear);
		}
		// y-webrtc's own callback on the key opens the room; this one runs right after it, before any event can
		// bring something in from another tab, and before anything that it sends there is encrypted.
		void this.#provider.key.then(() => this.#takeOver());
	}

	#takeOver(): void {
		const { room } = this.#provider;
		if (room === null) return;
		room.mux = () => undefined;
		room.bcconnected = false;
		broadcast.unsubscribe(room.name, room._bcSubscriber);
		// Leaving on "beforeunload" is wrong when the person then stays; we leave on "pagehide".
		window.removeEventListener('beforeunload', room._beforeUnloadHandler);
		this.#signalling ??= new RoomSignalling({
			room,
			links: this.#links,
			sockets: () => this.#sockets(),
			timers: this.#options.deps.timers,
			random: this.#options.deps.random
		});
	}

	#scheduleAnnouncement(): void {
		const { timers, random, timing } = this.#options.deps;
		this.#cancelAnnouncement();
		const everyMs = timing?.announceEveryMs;
		const delayMs =
			everyMs === undefined
				? announcementPauseMs(timers.now() - this.#eagerSinceMs, random)
				: jittered(everyMs, 0.2, random);
		this.#cancelAnnouncement = timers.after(delayMs, () => {
			this.#scheduleAnnouncement();
			this.reannounce();
		});
	}

	#meet(moment: PageMoment): void {
		if (moment === 'leaving') return this.#leave();
		if (!this.#provider.shouldConnect) {
			// Back from the back-forward cache.
			this.#provider.maxConns = this.#options.maxPeers;
			this.#provider.connect();
			this.#attach();
			return;
		}
		this.#eagerSinceMs = this.#options.deps.timers.now();
		this.#scheduleAnnouncement();
		const stale = Date.now() - staleSocketMs;
		for (const socket of this.#sockets()) {
			if (moment === 'online' || socket.lastMessageReceived < stale) dropSocket(socket);
			socket.connect();
		}
		this.#links.probe();
		this.reannounce();
	}

	#sockets(): readonly SignalingConn[] {
		return [...new Set<SignalingConn>(this.#provider.signalingConns)];
	}
}

/** lib0 writes to a socket that is closing already, and the browser complains; what is lost is announced again. */
function sendOnlyWhileOpen(socket: SignalingConn): void {
	// Another swarm uses this socket too, and has seen to it.
	if (Object.hasOwn(socket, 'send')) return;
	const send = socket.send.bind(socket);
	socket.send = (message: unknown) => {
		if (socket.ws?.readyState === WebSocket.OPEN) send(message);
	};
}

/**
 * After a change of network a socket may look open for minutes, and lib0 dials again only when it has closed. So
 * it is told that it has, and the old one goes its way unheard.
 */
function dropSocket(socket: SignalingConn): void {
	const { ws } = socket;
	if (ws === null || !socket.connected) return;
	const { onclose } = ws;
	ws.onclose = ws.onerror = ws.onmessage = null;
	ws.close();
	onclose?.call(ws, new CloseEvent('close'));
}
