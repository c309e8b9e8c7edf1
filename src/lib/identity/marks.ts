/**
 * What a person has marked for themselves: how a conversation stands in their list, which messages they want to find
 * again and which to see no more (docs/decisions/0031). Nobody else is told. Each mark is a register that the newest
 * setting wins, and one that was taken back is kept as such, so that a person's devices can compare theirs one day: in
 * whatever order settings come together, they come to the same.
 */

/**
 * Of a conversation: `muted` until when (ms), `archived` and `unread` and `cleared` up to or from which effective time
 * (HLC), `pinned` since when (ms), `vanishing` after how many seconds what one says there goes. Of a message: `starred`,
 * with its effective time; `hidden`.
 */
export type MarkKind =
	'muted' | 'archived' | 'pinned' | 'unread' | 'cleared' | 'vanishing' | 'starred' | 'hidden';

export interface MarkRow {
	/** Base64url. */
	readonly conversation: string;
	/** Entry id of the message, base64url; '' for a mark of the conversation. */
	readonly message: string;
	readonly kind: MarkKind;
	/** 0: taken back. */
	readonly value: number;
	/** When it was set (ms, by the clock of the device that set it). */
	readonly setAtMs: number;
}

/** A time that never comes, for a mute that has no end. */
export const foreverMs = Number.MAX_SAFE_INTEGER;

/** Which of two settings of one mark holds. Commutative, associative, idempotent. */
export function newerMark(a: MarkRow, b: MarkRow): MarkRow {
	if (a.setAtMs !== b.setAtMs) return a.setAtMs > b.setAtMs ? a : b;
	return a.value >= b.value ? a : b;
}

/** What a mark is kept under, as one string. */
export const markKey = ({ conversation, message, kind }: Omit<MarkRow, 'value' | 'setAtMs'>): string =>
	`${kind} ${conversation} ${message}`;
