/** What happened, in order: two runs of one seed have to give the same hash. */
import { createHash } from 'node:crypto';

export class Trace {
	readonly #hash = createHash('sha256');

	/** @param print called for each line, if it is to be read */
	constructor(readonly print: ((line: string) => void) | null = null) {}

	note(line: string): void {
		this.#hash.update(line).update('\n');
		this.print?.(line);
	}

	digest(): string {
		return this.#hash.copy().digest('hex').slice(0, 16);
	}
}
