/**
 * In which order a long history goes over the wire. Lanes that were written side by side go side by side: whoever takes
 * it has complete stretches of the conversation instead of one person's words after the other's, and writes each of
 * them in one place.
 */
import { runBytes, splitRuns, type LaneRun } from './update';

/** A lane's part of a stretch, so that not too many signatures are verified for too few entries. */
const leastEntries = 16;

/**
 * @param limitBytes of one update, about
 * @returns the runs in parts, as updates that are to be made in this order; each lane's entries stay in order
 */
export function* interleavedRuns(
	runs: readonly LaneRun[],
	limitBytes: number
): Generator<readonly LaneRun[]> {
	const bytes = runs.reduce((sum, run) => sum + runBytes(run), 0);
	// A little less than an update holds, so that uneven parts do not make two of one.
	const count = Math.max(1, Math.ceil(bytes / (limitBytes * 0.9)));
	const stretches = Array.from({ length: count }, (): LaneRun[] => []);
	for (const { lane, start, entries } of runs) {
		const parts = Math.min(count, Math.ceil(entries.length / leastEntries));
		for (let part = 0; part < parts; part++) {
			const from = Math.floor((entries.length * part) / parts);
			const to = Math.floor((entries.length * (part + 1)) / parts);
			// The last part of every lane is in the last stretch: what is newest was written at the same time.
			const stretch = stretches[Math.floor(((part + 1) * count) / parts) - 1];
			stretch?.push({ lane, start: start + from, entries: entries.slice(from, to) });
		}
	}
	for (const stretch of stretches) yield* splitRuns(stretch, limitBytes);
}
