/**
 * The relay as one HTTP server: who is let in, and to which part. Each part has its own file; this one only routes.
 *
 *   /                 the built app                app-files.ts
 *   /signal           WebSocket: signalling        signalling.ts
 *   /doc/<name>       WebSocket: one document      documents.ts
 *   /inbox/<topic>    what waits for somebody    inboxes.ts
 *   /health /metrics  for the operator
 *
 * Not built yet, and answered with 404 until they are: /blob, /turn, /push, /diag. Further `RelayStorage`
 * drivers and a bus between machines belong beside storage.ts.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { createAppFiles, setSecurityHeaders, type FileHandler } from './app-files';
import type { Clock } from './clock';
import { closeCodes } from './close-codes';
import { keepAliveFrame } from './document-frames';
import { Documents } from './documents';
import type { InboxStorage } from './inbox-storage';
import { Inboxes } from './inboxes';
import { addressKey, BoundedCounts } from './limits';
import { createRedactor, type Redactor, type RelayLog } from './log';
import type { RelayMetrics, SocketKind } from './metrics';
import type { RelaySettings } from './settings';
import { Signalling } from './signalling';
import { FrameLimitedWebSocket, RelaySocket } from './socket';
import type { RelayStorage } from './storage';

/** y-websocket gives a connection up after 30 s without a message. */
const keepAliveAfterMs = 15_000;
const beatMs = 1_000;
/** How long sockets may take to answer our close frame when the relay ends. */
const closingTimeoutMs = 2_000;
/** For a request to arrive whole; the largest is an inbox's item of 16 KiB. */
const requestTimeoutMs = 30_000;
const reservedPaths = ['/signal', '/doc', '/inbox', '/blob', '/turn', '/push', '/diag'];

export interface RelayDeps {
	readonly storage: RelayStorage;
	readonly inboxes: InboxStorage;
	readonly metrics: RelayMetrics;
	readonly log: RelayLog;
	readonly clock: Clock;
	readonly crypto: Crypto;
}

export interface Relay {
	readonly port: number;
	/** http://host:port, without a slash at the end */
	readonly url: string;
	readonly metrics: RelayMetrics;
	/** Takes nothing more, writes what was handed in, closes all sockets and the storage. */
	close(): Promise<void>;
}

type Target = { readonly kind: SocketKind; readonly name: string };

/** Starts a relay. Rejects if the port cannot be had; then nothing is left open but the storage. */
export async function startRelay(settings: RelaySettings, deps: RelayDeps): Promise<Relay> {
	const server = new RelayServer(settings, deps);
	return server.listen();
}

class RelayServer {
	readonly #http: Server;
	readonly #acceptSignal: WebSocketServer;
	readonly #acceptDocument: WebSocketServer;
	readonly #signalling: Signalling;
	readonly #documents: Documents;
	readonly #inboxes: Inboxes;
	readonly #appFiles: FileHandler;
	readonly #redact: Redactor;
	readonly #kindBySocket = new Map<RelaySocket, SocketKind>();
	readonly #perAddress: BoundedCounts;
	#stopBeat: () => void = () => undefined;
	#closing = false;

	constructor(
		private readonly settings: RelaySettings,
		private readonly deps: RelayDeps
	) {
		this.#redact = createRedactor(deps.crypto.getRandomValues(new Uint8Array(32)));
		this.#signalling = new Signalling({ settings, ...deps });
		this.#documents = new Documents({ settings, ...deps, redact: this.#redact });
		this.#inboxes = new Inboxes({ settings, ...deps });
		this.#appFiles = createAppFiles(settings.appDir);
		this.#perAddress = new BoundedCounts(settings.socketsPerAddress);
		const accept = (maxPayload: number): WebSocketServer =>
			new WebSocketServer({
				noServer: true,
				clientTracking: false,
				perMessageDeflate: false,
				maxPayload,
				WebSocket: FrameLimitedWebSocket
			});
		this.#acceptSignal = accept(settings.signalFrameBytes);
		this.#acceptDocument = accept(settings.documentFrameBytes);
		this.#http = createServer({ requestTimeout: requestTimeoutMs }, (request, response) =>
			this.#answer(request, response)
		);
		this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
	}

	async listen(): Promise<Relay> {
		const { port, host } = this.settings;
		await new Promise<void>((resolve, reject) => {
			this.#http.once('error', reject);
			this.#http.listen(host === '' ? { port } : { port, host }, () => {
				this.#http.off('error', reject);
				resolve();
			});
		});
		this.#http.on('error', (error) => this.deps.log.error({ err: error }, 'server error'));
		this.#stopBeat = this.deps.clock.every(beatMs, () => this.#beat());
		const address = this.#http.address() as AddressInfo;
		const name = host === '' || host === '0.0.0.0' || host === '::' ? 'localhost' : host;
		return {
			port: address.port,
			url: `http://${name.includes(':') ? `[${name}]` : name}:${address.port}`,
			metrics: this.deps.metrics,
			close: () => this.#close()
		};
	}

	// --- HTTP

	#answer(request: IncomingMessage, response: ServerResponse): void {
		setSecurityHeaders(response);
		const path = pathOf(request);
		if (this.#inboxes.handle(request, response, this.#addressOf(request))) return;
		if (request.method !== 'GET' && request.method !== 'HEAD') {
			response.setHeader('Allow', 'GET, HEAD');
			return sendJson(response, 405, { error: 'method-not-allowed' });
		}
		if (path === '/health') return this.#health(response);
		if (path === '/metrics') return void this.#metrics(response);
		if (targetOf(path) !== null) return sendJson(response, 426, { error: 'websocket-only' });
		if (reservedPaths.some((reserved) => path === reserved || path.startsWith(`${reserved}/`))) {
			return sendJson(response, 404, { error: 'not-found' });
		}
		this.#appFiles(request, response, () => sendJson(response, 404, { error: 'not-found' }));
	}

	#health(response: ServerResponse): void {
		const ready = !this.#closing;
		sendJson(response, ready ? 200 : 503, {
			status: ready ? 'ok' : 'closing',
			sockets: this.#kindBySocket.size
		});
	}

	async #metrics(response: ServerResponse): Promise<void> {
		const { registry } = this.deps.metrics;
		const text = await registry.metrics();
		response.writeHead(200, { 'Content-Type': registry.contentType, 'Cache-Control': 'no-store' });
		response.end(text);
	}

	// --- WebSockets

	#upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
		// Until ws has taken the connection over, an error on it is nobody's.
		const ignoreError = (): void => void stream.destroy();
		stream.on('error', ignoreError);
		const target = targetOf(pathOf(request));
		const refusal = this.#refusal(target);
		if (target === null || refusal !== null) {
			const { status, reason } = refusal ?? { status: '404 Not Found', reason: 'path' };
			this.deps.metrics.refused.inc({ reason });
			return refuseUpgrade(stream, status, reason);
		}
		const accept = target.kind === 'signal' ? this.#acceptSignal : this.#acceptDocument;
		accept.handleUpgrade(request, stream, head, (raw) => {
			stream.off('error', ignoreError);
			const address = this.#addressOf(request);
			const log = this.deps.log.child({
				trace: Buffer.from(this.deps.crypto.getRandomValues(new Uint8Array(6))).toString('hex'),
				kind: target.kind,
				address: this.#redact(address)
			});
			const socket = new RelaySocket(raw, { ...this.deps, kind: target.kind, settings: this.settings, log });
			this.#admit(socket, target, address, log);
		});
	}

	#addressOf(request: IncomingMessage): string {
		const forwarded = this.settings.trustProxy ? request.headers['x-forwarded-for'] : undefined;
		return addressKey(request.socket.remoteAddress, Array.isArray(forwarded) ? forwarded.at(-1) : forwarded);
	}

	#refusal(target: Target | null): { readonly status: string; readonly reason: string } | null {
		if (target === null) return { status: '404 Not Found', reason: 'path' };
		if (this.#closing) return { status: '503 Service Unavailable', reason: 'closing' };
		if (this.#kindBySocket.size < this.settings.socketsTotal) return null;
		return { status: '503 Service Unavailable', reason: 'sockets-total' };
	}

	#admit(socket: RelaySocket, { kind, name }: Target, address: string, log: RelayLog): void {
		const { metrics } = this.deps;
		this.#kindBySocket.set(socket, kind);
		metrics.sockets.inc({ kind });
		socket.onClose(() => {
			this.#kindBySocket.delete(socket);
			metrics.sockets.dec({ kind });
		});
		if (!this.#perAddress.add(address)) {
			metrics.refused.inc({ reason: 'sockets-per-address' });
			socket.close(closeCodes.tooManySockets, 'too many connections from this address');
			return;
		}
		socket.onClose(() => this.#perAddress.remove(address));
		if (kind === 'signal') return this.#signalling.add(socket);
		this.#documents.add(socket, name).catch((error: unknown) => {
			log.error({ err: error }, 'document could not be opened');
			socket.close(closeCodes.internalError, 'storage failed');
		});
	}

	#beat(): void {
		this.#documents.beat();
		for (const [socket, kind] of this.#kindBySocket) {
			socket.beat(kind === 'document' ? { frame: keepAliveFrame, afterMs: keepAliveAfterMs } : undefined);
		}
	}

	async #close(): Promise<void> {
		if (this.#closing) return;
		this.#closing = true;
		this.#stopBeat();
		await this.#documents.settled();
		for (const socket of this.#kindBySocket.keys())
			socket.close(closeCodes.goingAway, 'the relay is going away');
		const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
		this.#http.closeAllConnections();
		const cancel = this.deps.clock.after(closingTimeoutMs, () => {
			for (const socket of this.#kindBySocket.keys()) socket.terminate();
		});
		await closed;
		cancel();
		await this.#documents.settled();
		await this.#inboxes.close();
		await this.deps.inboxes.close();
		await this.deps.storage.close();
	}
}

const pathOf = (request: IncomingMessage): string => (request.url ?? '/').split('?', 1)[0] ?? '/';

/** Which WebSocket a path is, or null. Whether a document's name is one is for `Documents` to say, with a close code. */
function targetOf(path: string): Target | null {
	if (path === '/signal') return { kind: 'signal', name: '' };
	const name = /^\/doc\/([^/]+)$/.exec(path)?.[1];
	return name === undefined ? null : { kind: 'document', name };
}

function sendJson(
	response: ServerResponse,
	status: number,
	body: Readonly<Record<string, string | number>>
): void {
	response.writeHead(status, {
		'Content-Type': 'application/json; charset=utf-8',
		'Cache-Control': 'no-store'
	});
	response.end(`${JSON.stringify(body)}\n`);
}

function refuseUpgrade(stream: Duplex, status: string, reason: string): void {
	const body = `${JSON.stringify({ error: reason })}\n`;
	const headers = [
		'Content-Type: application/json; charset=utf-8',
		`Content-Length: ${body.length}`,
		'Connection: close'
	];
	stream.end(`HTTP/1.1 ${status}\r\n${headers.join('\r\n')}\r\n\r\n${body}`);
}
