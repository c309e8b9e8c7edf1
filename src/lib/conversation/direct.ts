/** How a direct conversation begins on a device: the same for whoever writes first (docs/decisions/0020). */
import type { DeviceCertificate } from '../protocol/certificates';
import { sha256, type Bytes, type CryptoPort } from '../protocol/crypto';
import { directConversationOf, directGrantOf, directSecretOf, sortedPair } from '../protocol/direct';
import { meetingSecretOf } from '../protocol/meeting';
import { ok, type Result } from '../protocol/result';
import type { Conversation } from './conversation';
import type { Author } from './founding';
import type { ConversationIdentity, JournalFailure } from './ports';

export interface DirectBeginning {
	readonly identity: ConversationIdentity;
	/** Of the first epoch. */
	readonly epochSecret: Bytes;
}

/**
 * @param agreementPrivateKey of this device's certificate
 * @param other has been checked (checkDevice), and is of another account
 */
export async function beginDirect(
	crypto: CryptoPort,
	author: Author,
	agreementPrivateKey: CryptoKey,
	other: DeviceCertificate
): Promise<Result<DirectBeginning, 'agreement-key'>> {
	const own = sha256(author.certificate.account);
	const conversation = directConversationOf(own, sha256(other.account));
	const agreement = {
		privateKey: agreementPrivateKey,
		publicKey: author.certificate.agreement as Bytes
	};
	const secret = await directSecretOf(crypto.subtle, agreement, other.agreement, conversation);
	if (!secret.ok) return secret;
	const identity: ConversationIdentity = {
		...author,
		conversation,
		epoch: { secret: secret.value, kind: 'secret' },
		meeting: meetingSecretOf(conversation, secret.value),
		inviteSeeds: [],
		grant: directGrantOf(conversation, own)
	};
	return ok({ identity, epochSecret: secret.value });
}

/** Says whose conversation it is, and one's own name, if it has not been said here. @param accounts ids, in any order */
export async function writeDirect(
	conversation: Conversation,
	accounts: readonly [Uint8Array, Uint8Array],
	ownName: string
): Promise<Result<void, JournalFailure>> {
	// The other's word on whose it is does as well; one's own lane has to have begun.
	if (conversation.authority.founded && conversation.controlLane !== null) return ok(undefined);
	const said = await conversation.write({ type: 'direct', accounts: sortedPair(...accounts) });
	if (!said.ok) return said;
	const named = await conversation.write({ type: 'profile', name: ownName });
	return named.ok ? ok(undefined) : named;
}
