/** What becomes of an introduction that was opened and is sound. Pure. */
import type { ContactRow, Reach, RequestRow } from '$lib/identity/contacts';

/**
 * known: there is a direct conversation already, in which the text is too · ask: it waits as a request · the others are
 * deleted, and nobody is told.
 */
export type RequestVerdict = 'known' | 'ask' | 'self' | 'blocked' | 'out-of-reach' | 'seen-before';

export interface RequestCircumstances {
	readonly self: boolean;
	readonly contact: ContactRow | undefined;
	/** The newest of theirs, whatever became of it. */
	readonly before: RequestRow | undefined;
	readonly reach: Reach;
	/** They are in a group with this person. */
	readonly sharesGroup: boolean;
}

/** @param atMs when it was said, as its author claims */
export function judgeRequest(
	atMs: number,
	{ self, contact, before, reach, sharesGroup }: RequestCircumstances
): RequestVerdict {
	if (self) return 'self';
	// The same again, after it was declined or while it waits; what is newer takes its place.
	if (before !== undefined && atMs <= (before.claimedMs ?? before.atMs)) return 'seen-before';
	if (contact?.blocked === true) return 'blocked';
	if (contact !== undefined && contact.conversation !== null) return 'known';
	if (reach === 'nobody' || (reach === 'contacts-of-contacts' && !sharesGroup)) return 'out-of-reach';
	return 'ask';
}
