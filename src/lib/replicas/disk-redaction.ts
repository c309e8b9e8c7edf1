/**
 * Takes what is deleted from this device's disk: from the journal, from the segment's document, and keeps what makes the
 * relay do so too (docs/decisions/0027). What IndexedDB itself keeps in its files until it tidies up is not ours to say.
 */
import type { DiskRedaction, Erasure, JournalFailure, RedactedEntry } from '../conversation/ports';
import type { DeviceDatabase } from '../identity/device-database';
import { placeholder } from '../protocol/guard/update';
import { controlSegment } from '../protocol/ids';
import { fail, type Result } from '../protocol/result';
import type { DiskDocuments } from './disk';

interface Place {
	readonly lane: number;
	readonly clock: number;
}

const isSame = (a: Place, b: Place): boolean => a.lane === b.lane && a.clock === b.clock;

const withMore = <T extends Place>(known: readonly T[] = [], more: readonly T[]): readonly T[] => [
	...known.filter((each) => !more.some((other) => isSame(each, other))),
	...more
];

export class DeviceRedaction implements DiskRedaction {
	constructor(
		readonly database: DeviceDatabase,
		readonly documents: DiskDocuments,
		/** Base64url. */
		readonly conversation: string
	) {}

	/**
	 * What says so is to be on disk before its effect: a lane with a hole that no delete explains would end there. Then the
	 * erasures and the journal: as long as the document holds the bytes, all of it is begun anew.
	 */
	async redact(
		segment: number,
		redacted: readonly RedactedEntry[],
		erasures: readonly Erasure[]
	): Promise<Result<void, JournalFailure>> {
		const { conversation } = this;
		if (!(await this.documents.flushSegment(controlSegment))) return fail('not-saved');
		const kept = await this.database.strictWrite(['journal', 'segments'], (tx) => {
			const journal = tx.objectStore('journal');
			const redactRow = async ({ lane, clock }: Place): Promise<void> => {
				const row = await journal.get([conversation, segment, lane, clock]);
				if (row !== undefined) await journal.put({ ...row, bytes: placeholder });
			};
			const keep = async (): Promise<void> => {
				const segments = tx.objectStore('segments');
				const row = await segments.get([conversation, segment]);
				if (row === undefined) return;
				await segments.put({
					...row,
					erasures: withMore(row.erasures, erasures),
					redacted: withMore(row.redacted, redacted)
				});
			};
			return [...redacted.map(redactRow), keep()];
		});
		if (!kept.ok || redacted.length === 0) return kept;
		return (await this.documents.rewrite(segment)) ? kept : fail('not-saved');
	}

	async redacted(segment: number): Promise<readonly RedactedEntry[]> {
		return (await this.database.db.get('segments', [this.conversation, segment]))?.redacted ?? [];
	}

	async erasures(segment: number): Promise<readonly Erasure[]> {
		return (await this.database.db.get('segments', [this.conversation, segment]))?.erasures ?? [];
	}

	/** Not strict: one too many after a crash is sent again, and acknowledged again. */
	async erased(segment: number, places: readonly Place[]): Promise<void> {
		const tx = this.database.db.transaction('segments', 'readwrite');
		const row = await tx.store.get([this.conversation, segment]);
		const left = row?.erasures?.filter((each) => !places.some((place) => isSame(each, place))) ?? [];
		await Promise.all([...(row === undefined ? [] : [tx.store.put({ ...row, erasures: left })]), tx.done]);
	}
}
