/**
 * How much work a call is, in a measure that knows no clock: on a busy machine a test of time fails for nothing.
 * V8 counts how often each block of a script runs, of scripts that are loaded after the counter; what its own functions
 * do inside, a regular expression for one, is not in it.
 */
import { Session, type Profiler } from 'node:inspector';

export class BlockCounter implements Disposable {
	readonly #session = new Session();

	/** @param path only scripts whose address holds it are counted; load them afterwards */
	constructor(readonly path: string) {
		this.#session.connect();
		this.#post('Profiler.enable');
		this.#post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
	}

	/**
	 * On a machine short of memory V8 drops now and then what it has counted: too little, never too much. So the most of
	 * several calls.
	 * @param act synchronous, and the same work each time
	 * @returns how often all blocks together are run by one call
	 */
	blocksOf(act: () => unknown): number {
		const counts = Array.from({ length: 3 }, () => {
			this.#take();
			act();
			return this.#take();
		});
		return Math.max(...counts);
	}

	[Symbol.dispose](): void {
		this.#post('Profiler.stopPreciseCoverage');
		this.#session.disconnect();
	}

	/** Since it was last taken. */
	#take(): number {
		const { result } = this.#post<Profiler.TakePreciseCoverageReturnType>('Profiler.takePreciseCoverage');
		return result
			.filter(({ url }) => url.includes(this.path))
			.flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges))
			.reduce((sum, { count }) => sum + count, 0);
	}

	/** Commands of the profiler are answered before `post` returns. */
	#post<Answer>(method: string, params: object = {}): Answer {
		const answers: Answer[] = [];
		this.#session.post(method, params, (error, value) => {
			if (error) throw error;
			answers.push(value as Answer);
		});
		const [answer] = answers;
		if (answer === undefined) throw new Error(`${method} has not answered`);
		return answer;
	}
}
