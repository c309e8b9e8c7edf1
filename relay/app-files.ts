/**
 * Serves the built app with the headers that a page cannot set for itself. The page's own meta CSP holds the hashes of
 * its scripts, so the header adds only what a meta element cannot say, and nothing on scripts: both have to allow one.
 */
import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, join } from 'node:path';
import sirv from 'sirv';

const fallbackPage = '200.html';
const immutablePrefix = '/_app/immutable/';

const securityHeaders: Readonly<Record<string, string>> = {
	'Content-Security-Policy': "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'",
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Resource-Policy': 'same-origin',
	'Permissions-Policy':
		'camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=()',
	'Referrer-Policy': 'no-referrer',
	'X-Content-Type-Options': 'nosniff'
};

/** Sets the headers that every answer of the relay has. */
export function setSecurityHeaders(response: ServerResponse): void {
	for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
}

export type FileHandler = (request: IncomingMessage, response: ServerResponse, notFound: () => void) => void;

/**
 * @param appDir the folder that `npm run build` makes. It is looked at anew for each request, so a build may come or
 *   be replaced while the relay runs.
 */
export function createAppFiles(appDir: string): FileHandler {
	const serve = sirv(appDir, {
		dev: true,
		etag: true,
		single: fallbackPage,
		brotli: true,
		gzip: true,
		setHeaders(response, pathname) {
			const immutable = pathname.startsWith(immutablePrefix);
			response.setHeader('Cache-Control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
			if (basename(pathname) === 'service-worker.js') response.setHeader('Service-Worker-Allowed', '/');
		}
	});
	return (request, response, notFound) => {
		// Ranges are of no use for an app's files, and sirv throws on one that ends before it starts.
		delete request.headers.range;
		// sirv pipes a file without listening for its errors: a file that goes away in between would end the process.
		response.on('pipe', (source) => {
			source.on('error', () => response.destroy());
			response.on('close', () => source.destroy());
		});
		serve(request, response, () => {
			if (existsSync(join(appDir, fallbackPage))) notFound();
			else sayThatBuildIsMissing(response);
		});
	};
}

function sayThatBuildIsMissing(response: ServerResponse): void {
	response.writeHead(503, {
		'Content-Type': 'text/html; charset=utf-8',
		'Cache-Control': 'no-store',
		'Retry-After': '30'
	});
	response.end(
		'<!doctype html><html lang="en"><title>Skein relay</title><h1>The app is not built yet</h1>' +
			'<p>The relay runs. Run <code>npm run build</code> and reload this page.</p></html>\n'
	);
}
