/** How a conversation begins on a device: by founding a group, or by joining one through an open link. */
import { signJoin, type DeviceCertificate } from '../protocol/certificates';
import type { Bytes, CryptoPort } from '../protocol/crypto';
import { epochCommitment } from '../protocol/epoch';
import { controlSegment, conversationIdOf, joinGrantOf, laneOf } from '../protocol/ids';
import { agreementKeysOfSeed, signingKeysOfSeed, type InviteLink } from '../protocol/invite-link';
import { meetingSecretOf } from '../protocol/meeting';
import { encodeFields, noAuthority, type GenesisRecord, type KnownRecord } from '../protocol/records';
import { ok, type Result } from '../protocol/result';
import type { Conversation } from './conversation';
import type { ConversationIdentity, JournalFailure, OwnLane } from './ports';
import { firstSettings } from './settings';

export interface Author {
	readonly certificate: DeviceCertificate;
	readonly devicePrivateKey: CryptoKey;
	readonly agreementPrivateKey: CryptoKey;
}

/** How long an open link stays valid, and one for one person. */
export const inviteLifetimeMs = 7 * 24 * 60 * 60_000;
const personalLifetimeMs = 24 * 60 * 60_000;

export interface InviteTerms {
	/** With which right it is made. */
	readonly auth: Uint8Array;
	/** Whoever comes by it waits for somebody's word. */
	readonly approval: boolean;
	readonly kind: InviteLink['kind'];
}

export interface Founding {
	readonly identity: ConversationIdentity;
	/** To be in the journal before the conversation is opened: the genesis names its key. */
	readonly controlLane: OwnLane;
	readonly genesis: GenesisRecord;
}

/** Draws a new group's secrets and its genesis. Nothing is stored or sent yet. */
export async function foundGroup(crypto: CryptoPort, author: Author): Promise<Founding> {
	const epochSecret = crypto.randomBytes(32);
	const lane = await crypto.generateSigningKeys();
	const genesis: GenesisRecord = {
		type: 'genesis',
		account: author.certificate.account,
		controlLanePublicKey: lane.publicKey,
		commitment: epochCommitment(epochSecret),
		salt: crypto.randomBytes(16)
	};
	const conversation = conversationIdOf(encodeFields(genesis));
	return {
		identity: {
			conversation,
			epoch: { secret: epochSecret, kind: 'secret' },
			meeting: meetingSecretOf(conversation, epochSecret),
			inviteSeeds: [],
			grant: conversation,
			...author
		},
		controlLane: {
			segment: controlSegment,
			lane: laneOf(lane.publicKey),
			...lane,
			next: 0,
			head: new Uint8Array(32),
			retired: false
		},
		genesis
	};
}

/** Identity under which a newcomer's lanes count once the join has arrived. */
export async function joiningIdentity(
	crypto: CryptoPort,
	author: Author,
	link: InviteLink
): Promise<ConversationIdentity> {
	const invite = await signingKeysOfSeed(crypto.subtle, link.seed);
	const { conversation } = link;
	return {
		conversation,
		epoch: { secret: link.epochSecret.slice() as Bytes, kind: link.epochKind },
		meeting: link.meeting.slice() as Bytes,
		inviteSeeds: [link.seed],
		grant: joinGrantOf(conversation, invite.publicKey, author.certificate.account),
		...author
	};
}

async function writeAll(
	conversation: Conversation,
	records: readonly KnownRecord[]
): Promise<Result<void, JournalFailure>> {
	for (const record of records) {
		const written = await conversation.write(record);
		if (!written.ok) return written;
	}
	return ok(undefined);
}

export function writeFounding(
	conversation: Conversation,
	genesis: GenesisRecord,
	groupName: string,
	ownName: string
): Promise<Result<void, JournalFailure>> {
	return writeAll(conversation, [
		genesis,
		firstSettings(conversation.identity.conversation, groupName),
		{ type: 'profile', name: ownName }
	]);
}

export async function writeJoin(
	crypto: CryptoPort,
	conversation: Conversation,
	link: InviteLink,
	ownName: string
): Promise<Result<void, JournalFailure>> {
	const invite = await signingKeysOfSeed(crypto.subtle, link.seed);
	const join = await signJoin(crypto, invite, link.conversation, conversation.identity.certificate.account);
	return writeAll(conversation, [join, { type: 'profile', name: ownName }]);
}

/** Publishes an invitation and gives the link for it. */
export async function invite(
	crypto: CryptoPort,
	conversation: Conversation,
	nowMs: number,
	terms: InviteTerms = { auth: noAuthority, approval: false, kind: 'open' }
): Promise<Result<InviteLink, JournalFailure | 'no-epoch'>> {
	const epoch = await conversation.epochToInvite(terms);
	if (!epoch.ok) return epoch;
	const seed = crypto.randomBytes(32);
	const keys = await signingKeysOfSeed(crypto.subtle, seed);
	const lifetimeMs = terms.kind === 'open' ? inviteLifetimeMs : personalLifetimeMs;
	const expiresAtMs = Math.floor((nowMs + lifetimeMs) / 1000) * 1000;
	const agreement = await agreementKeysOfSeed(crypto.subtle, seed);
	const record: KnownRecord = {
		type: 'invite',
		...terms,
		invitePublicKey: keys.publicKey,
		agreement: agreement.publicKey,
		expiresAtMs
	};
	// Under the epoch that the link holds: it is known by that what whoever has the link can read.
	const written = await conversation.write(record, undefined, { under: epoch.value.id });
	if (!written.ok) return written;
	const { conversation: id, meeting } = conversation.identity;
	return ok({
		conversation: id,
		epochSecret: epoch.value.secret,
		epochKind: epoch.value.kind,
		meeting,
		seed,
		segment: await conversation.segmentForNewcomers(),
		expiresAtMs,
		groupName: conversation.authority.name,
		kind: terms.kind
	});
}
