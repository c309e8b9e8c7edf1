/**
 * A proxy in front of a relay, through which people go who shall have a bad network: it serves the app from the relay,
 * passes sockets on, and can block a path, slow it down, stop it in the middle, or lose frames of the signalling.
 */
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Transform, type Duplex } from 'node:stream';
// eslint-disable-next-line no-restricted-imports -- no wait for something to happen: it is the slow line itself
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket, WebSocketServer, type RawData } from 'ws';
import { SeededRandom } from '../../simulation/seeded-random';

export interface DoorOptions {
	/** First parts of paths whose sockets are refused, such as "/doc". */
	readonly blocked?: readonly string[];
	/** Bytes a second that come down a /doc socket; as fast as it goes if absent. */
	readonly documentRate?: number;
	/** After so many bytes in all, nothing more comes down the /doc sockets until `letGo`. */
	readonly documentsHeldAfterBytes?: number;
	/** Probability that a frame on a /signal socket is lost; either way, each for itself. */
	readonly signalLoss?: number;
	/** Of the losses. */
	readonly seed?: number;
}

export interface LossCount {
	passed: number;
	lost: number;
}

export class Door implements AsyncDisposable {
	readonly losses: LossCount = { passed: 0, lost: 0 };
	readonly #sockets = new Set<Duplex>();
	readonly #webSockets = new WebSocketServer({ noServer: true });
	readonly #random: SeededRandom;
	#letGo = (): void => undefined;
	readonly #released = new Promise<void>((resolve) => (this.#letGo = resolve));
	#documentBytes = 0;

	private constructor(
		readonly server: Server,
		readonly relay: URL,
		readonly options: DoorOptions
	) {
		this.#random = new SeededRandom(options.seed ?? 1);
		server.on('request', (incoming, answer) => {
			const outgoing = request(new URL(incoming.url ?? '/', relay), {
				method: incoming.method,
				headers: incoming.headers
			});
			outgoing.on('response', (response) => {
				answer.writeHead(response.statusCode ?? 502, response.headers);
				response.pipe(answer);
			});
			outgoing.on('error', () => answer.writeHead(502).end());
			incoming.pipe(outgoing);
		});
		server.on('connection', (socket) => {
			this.#sockets.add(socket);
			socket.once('close', () => this.#sockets.delete(socket));
		});
		server.on('upgrade', (incoming, socket, head) => this.#upgrade(incoming, socket, head));
	}

	/** @param relay its address, which stays the same over restarts */
	static async open(relay: string, options: DoorOptions = {}): Promise<Door> {
		const server = createServer();
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		return new Door(server, new URL(relay), options);
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	/** What was held goes on. */
	letGo(): void {
		this.#letGo();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.letGo();
		for (const socket of this.#sockets) socket.destroy();
		this.server.close();
		await once(this.server, 'close');
	}

	#upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
		const path = incoming.url ?? '/';
		const { blocked = [], signalLoss = 0 } = this.options;
		if (blocked.some((prefix) => path.startsWith(prefix))) {
			// Without an answer, as a network does that lets nothing through.
			socket.destroy();
		} else if (signalLoss > 0 && path.startsWith('/signal')) {
			this.#webSockets.handleUpgrade(incoming, socket, head, (near) => this.#lossy(near, path, signalLoss));
		} else this.#pipe(incoming, socket, head);
	}

	#pipe(incoming: IncomingMessage, near: Duplex, head: Buffer): void {
		const far = connect(Number(this.relay.port), this.relay.hostname, () => {
			const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`];
			for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
				lines.push(`${incoming.rawHeaders[i]}: ${incoming.rawHeaders[i + 1]}`);
			}
			far.write(lines.join('\r\n') + '\r\n\r\n');
			far.write(head);
			if (incoming.url?.startsWith('/doc')) far.pipe(this.#line()).pipe(near);
			else far.pipe(near);
			near.pipe(far);
		});
		far.on('error', () => near.destroy());
		near.on('error', () => far.destroy());
		far.once('close', () => near.destroy());
		near.once('close', () => far.destroy());
	}

	/** The way down of a /doc socket: each piece takes the time that it would take on the wire. */
	#line(): Transform {
		const { documentRate = Infinity, documentsHeldAfterBytes = Infinity } = this.options;
		const pass = async (chunk: Buffer): Promise<Buffer> => {
			this.#documentBytes += chunk.length;
			if (documentRate !== Infinity) await delay((chunk.length / documentRate) * 1_000);
			if (this.#documentBytes > documentsHeldAfterBytes) await this.#released;
			return chunk;
		};
		return new Transform({
			transform(chunk: Buffer, _encoding, done) {
				pass(chunk).then((passed) => done(null, passed), done);
			}
		});
	}

	#lossy(near: WebSocket, path: string, loss: number): void {
		const far = new WebSocket(new URL(path, this.relay.href.replace('http', 'ws')));
		const waiting: [RawData, boolean][] = [];
		const pass = (to: WebSocket, data: RawData, binary: boolean): void => {
			if (this.#random.chance(loss)) this.losses.lost++;
			else {
				this.losses.passed++;
				to.send(data, { binary });
			}
		};
		near.on('message', (data, binary) => {
			if (far.readyState === WebSocket.CONNECTING) waiting.push([data, binary]);
			else pass(far, data, binary);
		});
		far.on('open', () => {
			for (const [data, binary] of waiting) pass(far, data, binary);
		});
		far.on('message', (data, binary) => pass(near, data, binary));
		for (const [one, other] of [
			[near, far],
			[far, near]
		] as const) {
			one.on('close', () => other.terminate());
			one.on('error', () => other.terminate());
		}
	}
}
