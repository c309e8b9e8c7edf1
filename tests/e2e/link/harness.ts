/** Bundles the harness page and serves it beside a signalling server; opens pages on it. */
import type { Browser, Page } from '@playwright/test';
import { pageScript } from '../../page-script';
import type { Harness, JoinOptions as PageJoinOptions, RoomReport } from './harness-page';
import { startSignalling, testPassword, type SignallingOptions, type SignallingServer } from './signalling';

export type JoinOptions = Omit<PageJoinOptions, 'password'>;

/** By default signalling is read, for tests that choose what gets lost; see `SignallingOptions`. */
export async function startHarness(
	port: number,
	options: Pick<SignallingOptions, 'reads' | 'delayMs'> = { reads: true }
): Promise<SignallingServer> {
	const script = await pageScript(new URL('./harness-page.ts', import.meta.url));
	const page =
		'<!doctype html><meta charset="utf-8"><title>link harness</title><script src="/harness.js"></script>';
	return startSignalling({
		port,
		...options,
		files: new Map([
			['/', { type: 'text/html', body: page }],
			['/harness.js', { type: 'text/javascript', body: script }]
		])
	});
}

/** A page of its own context, and so with no BroadcastChannel to the others. */
export class Visitor {
	readonly errors: string[] = [];

	private constructor(readonly page: Page) {
		page.on('pageerror', (error) => this.errors.push(error.message));
	}

	static async open(browser: Browser, url: string): Promise<Visitor> {
		const context = await browser.newContext();
		const visitor = new Visitor(await context.newPage());
		await visitor.page.goto(url);
		return visitor;
	}

	/** Another tab of the same browser profile. */
	async openTab(): Promise<Visitor> {
		const visitor = new Visitor(await this.page.context().newPage());
		await visitor.page.goto(this.page.url());
		return visitor;
	}

	join(options: JoinOptions): Promise<void> {
		return this.joinAll([options]);
	}

	/** Joins all rooms in one turn of the page's event loop. */
	joinAll(all: readonly JoinOptions[]): Promise<void> {
		const complete = all.map((options) => ({ ...options, password: testPassword }));
		return this.page.evaluate((given) => given.forEach((each) => window.harness.join(each)), complete);
	}

	report(room: string): Promise<RoomReport> {
		return this.page.evaluate((name) => window.harness.report(name), room);
	}

	reports(rooms: readonly string[]): Promise<RoomReport[]> {
		return this.page.evaluate((names) => names.map((name) => window.harness.report(name)), rooms);
	}

	call<Name extends keyof Harness>(
		name: Name,
		...args: Parameters<Harness[Name]>
	): Promise<Awaited<ReturnType<Harness[Name]>>> {
		return this.page.evaluate(
			([method, given]) => (window.harness[method] as (...all: unknown[]) => unknown)(...given),
			[name, args] as const
		) as Promise<Awaited<ReturnType<Harness[Name]>>>;
	}

	/** Resolves when the document of `room` holds all `keys`. */
	async hasKeys(room: string, keys: readonly string[], timeout = 30_000): Promise<void> {
		await this.page.waitForFunction(
			([name, all]) => window.harness.hasKeys(name, all),
			[room, keys] as const,
			{
				timeout
			}
		);
	}

	/** Resolves when a violation of this kind was counted in `room`. */
	async hasViolation(room: string, reason: string, timeout = 30_000): Promise<void> {
		await this.page.waitForFunction(
			([name, wanted]) => window.harness.report(name).violations.includes(wanted),
			[room, reason] as const,
			{ timeout }
		);
	}

	async hasLinks(room: string, count: number, timeout = 30_000): Promise<void> {
		await this.page.waitForFunction(
			([name, wanted]) => window.harness.report(name).links === wanted,
			[room, count] as const,
			{ timeout }
		);
	}

	/** Collects garbage twice, so that what finalisers release goes too. */
	async collectGarbage(): Promise<void> {
		const session = await this.page.context().newCDPSession(this.page);
		await session.send('HeapProfiler.collectGarbage');
		await session.send('HeapProfiler.collectGarbage');
		await session.detach();
	}

	async close(): Promise<void> {
		await this.page.context().close();
	}
}
