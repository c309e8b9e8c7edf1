/** Takes a conversation off this device: its record, its keys, its documents and what the read model has of it. */
import type { DeviceDatabase } from '$lib/identity/device-database';
import { fromBase64url } from '$lib/protocol/base64url';
import { contextOf } from '$lib/protocol/ids';
import { deleteDocument } from '$lib/replicas/disk';
import type { Store } from '$lib/store/types';

/** @param id of a conversation that is closed, base64url */
export async function forgetConversation(id: string, database: DeviceDatabase, store: Store): Promise<void> {
	const own = IDBKeyRange.bound([id], [id, []]);
	const segments = await database.db.getAllKeys('segments', own);
	await database.strictWrite(
		['conversations', 'lanes', 'journal', 'segments', 'drafts', 'snapshots', 'marks'],
		(tx) => [
			// Its row in the list is part of another one.
			tx.objectStore('snapshots').clear(),
			tx.objectStore('conversations').delete(id),
			tx.objectStore('lanes').delete(own),
			tx.objectStore('journal').delete(own),
			tx.objectStore('segments').delete(own),
			tx.objectStore('marks').delete(own),
			tx.objectStore('drafts').delete(id),
			// Those of its threads.
			tx.objectStore('drafts').delete(IDBKeyRange.bound(`${id}/`, `${id}0`, false, true))
		]
	);
	const conversation = fromBase64url(id);
	if (conversation.ok)
		for (const [, segment] of segments) await deleteDocument(contextOf(conversation.value, segment));
	await store.forget(id);
}
