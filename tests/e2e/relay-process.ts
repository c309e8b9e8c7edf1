/**
 * A real relay in a process of its own, as `npm run relay` starts it: on a port that was free, with a data folder of
 * its own. It can be stopped, killed and started again on the same port with the same data.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const listens = /^Skein relay listens on (\S+)$/;

export interface RelayProcessOptions {
	/** Folder of the built app; `build/` if not said. */
	readonly appDir?: string;
	/** Settings as environment variables (relay/settings.ts), for tests of limits. */
	readonly env?: Readonly<Record<string, string>>;
}

export class RelayProcess implements AsyncDisposable {
	#child: ChildProcess | null = null;
	#port = 0;
	/** What it has logged so far, all its lives together. */
	#log = '';

	private constructor(
		readonly dataDir: string,
		readonly options: RelayProcessOptions
	) {}

	/** Resolves when the relay listens. */
	static async start(options: RelayProcessOptions = {}): Promise<RelayProcess> {
		const relay = new RelayProcess(await mkdtemp(join(tmpdir(), 'skein-relay-')), options);
		await relay.start();
		return relay;
	}

	/** Where the app is; stays the same over restarts. */
	get url(): string {
		return `http://127.0.0.1:${this.#port}`;
	}

	get running(): boolean {
		return this.#child !== null;
	}

	/** Of the process that runs now, for who measures it. */
	get pid(): number {
		if (this.#child?.pid === undefined) throw new Error('the relay does not run');
		return this.#child.pid;
	}

	get log(): string {
		return this.#log;
	}

	/**
	 * Starts it again after `stop` or `kill9`, on the same port and data.
	 * @param changes another folder of the app, other settings; they stay for later starts only if given again
	 * @throws if it ends before it listens; with its own words
	 */
	async start(changes: RelayProcessOptions = {}): Promise<void> {
		if (this.#child !== null) throw new Error('the relay runs already');
		// One process, not a chain of them: a signal has to reach the relay itself.
		const child = spawn(process.execPath, ['--import', 'tsx', 'relay/main.ts'], {
			cwd: root,
			env: {
				...process.env,
				HOST: '127.0.0.1',
				PORT: String(this.#port),
				DATA_DIR: this.dataDir,
				APP_DIR: changes.appDir ?? this.options.appDir ?? process.env['APP_DIR'] ?? join(root, 'build'),
				...this.options.env,
				...changes.env
			},
			stdio: ['ignore', 'pipe', 'pipe']
		});
		this.#child = child;
		const exited = once(child, 'exit').then(() => null);
		child.stderr.on('data', (chunk: Buffer) => (this.#log += chunk.toString()));
		const url = new Promise<string>((resolve) => {
			createInterface({ input: child.stdout }).on('line', (line) => {
				this.#log += `${line}\n`;
				const found = listens.exec(line)?.[1];
				if (found !== undefined) resolve(found);
			});
		});
		const address = await Promise.race([url, exited]);
		if (address === null) {
			this.#child = null;
			throw new Error(`the relay did not start:\n${this.#log}`);
		}
		this.#port = Number(new URL(address).port);
	}

	/** Ends it as an operator does, and resolves when it is gone. */
	stop(): Promise<void> {
		return this.#end('SIGTERM');
	}

	/** Ends it as a power cut does. */
	kill9(): Promise<void> {
		return this.#end('SIGKILL');
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.stop();
		await rm(this.dataDir, { recursive: true, force: true });
	}

	async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
		const child = this.#child;
		if (child === null) return;
		this.#child = null;
		if (child.exitCode !== null || child.signalCode !== null) return;
		const exited = once(child, 'exit');
		child.kill(signal);
		await exited;
	}
}
