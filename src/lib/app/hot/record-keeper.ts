/** Keeps what a connected conversation knows beside its documents in its record: soon, and in one piece. */
import type { ConversationRecord, DeviceDatabase } from '$lib/identity/device-database';
import type { Timers } from '$lib/link/timers';
import type { EventLog } from '../event-log';

const saveEveryMs = 1_000;

export interface RecordKeeperDeps {
	readonly database: DeviceDatabase;
	readonly log: EventLog;
	readonly timers: Timers;
	/** The record as it should be now. */
	current(record: ConversationRecord): ConversationRecord;
}

export class RecordKeeper {
	#cancel: (() => void) | null = null;

	/** @param id of the conversation, base64url */
	constructor(
		readonly id: string,
		readonly deps: RecordKeeperDeps
	) {}

	saveSoon(): void {
		this.#cancel ??= this.deps.timers.after(saveEveryMs, () => {
			this.#cancel = null;
			void this.save();
		});
	}

	/** A conversation that cannot be kept goes on: what is kept here can be learned again. */
	async save(): Promise<void> {
		const { database, log, current } = this.deps;
		const saved = await database.updateConversation(this.id, current);
		if (!saved.ok && saved.reason !== 'fenced')
			log.note(`the state of a conversation was not kept: ${saved.reason}`);
	}

	/** What was to be saved soon is not. */
	cancel(): void {
		this.#cancel?.();
	}
}
