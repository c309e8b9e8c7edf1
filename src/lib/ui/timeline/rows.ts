import type { Position, TimelineMessage, TimerLine } from '$lib/app/contract';

/** A message with what its neighbours make of it. One row per message, so that indexes mean the same everywhere. */
export interface TimelineRow {
	readonly key: string;
	readonly message: TimelineMessage;
	/** Set on the first message of a day: any moment of that day, in ms. */
	readonly dayMs: number | null;
	/** The unread line stands above this row. */
	readonly unreadLine: boolean;
	/** First and last of a run by one author within one minute. */
	readonly first: boolean;
	readonly last: boolean;
	/** What somebody set before it was said: on days before, on its own; and after it, below the newest message. */
	readonly linesBefore: readonly TimerLine[];
	readonly linesAbove: readonly TimerLine[];
	readonly linesBelow: readonly TimerLine[];
}

/** What stands between the messages of a window. */
export interface BetweenMessages {
	/** Oldest first. */
	readonly lines: readonly TimerLine[];
	/** Messages follow the window, so that what comes after its last one is not known to. */
	readonly hasNewer: boolean;
}

const nothingBetween: BetweenMessages = { lines: [], hasNewer: false };

const minuteMs = 60_000;

/** True if `a` stands after `b` on screen (store/types: time, then id). */
export function isAfter(a: Position, b: Position): boolean {
	return a.time > b.time || (a.time === b.time && a.id > b.id);
}

/**
 * Rows for the messages of a window (oldest first). `unreadAfter`: reading stopped there; the line is drawn above
 * the first message of somebody else after it. `hasOlder`: whether more precede the window, in which case its first
 * message may already be past the line and gets none; so are lines that stand before it. `previousRows` lends rows that did not change, by identity.
 */
export function timelineRows(
	messages: readonly TimelineMessage[],
	unreadAfter: Position | null,
	hasOlder: boolean,
	startOfDay: (atMs: number) => number,
	previousRows: readonly TimelineRow[] = [],
	{ lines, hasNewer }: BetweenMessages = nothingBetween
): readonly TimelineRow[] {
	const previousByKey = new Map(previousRows.map((row) => [row.key, row]));
	const firstUnread =
		unreadAfter === null ? -1 : messages.findIndex((message) => isAfter(message, unreadAfter));
	const firstOfOthers =
		firstUnread < 0 ? -1 : messages.findIndex((message, index) => index >= firstUnread && !message.own);
	const unreadIndex = hasOlder && firstUnread === 0 ? -1 : firstOfOthers;

	return messages.map((message, index) => {
		const before = messages[index - 1];
		const after = messages[index + 1];
		const newDay = before === undefined || startOfDay(before.sentAtMs) !== startOfDay(message.sentAtMs);
		const above = between(lines, before?.time ?? (hasOlder ? message.time : -Infinity), message.time);
		const isEarlier = (line: TimerLine): boolean => startOfDay(line.atMs) !== startOfDay(message.sentAtMs);
		const below = after === undefined && !hasNewer ? between(lines, message.time, Infinity) : none;
		const isFollowed = after !== undefined && between(lines, message.time, after.time).length > 0;
		const row: TimelineRow = {
			key: message.key ?? message.id,
			message,
			dayMs: newDay ? message.sentAtMs : null,
			unreadLine: index === unreadIndex,
			first:
				newDay ||
				index === unreadIndex ||
				before === undefined ||
				above.length > 0 ||
				!sameRun(before, message),
			last:
				after === undefined ||
				isFollowed ||
				index + 1 === unreadIndex ||
				startOfDay(after.sentAtMs) !== startOfDay(message.sentAtMs) ||
				!sameRun(message, after),
			linesBefore: above.filter((line) => newDay && isEarlier(line)),
			linesAbove: above.filter((line) => !newDay || !isEarlier(line)),
			linesBelow: below
		};
		const previous = previousByKey.get(row.key);
		return previous && isSameRow(previous, row) ? previous : row;
	});
}

const none: readonly TimerLine[] = [];
/** Of a row around which nothing was set. */
export const noLines = { linesBefore: none, linesAbove: none, linesBelow: none } as const;

/** Lines after one effective time, up to another. */
function between(lines: readonly TimerLine[], after: number, until: number): readonly TimerLine[] {
	return lines.length === 0 ? none : lines.filter(({ time }) => time > after && time <= until);
}

const sameLines = (a: readonly TimerLine[], b: readonly TimerLine[]): boolean =>
	a.length === b.length && a.every(({ id }, i) => id === b[i]?.id);

function sameRun(a: TimelineMessage, b: TimelineMessage): boolean {
	return a.author === b.author && Math.floor(a.sentAtMs / minuteMs) === Math.floor(b.sentAtMs / minuteMs);
}

function isSameRow(a: TimelineRow, b: TimelineRow): boolean {
	return (
		a.message === b.message &&
		a.dayMs === b.dayMs &&
		a.unreadLine === b.unreadLine &&
		a.first === b.first &&
		a.last === b.last &&
		sameLines(a.linesBefore, b.linesBefore) &&
		sameLines(a.linesAbove, b.linesAbove) &&
		sameLines(a.linesBelow, b.linesBelow)
	);
}
