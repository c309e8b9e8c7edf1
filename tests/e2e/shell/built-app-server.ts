/**
 * Serves build/ as any static host would, plus a stand-in for two of the relay's addresses, and can pretend that a new
 * version was deployed. Not the relay: the service worker has to work wherever the app is hosted.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import sirv from 'sirv';

const folder = fileURLToPath(new URL('../../../build/', import.meta.url));

/** @returns the addresses of all files of the build, save those that only its host or the update of it needs. */
export function builtPaths(): string[] {
	const notForTheShell = ['/200.html', '/service-worker.js', '/_app/version.json'];
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => `/${relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/')}`)
		.filter((path) => !notForTheShell.includes(path));
}

export class BuiltAppServer implements AsyncDisposable {
	/** Addresses asked for, in order. */
	readonly requests: string[] = [];
	/** Files that this deployment has lost. */
	readonly missing = new Set<string>();
	#deployment = 1;
	readonly #server: Server;

	private constructor() {
		const files = sirv(folder, { dev: true, single: '200.html' });
		this.#server = createServer((request, response) => {
			const path = request.url ?? '/';
			this.requests.push(path);
			if (this.missing.has(path)) response.writeHead(404).end();
			else if (path.startsWith('/health'))
				response.writeHead(200, { 'content-type': 'text/plain' }).end('relay');
			else if (path === '/service-worker.js') {
				response.writeHead(200, { 'content-type': 'text/javascript', 'cache-control': 'no-cache' });
				response.end(this.#serviceWorker());
			} else files(request, response);
		});
	}

	/** Listens on a free port of this machine. */
	static async start(): Promise<BuiltAppServer> {
		const server = new BuiltAppServer();
		await new Promise<void>((resolve, reject) => {
			server.#server.once('error', reject);
			server.#server.listen(0, '127.0.0.1', resolve);
		});
		return server;
	}

	get url(): string {
		return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
	}

	/** From now on the service worker is another one, with another version in its cache's name. */
	deployAgain(): void {
		this.#deployment++;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#server.closeAllConnections();
		await new Promise((resolve) => this.#server.close(resolve));
	}

	#serviceWorker(): string {
		const { version } = JSON.parse(readFileSync(`${folder}_app/version.json`, 'utf8')) as { version: string };
		const script = readFileSync(`${folder}service-worker.js`, 'utf8');
		if (!script.includes(version)) throw new Error('the built service worker does not hold its version');
		return this.#deployment === 1 ? script : script.replace(version, `${version}-${this.#deployment}`);
	}
}
