/**
 * A small signalling server in y-webrtc's wire format for link tests. It knows the rooms' password, and so it can
 * lose or hold back chosen messages. It also serves the harness page. Directed messages go to all subscribers, as
 * y-webrtc's own server does.
 */
import * as buffer from 'lib0/buffer';
import * as decoding from 'lib0/decoding';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

/** The password of all rooms here. */
export const testPassword = 'a password of link tests';

export interface PublishedFrame {
	readonly topic: string;
	readonly from: string;
	readonly kind: 'announce' | 'offer' | 'answer' | 'candidate' | 'other';
}

export type Fate = 'pass' | 'lose' | 'hold';

export interface SignallingServer {
	readonly url: string;
	readonly signallingUrl: string;
	/** Decides what becomes of each published frame. */
	fateOf: (frame: PublishedFrame) => Fate;
	readonly published: PublishedFrame[];
	lost: number;
	held: number;
	/** Delivers what was held, in order. */
	release(): void;
	closeSockets(): void;
	close(): Promise<void>;
}

export interface SignallingOptions {
	/** 0 takes any free one. */
	readonly port: number;
	/** What is served, by path. */
	readonly files: ReadonlyMap<string, { readonly type: string; readonly body: string | Uint8Array }>;
	/** False: passes everything on at once, unread, for measurements. */
	readonly reads: boolean;
	/** How long everything published is under way, as on a network. */
	readonly delayMs?: number;
}

export async function startSignalling({
	port,
	files,
	reads,
	delayMs = 0
}: SignallingOptions): Promise<SignallingServer> {
	const socketsByTopic = new Map<string, Set<WebSocket>>();
	const keyByTopic = new Map<string, Promise<CryptoKey>>();
	const held: (() => void)[] = [];
	/** Reading a message takes a moment; all go on in the order in which they came. */
	let inOrder: Promise<void> = Promise.resolve();
	const http = createServer((request: IncomingMessage, response: ServerResponse) => {
		const file = files.get(new URL(request.url ?? '/', 'http://harness').pathname);
		if (file === undefined) {
			response.writeHead(404).end();
			return;
		}
		response.writeHead(200, { 'content-type': file.type }).end(file.body);
	});
	const sockets = new WebSocketServer({ server: http, path: '/signal' });
	sockets.on('connection', (socket) => {
		socket.on('message', (bytes) => receive(socket, String(bytes)));
		socket.on('close', () => {
			for (const subscribers of socketsByTopic.values()) subscribers.delete(socket);
		});
	});

	await new Promise<void>((listening) => http.listen(port, '127.0.0.1', listening));
	const address = http.address() as AddressInfo;
	const server: SignallingServer = {
		// "localhost" is a secure context, and so has crypto.subtle.
		url: `http://localhost:${address.port}`,
		signallingUrl: `ws://localhost:${address.port}/signal`,
		fateOf: () => 'pass',
		published: [],
		lost: 0,
		held: 0,
		release() {
			this.held = 0;
			for (const deliver of held.splice(0)) deliver();
		},
		closeSockets() {
			for (const socket of sockets.clients) socket.terminate();
		},
		async close() {
			this.closeSockets();
			await new Promise<void>((closed) => sockets.close(() => closed()));
			http.closeAllConnections();
			await new Promise<void>((closed) => http.close(() => closed()));
		}
	};
	return server;

	function receive(socket: WebSocket, text: string): void {
		const message = JSON.parse(text) as { type: string; topics?: string[]; topic?: string; data?: unknown };
		if (message.type === 'ping') return socket.send(JSON.stringify({ type: 'pong' }));
		for (const topic of message.topics ?? []) {
			const subscribers = socketsByTopic.get(topic) ?? new Set<WebSocket>();
			socketsByTopic.set(topic, subscribers);
			if (message.type === 'subscribe') subscribers.add(socket);
			else subscribers.delete(socket);
		}
		const { type, topic, data } = message;
		if (type !== 'publish' || topic === undefined) return;
		if (!reads) {
			const unread: PublishedFrame = { topic, from: '', kind: 'other' };
			if (delayMs === 0) publish(socket, text, topic, unread);
			else setTimeout(() => publish(socket, text, topic, unread), delayMs);
			return;
		}
		inOrder = inOrder.then(async () => publish(socket, text, topic, await read(topic, data)));
	}

	function publish(sender: WebSocket, text: string, topic: string, frame: PublishedFrame): void {
		const deliver = (): void => {
			for (const subscriber of socketsByTopic.get(topic) ?? [])
				if (subscriber !== sender) subscriber.send(text);
		};
		server.published.push(frame);
		const fate = server.fateOf(frame);
		if (fate === 'pass') deliver();
		else if (fate === 'lose') server.lost++;
		else server.held = held.push(deliver);
	}

	async function read(topic: string, data: unknown): Promise<PublishedFrame> {
		const other: PublishedFrame = { topic, from: '', kind: 'other' };
		if (typeof data !== 'string') return other;
		const key = keyByTopic.get(topic) ?? deriveKey(topic);
		keyByTopic.set(topic, key);
		const decoder = decoding.createDecoder(buffer.fromBase64(data));
		const name = decoding.readVarString(decoder);
		const iv = new Uint8Array(decoding.readVarUint8Array(decoder));
		const cipher = new Uint8Array(decoding.readVarUint8Array(decoder));
		const plain = await crypto.subtle.decrypt({ name, iv }, await key, cipher);
		const message = decoding.readAny(decoding.createDecoder(new Uint8Array(plain))) as {
			type: string;
			from: string;
			signal?: { type?: string };
		};
		const kind = message.type === 'announce' ? 'announce' : message.signal?.type;
		const known = kind === 'announce' || kind === 'offer' || kind === 'answer' || kind === 'candidate';
		return { topic, from: message.from, kind: known ? kind : 'other' };
	}
}

/** As y-webrtc derives it. */
async function deriveKey(topic: string): Promise<CryptoKey> {
	const text = new TextEncoder();
	const material = await crypto.subtle.importKey('raw', text.encode(testPassword), 'PBKDF2', false, [
		'deriveKey'
	]);
	const how = { name: 'PBKDF2', salt: text.encode(topic), iterations: 100_000, hash: 'SHA-256' };
	return crypto.subtle.deriveKey(how, material, { name: 'AES-GCM', length: 256 }, false, ['decrypt']);
}
