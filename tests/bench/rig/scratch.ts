/** Folders that go when a benchmark is over, with whatever is in them. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Scratch implements Disposable {
	readonly #root = mkdtempSync(join(tmpdir(), 'skein-bench-scratch-'));
	#count = 0;

	/** A folder that is not there yet. */
	next(): string {
		return join(this.#root, String(++this.#count));
	}

	/** A copy of a folder, of a browser profile for example, so that each run begins alike. */
	copyOf(folder: string): string {
		const copy = this.next();
		cpSync(folder, copy, { recursive: true });
		return copy;
	}

	[Symbol.dispose](): void {
		rmSync(this.#root, { recursive: true, force: true, maxRetries: 3 });
	}
}
