/** Runs in the browser: swarms over real WebRTC, driven by the tests through `window.harness`. */
import { Awareness } from 'y-protocols/awareness';
import { WebrtcProvider } from 'y-webrtc';
import * as Y from 'yjs';
import type { Handshake, Link, LinkChannel, LinkOwner } from '../../../src/lib/link/contract';
import type { LinkTiming } from '../../../src/lib/link/limits';
import { fail, ok } from '../../../src/lib/protocol/result';
import {
	openSwarm,
	pageSwarmDeps,
	type Swarm,
	type SwarmTiming
} from '../../../src/lib/replicas/swarm/swarm';

export interface JoinOptions {
	readonly room: string;
	readonly password: string;
	readonly account?: string;
	/** This side's proofs are wrong. */
	readonly lies?: boolean;
	/** This side never answers a hello. */
	readonly mute?: boolean;
	/** Entries of random bytes put into the document before joining. */
	readonly entries?: readonly { readonly key: string; readonly bytes: number }[];
	readonly timing?: Partial<LinkTiming & SwarmTiming>;
	readonly stock?: boolean;
}

export interface RoomReport {
	readonly links: number;
	readonly opened: number;
	readonly closed: readonly string[];
	readonly violations: readonly string[];
	/** Frames that reached the guard. */
	readonly guarded: number;
	readonly keys: number;
	readonly received: readonly { readonly channel: string; readonly bytes: number; readonly digest: string }[];
	readonly connections: number;
	readonly usesLink: boolean;
	readonly sent: number;
	readonly peers: readonly string[];
}

interface JoinedRoom {
	readonly doc: Y.Doc;
	readonly swarm: Swarm | null;
	readonly provider: WebrtcProvider;
	readonly opened: Link[];
	readonly closed: string[];
	readonly violations: string[];
	readonly received: { channel: string; bytes: number; digest: string }[];
	guarded: number;
	metAtMs: number | null;
}

const joinedRooms = new Map<string, JoinedRoom>();
const documents: WeakRef<Y.Doc>[] = [];
const createdConnections: RTCPeerConnection[] = [];
/** In tests alone: remembers the connections, so that a test can misuse them. */
class RememberedConnection extends RTCPeerConnection {
	constructor(configuration?: RTCConfiguration) {
		super(configuration);
		createdConnections.push(this);
	}
}
let keepConnections = true;
const overheard: string[] = [];

const harness = {
	/** Joins now; resolves at once. */
	join(options: JoinOptions): void {
		const doc = new Y.Doc();
		documents.push(new WeakRef(doc));
		for (const { key, bytes } of options.entries ?? []) doc.getMap('e').set(key, randomBytes(bytes));
		const joined = options.stock === true ? joinStock(options, doc) : joinOurs(options, doc);
		joinedRooms.set(options.room, joined);
		doc.on('update', () => (joined.metAtMs ??= Date.now()));
	},
	/** Joins all rooms at the moment `startAtMs`, for several pages at once. */
	joinAt(startAtMs: number, all: readonly JoinOptions[]): void {
		setTimeout(() => all.forEach((options) => harness.join(options)), startAtMs - Date.now());
	},
	/** When the first entry of somebody else was there; null if there is none yet. */
	metAtMs(rooms: readonly string[]): (number | null)[] {
		return rooms.map((room) => joinedRooms.get(room)?.metAtMs ?? null);
	},
	report(room: string): RoomReport {
		const joined = joinedRooms.get(room);
		if (joined === undefined) throw new Error(`not in room ${room}`);
		const connections = [...(joined.provider.room?.webrtcConns.values() ?? [])];
		return {
			links: joined.swarm?.links().length ?? 0,
			opened: joined.opened.length,
			closed: joined.closed,
			violations: joined.violations,
			guarded: joined.guarded,
			keys: joined.doc.getMap('e').size,
			received: joined.received,
			connections: connections.length,
			usesLink: connections.every((connection) => 'session' in (connection.peer._pc ?? {})),
			sent: joined.swarm?.links().reduce((sum, link) => sum + link.sentBytes, 0) ?? 0,
			peers: joined.swarm?.links().map((link) => link.peer.account) ?? []
		};
	},
	set(room: string, key: string, bytes: number): void {
		joinedRooms.get(room)?.doc.getMap('e').set(key, randomBytes(bytes));
	},
	hasKeys(room: string, keys: readonly string[]): boolean {
		return keys.every((key) => joinedRooms.get(room)?.doc.getMap('e').has(key));
	},
	/** Sends random bytes on all links; gives their digest, or null if a link did not take them. */
	async send(room: string, channel: LinkChannel, bytes: number): Promise<string | null> {
		const message = randomBytes(bytes);
		const taken =
			joinedRooms
				.get(room)
				?.swarm?.links()
				.every((link) => link.send(channel, message)) ?? false;
		return taken ? digestOf(message) : null;
	},
	closeLinks(room: string, pauseMs?: number): void {
		for (const link of joinedRooms.get(room)?.swarm?.links() ?? []) link.close('test', pauseMs);
	},
	reannounce(room: string): void {
		joinedRooms.get(room)?.swarm?.reannounce();
	},
	async leave(room: string): Promise<void> {
		const joined = joinedRooms.get(room);
		joinedRooms.delete(room);
		await joined?.swarm?.close();
		joined?.doc.destroy();
	},
	/** Sends bytes over the raw channel `id` of every connection, past all framing. */
	sendRaw(id: number, bytes: number, header: number, times = 1): number {
		let sent = 0;
		for (const connection of createdConnections) {
			const channel = rawChannels.get(connection)?.find((each) => each.id === id);
			if (channel?.readyState !== 'open') continue;
			const frame = new Uint8Array(bytes);
			if (bytes > 0) frame[0] = header;
			for (let time = 0; time < times; time++) channel.send(frame);
			sent++;
		}
		return sent;
	},
	openForeignChannel(): void {
		for (const connection of createdConnections) {
			if (connection.connectionState !== 'connected') continue;
			RTCPeerConnection.prototype.createDataChannel.call(connection, 'foreign');
		}
	},
	/** Makes this side's connections deaf and dumb without closing them, as a lost network does. */
	breakSilently(): void {
		for (const connection of createdConnections) {
			for (const channel of rawChannels.get(connection) ?? []) {
				channel.onmessage = null;
				channel.send = () => undefined;
			}
		}
	},
	/** Counts what is sent between tabs under the name of `room`, from now on. */
	overhear(room: string): void {
		const channel = new BroadcastChannel(room);
		channel.onmessage = (event: MessageEvent<unknown>) =>
			overheard.push(event.data === 'end' ? 'end' : 'something');
	},
	overheard: (): string[] => overheard,
	/** For who overhears: everything sent before has arrived when this has. */
	sayEnd(room: string): void {
		new BroadcastChannel(room).postMessage('end');
	},
	documentsAlive(): number {
		return documents.filter((reference) => reference.deref() !== undefined).length;
	},
	forgetConnections(): void {
		createdConnections.length = 0;
		keepConnections = false;
	},
	/** Dispatches an event of the page, as the browser would. */
	dispatch(name: string): void {
		window.dispatchEvent(new Event(name));
	}
};

export type Harness = typeof harness;
declare global {
	interface Window {
		harness: Harness;
	}
}
window.harness = harness;

const rawChannels = new WeakMap<RTCPeerConnection, RTCDataChannel[]>();
const nativeCreateDataChannel = RTCPeerConnection.prototype.createDataChannel;
RTCPeerConnection.prototype.createDataChannel = function (label, init) {
	const channel = nativeCreateDataChannel.call(this, label, init);
	rawChannels.set(this, [...(rawChannels.get(this) ?? []), channel]);
	return channel;
};

function joinOurs(options: JoinOptions, doc: Y.Doc): JoinedRoom {
	const account = options.account ?? crypto.randomUUID();
	const counts = { opened: [] as Link[], closed: [] as string[], violations: [] as string[] };
	const received: JoinedRoom['received'] = [];
	const owner: LinkOwner = {
		newHandshake: () => newHandshake(account, options),
		onOpen: (link) => counts.opened.push(link),
		async onMessage(_link, channel, message) {
			received.push({ channel, bytes: message.length, digest: await digestOf(message) });
		},
		async guardInbound(_link, frame) {
			joined.guarded++;
			return [frame];
		},
		guardOutbound: (frame) => [frame],
		onClose: (_link, reason) => counts.closed.push(reason),
		onViolation: (reason) => counts.violations.push(reason)
	};
	const deps = pageSwarmDeps();
	const swarm = openSwarm({
		doc,
		room: options.room,
		password: options.password,
		signalling: [`ws://${location.host}/signal`],
		iceServers: [],
		owner,
		maxPeers: 10,
		deps: {
			...deps,
			RTCPeerConnection: keepConnections ? RememberedConnection : deps.RTCPeerConnection,
			timing: options.timing
		}
	});
	// The swarm shows its provider to nobody; a test has to see what y-webrtc holds.
	const provider = latestProvider(doc);
	const joined: JoinedRoom = { doc, swarm, provider, ...counts, received, guarded: 0, metAtMs: null };
	return joined;
}

function joinStock(options: JoinOptions, doc: Y.Doc): JoinedRoom {
	const awareness = new Awareness(doc);
	awareness.setLocalState(null);
	const provider = new WebrtcProvider(options.room, doc, {
		signaling: [`ws://${location.host}/signal`],
		password: options.password,
		awareness,
		maxConns: 10,
		peerOpts: { config: { iceServers: [] } }
	});
	return {
		doc,
		swarm: null,
		provider,
		opened: [],
		closed: [],
		violations: [],
		received: [],
		guarded: 0,
		metAtMs: null
	};
}

const providersByDoc = new WeakMap<Y.Doc, WebrtcProvider>();
const connectProvider = WebrtcProvider.prototype.connect;
WebrtcProvider.prototype.connect = function () {
	providersByDoc.set(this.doc, this);
	connectProvider.call(this);
};

function latestProvider(doc: Y.Doc): WebrtcProvider {
	const provider = providersByDoc.get(doc);
	if (provider === undefined) throw new Error('no provider was made for this document');
	return provider;
}

/** Proof = both sides' names and fingerprints, which the other has to see the other way round. */
function newHandshake(account: string, { lies, mute }: JoinOptions): Handshake {
	let transcript = { own: '', peer: '', role: '' };
	return {
		hello: () => encode({ nonce: Math.random() }),
		async prove(_hello, seen) {
			if (mute) await new Promise<never>(() => undefined);
			transcript = { own: seen.ownFingerprint, peer: seen.peerFingerprint, role: seen.role };
			return ok(encode({ account, ...transcript, ...(lies ? { own: 'sha-256 00' } : {}) }));
		},
		async verify(proof) {
			const theirs = JSON.parse(new TextDecoder().decode(proof)) as typeof transcript & { account: string };
			const bound = theirs.own === transcript.peer && theirs.peer === transcript.own;
			if (!bound || theirs.role === transcript.role) return fail('proof-wrong');
			return ok({ account: theirs.account, device: `${theirs.account}-device` });
		}
	};
}

function encode(value: unknown): Uint8Array {
	return new TextEncoder().encode(JSON.stringify(value));
}

function randomBytes(length: number): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(length);
	for (let start = 0; start < length; start += 65_536)
		crypto.getRandomValues(bytes.subarray(start, Math.min(length, start + 65_536)));
	return bytes;
}

async function digestOf(bytes: Uint8Array): Promise<string> {
	const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes)));
	return Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
