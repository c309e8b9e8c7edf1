/** Bundles the harness page as the app is bundled, and serves it under the app's content security policy. */
import { createServer, type Server } from 'node:http';
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
const typeByExtension: Readonly<Record<string, string>> = {
	'.html': 'text/html',
	'.js': 'text/javascript',
	'.wasm': 'application/wasm'
};

export async function startHarness(port: number): Promise<HarnessServer> {
	const outDir = await mkdtemp(join(tmpdir(), 'store-harness-'));
	await build({
		configFile: false,
		logLevel: 'error',
		root: fileURLToPath(new URL('./harness', import.meta.url)),
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
				response.writeHead(200, { 'content-type': type, 'content-security-policy': policy }).end(body);
			},
			() => response.writeHead(404).end()
		);
	});
	await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
	return { url: `http://127.0.0.1:${port}/`, requested, close: () => close(server, outDir) };
}

async function close(server: Server, outDir: string): Promise<void> {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
	await rm(outDir, { recursive: true });
}
