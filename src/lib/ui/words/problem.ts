import type { Problem, ProblemCode } from '$lib/app/contract';
import { m } from '../paraglide/messages';

/** What an intent came to, as far as a form cares. */
export type Outcome = { readonly ok: true } | { readonly ok: false; readonly reason: Problem };

/** Every failure in words that a person can act on. A new code does not compile without its words. */
const textByCode: Record<ProblemCode, () => string> = {
	'name-empty': m.problem_name_empty,
	'name-too-long': m.problem_name_too_long,
	'group-name-empty': m.problem_group_name_empty,
	'group-name-too-long': m.problem_group_name_too_long,
	'text-empty': m.problem_text_empty,
	'text-too-long': m.problem_text_too_long,
	'invite-broken': m.problem_invite_broken,
	'invite-expired': m.problem_invite_expired,
	'invite-other-version': m.problem_invite_other_version,
	'already-member': m.problem_already_member,
	'not-saved': m.problem_not_saved,
	'storage-full': m.problem_storage_full,
	'storage-unavailable': m.problem_storage_unavailable,
	'crypto-unavailable': m.problem_crypto_unavailable,
	'left-conversation': m.problem_left_conversation,
	'not-allowed': m.problem_not_allowed,
	'may-not-post': m.problem_may_not_post,
	'member-protected': m.problem_member_protected,
	'older-member': m.problem_older_member,
	'member-gone': m.problem_member_gone,
	'already-so': m.problem_already_so,
	'too-many': m.problem_too_many,
	'invite-closed': m.problem_invite_closed,
	'request-gone': m.problem_request_gone,
	'offer-gone': m.problem_offer_gone,
	'message-gone': m.problem_message_gone,
	'contact-link-broken': m.problem_contact_link_broken,
	'contact-link-other-version': m.problem_contact_link_other_version,
	'contact-self': m.problem_contact_self,
	'contact-blocked': m.problem_contact_blocked,
	'contact-gone': m.problem_contact_gone,
	'safety-code-broken': m.problem_safety_code_broken,
	'safety-code-other-person': m.problem_safety_code_other_person,
	unexpected: m.problem_unexpected
};

export const problemText = (problem: Problem): string => textByCode[problem.code]();
