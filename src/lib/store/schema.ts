/**
 * The tables, and the way from one version of them to the next. `user_version` counts the migrations that ran; a
 * migration that has been released is never edited, a new one is appended, with a test from old data.
 */
import type { SqlDriver } from './sql-driver';

/** "SKE3": tells our database from any other file, and from those of before deletes told whose words they take. */
export const applicationId = 0x534b4533;

const firstVersion = `
create table conversation (
	ref integer primary key,
	id text unique,                              -- null: forgotten, its rows are being erased
	name text,                                   -- null: not told yet, only referred to
	created_time integer not null default 0,
	left integer not null default 0,
	read_time integer,
	read_id text,
	cleared_time integer,                        -- nothing stands at or before this place
	cleared_id text,
	is_clearing integer not null default 0,      -- something still does
	messages integer not null default 0
) strict;
create table account (ref integer primary key, id text not null unique) strict;
create table member (
	conversation integer not null,
	account integer not null,
	name text not null,
	role text not null,
	left integer not null,
	self integer not null,
	primary key (conversation, account)
) strict, without rowid;
create table cursor (
	conversation integer not null,
	segment integer not null,
	lane integer not null,
	next integer not null,
	primary key (conversation, segment, lane)
) strict, without rowid;
create table thread_read (
	conversation integer not null,
	root_hash integer not null,
	time integer not null,
	id text not null,
	primary key (conversation, root_hash)
) strict, without rowid;
-- Ordered by recency over all conversations, so that a search walks from the newest hit and stops when it has enough.
-- Columns of stored-message.ts, in its order.
create table message (
	key integer primary key,
	conversation integer not null,
	time integer not null,
	id text not null,
	id_hash integer not null,
	segment integer not null,
	lane integer not null,
	clock integer not null,
	author integer not null,
	own integer not null,
	text text not null,                          -- as the newest edit has it
	sent_at_ms integer not null,
	late integer not null,
	deleted integer not null,
	mentioned integer not null,                  -- it mentions this device's account
	has_link integer not null,
	pin_time integer,
	edit_count integer not null,
	edited_at_ms integer,
	said text,                                   -- wording and mentions before all edits; null: not edited
	flags integer not null,
	thread text,
	thread_hash integer,
	reply text,
	mentions text,
	poll text,
	expires_at_ms integer
) strict;
-- Pages of the timeline, and with the last columns unread counts too without touching the messages.
create index message_by_time on message (conversation, time, id, own, deleted) where thread_hash is null;
create index message_by_thread on message (conversation, thread_hash, time, id, own, deleted)
	where thread_hash is not null;
-- A hash instead of the id: a third of the size, and inserts here are the one thing that is spread at random.
create index message_by_id on message (id_hash);
create index message_by_mention on message (conversation, time, id, thread_hash) where mentioned = 1;
create index message_by_link on message (conversation, time, id) where has_link = 1;
create index message_by_pin on message (conversation, pin_time, id) where pin_time is not null;
create index message_by_expiry on message (expires_at_ms) where expires_at_ms is not null;
-- What is said about messages, whether they are there or not (act-table.ts).
create table act (
	key integer primary key,
	conversation integer not null,
	time integer not null,
	id text not null,
	id_hash integer not null,
	segment integer not null,
	lane integer not null,
	clock integer not null,
	author integer not null,
	own integer not null,
	sent_at_ms integer not null,
	kind integer not null,
	target text not null,
	target_hash integer not null,
	slot integer not null,                       -- acts with the same slot take each other's place
	is_on integer not null,
	state integer not null,                      -- 0: says nothing now; 1: beyond what is shown; 2: shown
	text text,
	more text
) strict;
create index act_by_id on act (id_hash);
create index act_by_slot on act (slot, time, id);
create index act_by_target on act (target_hash, state, kind, author, time, id);
create index act_by_lane on act (conversation, segment, lane, clock);
-- Copies of what was said before a fork.
create table again (
	conversation integer not null,
	id_hash integer not null,
	id text not null,
	segment integer not null,
	lane integer not null,
	clock integer not null,
	author integer not null,
	own integer not null,
	origin text not null,
	origin_hash integer not null,
	primary key (conversation, id_hash, id)
) strict, without rowid;
create index again_by_origin on again (conversation, origin_hash);
-- Entries of which nothing is left: deleted for everyone, as one of "author", or, if that is 0, not to be shown here.
create table gone (
	conversation integer not null,
	id_hash integer not null,
	id text not null,
	author integer not null,
	by text,
	at_ms integer,
	primary key (conversation, id_hash, id, author)
) strict, without rowid;
-- Own edits and copies ("target": of what) that are kept no more, because of what became of that: see late-words.ts.
create table late (
	conversation integer not null,
	id_hash integer not null,
	id text not null,
	segment integer not null,
	lane integer not null,
	clock integer not null,
	author integer not null,
	target text not null,
	target_hash integer not null,
	primary key (conversation, id_hash, id)
) strict, without rowid;
-- Keys of messages that the search index lacks.
create table unindexed (key integer primary key) strict;
-- Words come prepared (search-words.ts): only spaces separate them. No positions: a hit is checked against the text.
create virtual table search using fts5 (words, content='', detail='none', columnsize=0, tokenize='ascii', prefix='1 2 3 4');
-- What is deleted leaves the index at once, not at some later merge.
insert into search (search, rank) values ('secure-delete', 1);
-- What upkeep has still to do, so that it is done after a restart too.
create table chore (name text primary key) strict, without rowid;
pragma application_id = ${applicationId};
`;

export const migrations: readonly string[] = [firstVersion];
export const schemaVersion = migrations.length;

/** Runs the migrations from the database's version on, each with its new `user_version` in one transaction. */
export function migrate(driver: SqlDriver, steps: readonly string[] = migrations): void {
	for (let version = userVersion(driver); version < steps.length; version++) {
		driver.transaction(() => {
			driver.script(steps[version] ?? '');
			driver.script(`pragma user_version = ${version + 1}`);
		});
	}
}

export const userVersion = (driver: SqlDriver): number =>
	Number(driver.rows('pragma user_version')[0]?.[0] ?? 0);

/**
 * True if the database is ours and whole as far as a look at the root and the ends of every tree tells. Reading all of
 * it would cost seconds at a million messages; damage elsewhere shows when it is read (StoreError 'broken').
 */
export function isSound(driver: SqlDriver): boolean {
	if (driver.rows('pragma application_id')[0]?.[0] !== applicationId) return false;
	const names = new Set(driver.rows('select name from sqlite_schema').map(([name]) => name));
	if (!requiredNames.every((name) => names.has(name))) return false;
	for (const probe of probes) driver.rows(probe);
	return true;
}

const requiredNames = [
	'conversation',
	'account',
	'member',
	'cursor',
	'message',
	'thread_read',
	'message_by_time',
	'message_by_thread',
	'message_by_id',
	'message_by_mention',
	'message_by_link',
	'message_by_pin',
	'message_by_expiry',
	'act',
	'act_by_id',
	'act_by_slot',
	'act_by_target',
	'act_by_lane',
	'again',
	'again_by_origin',
	'gone',
	'late',
	'unindexed',
	'search',
	'chore'
];

const probes = [
	'select * from conversation order by ref desc limit 1',
	'select * from account order by ref desc limit 1',
	'select * from member limit 1',
	'select * from cursor limit 1',
	'select * from message order by key limit 1',
	'select * from message order by key desc limit 1',
	'select id_hash from message order by id_hash limit 1',
	'select id_hash from message order by id_hash desc limit 1',
	'select time, id, own from message where thread_hash is null order by conversation, time, id limit 1',
	'select time, id, own from message where thread_hash is null order by conversation desc, time desc, id desc limit 1',
	'select thread_hash from message where thread_hash is not null order by conversation, thread_hash limit 1',
	'select expires_at_ms from message where expires_at_ms is not null order by expires_at_ms limit 1',
	'select * from act order by key desc limit 1',
	'select slot from act order by slot limit 1',
	'select target_hash from act order by target_hash limit 1',
	'select * from again limit 1',
	'select * from gone limit 1',
	'select * from late limit 1',
	'select * from thread_read limit 1',
	'select * from chore limit 1',
	'select key from unindexed order by key desc limit 1',
	`select rowid from search where search match '"a"' order by rowid desc limit 1`
];
