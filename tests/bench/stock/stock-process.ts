/** Starts the stock server in a process of its own, as the relay is. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export class StockProcess implements AsyncDisposable {
	private constructor(
		readonly url: string,
		readonly child: ChildProcess
	) {}

	static async start(): Promise<StockProcess> {
		const script = fileURLToPath(new URL('./stock-server.ts', import.meta.url));
		const child = spawn(process.execPath, ['--import', 'tsx', script], {
			stdio: ['ignore', 'pipe', 'inherit']
		});
		const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
		return new StockProcess(line, child);
	}

	/** "ws://…" without a path. */
	get socketUrl(): string {
		return this.url.replace('http', 'ws');
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (this.child.exitCode !== null) return;
		const ended = once(this.child, 'exit');
		this.child.kill('SIGTERM');
		await ended;
	}
}
