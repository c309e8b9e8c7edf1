/** How much of an update there is room for. Pure. */
import type { AdmittedRun } from '../src/lib/protocol/guard/lanes';
import type { RelaySettings } from './settings';
import type { DocumentUsage } from './storage';

export type QuotaReason = 'quota-lanes' | 'quota-entries' | 'quota-bytes' | 'quota-total';

export type QuotaLimits = Pick<
	RelaySettings,
	'documentLanes' | 'documentEntries' | 'documentBytes' | 'totalBytes'
>;

export interface Fitting {
	readonly runs: readonly AdmittedRun[];
	readonly refused: readonly { readonly lane: number; readonly reason: QuotaReason }[];
	/** Of the document once the runs are written. */
	readonly usage: DocumentUsage;
}

/**
 * Leaves out what would break a limit: runs whole, so that lanes stay contiguous.
 * @param lanes that the document has
 * @param totalBytes of all documents, this one included
 */
export function runsThatFit(
	runs: readonly AdmittedRun[],
	usage: DocumentUsage,
	lanes: number,
	totalBytes: number,
	limits: QuotaLimits
): Fitting {
	const fitting: AdmittedRun[] = [];
	const refused: { lane: number; reason: QuotaReason }[] = [];
	let newLanes = 0;
	let newEntries = 0;
	let newBytes = 0;
	for (const run of runs) {
		const laneCount = newLanes + (run.start === 0 ? 1 : 0);
		const entryCount = newEntries + run.entries.length;
		const bytes = newBytes + run.entries.reduce((sum, entry) => sum + entry.length, 0);
		let reason: QuotaReason | null = null;
		if (lanes + laneCount > limits.documentLanes) reason = 'quota-lanes';
		else if (usage.entryCount + entryCount > limits.documentEntries) reason = 'quota-entries';
		else if (usage.bytes + bytes > limits.documentBytes) reason = 'quota-bytes';
		else if (totalBytes + bytes > limits.totalBytes) reason = 'quota-total';
		if (reason !== null) {
			refused.push({ lane: run.lane, reason });
			continue;
		}
		fitting.push(run);
		[newLanes, newEntries, newBytes] = [laneCount, entryCount, bytes];
	}
	return {
		runs: fitting,
		refused,
		usage: {
			sequence: usage.sequence + (fitting.length > 0 ? 1 : 0),
			entryCount: usage.entryCount + newEntries,
			bytes: usage.bytes + newBytes
		}
	};
}
