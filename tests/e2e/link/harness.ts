/** Bundles the harness page and serves it beside a signalling server; opens pages on it. */
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from '@playwright/test';
import type { Harness, JoinOptions, RoomReport } from './harness-page';
import { startSignalling, type SignallingServer } from './signalling';

/** Starts the server of one test worker. */
export async function startHarness(port: number): Promise<SignallingServer> {
	const bundle = await build({
		entryPoints: [fileURLToPath(new URL('./harness-page.ts', import.meta.url))],
		bundle: true,
		write: false,
		format: 'iife',
		target: 'es2022',
		conditions: ['browser', 'module', 'import'],
		logLevel: 'error'
	});
	const script = bundle.outputFiles[0];
	if (script === undefined) throw new Error('no bundle');
	const page =
		'<!doctype html><meta charset="utf-8"><title>link harness</title><script src="/harness.js"></script>';
	return startSignalling(
		port,
		new Map([
			['/', { type: 'text/html', body: page }],
			['/harness.js', { type: 'text/javascript', body: script.contents }]
		])
	);
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

	join(options: JoinOptions): Promise<void> {
		return this.page.evaluate((given) => window.harness.join(given), options);
	}

	joinAll(all: readonly JoinOptions[]): Promise<void> {
		return this.page.evaluate((given) => given.forEach((each) => window.harness.join(each)), all);
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
