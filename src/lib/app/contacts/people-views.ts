/** What screens are shown of the rows about people. */
import { shownName, type ContactRow, type RequestRow } from '$lib/identity/contacts';
import type { RequestView } from '../contract';
import type { ShownPeople } from './contacts.svelte';
import type { PeopleRows } from './people-rows';
import type { SharedGroups } from './shared-groups';

/** Whoever has asked, and has had no answer. */
export const isWaiting = ({ state }: RequestRow): boolean => state === 'waiting';

/** @param groups that are shared with people who wait; null if they are not needed */
export function shownPeople(
	{ contacts, requests, reachability }: Pick<PeopleRows, 'contacts' | 'requests' | 'reachability'>,
	groups: SharedGroups | null
): ShownPeople {
	const { reach, consent } = reachability;
	const shown = requests
		.filter(isWaiting)
		.sort((a, b) => b.atMs - a.atMs)
		.map(({ account, name, text, atMs }): RequestView => ({
			id: account,
			account,
			name,
			text,
			atMs,
			inCommon: contactsAmong(contacts, groups?.companionsOf(account) ?? new Set())
		}));
	return { contacts, requests: shown, privacy: { reach, consent } };
}

function contactsAmong(contacts: readonly ContactRow[], accounts: ReadonlySet<string>): readonly string[] {
	return contacts
		.filter((row) => !row.blocked && row.conversation !== null && accounts.has(row.account))
		.map(shownName)
		.sort();
}
