/** What people of a group in memory (people.ts) do to it, and what their devices do of themselves. */
import type { Conversation } from '../../../src/lib/conversation/conversation';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import type { KnownRecord } from '../../../src/lib/protocol/records';
import { must } from '../../must';
import type { Person } from './people';

/** The owner's; for a moderator's, with another `auth`. All open links are closed before. */
export async function removalOf(by: Conversation, whom: Person): Promise<KnownRecord[]> {
	const { grant } = whom.identity;
	const auth = by.identity.conversation;
	const closings = [...by.authority.openInvites.keys()].map((key): KnownRecord => ({
		type: 'invite-close',
		auth,
		invitePublicKey: Uint8Array.from(Buffer.from(key, 'base64url')),
		joins: [...by.authority.accountByGrant.keys()].map((id) => Uint8Array.from(Buffer.from(id, 'base64url')))
	}));
	const caps = await by.capsOver(new Set([toBase64url(grant)]));
	return [...closings, { type: 'remove', auth, grants: [grant], caps, epoch: null }];
}

export async function remove(by: Person, whom: Person): Promise<void> {
	must(await by.conversation.act(await removalOf(by.conversation, whom)));
}

/** Id of the epoch that somebody would write under. */
export const current = ({ conversation }: Person): string | undefined => conversation.keys.current?.id;

/** All that is to be done, by everybody in turn, until nothing is. */
export async function settle(...people: readonly Person[]): Promise<void> {
	for (let round = 0; round < 20; round++) {
		let isDone = true;
		for (const person of people) {
			for (const { duty } of person.conversation.duties()) {
				isDone = false;
				must(await person.conversation.fulfil(duty));
			}
			for (const other of people) if (other !== person) await other.hear(person);
		}
		if (isDone) return;
	}
	throw new Error('there is always something more to do');
}
