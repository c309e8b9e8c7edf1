/** Somebody who was removed comes back by a new invitation: under a new grant, in lanes of their own for it. */
import { heldEpochOf } from '$lib/conversation/epochs/epoch-keyring';
import type { ConversationIdentity, JournalFailure } from '$lib/conversation/ports';
import type { DeviceDatabase } from '$lib/identity/device-database';
import type { Bytes } from '$lib/protocol/crypto';
import type { Result } from '$lib/protocol/result';
import { withEpochs } from '$lib/replicas/kept-epochs';

/**
 * Keeps the new grant and writes to none of the lanes that were capped with the old one. The conversation has to be
 * closed, and is opened again after it.
 * @param id of the conversation, base64url
 */
export function renewMembership(
	database: DeviceDatabase,
	id: string,
	{ grant, epoch, inviteSeeds }: Pick<ConversationIdentity, 'grant' | 'epoch' | 'inviteSeeds'>
): Promise<Result<void, JournalFailure>> {
	return database.strictWrite(['conversations', 'lanes'], (tx) => {
		const [conversations, lanes] = [tx.objectStore('conversations'), tx.objectStore('lanes')];
		const renew = async (): Promise<void> => {
			const record = await conversations.get(id);
			if (record === undefined) return;
			await conversations.put({
				...record,
				grant: grant.slice() as Bytes,
				// What is held of the past stays; the first epoch and its meeting place are what they were.
				epochs: withEpochs(record.epochs ?? [], [heldEpochOf(epoch.secret, epoch.kind)]),
				inviteSeeds: [...(record.inviteSeeds ?? []), ...inviteSeeds],
				left: false,
				invite: null
			});
		};
		const retire = async (): Promise<void> => {
			for (const lane of await lanes.getAll(IDBKeyRange.bound([id], [id, []])))
				await lanes.put({ ...lane, retired: true });
		};
		return [renew(), retire()];
	});
}
