/**
 * The smallest server that y-websocket and y-webrtc need, and the page they run in: y-protocols' sync in memory,
 * relayed signalling, nothing else. Run as a process of its own: `tsx stock-server.ts`, which prints its address.
 */
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import * as sync from 'y-protocols/sync';
import * as Y from 'yjs';
import { pageScript } from '../../page-script';

const syncMessage = 0;

interface Room {
	readonly doc: Y.Doc;
	readonly sockets: Set<WebSocket>;
}

const rooms = new Map<string, Room>();
const topics = new Map<string, Set<WebSocket>>();
const script = await pageScript(new URL('./stock-page.ts', import.meta.url));
const page =
	'<!doctype html><meta charset="utf-8"><title>stock</title><body><script src="/stock.js"></script>';

const server = createServer((request, response) => {
	const isScript = request.url === '/stock.js';
	response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
	response.end(isScript ? script : page);
});
const sockets = new WebSocketServer({ server, maxPayload: 1024 ** 3 });
sockets.on('connection', (socket, { url = '/' }) => {
	if (url.startsWith('/signal')) signal(socket);
	else serve(socket, roomOf(url.slice(1)));
});
server.listen(0, '127.0.0.1', () => {
	process.stdout.write(`http://localhost:${(server.address() as AddressInfo).port}\n`);
});

function roomOf(name: string): Room {
	const known = rooms.get(name);
	if (known !== undefined) return known;
	const room: Room = { doc: new Y.Doc(), sockets: new Set() };
	room.doc.on('update', (update: Uint8Array, origin: unknown) => {
		const encoder = encoding.createEncoder();
		encoding.writeVarUint(encoder, syncMessage);
		sync.writeUpdate(encoder, update);
		const frame = encoding.toUint8Array(encoder);
		for (const socket of room.sockets) if (socket !== origin) socket.send(frame);
	});
	rooms.set(name, room);
	return room;
}

function serve(socket: WebSocket, { doc, sockets: members }: Room): void {
	members.add(socket);
	socket.binaryType = 'nodebuffer';
	socket.on('close', () => members.delete(socket));
	socket.on('message', (data: Buffer) => {
		// Yjs takes no Buffers.
		const decoder = decoding.createDecoder(new Uint8Array(data));
		if (decoding.readVarUint(decoder) !== syncMessage) return;
		const encoder = encoding.createEncoder();
		encoding.writeVarUint(encoder, syncMessage);
		sync.readSyncMessage(decoder, encoder, doc, socket);
		if (encoding.length(encoder) > 1) socket.send(encoding.toUint8Array(encoder));
	});
	const encoder = encoding.createEncoder();
	encoding.writeVarUint(encoder, syncMessage);
	sync.writeSyncStep1(encoder, doc);
	socket.send(encoding.toUint8Array(encoder));
}

interface SignalMessage {
	readonly type: string;
	readonly topics?: readonly string[];
	readonly topic?: string;
}

function signal(socket: WebSocket): void {
	socket.on('close', () => {
		for (const subscribers of topics.values()) subscribers.delete(socket);
	});
	socket.on('message', (data: Buffer) => {
		// Our own pages are the only visitors.
		const message = JSON.parse(data.toString()) as SignalMessage;
		if (message.type === 'ping') socket.send(JSON.stringify({ type: 'pong' }));
		for (const topic of message.type === 'subscribe' ? (message.topics ?? []) : []) {
			const subscribers = topics.get(topic) ?? new Set();
			topics.set(topic, subscribers.add(socket));
		}
		const subscribers = message.type === 'publish' ? topics.get(message.topic ?? '') : undefined;
		if (subscribers === undefined) return;
		const published = JSON.stringify({ ...message, clients: subscribers.size });
		for (const subscriber of subscribers) subscriber.send(published);
	});
}
