/** The epochs of one conversation in IndexedDB, in the row of the conversation: they go with it, and not before. */
import type { HeldEpoch } from '../conversation/epochs/epoch-keyring';
import type { Epochs, JournalFailure } from '../conversation/ports';
import type { DeviceDatabase } from '../identity/device-database';
import type { Result } from '../protocol/result';

export class KeptEpochs implements Epochs {
	constructor(
		readonly database: DeviceDatabase,
		/** Base64url. */
		readonly conversation: string
	) {}

	async load(): Promise<readonly HeldEpoch[]> {
		return (await this.database.db.get('conversations', this.conversation))?.epochs ?? [];
	}

	keep(epochs: readonly HeldEpoch[]): Promise<Result<void, JournalFailure>> {
		return this.database.updateConversation(this.conversation, (record) => ({
			...record,
			epochs: withEpochs(record.epochs ?? [], epochs)
		}));
	}
}

/** Of one epoch what opens more is kept. */
export function withEpochs(known: readonly HeldEpoch[], more: readonly HeldEpoch[]): readonly HeldEpoch[] {
	const byId = new Map(known.map((epoch) => [epoch.id, epoch]));
	for (const epoch of more) if (byId.get(epoch.id)?.secret == null) byId.set(epoch.id, epoch);
	return [...byId.values()];
}
