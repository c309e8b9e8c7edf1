import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Relay } from '../../../relay/server';
import { newSegment } from './lane-writer';
import { ManualClock } from './manual-clock';
import { DocumentClient, metric, newFolder, startTestRelay, TestSocket } from './test-relay';

function builtApp(): string {
	const folder = newFolder();
	mkdirSync(join(folder, '_app/immutable'), { recursive: true });
	const files = {
		'index.html': '<h1>start</h1>',
		'200.html': '<h1>shell</h1>',
		'service-worker.js': 'self;',
		'manifest.webmanifest': '{}',
		'_app/version.json': '{"version":"1"}',
		'_app/immutable/app.js': 'export {};'
	};
	for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
	return folder;
}

/** A request whose path nobody tidies up. */
function rawStatus(
	relay: Relay,
	path: string,
	headers: Record<string, string> = {}
): Promise<number | undefined> {
	return new Promise((resolve, reject) => {
		const sent = request({ port: relay.port, path, headers }, (response) => {
			response.resume();
			response.on('end', () => resolve(response.statusCode));
		});
		sent.on('error', reject);
		sent.end();
	});
}

const upgradeStatus = (url: string): Promise<number | undefined> =>
	new Promise((resolve, reject) => {
		const socket = new WebSocket(url.replace('http', 'ws'));
		socket.on('unexpected-response', (_, response) => resolve(response.statusCode));
		socket.on('open', () => reject(new Error('the upgrade was accepted')));
		socket.on('error', () => socket.terminate());
	});

describe('the app', () => {
	it.each([
		['/', 'start', 'no-cache'],
		['/c/some-conversation', 'shell', 'no-cache'],
		['/service-worker.js', 'self;', 'no-cache'],
		['/manifest.webmanifest', '{}', 'no-cache'],
		['/_app/version.json', '{"version":"1"}', 'no-cache'],
		['/_app/immutable/app.js', 'export {};', 'public, max-age=31536000, immutable']
	])('at %s', async (path, text, cacheControl) => {
		const relay = await startTestRelay({ settings: { appDir: builtApp() } });
		const response = await fetch(relay.url + path);
		expect(response.status).toBe(200);
		expect(await response.text()).toContain(text);
		expect(response.headers.get('cache-control')).toBe(cacheControl);
		expect(response.headers.get('x-content-type-options')).toBe('nosniff');
		expect(response.headers.get('referrer-policy')).toBe('no-referrer');
		expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
		expect(response.headers.get('permissions-policy')).toContain('camera=(self)');
		const policy = response.headers.get('content-security-policy');
		expect(policy).toContain("frame-ancestors 'none'");
		expect(policy).not.toMatch(/script-src|default-src/);
	});

	it('is revalidated rather than sent again', async () => {
		const relay = await startTestRelay({ settings: { appDir: builtApp() } });
		const etag = (await fetch(relay.url)).headers.get('etag');
		expect((await fetch(relay.url, { headers: { 'if-none-match': etag ?? '' } })).status).toBe(304);
	});

	it.each(['/missing.js', '/inbox/x', '/blob/x', '/turn', '/doc', '/doc/a/b', '/push', '/diag'])(
		'has no %s',
		async (path) => {
			const relay = await startTestRelay({ settings: { appDir: builtApp() } });
			const response = await fetch(relay.url + path);
			expect(response.status).toBe(404);
			expect(await response.json()).toEqual({ error: 'not-found' });
		}
	);

	it('does not let paths out of its folder, nor odd requests end the process', async () => {
		const relay = await startTestRelay({ settings: { appDir: builtApp() } });
		for (const path of [
			'/../../../../etc/passwd',
			'/%2e%2e/%2e%2e/etc/passwd',
			'/%00',
			'/%',
			'//etc/passwd',
			'/_app/../../x.js'
		]) {
			expect([200, 404]).toContain(await rawStatus(relay, path));
			expect(await (await fetch(relay.url + path)).text()).not.toContain('root:');
		}
		for (const range of ['bytes=5-2', 'bytes=-', 'bytes=99999-', 'x']) {
			expect(await rawStatus(relay, '/', { range })).toBe(200);
		}
		expect((await fetch(relay.url, { method: 'POST', body: 'x' })).status).toBe(405);
		expect((await fetch(`${relay.url}/health`)).status).toBe(200);
	});

	it('says what to do where it is not built, and appears when it is', async () => {
		const appDir = join(newFolder(), 'build');
		const relay = await startTestRelay({ settings: { appDir } });
		const response = await fetch(relay.url);
		expect(response.status).toBe(503);
		expect(await response.text()).toContain('npm run build');
		mkdirSync(appDir);
		writeFileSync(join(appDir, '200.html'), 'shell');
		expect(await (await fetch(relay.url)).text()).toBe('shell');
		rmSync(appDir, { recursive: true });
		expect((await fetch(relay.url)).status).toBe(503);
	});
});

describe('the server', () => {
	it('tells its health and its numbers', async () => {
		const relay = await startTestRelay();
		const socket = await TestSocket.open(`${relay.url}/signal`);
		expect(await (await fetch(`${relay.url}/health`)).json()).toEqual({ status: 'ok', sockets: 1 });
		const text = await (await fetch(`${relay.url}/metrics`)).text();
		expect(text).toContain('skein_relay_sockets{kind="signal"} 1');
		socket.raw.close();
	});

	it('refuses upgrades to other paths with 404', async () => {
		const relay = await startTestRelay();
		for (const path of ['/', '/signals', '/doc', '/doc/', '/doc/a/b', '/inbox']) {
			expect(await upgradeStatus(relay.url + path)).toBe(404);
		}
	});

	it.each(['x', 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}B`, `${'A'.repeat(42)}%41`])(
		'refuses the document name %s for good (4404)',
		async (name) => {
			const relay = await startTestRelay();
			const socket = await TestSocket.open(`${relay.url}/doc/${name}`);
			expect((await socket.closed).code).toBe(4404);
		}
	);

	it('refuses too many sockets of one address with 4529, until one has gone', async () => {
		const relay = await startTestRelay({ settings: { socketsPerAddress: 2 } });
		const url = `${relay.url}/signal`;
		const [first] = [await TestSocket.open(url), await TestSocket.open(url)];
		const third = await TestSocket.open(url);
		expect((await third.closed).code).toBe(4529);
		first.raw.close();
		await first.closed;
		const fourth = await TestSocket.open(url);
		fourth.send({ type: 'ping' });
		expect(await fourth.nextJson()).toEqual({ type: 'pong' });
	});

	it('counts addresses as a trusted proxy names them', async () => {
		const relay = await startTestRelay({ settings: { socketsPerAddress: 1, trustProxy: true } });
		const from = (address: string): Promise<TestSocket> =>
			TestSocket.open(`${relay.url}/signal`, { headers: { 'x-forwarded-for': `6.6.6.6, ${address}` } });
		const [a, b, again] = [await from('10.0.0.1'), await from('10.0.0.2'), await from('10.0.0.1')];
		expect((await again.closed).code).toBe(4529);
		expect([a.raw.readyState, b.raw.readyState]).toEqual([WebSocket.OPEN, WebSocket.OPEN]);
	});

	it('closes a socket that answers no ping with 4508, and keeps one that does', async () => {
		const clock = new ManualClock();
		const relay = await startTestRelay({ clock });
		const alive = await TestSocket.open(`${relay.url}/signal`);
		const dead = new WebSocket(`${relay.url.replace('http', 'ws')}/signal`, { autoPong: false });
		const deadClosed = new TestSocket(dead).closed;
		await new Promise((resolve) => dead.once('open', resolve));
		for (let i = 0; i < 4; i++) {
			const pinged = new Promise((resolve) => alive.raw.once('ping', resolve));
			clock.advance(30_000);
			if (i < 3) await pinged;
			alive.send({ type: 'ping' });
			await alive.next();
		}
		expect((await deadClosed).code).toBe(4508);
		expect(alive.raw.readyState).toBe(WebSocket.OPEN);
	});

	it('sends an empty acknowledgement to a document socket that is quiet for 15 s', async () => {
		const clock = new ManualClock();
		const relay = await startTestRelay({ clock });
		const client = await DocumentClient.open(relay, await newSegment());
		await client.synchronise();
		clock.advance(16_000);
		expect(await client.next()).toEqual({ kind: 'acknowledgement', heads: [] });
		expect(await metric(relay, 'rejected_total')).toBe(0);
	});
});
