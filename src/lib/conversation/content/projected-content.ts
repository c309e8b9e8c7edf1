/** What records of content say, as the read model is told: ids and accounts as base64url, absent things as null. */
import { toBase64url } from '../../protocol/base64url';
import type { KnownRecord, MessageContent, UnknownRecord } from '../../protocol/records';
import type { ProjectedEntry, ProjectedMessage } from '../ports';
import type { SaidAct } from './latest-acts';

export type ProjectedContent = Omit<ProjectedMessage, keyof ProjectedEntry>;

/** Of a record that says a message; null for all others. */
export function messageIn(record: KnownRecord | UnknownRecord): ProjectedContent | null {
	if (record.type === 'message') return contentOf(record, null);
	return record.type === 'again' ? contentOf(record, toBase64url(record.origin)) : null;
}

/** Of a record that says something about a message; null for all others. */
export function actIn(record: KnownRecord | UnknownRecord): SaidAct | null {
	switch (record.type) {
		case 'again':
			return { kind: 'again', target: toBase64url(record.origin) };
		case 'edit':
			return {
				kind: 'edit',
				target: toBase64url(record.target),
				text: record.text,
				mentions: record.mentions.map(toBase64url)
			};
		case 'reaction':
			return { kind: 'reaction', target: toBase64url(record.target), emoji: record.emoji, on: record.on };
		case 'pin':
			return { kind: 'pin', target: toBase64url(record.target), on: record.on };
		case 'vote':
			return { kind: 'vote', target: toBase64url(record.target), choices: record.choices };
		default:
			return null;
	}
}

function contentOf(content: MessageContent, origin: string | null): ProjectedContent {
	const { text, reply, thread, mentions = [], everyone, forwarded, poll, expiresAfterS } = content;
	return {
		text,
		reply: reply === undefined ? null : toBase64url(reply),
		thread: thread === undefined ? null : toBase64url(thread),
		mentions: mentions.map(toBase64url),
		mentionsEveryone: everyone === true,
		forwarded: forwarded === true,
		poll: poll ?? null,
		expiresAfterS: expiresAfterS ?? null,
		origin
	};
}
