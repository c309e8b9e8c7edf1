import type { MessageRow, Quotation, SaidMessage } from './types';

/** Of a message that answers nothing, mentions nobody and has no end. */
export const plainlySaid = {
	reply: null,
	thread: null,
	mentions: [],
	mentionsEveryone: false,
	mentionsMe: false,
	forwarded: false,
	poll: null,
	expiresAtMs: null
} as const satisfies Partial<SaidMessage>;

/** The same, as it is shown while nobody has said anything about it. */
export const plainlyShown = {
	...plainlySaid,
	edited: null,
	deleted: null,
	replies: null,
	reactions: [],
	pinned: false,
	late: false
} as const satisfies Partial<MessageRow>;

/** Of a message that is not known here. */
export const unknownQuotation = (id: string): Quotation => ({
	id,
	position: null,
	author: '',
	own: false,
	text: '',
	deleted: false,
	thread: null
});

/** A message as it is shown while nobody has said anything about it, and what it answers has not been looked up. */
export function asSaid(said: SaidMessage): MessageRow {
	const { reply, poll, ...message } = said;
	return {
		...plainlyShown,
		...message,
		reply: reply === null ? null : unknownQuotation(reply),
		poll: poll && { ...poll, votes: poll.options.map(() => []), own: [], voters: 0 }
	};
}
