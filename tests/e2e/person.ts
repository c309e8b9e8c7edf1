/**
 * One person at one device: a browser profile with pages, watched for everything that a page must not do. What a page
 * complains of (console errors, uncaught errors, broken content policy) fails the test, unless it was expected.
 */
import type { Browser, BrowserContext, BrowserContextOptions, LaunchOptions, Page } from '@playwright/test';

export interface PersonOptions extends BrowserContextOptions {
	/** Arguments of Chromium; with them the person gets a browser of their own. */
	readonly args?: readonly string[];
	/** A profile on disk that outlives the browser: `reopen` and `kill9` need it. */
	readonly keepsProfile?: boolean;
	/** With `keepsProfile`: a profile to begin with, of a browser that is closed. */
	readonly copyOf?: string;
}

/** Direct links are impossible: Chromium gathers no candidates. For `PersonOptions.args`. */
export const noDirectLinks = ['--webrtc-ip-handling-policy=disable_non_proxied_udp'];

/** What Chromium says by itself when a relay is away; allow it in tests that take the relay or the network away. */
export const relayAway =
	/WebSocket connection to|Failed to load resource: net::ERR_|ERR_CONNECTION|ERR_INTERNET/;

/**
 * Sent to a page, lets the app register its service worker. Until then it waits: the worker loads the whole app once
 * more, which is a fifth of what a person costs, and few tests open the app without a network.
 */
export const letWorkerIn = 'test-let-worker-in';

/** Runs in each page before the app. A page that a worker answers already goes on by itself. */
function holdWorkerUp(event: string): void {
	if (!('ServiceWorkerContainer' in globalThis)) return;
	const { prototype } = ServiceWorkerContainer;
	const letIn = new Promise((resolve) => addEventListener(event, resolve, { once: true }));
	const register = Reflect.get(prototype, 'register');
	prototype.register = async function (...registration) {
		if (this.controller === null) await letIn;
		return register.apply(this, registration);
	};
}

/** Opens a person's browser. Called again for the same person after `reopen`. */
export type OpenBrowser = () => Promise<{ readonly context: BrowserContext; readonly own: Browser | null }>;

export class Person {
	readonly #complaints: string[] = [];
	readonly #allowed: RegExp[] = [];
	#context: BrowserContext | null = null;
	#own: Browser | null = null;
	#page: Page | null = null;

	private constructor(
		readonly name: string,
		/** Where the app is. */
		readonly home: string,
		readonly openBrowser: OpenBrowser,
		/** Folder of a profile that is kept. */
		readonly profile: string | null
	) {}

	static async open(
		name: string,
		home: string,
		openBrowser: OpenBrowser,
		profile: string | null = null
	): Promise<Person> {
		const person = new Person(name, home, openBrowser, profile);
		await person.#open();
		return person;
	}

	/** The first tab, until another one was chosen with `useTab`. */
	get page(): Page {
		if (this.#page === null) throw new Error(`${this.name} has no open browser`);
		return this.#page;
	}

	get context(): BrowserContext {
		if (this.#context === null) throw new Error(`${this.name} has no open browser`);
		return this.#context;
	}

	/** Complaints that nobody allowed. */
	get unexpected(): readonly string[] {
		return this.#complaints.filter((complaint) => !this.#allowed.some((pattern) => pattern.test(complaint)));
	}

	/** This kind of complaint is part of the test, before and after this call. */
	allow(pattern: RegExp): void {
		this.#allowed.push(pattern);
	}

	/** Another tab of the same profile; it is not the person's `page` until `useTab`. */
	newTab(): Promise<Page> {
		return this.context.newPage();
	}

	useTab(page: Page): void {
		this.#page = page;
	}

	/** Closes the browser window(s) as a person does. */
	async close(): Promise<void> {
		const [context, own] = [this.#context, this.#own];
		this.#context = this.#own = this.#page = null;
		await context?.close();
		await own?.close();
	}

	/** Starts the browser again with the same profile; needs `keepsProfile`. The page is blank. */
	async reopen(): Promise<void> {
		await this.close();
		await this.#open();
	}

	/** Kills the browser as a power cut does; needs `keepsProfile`. Then `reopen`. */
	async kill9(): Promise<void> {
		const browser = this.context.browser();
		if (browser === null) throw new Error('this browser cannot be asked for its processes');
		const cdp = await browser.newBrowserCDPSession();
		const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
		const main = processInfo.find(({ type }) => type === 'browser');
		if (main === undefined) throw new Error('the browser does not name its own process');
		const closed = new Promise<void>((resolve) => this.context.once('close', () => resolve()));
		process.kill(main.id, 'SIGKILL');
		await closed;
		this.#context = this.#own = this.#page = null;
	}

	async #open(): Promise<void> {
		const { context, own } = await this.openBrowser();
		this.#context = context;
		this.#own = own;
		context.on('console', (message) => {
			if (message.type() === 'error')
				this.#complain(`console: ${message.text()} (${message.location().url})`);
		});
		context.on('weberror', (event) =>
			this.#complain(`page: ${event.error().stack ?? String(event.error())}`)
		);
		this.#page = context.pages()[0] ?? (await context.newPage());
	}

	#complain(text: string): void {
		this.#complaints.push(`${this.name}: ${text}`);
	}
}

/** @returns how to open a browser for a person: a context of the shared one, one of their own, or a kept profile. */
export function browserOpener(
	shared: Browser,
	launch: LaunchOptions,
	options: PersonOptions,
	profile: string | null
): OpenBrowser {
	const { args = [], keepsProfile: _, copyOf: __, ...contextOptions } = options;
	const settings: BrowserContextOptions = { locale: 'en-GB', ...contextOptions };
	const launching = { ...launch, args: [...(launch.args ?? []), ...args] };
	const type = shared.browserType();
	const prepared = async (opening: Promise<BrowserContext>): Promise<BrowserContext> => {
		const context = await opening;
		await context.addInitScript(holdWorkerUp, letWorkerIn);
		return context;
	};
	return async () => {
		if (profile !== null) {
			const opening = type.launchPersistentContext(profile, { ...launching, ...settings });
			return { context: await prepared(opening), own: null };
		}
		if (args.length === 0) return { context: await prepared(shared.newContext(settings)), own: null };
		const own = await type.launch(launching);
		return { context: await prepared(own.newContext(settings)), own };
	};
}
