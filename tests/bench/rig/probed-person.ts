/** People as in the end-to-end tests, each in a browser process of their own, with the probe in their pages. */
import { chromium, type Page } from '@playwright/test';
import { findChromium } from '../../../scripts/chromium';
import { Person } from '../../e2e/person';
import { pageScript } from '../../page-script';
import type {} from './probe-page';

/** Ways to others that a browser has: all, only links, or only the relay's documents. Signalling is always open. */
export type Way = 'all' | 'link' | 'relay';

export interface ProbedOptions {
	readonly profileDir: string;
	readonly way?: Way;
	readonly serviceWorkers?: 'allow' | 'block';
	readonly viewport?: { readonly width: number; readonly height: number };
}

/** A port on which nothing listens refuses at once. */
const onlyLinks = `{
	const Native = WebSocket;
	WebSocket = class extends Native {
		constructor(url, protocols) {
			super(String(url).includes('/doc/') ? 'ws://127.0.0.1:45999/' : url, protocols);
		}
	};
}`;
/** Candidates of a TURN server only, and there is none: connections are tried, and never come about. */
const onlyRelay = `{
	const Native = RTCPeerConnection;
	RTCPeerConnection = class extends Native {
		constructor(configuration) {
			super({ ...configuration, iceTransportPolicy: 'relay' });
		}
	};
}`;
const blocked: Readonly<Record<Way, string | null>> = { all: null, link: onlyLinks, relay: onlyRelay };

/** A new browser process on the profile, on about:blank. `reopen` starts another one on the same. */
export async function probedPerson(name: string, home: string, options: ProbedOptions): Promise<Person> {
	const probe = await pageScript(new URL('./probe-page.ts', import.meta.url));
	return Person.open(name, home, async () => {
		const context = await chromium.launchPersistentContext(options.profileDir, {
			executablePath: findChromium(),
			locale: 'en-GB',
			viewport: options.viewport ?? { width: 1280, height: 800 },
			serviceWorkers: options.serviceWorkers ?? 'allow'
		});
		await context.addInitScript({ content: probe });
		const block = blocked[options.way ?? 'all'];
		if (block !== null) await context.addInitScript({ content: block });
		return { context, own: null };
	});
}

/** Resolves when the read model holds `messages` messages, with the time (ms since 1970) when it had the last. */
export function holds({ page }: Person, messages: number): Promise<number> {
	return page.evaluate((count) => window.probe.holds(count), messages);
}

/** Bytes after garbage collection: the page's JavaScript heap, with and without its array buffers. */
export async function heapOf(
	page: Page
): Promise<{ readonly heapBytes: number; readonly bufferBytes: number }> {
	const session = await page.context().newCDPSession(page);
	await session.send('HeapProfiler.collectGarbage');
	await session.send('HeapProfiler.collectGarbage');
	const usage: { readonly usedSize: number; readonly backingStorageSize?: number } =
		await session.send('Runtime.getHeapUsage');
	await session.detach();
	return { heapBytes: usage.usedSize, bufferBytes: usage.backingStorageSize ?? 0 };
}

/** CPU seconds used so far by all processes of the person's browser. */
export async function cpuSeconds({ context }: Person): Promise<number> {
	const browser = context.browser();
	if (browser === null) throw new Error('this browser cannot be asked for its processes');
	const session = await browser.newBrowserCDPSession();
	const { processInfo } = await session.send('SystemInfo.getProcessInfo');
	await session.detach();
	return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}
