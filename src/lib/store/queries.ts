import { hashOfId } from './hash-of-id';
import { ofShownAuthor } from './hidden-authors';
import { shownColumns, shownFrom, showMessages, type Showing } from './shown-messages';
import type { SqlDriver, SqlRow, SqlValue } from './sql-driver';
import type { CursorRow, MemberRow, MessagePage, MessageRow, PageAnchor, Position } from './types';

/** Whose messages a page is of: the timeline of a conversation, or one of its threads. */
export interface Pile {
	readonly conversation: number;
	/** Names of the root. */
	readonly thread: readonly string[] | null;
}

/**
 * One screenful around an anchor. Costs as many steps as it gives messages, however many there are.
 */
export function pageOf(
	showing: Showing,
	pile: Pile,
	anchor: PageAnchor,
	limit: number,
	dueTime: number
): MessagePage {
	const { messages, ...more } = rowsOf(new PileReader(showing, pile, dueTime), anchor, limit);
	return { messages: showMessages(showing, messages, pile.conversation, dueTime), ...more };
}

interface RowPage {
	readonly messages: readonly SqlRow[];
	readonly hasOlder: boolean;
	readonly hasNewer: boolean;
}

function rowsOf(reader: PileReader, anchor: PageAnchor, limit: number): RowPage {
	const { end } = reader;
	if (anchor.at === 'newest') {
		const found = reader.older(end, limit + 1);
		return { messages: found.slice(-limit), hasOlder: found.length > limit, hasNewer: false };
	}
	if (anchor.at === 'before') {
		const found = reader.older(anchor.position, limit + 1);
		const messages = found.slice(-limit);
		const last = messages.at(-1);
		const hasNewer = last ? reader.newer(placeOf(last), 1).length > 0 : reader.older(end, 1).length > 0;
		return { messages, hasOlder: found.length > limit, hasNewer };
	}
	if (anchor.at === 'after') {
		const found = reader.newer(anchor.position, limit + 1);
		const messages = found.slice(0, limit);
		const first = messages[0];
		const hasOlder = first ? reader.older(placeOf(first), 1).length > 0 : reader.older(end, 1).length > 0;
		return { messages, hasOlder, hasNewer: found.length > limit };
	}
	// The anchor itself, if it is there, begins the newer half. A side that is short leaves its room to the other.
	const before = reader.older(anchor.position, limit + 1);
	const from = reader.newer(anchor.position, limit + 1, '>=');
	const newerCount = Math.min(from.length, Math.max(Math.ceil(limit / 2), limit - before.length));
	const olderCount = Math.min(before.length, limit - newerCount);
	return {
		messages: [...before.slice(before.length - olderCount), ...from.slice(0, newerCount)],
		hasOlder: before.length > olderCount,
		hasNewer: from.length > newerCount
	};
}

class PileReader {
	/** Everything that is held back lies at or after this place. */
	readonly end: Position;
	readonly #driver: SqlDriver;
	readonly #hides: boolean;

	constructor(
		{ driver, hides }: Showing,
		readonly pile: Pile,
		dueTime: number
	) {
		this.end = { time: dueTime + 1, id: '' };
		this.#driver = driver;
		this.#hides = hides;
	}

	/** Oldest first, those nearest to the place. */
	older(position: Position, most: number): SqlRow[] {
		const { time, id } = earlier(position, this.end);
		const rows = this.#each((thread) => olderSql(thread, this.#hides), [time, id, most]);
		return rows.sort(byPlace).slice(-most);
	}

	/** Oldest first, those nearest to the place. */
	newer({ time, id }: Position, most: number, than: '>' | '>=' = '>'): SqlRow[] {
		const rows = this.#each((thread) => newerSql(thread, than, this.#hides), [time, id, most, this.end.time]);
		return rows.sort(byPlace).slice(0, most);
	}

	#each(sql: (isThread: boolean) => string, more: readonly SqlValue[]): SqlRow[] {
		const { conversation, thread } = this.pile;
		if (thread === null) return this.#driver.rows(sql(false), [conversation, null, ...more]);
		return thread.flatMap((root) => this.#driver.rows(sql(true), [conversation, hashOfId(root), ...more]));
	}
}

/** The message with one of these names, whether it stands in the timeline or in a thread. */
export function messageNamed(showing: Showing, conversation: number, name: string): SqlRow | null {
	const { driver, names, hides } = showing;
	const meant = names.isEmpty() ? [name] : names.meantBy(conversation, [name]);
	for (const id of meant) {
		const row = driver.rows(
			`select ${shownColumns} from ${shownFrom}
			 where m.id_hash = ? and m.id = ? and m.conversation = ? ${shownOnly(hides)}`,
			[hashOfId(id), id, conversation]
		)[0];
		if (row !== undefined) return row;
	}
	return null;
}

/** By which the messages in a thread name its root. */
export function namesOfRoot(showing: Showing, conversation: number, thread: string): readonly string[] {
	const { names } = showing;
	if (names.isEmpty()) return [thread];
	const root = messageNamed(showing, conversation, thread);
	if (root === null) return [...names.meantBy(conversation, [thread])];
	const [, , id, , author] = root;
	return names.of(conversation, String(id), Number(author));
}

export function messagesNamed(
	showing: Showing,
	conversation: number,
	ids: readonly string[],
	dueTime: number
): MessageRow[] {
	const rows = ids.flatMap((id) => {
		const row = messageNamed(showing, conversation, id);
		return row === null ? [] : [row];
	});
	return showMessages(showing, rows, conversation, dueTime);
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

export const shownOnly = (hides: boolean): string => (hides ? `and ${ofShownAuthor}` : '');

/** "?2" is the hash of a root. In the timeline it is null: stated as a constant, so that its own index is used. */
const pileOf = (isThread: boolean): string =>
	isThread ? 'm.thread_hash = ?2' : 'm.thread_hash is null and ?2 is null';

const olderSql = (isThread: boolean, hides: boolean): string => `
	select ${shownColumns} from ${shownFrom}
	where m.conversation = ?1 and ${pileOf(isThread)} and (m.time, m.id) < (?3, ?4) ${shownOnly(hides)}
	order by m.time desc, m.id desc limit ?5`;

const newerSql = (isThread: boolean, than: '>' | '>=', hides: boolean): string => `
	select ${shownColumns} from ${shownFrom}
	where m.conversation = ?1 and ${pileOf(isThread)} and (m.time, m.id) ${than} (?3, ?4) and m.time < ?6
		${shownOnly(hides)}
	order by m.time, m.id limit ?5`;

const membersSql = `
	select c.id, a.id, m.name, m.role, m.left, m.self
	from member m join conversation c on c.ref = m.conversation join account a on a.ref = m.account
	where m.conversation = ? order by m.left, m.name, a.id`;

const cursorsSql = `
	select c.id, k.segment, k.lane, k.next from cursor k join conversation c on c.ref = k.conversation
	where k.conversation = ? order by k.segment, k.lane`;

const placeOf = ([, time, id]: SqlRow): Position => ({ time: Number(time), id: String(id) });

const byPlace = (a: SqlRow, b: SqlRow): number =>
	Number(a[1]) - Number(b[1]) || (String(a[2]) < String(b[2]) ? -1 : 1);

const earlier = (a: Position, b: Position): Position => (a.time < b.time ? a : b);

function roleOf(value: SqlValue | undefined): MemberRow['role'] {
	return value === 'owner' || value === 'moderator' ? value : 'member';
}
