/** How a group is run, in words. */
import type { Audience, GroupView, HistoryVisibility, LogLine, MemberAction } from '$lib/app/contract';
import { m } from '../paraglide/messages';
import { clipName } from './name';
import type { Outcome } from './problem';

const textByAction: Record<MemberAction, () => string> = {
	'make-moderator': m.make_moderator,
	'unmake-moderator': m.unmake_moderator,
	remove: m.remove_member,
	'offer-ownership': m.offer_ownership,
	'withdraw-offer': m.withdraw_offer
};

const textByHistory: Record<HistoryVisibility, () => string> = {
	all: m.history_all,
	'since-join': m.history_since_join,
	none: m.history_none
};

/** What newcomers can read. */
export const historyText = (history: HistoryVisibility): string => textByHistory[history]();

export const actionText = (action: MemberAction): string => textByAction[action]();

/** What a person is asked before an act on a member is done. */
export interface Question {
	readonly title: string;
	readonly text: string;
	readonly button: string;
	readonly danger: boolean;
	readonly act: () => Promise<Outcome>;
}

/** The question that belongs to an act, or null for one that can be done at once. @param of the member */
export function questionFor(
	action: MemberAction,
	of: { readonly account: string; readonly name: string },
	group: GroupView
): Question | null {
	const name = clipName(of.name);
	const button = actionText(action);
	switch (action) {
		case 'make-moderator':
			return {
				title: m.make_moderator_title({ name }),
				text: m.make_moderator_text(),
				button,
				danger: false,
				act: () => group.setRole(of.account, 'moderator')
			};
		case 'unmake-moderator':
			return {
				title: m.unmake_moderator_title({ name }),
				text: m.unmake_moderator_text(),
				button,
				danger: true,
				act: () => group.setRole(of.account, 'member')
			};
		case 'remove':
			return {
				title: m.remove_member_title({ name }),
				text: m.remove_member_text(),
				button,
				danger: true,
				act: () => group.removeMember(of.account)
			};
		case 'offer-ownership':
			return {
				title: m.offer_ownership_title({ name }),
				text: m.offer_ownership_text(),
				button,
				danger: false,
				act: () => group.offerOwnership(of.account)
			};
		case 'withdraw-offer':
			return null;
	}
}

const textByAudience: Record<Audience, () => string> = {
	members: m.audience_members,
	moderators: m.audience_moderators,
	owner: m.audience_owner
};

export const audienceText = (audience: Audience): string => textByAudience[audience]();

const textByAct: Record<LogLine['act'], (names: { by: string; whom: string }) => string> = {
	'made-moderator': m.log_made_moderator,
	'unmade-moderator': m.log_unmade_moderator,
	removed: m.log_removed,
	approved: m.log_approved,
	admitted: m.log_admitted,
	added: m.log_added,
	'gave-ownership': m.log_gave_ownership,
	'went-on': m.log_went_on,
	'closed-link': m.log_closed_link,
	'lost-device': m.log_lost_device,
	'opened-history': m.log_opened_history,
	'closed-history': m.log_closed_history,
	'withheld-history': m.log_withheld_history,
	'changed-settings': m.log_changed_settings,
	'set-timer': m.log_set_timer
};

const textByVerdict: Record<LogLine['verdict'], () => string> = {
	counts: () => '',
	'no-authority': m.verdict_no_authority,
	'beyond-cap': m.verdict_beyond_cap,
	protected: m.verdict_protected,
	'removed-before': m.verdict_removed_before,
	'no-such-grant': m.verdict_no_such_member,
	'no-such-lane': m.verdict_no_such_member,
	'no-consent': m.verdict_no_consent,
	'used-up': m.verdict_used_up,
	'no-invitation': m.verdict_no_invitation,
	closed: m.verdict_closed,
	waits: m.verdict_waits
};

/** Names that people chose, in a list as their language writes it; without names, "somebody". */
export function nameList(names: readonly string[], locale: string): string {
	const clipped = names.map((name) => clipName(name) || m.log_somebody());
	if (clipped.length === 0) return m.log_somebody();
	return new Intl.ListFormat(locale, { type: 'conjunction' }).format(clipped);
}

/** One act of the moderation log as a sentence. */
export const logText = (line: LogLine, locale: string): string =>
	textByAct[line.act]({ by: clipName(line.by) || m.log_somebody(), whom: nameList(line.whom, locale) });

/** Why it did not count, or '' if it did. */
export const verdictText = (line: LogLine): string => textByVerdict[line.verdict]();
