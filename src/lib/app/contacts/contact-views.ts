/** Rows of people as screens see them. Pure. */
import { shownName, type ContactRow } from '$lib/identity/contacts';
import type { ConversationSummary as StoredSummary } from '$lib/store/types';
import type { ContactView, ConversationSummary } from '../contract';

export function contactView(row: ContactRow): ContactView {
	const { account, nickname, claimedName, change, blocked, conversation, consent } = row;
	return {
		account,
		name: shownName(row),
		nickname,
		claimedName,
		trust: change !== null ? 'changed' : row.verified !== null ? 'verified' : 'none',
		change,
		blocked,
		conversation,
		consent
	};
}

/** What people are called here, and in which conversations one is with whom. */
export class KnownPeople {
	readonly rowByAccount: ReadonlyMap<string, ContactRow>;
	readonly #rowByConversation = new Map<string, ContactRow>();

	constructor(rows: readonly ContactRow[]) {
		this.rowByAccount = new Map(rows.map((row) => [row.account, row]));
		for (const row of rows) if (row.conversation !== null) this.#rowByConversation.set(row.conversation, row);
	}

	/** The name given to somebody comes before the one that they claim. */
	nameOf(account: string, claimed: string): string {
		const row = this.rowByAccount.get(account);
		return row?.nickname ?? (claimed || (row?.claimedName ?? ''));
	}

	isBlocked(account: string): boolean {
		return this.rowByAccount.get(account)?.blocked ?? false;
	}

	get blocked(): readonly string[] {
		return [...this.rowByAccount.values()].flatMap(({ account, blocked }) => (blocked ? [account] : []));
	}

	/** Whom a direct conversation is with. */
	peerIn(conversation: string): ContactRow | undefined {
		return this.#rowByConversation.get(conversation);
	}

	/** A row of the list, with the names used here. */
	listed(summary: StoredSummary): ConversationSummary {
		const peer = this.peerIn(summary.id);
		const last = summary.last && {
			...summary.last,
			authorName: this.nameOf(summary.last.author, summary.last.authorName)
		};
		return peer === undefined
			? { ...summary, last, kind: 'group', peer: null }
			: { ...summary, last, kind: 'direct', peer: peer.account, name: shownName(peer) };
	}
}

/** Whether conversations and the list look otherwise for what is known of people now. */
export function isOtherwiseShown(before: KnownPeople, now: KnownPeople): boolean {
	if (before.rowByAccount.size !== now.rowByAccount.size) return true;
	return [...now.rowByAccount.values()].some((row) => {
		const known = before.rowByAccount.get(row.account);
		return (
			known === undefined ||
			known.blocked !== row.blocked ||
			known.conversation !== row.conversation ||
			known.nickname !== row.nickname ||
			known.claimedName !== row.claimedName
		);
	});
}
