/** What is shown of the people in a conversation: who is here, who is typing, who has a message. */
import type { Receipt } from '$lib/conversation/delivery';
import type { MemberRow } from '$lib/store/types';
import type { MemberView, ReceiptView } from './contract';
import type { ConversationPresence } from './presence';

/** @param presence null while the conversation is not loaded */
export function memberView(row: MemberRow, presence: ConversationPresence | null): MemberView {
	const { account, name, role, left, self } = row;
	const sight = self ? ({ kind: 'online' } as const) : presence?.sightOf(account);
	return {
		account,
		name,
		role,
		left,
		self,
		online: sight?.kind === 'online',
		seenAtMs: sight?.kind === 'away' ? sight.seenAtMs : null,
		hidden: sight?.kind === 'hidden'
	};
}

export const isSameSight = (a: MemberView, b: MemberView): boolean =>
	a.online === b.online && a.seenAtMs === b.seenAtMs && a.hidden === b.hidden;

/** Of those who are members still. */
export function typingNames(accounts: readonly string[], members: readonly MemberView[]): readonly string[] {
	return accounts.flatMap((account) => {
		const member = members.find((each) => each.account === account && !each.left && !each.self);
		return member === undefined ? [] : [member.name];
	});
}

export const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
	a.length === b.length && a.every((name, i) => name === b[i]);

/** Readers first, by name. */
export function receiptViews(
	receipts: readonly Receipt[],
	members: readonly Pick<MemberView, 'account' | 'name'>[]
): readonly ReceiptView[] {
	return receipts
		.map(({ account, read, readAtMs, deliveredAtMs }) => ({
			account,
			name: members.find((member) => member.account === account)?.name ?? '',
			read,
			learnedAtMs: read ? readAtMs : deliveredAtMs
		}))
		.sort((a, b) => Number(b.read) - Number(a.read) || a.name.localeCompare(b.name));
}
