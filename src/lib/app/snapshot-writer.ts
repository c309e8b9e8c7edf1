/** Writes what screens show into the device database; only the active tab does. */
import type { DeviceDatabase } from '$lib/identity/device-database';
import type { SnapshotChange } from './snapshot-keeper';

/** @param failed is told why nothing was written; then the next start is slower, no more */
export function snapshotWriter(database: DeviceDatabase, failed: (text: string) => void) {
	return async ({ rows, clear }: SnapshotChange): Promise<void> => {
		const written = await database.write(
			['snapshots'],
			(tx) => {
				const snapshots = tx.objectStore('snapshots');
				return [
					...(clear ? [snapshots.clear()] : []),
					...rows.map(([key, row]) => (row === null ? snapshots.delete(key) : snapshots.put(row, key)))
				];
			},
			'relaxed'
		);
		if (!written.ok && written.reason !== 'fenced')
			failed(`what is shown was not kept for the next start: ${written.reason}`);
	};
}
