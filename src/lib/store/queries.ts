import { ofShownAuthor } from './hidden-authors';
import type { SqlDriver, SqlRow, SqlValue } from './sql-driver';
import { asSaid, plainlySaid } from './as-said';
import type { CursorRow, MemberRow, MessagePage, MessageRow, PageAnchor, Position } from './types';

/** The columns of a message with `m` message, `c` conversation, `a` account; read by `messageOf`. */
export const messageColumns =
	'c.id, m.time, m.id, m.segment, m.lane, m.clock, a.id, m.own, m.text, m.sent_at_ms, m.late';

export function messageOf(row: SqlRow): MessageRow {
	const [conversation, time, id, segment, lane, clock, author, own, text, sentAtMs, late] = row;
	const said = {
		...plainlySaid,
		conversation: String(conversation),
		time: Number(time),
		id: String(id),
		segment: Number(segment),
		lane: Number(lane),
		clock: Number(clock),
		author: String(author),
		own: own === 1,
		text: String(text),
		sentAtMs: Number(sentAtMs)
	};
	return { ...asSaid(said), late: late === 1 };
}

/**
 * One screenful around an anchor. Costs as many steps as it gives messages, however many there are.
 * @param hides whether there are authors of whom nothing is shown (hidden-authors.ts)
 */
export function pageOf(
	driver: SqlDriver,
	conversation: number,
	anchor: PageAnchor,
	limit: number,
	dueTime: number,
	hides: boolean
): MessagePage {
	// Everything that is held back lies at or after this place.
	const end: Position = { time: dueTime + 1, id: '' };
	const older = (position: Position, most: number) =>
		driver
			.rows(olderSql(hides), [conversation, ...placeOf(earlier(position, end)), most])
			.map(messageOf)
			.reverse();
	const newer = (position: Position, most: number, sql = newerSql('>', hides)) =>
		driver.rows(sql, [conversation, ...placeOf(position), end.time, most]).map(messageOf);

	if (anchor.at === 'newest') {
		const found = older(end, limit + 1);
		return { messages: found.slice(-limit), hasOlder: found.length > limit, hasNewer: false };
	}
	if (anchor.at === 'before') {
		const found = older(anchor.position, limit + 1);
		const messages = found.slice(-limit);
		const last = messages.at(-1);
		const hasNewer = last ? newer(last, 1).length > 0 : older(end, 1).length > 0;
		return { messages, hasOlder: found.length > limit, hasNewer };
	}
	if (anchor.at === 'after') {
		const found = newer(anchor.position, limit + 1);
		const messages = found.slice(0, limit);
		const first = messages[0];
		const hasOlder = first ? older(first, 1).length > 0 : older(end, 1).length > 0;
		return { messages, hasOlder, hasNewer: found.length > limit };
	}
	// The anchor itself, if it is there, begins the newer half. A side that is short leaves its room to the other.
	const before = older(anchor.position, limit + 1);
	const from = newer(anchor.position, limit + 1, newerSql('>=', hides));
	const newerCount = Math.min(from.length, Math.max(Math.ceil(limit / 2), limit - before.length));
	const olderCount = Math.min(before.length, limit - newerCount);
	return {
		messages: [...before.slice(before.length - olderCount), ...from.slice(0, newerCount)],
		hasOlder: before.length > olderCount,
		hasNewer: from.length > newerCount
	};
}

export function membersOf(driver: SqlDriver, conversation: number): MemberRow[] {
	return driver.rows(membersSql, [conversation]).map(([id, account, name, role, left, self]) => ({
		conversation: String(id),
		account: String(account),
		name: String(name),
		role: roleOf(role),
		left: left === 1,
		self: self === 1
	}));
}

export function cursorsOf(driver: SqlDriver, conversation: number): CursorRow[] {
	return driver.rows(cursorsSql, [conversation]).map(([id, segment, lane, next]) => ({
		conversation: String(id),
		segment: Number(segment),
		lane: Number(lane),
		next: Number(next)
	}));
}

const shownOnly = (hides: boolean): string => (hides ? `and ${ofShownAuthor}` : '');

const olderSql = (hides: boolean): string => `
	select ${messageColumns}
	from message m join conversation c on c.ref = m.conversation join account a on a.ref = m.author
	where m.conversation = ?1 and (m.time, m.id) < (?2, ?3) ${shownOnly(hides)}
	order by m.time desc, m.id desc limit ?4`;

const newerSql = (than: '>' | '>=', hides: boolean): string => `
	select ${messageColumns}
	from message m join conversation c on c.ref = m.conversation join account a on a.ref = m.author
	where m.conversation = ?1 and (m.time, m.id) ${than} (?2, ?3) and m.time < ?4 ${shownOnly(hides)}
	order by m.time, m.id limit ?5`;

const membersSql = `
	select c.id, a.id, m.name, m.role, m.left, m.self
	from member m join conversation c on c.ref = m.conversation join account a on a.ref = m.account
	where m.conversation = ? order by m.left, m.name, a.id`;

const cursorsSql = `
	select c.id, k.segment, k.lane, k.next from cursor k join conversation c on c.ref = k.conversation
	where k.conversation = ? order by k.segment, k.lane`;

const placeOf = ({ time, id }: Position): SqlValue[] => [time, id];

const earlier = (a: Position, b: Position): Position => (a.time < b.time ? a : b);

function roleOf(value: SqlValue | undefined): MemberRow['role'] {
	return value === 'owner' || value === 'moderator' ? value : 'member';
}
