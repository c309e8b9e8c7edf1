/** People who are in a group with this person, or wait to be let into it, and are no contacts yet. Pure. */
import type { Conversation } from '$lib/conversation/conversation';
import { accountIdOf } from '$lib/protocol/ids';

export interface Companion {
	/** Public key of the account. */
	readonly accountKey: Uint8Array;
	/** As they call themselves; '' if they have not said. */
	readonly name: string;
	/** Device keys (base64url) of theirs. */
	readonly devices: readonly string[];
}

/**
 * What a conversation tells of an account. Any record that names the key will do, sound or not: the id is its hash, so
 * there is no other key that it could be.
 */
export function companionIn(
	{ controlEntries, authority }: Pick<Conversation, 'controlEntries' | 'authority'>,
	account: string
): Companion | null {
	for (const { record } of controlEntries) {
		if ((record.type !== 'lane' && record.type !== 'join') || accountIdOf(record.account) !== account)
			continue;
		return {
			accountKey: record.account.slice(),
			name: authority.memberByAccount.get(account)?.name ?? '',
			devices: [...authority.devices].flatMap(([device, of]) => (of.account === account ? [device] : []))
		};
	}
	return null;
}
