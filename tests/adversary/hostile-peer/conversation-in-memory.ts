/** A real conversation that keeps nothing, for pages of people who mean harm: who they are, what they hold, how they shake hands. */
import * as Y from 'yjs';
import { Conversation } from '../../../src/lib/conversation/conversation';
import type { ConversationEvents } from '../../../src/lib/conversation/conversation-events';
import { joiningIdentity } from '../../../src/lib/conversation/founding';
import type { ConversationIdentity, OwnLane } from '../../../src/lib/conversation/ports';
import type { Handshake } from '../../../src/lib/link/contract';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import { HybridClock } from '../../../src/lib/protocol/clock';
import type { CryptoPort } from '../../../src/lib/protocol/crypto';
import { PeerHandshake } from '../../../src/lib/protocol/handshake';
import { accountIdOf } from '../../../src/lib/protocol/ids';
import { decodeInviteLink, type InviteLink } from '../../../src/lib/protocol/invite-link';
import { ok } from '../../../src/lib/protocol/result';
import { hpkeSealPort } from '../../../src/lib/protocol/seal';
import { newAccount } from '../../new-account';

const nothing = async (): Promise<void> => undefined;

/** @throws Error if it is no invite link */
export function invitation(fragment: string): InviteLink {
	const link = decodeInviteLink(fragment);
	if (!link.ok) throw new Error(link.reason);
	return link.value;
}

/** Somebody new, who has the link. */
export async function newcomer(crypto: CryptoPort, link: InviteLink): Promise<ConversationIdentity> {
	const { author } = await newAccount(crypto);
	return joiningIdentity(crypto, author, link);
}

/** The conversation of an identity, on no disk. */
export function conversationInMemory(
	identity: ConversationIdentity,
	crypto: CryptoPort,
	admitted: ConversationEvents['admitted']
): Promise<Conversation> {
	const docs = new Map<number, Y.Doc>();
	const lanes = new Map<number, OwnLane>();
	return Conversation.open(
		identity,
		{
			crypto,
			clock: new HybridClock(() => Date.now()),
			seals: hpkeSealPort(),
			epochs: { load: async () => [], keep: async () => ok(undefined) },
			journal: {
				load: async () => ({ lanes: [...lanes.values()], entries: [] }),
				commit: async (lane) => {
					lanes.set(lane.lane, lane);
					return ok(undefined);
				},
				settle: async () => ok(undefined),
				release: nothing
			},
			documents: {
				open: async (segment) => {
					const doc = docs.get(segment) ?? new Y.Doc();
					docs.set(segment, doc);
					return doc;
				},
				close: nothing,
				metas: async () => [],
				saveMeta: nothing
			},
			projection: { messages: nothing, withdrawn: nothing, deleted: nothing, authority: nothing },
			yieldTurn: nothing
		},
		{ cursors: [], newestSegmentHint: 1 },
		{
			admitted,
			authorityChanged: () => undefined,
			deliveryChanged: () => undefined,
			rejected: () => undefined
		}
	);
}

/** A handshake as an honest device makes it. */
export function handshakeOf({ identity, keys }: Conversation, crypto: CryptoPort): Handshake {
	const { conversation, certificate, devicePrivateKey } = identity;
	const run = new PeerHandshake({
		crypto,
		conversation,
		epochs: keys.handshakeEpochs,
		certificate,
		devicePrivateKey
	});
	return {
		hello: () => run.hello(),
		prove: (hello, transcript) => run.prove(hello, transcript),
		verify: async (proof) => {
			const peer = await run.verify(proof);
			if (!peer.ok) return peer;
			return ok({ account: accountIdOf(peer.value.account), device: toBase64url(peer.value.device) });
		}
	};
}
