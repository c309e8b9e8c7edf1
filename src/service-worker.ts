/**
 * Keeps the app's own files, so that every address opens without a network. What it promises:
 * - one cache per version, complete or absent: a version whose files did not all arrive is never installed;
 * - a new version waits until the page asks for it (`{ type: 'SKIP_WAITING' }`), so no page changes under a person;
 * - it answers for the app's files and for pages only. What belongs to the relay goes to the network untouched.
 * - a notification that is pressed brings its conversation on screen; a reply that was written into it goes to a page.
 *   Either is kept until a page says that it can do it: none does while it is loading, nor one that is not the active tab.
 * It knows nothing of messages, and keeps none.
 */
/// <reference types="@sveltejs/kit" />
import { base, build, files, prerendered, version } from '$service-worker';

// `self` is typed as a plain worker by the compiler's library; this script only ever runs as a service worker.
const worker = globalThis.self as unknown as ServiceWorkerGlobalScope;

const cachePrefix = 'shell-';
const cacheName = `${cachePrefix}${version}`;
/** The prerendered start page: its links are absolute, so it is a valid shell of every address. */
const shellPath = `${base}/`;
const immutablePrefix = `${base}/_app/immutable/`;
/** Addresses of the relay (docs/design: relay). A page opened there is the relay's answer, not the app. */
const relayPaths = ['/signal', '/doc', '/health', '/metrics', '/inbox', '/blob', '/turn', '/push', '/diag'];
/**
 * Parts of the SQLite package for other ways of running it (its own worker, the VFS that needs shared memory). The
 * bundler emits them because the package names them; the app asks for neither, so nobody should download them.
 */
const neverAskedFor = /\/sqlite3-(worker1|opfs-async-proxy)-[^/]*\.js$/;

/** Ids of conversations, base64url: what stands in a path here. */
const idPattern = /^[\w-]{20,64}$/;

/** What a page is given. Told without it, a page that is loading would lose it (src/lib/ui/attention). */
interface NotificationPress {
	readonly type: 'NOTIFICATION_PRESSED';
	readonly conversation: string | null;
	readonly reply: string | null;
}
/** Each with what says that a page has taken it. */
const waitingPresses = new Map<NotificationPress, () => void>();

const shellFiles = new Set([...build, ...files, ...prerendered].filter((path) => !neverAskedFor.test(path)));

worker.addEventListener('install', (event) => event.waitUntil(fillCache()));
worker.addEventListener('activate', (event) => event.waitUntil(takeOver()));
worker.addEventListener('message', (event) => {
	const data: unknown = event.data;
	if (typeof data !== 'object' || data === null || !('type' in data)) return;
	if (data.type === 'SKIP_WAITING') event.waitUntil(worker.skipWaiting());
	if (data.type === 'NOTIFICATIONS_HEARD' && event.source instanceof Client) handOver(event.source);
});
worker.addEventListener('fetch', (event) => {
	const path = answeredPath(event.request);
	if (path !== null) event.respondWith(answer(event.request, path));
});

worker.addEventListener('notificationclick', (event) => {
	event.notification.close();
	const data: unknown = event.notification.data;
	if (typeof data !== 'object' || data === null || !('conversation' in data)) return;
	const { conversation } = data;
	if (conversation !== null && (typeof conversation !== 'string' || !idPattern.test(conversation))) return;
	// Chromium's, which the standard types lack.
	const reply =
		'reply' in event && typeof event.reply === 'string' && event.reply !== '' ? event.reply : null;
	event.waitUntil(showConversation(conversation, reply));
});

/** Null is the page of requests. Pages are told that there is something; if there is no page, one is opened. */
async function showConversation(conversation: string | null, reply: string | null): Promise<void> {
	const pages = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
	const page = pages.find(({ focused }) => focused) ?? pages[0];
	const address = conversation === null ? `${base}/requests` : `${base}/c/${conversation}`;
	if (page === undefined && reply === null) return void (await worker.clients.openWindow(address));
	const taken = keepPress({ type: 'NOTIFICATION_PRESSED', conversation, reply });
	for (const each of pages) each.postMessage({ type: 'NOTIFICATION_WAITS' });
	if (page === undefined) await worker.clients.openWindow(address);
	else if (reply === null) await page.focus();
	await taken;
}

/** Resolves when a page has taken it: until then, the browser lets this worker live if it may. */
function keepPress(press: NotificationPress): Promise<void> {
	return new Promise((resolve) => waitingPresses.set(press, resolve));
}

/** Gives a page that can do it what was pressed. One page at a time is the active one, and only that asks. */
function handOver(page: Client): void {
	for (const [press, taken] of waitingPresses) {
		page.postMessage(press);
		taken();
	}
	waitingPresses.clear();
}

/** @throws if a file cannot be had: then this version is not installed, and the browser tries again later. */
async function fillCache(): Promise<void> {
	const cache = await caches.open(cacheName);
	try {
		await Promise.all([...shellFiles].map((path) => store(cache, path)));
	} catch (error) {
		await caches.delete(cacheName);
		throw error;
	}
}

/** A hashed file never changes: an older shell's copy is as good as the network's. All else is fetched afresh. */
async function store(cache: Cache, path: string): Promise<void> {
	if (!path.startsWith(immutablePrefix)) return cache.add(new Request(path, { cache: 'reload' }));
	const known = await caches.match(path);
	return known ? cache.put(path, known) : cache.add(path);
}

async function takeOver(): Promise<void> {
	const outdated = (await caches.keys()).filter((name) => name.startsWith(cachePrefix) && name !== cacheName);
	await Promise.all(outdated.map((name) => caches.delete(name)));
	await worker.clients.claim();
}

/** @returns the cached path that answers this request, or null when it is none of ours. */
function answeredPath(request: Request): string | null {
	const url = new URL(request.url);
	// A HEAD asks whether a file is still the same; what is kept answers that too.
	if (!['GET', 'HEAD'].includes(request.method) || url.origin !== worker.location.origin) return null;
	if (shellFiles.has(url.pathname)) return url.pathname;
	return request.mode === 'navigate' && !belongsToRelay(url.pathname) ? shellPath : null;
}

function belongsToRelay(pathname: string): boolean {
	return relayPaths.some((path) => pathname === base + path || pathname.startsWith(`${base}${path}/`));
}

/** The network is asked only when the browser has thrown the cache away behind our back. */
async function answer(request: Request, path: string): Promise<Response> {
	const cache = await caches.open(cacheName);
	return (await cache.match(path)) ?? fetch(request);
}
