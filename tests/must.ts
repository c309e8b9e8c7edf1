import type { Result } from '../src/lib/protocol/result';

/** What a result holds, where a test cannot go on without. @throws Error with the reason, if it holds none */
export function must<T>(result: Result<T, unknown>): T {
	if (!result.ok) throw new Error(`it did not work: ${JSON.stringify(result.reason)}`);
	return result.value;
}
