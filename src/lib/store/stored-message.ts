/** A row of the table `message`: what was said, and what follows from what has been said about it. */
import type { SqlRow, SqlValue } from './sql-driver';
import type { PollRow, SaidMessage } from './types';
import { hashOfId } from './hash-of-id';
import { hasLink } from './links-of';

/** What the acts that are here make of a message. */
export interface Standing {
	readonly deleted: boolean;
	/** The newest wording, if its author has edited it. */
	readonly edit: {
		readonly text: string;
		readonly mentions: readonly string[];
		readonly mentionsMe: boolean;
		readonly count: number;
		readonly atMs: number;
	} | null;
	/** Effective time at which it was pinned; null: it is not. */
	readonly pinTime: number | null;
}

export const storedColumns =
	'segment, lane, clock, author, own, text, sent_at_ms, late, deleted, mentioned, has_link, pin_time, edit_count, ' +
	'edited_at_ms, said, flags, thread, thread_hash, reply, mentions, poll, expires_at_ms';

export const flagBits = { forwarded: 1, mentionsEveryone: 2, mentionsMe: 4 } as const;

/** Of a message that is deleted only its place, its author, its thread and its end are kept. */
export function columnsOf(said: SaidMessage, author: number, late: boolean, standing: Standing): SqlValue[] {
	const { deleted, edit } = standing;
	const text = deleted ? '' : (edit?.text ?? said.text);
	const mentions = edit?.mentions ?? said.mentions;
	const isMentioned = edit ? edit.mentionsMe || (said.mentionsEveryone && !said.own) : said.mentionsMe;
	const thread = [said.thread, said.thread === null ? null : hashOfId(said.thread)];
	const place = [said.segment, said.lane, said.clock, author, Number(said.own)];
	if (deleted)
		return [
			...place,
			...['', said.sentAtMs, Number(late), 1, 0, 0, null, 0, null, null, 0],
			...thread,
			...[null, null, null, said.expiresAtMs]
		];
	return [
		...place,
		text,
		said.sentAtMs,
		Number(late),
		0,
		Number(isMentioned),
		Number(hasLink(text)),
		standing.pinTime,
		edit?.count ?? 0,
		edit?.atMs ?? null,
		edit && JSON.stringify([said.text, ...said.mentions]),
		(said.forwarded ? flagBits.forwarded : 0) |
			(said.mentionsEveryone ? flagBits.mentionsEveryone : 0) |
			(said.mentionsMe ? flagBits.mentionsMe : 0),
		...thread,
		said.reply,
		mentions.length === 0 ? null : JSON.stringify(mentions),
		said.poll && JSON.stringify(said.poll),
		said.expiresAtMs
	];
}

/** What was said, from the columns of a row; of one that was deleted, what is left of it. */
export function saidOf(
	place: Pick<SaidMessage, 'conversation' | 'time' | 'id' | 'author'>,
	columns: SqlRow
): SaidMessage {
	const [segment, lane, clock, , own, text, sentAtMs, , , , , , , , said, flags, thread, , reply] = columns;
	const [, , , , , , , , , , , , , , , , , , , mentions, poll, expiresAtMs] = columns;
	const [saidText, ...saidMentions] = said == null ? [String(text), ...listOf(mentions)] : listOf(said);
	return {
		...place,
		segment: Number(segment),
		lane: Number(lane),
		clock: Number(clock),
		own: own === 1,
		sentAtMs: Number(sentAtMs),
		text: saidText ?? '',
		mentions: saidMentions,
		mentionsEveryone: hasFlag(flags, 'mentionsEveryone'),
		mentionsMe: hasFlag(flags, 'mentionsMe'),
		forwarded: hasFlag(flags, 'forwarded'),
		thread: textOrNull(thread),
		reply: textOrNull(reply),
		poll: pollOf(poll),
		expiresAtMs: numberOrNull(expiresAtMs)
	};
}

export const hasFlag = (flags: SqlValue | undefined, name: keyof typeof flagBits): boolean =>
	(Number(flags) & flagBits[name]) !== 0;

export const textOrNull = (value: SqlValue | undefined): string | null =>
	value == null ? null : String(value);

export const numberOrNull = (value: SqlValue | undefined): number | null =>
	value == null ? null : Number(value);

/** A list that was written as JSON; null is the empty one. */
export const listOf = (value: SqlValue | undefined): string[] =>
	value == null ? [] : (JSON.parse(String(value)) as string[]);

/** As it was written by `columnsOf`. */
export const pollOf = (value: SqlValue | undefined): PollRow | null =>
	value == null ? null : (JSON.parse(String(value)) as PollRow);
