/** What an entry says that its author knew, and what of it is not on this device. */
import { equalBytes } from '../protocol/bytes';
import type { Dep } from '../protocol/records';
import type { Loaded } from './loaded-segments';
import { openRecord } from './opening';
import type { Segment } from './segment';

/**
 * Opens the entry anew: nobody asks for it often enough that what it names would have to be kept.
 * @returns how many of the entries that it names are not here, each counted once; 0 if it does not open
 */
export async function missingDeps({ segment, log }: Loaded, lane: number, clock: number): Promise<number> {
	const bytes = segment.entry(lane, clock);
	if (bytes === undefined || log === null) return 0;
	const envelope = await openRecord(log.opening, segment.context, lane, clock, bytes);
	if (!envelope.ok) return 0;
	const missing = envelope.value.deps.filter((dep) => !isHere(segment, dep));
	return new Set(missing.map((dep) => `${dep.lane}/${dep.clock}/${dep.id.join()}`)).size;
}

/** What is deleted, or waits in quarantine, is here; another entry at that place is not the one that is meant. */
function isHere(segment: Segment, { lane, clock, id }: Dep): boolean {
	const held = segment.entryId(lane, clock);
	return held !== undefined && equalBytes(held.subarray(0, id.length), id);
}
