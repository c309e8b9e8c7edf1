/** Refusals of acts on a group, as problems that screens have words for. */
import type { Problem } from './contract';
import type { ActFailure } from './group-intents';

const codeByFailure: Record<ActFailure, Problem['code']> = {
	'not-a-member': 'left-conversation',
	'not-allowed': 'not-allowed',
	protected: 'member-protected',
	'no-such-member': 'member-gone',
	already: 'already-so',
	'too-many': 'too-many',
	'no-such-invite': 'invite-closed',
	'not-waiting': 'request-gone',
	'seat-elsewhere': 'unexpected',
	'older-member': 'older-member',
	'not-offered': 'offer-gone',
	'no-consent': 'offer-gone',
	'not-saved': 'not-saved',
	fenced: 'not-saved',
	'storage-full': 'storage-full'
};

/** An act that came to nothing, in the terms of the screens. */
export const problemOfAct = (reason: ActFailure): Problem => ({
	code: codeByFailure[reason],
	detail: reason
});
