/** What the fold of a conversation says, as rows of the read model. */
import type { ProjectedAct, ProjectedEntry, ProjectedMessage } from '../conversation/ports';
import { msOfHlc } from '../protocol/clock';
import type { ActRow, AgainRow, SaidMessage } from '../store/types';

export interface SaidTo {
	/** Id of the conversation. */
	readonly conversation: string;
	/** Id of this device's account. */
	readonly account: string;
}

export function messageRow(message: ProjectedMessage, to: SaidTo): SaidMessage {
	const { text, reply, thread, mentions, mentionsEveryone, forwarded, poll, expiresAfterS } = message;
	const said = saidOf(message, to);
	return {
		...said,
		text,
		reply,
		thread,
		mentions,
		mentionsEveryone,
		mentionsMe: !said.own && (mentionsEveryone || mentions.includes(to.account)),
		forwarded,
		poll: poll && { options: poll.options, multiple: poll.several },
		expiresAtMs: expiresAfterS === null ? null : said.sentAtMs + expiresAfterS * 1000
	};
}

/** @returns null for a copy of a message, which is a row of its own kind */
export function actRow(act: ProjectedAct, to: SaidTo): ActRow | null {
	const said = { ...saidOf(act, to), target: act.target };
	switch (act.kind) {
		case 'again':
			return null;
		case 'edit': {
			const { kind, text, mentions } = act;
			return { ...said, kind, text, mentions, mentionsMe: !said.own && mentions.includes(to.account) };
		}
		case 'reaction':
			return { ...said, kind: act.kind, emoji: act.emoji, on: act.on };
		case 'pin':
			return { ...said, kind: act.kind, on: act.on };
		case 'vote':
			return { ...said, kind: act.kind, choices: act.choices };
	}
}

/** @returns null for whatever is no copy of a message */
export function againRow(act: ProjectedAct, to: SaidTo): AgainRow | null {
	if (act.kind !== 'again') return null;
	const { segment, lane, clock, id, account, target } = act;
	const of = { author: account, own: account === to.account, origin: target };
	return { conversation: to.conversation, segment, lane, clock, id, ...of };
}

function saidOf(entry: ProjectedEntry, { conversation, account }: SaidTo) {
	const { segment, lane, clock, id, time, hlc } = entry;
	return {
		...{ conversation, segment, lane, clock, id, time },
		author: entry.account,
		own: entry.account === account,
		sentAtMs: msOfHlc(hlc)
	};
}
