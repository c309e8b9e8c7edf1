/** What is looked up in a conversation beside its pages: wordings, what is pinned, dates, links, what expires. */
import { ActTable, editsLimit } from './act-table';
import { GoneTable } from './gone-table';
import { LateWords } from './late-words';
import type { InternedIds } from './interned-ids';
import { linksOf } from './links-of';
import { messageNamed, shownOnly } from './queries';
import { shownColumns, shownFrom, showMessages, type Showing } from './shown-messages';
import type { SqlDriver, SqlRow } from './sql-driver';
import { listOf, textOrNull } from './stored-message';
import type { FoundMessage, LinkRow, MessageRow, Position, SaidPlace, VersionRow } from './types';

const pinnedLimit = 100;

export function versionsOf(
	showing: Showing,
	ids: InternedIds,
	conversation: number,
	name: string
): VersionRow[] {
	const row = messageNamed(showing, conversation, name);
	if (row === null) return [];
	const [, , id, , author, , , , , , text, sentAtMs, , deleted, , , , , , said] = row;
	if (deleted === 1) return [];
	const names = namesOf(showing, conversation, String(id), Number(author));
	const edits = new ActTable(showing.driver, ids).edits(conversation, names, Number(author), editsLimit);
	const first = said == null ? String(text) : (listOf(said)[0] ?? '');
	return [...edits, { id: String(id), text: first, sentAtMs: Number(sentAtMs) }].map((version) => ({
		id: version.id,
		text: version.text,
		sentAtMs: version.sentAtMs
	}));
}

export function entriesOf(
	showing: Showing,
	ids: InternedIds,
	conversation: number,
	name: string
): SaidPlace[] {
	const row = messageNamed(showing, conversation, name);
	if (row === null) return [];
	const [inConversation, , id, , author, segment, lane, clock, , , , , , deleted] = row;
	if (deleted === 1) return [];
	const placeOf = ([segment, lane, clock, id]: SqlRow): SaidPlace => ({
		conversation: String(inConversation),
		segment: Number(segment),
		lane: Number(lane),
		clock: Number(clock),
		id: String(id)
	});
	const names = namesOf(showing, conversation, String(id), Number(author));
	const others = names.filter((each) => each !== id);
	const firsts = showing.names.firstsOf(conversation, String(id), Number(author));
	return [
		...firsts.map((first) => placeOf([segment ?? null, lane ?? null, clock ?? null, first])),
		...showing.names.places(conversation, others).map(placeOf),
		...new ActTable(showing.driver, ids).editPlaces(conversation, names, Number(author)).map(placeOf)
	];
}

/** By which something is said about it. */
const namesOf = ({ driver, names }: Showing, conversation: number, id: string, author: number) =>
	new GoneTable(driver).kept(conversation, names.of(conversation, id, author), author);

export function lateWordsIn(
	{ driver, names }: Showing,
	ids: InternedIds,
	ref: number,
	conversation: string
): SaidPlace[] {
	const late = new LateWords(driver, new ActTable(driver, ids), names, new GoneTable(driver));
	return late.list(ref, conversation);
}

export function pinnedIn(showing: Showing, conversation: number, dueTime: number): MessageRow[] {
	const rows = showing.driver.rows(
		`select ${shownColumns} from ${shownFrom}
		 where m.conversation = ? and m.pin_time is not null and m.time <= ? ${shownOnly(showing.hides)}
		 order by m.pin_time desc, m.id desc limit ${pinnedLimit}`,
		[conversation, dueTime]
	);
	return showMessages(showing, rows, conversation, dueTime);
}

export function placeAt(
	{ driver, hides }: Showing,
	conversation: number,
	time: number,
	dueTime: number
): Position | null {
	const of = `from message m where m.conversation = ?1 and m.thread_hash is null and m.time <= ?2 ${shownOnly(hides)}`;
	const row =
		driver.rows(`select m.time, m.id ${of} and m.time >= ?3 order by m.time, m.id limit 1`, [
			...[conversation, dueTime, time]
		])[0] ??
		driver.rows(`select m.time, m.id ${of} order by m.time desc, m.id desc limit 1`, [
			conversation,
			dueTime
		])[0];
	return row === undefined ? null : { time: Number(row[0]), id: String(row[1]) };
}

/** To be selected from `shownFrom`, for `foundOf`. */
export const foundColumns =
	'c.id, m.time, m.id, m.segment, m.lane, m.clock, a.id, m.own, m.text, m.sent_at_ms, m.thread';

export function foundOf(row: SqlRow): FoundMessage {
	const [conversation, time, id, segment, lane, clock, author, own, text, sentAtMs, thread] = row;
	return {
		conversation: String(conversation),
		time: Number(time),
		id: String(id),
		segment: Number(segment),
		lane: Number(lane),
		clock: Number(clock),
		author: String(author),
		own: own === 1,
		text: String(text),
		sentAtMs: Number(sentAtMs),
		thread: textOrNull(thread)
	};
}

export function linksIn(
	{ driver, hides }: Showing,
	conversation: number,
	before: Position | undefined,
	limit: number,
	dueTime: number
): LinkRow[] {
	const { time, id } = before && before.time <= dueTime ? before : { time: dueTime + 1, id: '' };
	const rows = driver.rows(
		`select ${foundColumns} from ${shownFrom}
		 where m.conversation = ? and m.has_link = 1 and (m.time, m.id) < (?, ?) ${shownOnly(hides)}
		 order by m.time desc, m.id desc limit ?`,
		[conversation, time, id, limit]
	);
	return rows.flatMap((row) => {
		const message = foundOf(row);
		return linksOf(message.text).map((url) => ({ url, message }));
	});
}

export function expiredBy(
	driver: SqlDriver,
	nowMs: number,
	limit: number
): (SaidPlace & { readonly own: boolean })[] {
	const rows = driver.rows(
		`select c.id, m.segment, m.lane, m.clock, m.id, m.own
		 from message m join conversation c on c.ref = m.conversation
		 where m.expires_at_ms <= ? and c.id is not null order by m.expires_at_ms limit ?`,
		[nowMs, limit]
	);
	return rows.map(([conversation, segment, lane, clock, id, own]) => ({
		conversation: String(conversation),
		segment: Number(segment),
		lane: Number(lane),
		clock: Number(clock),
		id: String(id),
		own: own === 1
	}));
}

export function nextExpiry(driver: SqlDriver): number | null {
	const row = driver.rows(
		`select m.expires_at_ms from message m join conversation c on c.ref = m.conversation
		 where m.expires_at_ms is not null and c.id is not null order by m.expires_at_ms limit 1`
	)[0];
	return row === undefined ? null : Number(row[0]);
}
