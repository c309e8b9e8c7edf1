/**
 * A small signalling server in y-webrtc's wire format for link tests, which can lose what passes through it, and
 * which serves the harness page. Directed messages go to all subscribers, as y-webrtc's own server does.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

export interface PublishedFrame {
	readonly topic: string;
	/** What was published; plain only in rooms without a password. */
	readonly data: unknown;
	/** 0, 1, 2, … in order of arrival. */
	readonly number: number;
}

export interface SignallingServer {
	readonly url: string;
	readonly signallingUrl: string;
	/** Decides for each published frame if it is lost. */
	lose: (frame: PublishedFrame) => boolean;
	published: number;
	lost: number;
	closeSockets(): void;
	close(): Promise<void>;
}

/** @param files what is served, by path; port 0 takes any free one */
export async function startSignalling(
	port: number,
	files: ReadonlyMap<string, { readonly type: string; readonly body: string | Uint8Array }>
): Promise<SignallingServer> {
	const socketsByTopic = new Map<string, Set<WebSocket>>();
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
		lose: () => false,
		published: 0,
		lost: 0,
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
		if (message.type !== 'publish' || message.topic === undefined) return;
		const { topic, data } = message;
		if (server.lose({ topic, data, number: server.published++ })) {
			server.lost++;
			return;
		}
		for (const subscriber of socketsByTopic.get(topic) ?? []) {
			if (subscriber !== socket) subscriber.send(text);
		}
	}
}
