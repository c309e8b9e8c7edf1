/** Bundles a page with a store as the app is bundled, and serves it under the app's content security policy. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

export interface HarnessServer {
	readonly url: string;
	/** Paths that were asked for. */
	readonly requested: string[];
	close(): Promise<void>;
}

const policy =
	"default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src data:";
const headers = {
	'content-security-policy': policy,
	// A page of its own has a clock that is fine enough for what takes less than a tenth of a millisecond.
	'cross-origin-opener-policy': 'same-origin',
	'cross-origin-embedder-policy': 'require-corp'
};
const typeByExtension: Readonly<Record<string, string>> = {
	'.html': 'text/html',
	'.js': 'text/javascript',
	'.wasm': 'application/wasm'
};

/**
 * @param port 0 for any that is free
 * @param root folder of the page
 */
export async function startHarness(
	port: number,
	root = fileURLToPath(new URL('./harness', import.meta.url))
): Promise<HarnessServer> {
	const outDir = await mkdtemp(join(tmpdir(), 'store-harness-'));
	await build({
		configFile: false,
		logLevel: 'error',
		root,
		worker: { format: 'es' },
		build: { target: 'es2022', outDir, emptyOutDir: true }
	});
	const requested: string[] = [];
	const server = createServer((request, response) => {
		const path = new URL(request.url ?? '/', 'http://harness').pathname;
		requested.push(path);
		readFile(join(outDir, path === '/' ? 'index.html' : path)).then(
			(body) => {
				const type =
					typeByExtension[extname(path)] ?? (path === '/' ? 'text/html' : 'application/octet-stream');
				response.writeHead(200, { ...headers, 'content-type': type }).end(body);
			},
			() => response.writeHead(404).end()
		);
	});
	await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
	const { port: taken } = server.address() as AddressInfo;
	return { url: `http://127.0.0.1:${taken}/`, requested, close: () => close(server, outDir) };
}

async function close(server: Server, outDir: string): Promise<void> {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
	await rm(outDir, { recursive: true });
}
