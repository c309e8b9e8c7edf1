/** A relay with a copy of the built app, which no build can change under a benchmark, and with a history in it. */
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RelayProcess } from '../../e2e/relay-process';
import { copySeed } from '../../seed/cached-seed';
import type { Seed } from '../../seed/seed';

/** Another build can be named, as for the relay itself. */
const builtApp = process.env['APP_DIR'] ?? fileURLToPath(new URL('../../../build/', import.meta.url));
/** One machine plays everybody, and reads a year of messages in a second. */
const generousLimits = {
	DOCUMENT_BYTES_PER_SECOND: String(1024 ** 3),
	DOCUMENT_BYTES_BURST: String(1024 ** 3),
	DOCUMENT_MESSAGES_PER_SECOND: '100000',
	DOCUMENT_MESSAGES_BURST: '100000',
	SIGNAL_MESSAGES_PER_SECOND: '100000',
	LOG_LEVEL: 'warn'
};

export class SeededRelay implements AsyncDisposable {
	private constructor(
		readonly relay: RelayProcess,
		readonly scratchDir: string,
		readonly seeded: Seed | null
	) {}

	/** @param messages of the history that is put into it; 0 for none */
	static async start(messages = 0): Promise<SeededRelay> {
		if (!existsSync(join(builtApp, 'index.html')))
			throw new Error('there is no built app: run npm run build first');
		const scratchDir = mkdtempSync(join(tmpdir(), 'skein-bench-'));
		const appDir = join(scratchDir, 'app');
		cpSync(builtApp, appDir, { recursive: true });
		const relay = await RelayProcess.start({ appDir, env: generousLimits });
		let seed: Seed | null = null;
		if (messages > 0) {
			await relay.stop();
			rmSync(relay.dataDir, { recursive: true });
			seed = await copySeed(relay.dataDir, { messages });
			await relay.start();
		}
		return new SeededRelay(relay, scratchDir, seed);
	}

	get url(): string {
		return this.relay.url;
	}

	/** The history that was asked for. */
	get seed(): Seed {
		if (this.seeded === null) throw new Error('this relay began empty');
		return this.seeded;
	}

	/** Invite link into the history. */
	get link(): string {
		return `${this.url}/join#${this.seed.fragment}`;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.relay[Symbol.asyncDispose]();
		rmSync(this.scratchDir, { recursive: true, force: true });
	}
}
