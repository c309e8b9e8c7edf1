/** What is said about other people: blocking them, what their safety number is worth, what they are told. */
import type { Consent, ContactsView, ContactView, Reach, RequestView } from '$lib/app/contract';
import { m } from '../paraglide/messages';
import type { Question } from './group';
import { nameList } from './group';
import { clipName } from './name';

/** What a person is asked before somebody is blocked, or let through again. */
export function blockQuestion(
	of: { readonly account: string; readonly name: string },
	blocked: boolean,
	contacts: ContactsView
): Question {
	const name = clipName(of.name) || m.request_unnamed();
	return blocked
		? {
				title: m.unblock_title({ name }),
				text: m.unblock_text(),
				button: m.unblock(),
				danger: false,
				act: () => contacts.unblock(of.account)
			}
		: {
				title: m.block_title({ name }),
				text: m.block_text(),
				button: m.block(),
				danger: true,
				act: () => contacts.block(of.account)
			};
}

/** Why what was compared no longer holds; '' unless trust is 'changed'. */
export function changeText(contact: ContactView): string {
	if (contact.trust !== 'changed') return '';
	const name = clipName(contact.name);
	if (contact.change === 'same-name-other-key') return m.change_same_name({ name });
	if (contact.change === 'new-device') return m.change_new_device({ name });
	return m.change_other({ name });
}

export const reaches: readonly Reach[] = ['link', 'contacts-of-contacts', 'nobody'];

const textByReach: Record<Reach, { readonly label: () => string; readonly hint: () => string }> = {
	link: { label: m.reach_link, hint: m.reach_link_hint },
	'contacts-of-contacts': { label: m.reach_contacts, hint: m.reach_contacts_hint },
	nobody: { label: m.reach_nobody, hint: m.reach_nobody_hint }
};

/** Label of a choice, and what it means. */
export const reachText = (reach: Reach): { readonly label: string; readonly hint: string } => ({
	label: textByReach[reach].label(),
	hint: textByReach[reach].hint()
});

export const consents: readonly (keyof Consent)[] = ['receipts', 'typing', 'online'];

const textByConsent: Record<keyof Consent, { readonly label: () => string; readonly hint: () => string }> = {
	receipts: { label: m.tells_receipts, hint: m.tells_receipts_hint },
	typing: { label: m.tells_typing, hint: m.tells_typing_hint },
	online: { label: m.tells_online, hint: m.tells_online_hint }
};

export const consentText = (what: keyof Consent): { readonly label: string; readonly hint: string } => ({
	label: textByConsent[what].label(),
	hint: textByConsent[what].hint()
});

/** What is told to this contact other than to everyone, as one line: "Typing: off · Online: on". */
export function exceptionsText(contact: ContactView): string {
	const lines = consents.flatMap((what) => {
		const own = contact.consent[what];
		if (own === null) return [];
		return [(own ? m.consent_is_on : m.consent_is_off)({ what: consentText(what).label })];
	});
	return lines.length === 0 ? m.contact_as_for_all() : lines.join(' · ');
}

/** Who of one's contacts knows the person who asks. */
export const inCommonText = (request: RequestView, locale: string): string =>
	request.inCommon.length === 0
		? m.request_common_none()
		: m.request_common({ names: nameList(request.inCommon, locale) });
