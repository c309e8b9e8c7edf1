/** Several people in one line. */
import type { ConversationView } from '$lib/app/contract';
import { m } from '../paraglide/messages';
import { getLocale } from '../paraglide/runtime';
import { clipName } from './name';

/** More are counted instead of named. */
const namedLimit = 12;

/** Names as the language lists them, oneself as "you" and first; beyond twelve "and 5 more". @param accounts ids */
export function peopleNames(
	conversation: Pick<ConversationView, 'nameOf' | 'self'>,
	accounts: readonly string[]
): string {
	const self = conversation.self?.account;
	const named = [...accounts]
		.sort((a, b) => Number(b === self) - Number(a === self))
		.slice(0, accounts.length > namedLimit ? namedLimit - 1 : namedLimit)
		.map((account) =>
			account === self ? m.you() : clipName(conversation.nameOf(account)) || m.log_somebody()
		);
	const rest = accounts.length - named.length;
	const all = rest > 0 ? [...named, m.people_more({ count: rest })] : named;
	return new Intl.ListFormat(getLocale(), { type: 'conjunction' }).format(all);
}
