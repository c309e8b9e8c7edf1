/** A conversation as the device database keeps it, and who this device is in it. */
import type { Author } from '$lib/conversation/founding';
import type { ConversationIdentity, JournalFailure, OwnLane } from '$lib/conversation/ports';
import type { ConversationRecord, DeviceDatabase, IdentityRow } from '$lib/identity/device-database';
import { fromBase64url, toBase64url } from '$lib/protocol/base64url';
import { hlcOfMs } from '$lib/protocol/clock';
import type { Bytes } from '$lib/protocol/crypto';
import { meetingSecretOf } from '$lib/protocol/meeting';
import type { Result } from '$lib/protocol/result';

/** What this device signs and agrees with. */
export function authorOf({ certificate, devicePrivateKey, agreementPrivateKey }: IdentityRow): Author {
	return { certificate, devicePrivateKey, agreementPrivateKey };
}

/** @throws Error if the record is kept under something that is no id, which is a fault of this app */
export function identityOf(record: ConversationRecord, author: Author): ConversationIdentity {
	const conversation = fromBase64url(record.id);
	if (!conversation.ok) throw new Error('a conversation is kept under a broken id');
	const { epochSecret, epochKind, meeting, inviteSeeds, grant } = record;
	return {
		conversation: conversation.value,
		epoch: { secret: epochSecret, kind: epochKind ?? 'secret' },
		meeting: meeting ?? meetingSecretOf(conversation.value, epochSecret),
		inviteSeeds: inviteSeeds ?? [],
		grant,
		...author
	};
}

export interface NewConversation {
	readonly identity: ConversationIdentity;
	/** Until the conversation tells it. */
	readonly name: string;
	/** Where to begin reading. */
	readonly newestSegmentHint: number;
	/** Own lanes that have been begun already. */
	readonly lanes: readonly OwnLane[];
}

/** Keeps a conversation that is new on this device, with strict durability. */
export function keepConversation(
	database: DeviceDatabase,
	{ identity, name, newestSegmentHint, lanes }: NewConversation,
	nowMs: number
): Promise<Result<void, JournalFailure>> {
	const id = toBase64url(identity.conversation);
	const record: ConversationRecord = {
		id,
		epochSecret: identity.epoch.secret,
		epochKind: identity.epoch.kind,
		meeting: identity.meeting,
		inviteSeeds: identity.inviteSeeds,
		epochs: [],
		grant: identity.grant.slice() as Bytes,
		name,
		newestSegmentHint,
		createdTime: hlcOfMs(nowMs),
		left: false,
		invite: null,
		delivery: null,
		frontiers: [],
		relayComparedAtMs: []
	};
	return database.strictWrite(['conversations', 'lanes'], (tx) => [
		tx.objectStore('conversations').put(record),
		...lanes.map((lane) => tx.objectStore('lanes').put({ ...lane, conversation: id }))
	]);
}
