/**
 * The tables, and the way from one version of them to the next. `user_version` counts the migrations that ran; a
 * migration that has been released is never edited, a new one is appended, with a test from old data.
 */
import type { SqlDriver } from './sql-driver';

/** "SKEI": tells our database from any other file. */
export const applicationId = 0x534b4549;

const firstVersion = `
create table conversation (
	ref integer primary key,
	id text unique,                              -- null: forgotten, its rows are being erased
	name text,                                   -- null: not told yet, only referred to
	created_time integer not null default 0,
	left integer not null default 0,
	read_time integer,
	read_id text,
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
-- Ordered by recency over all conversations, so that a search walks from the newest hit and stops when it has enough.
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
	text text not null,
	sent_at_ms integer not null,
	late integer not null
) strict;
-- Pages, and with "own" as the last column unread counts too without touching the messages.
create index message_by_time on message (conversation, time, id, own);
-- A hash instead of the id: a third of the size, and inserts here are the one thing that is spread at random.
create index message_by_id on message (id_hash);
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
	'message_by_time',
	'message_by_id',
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
	'select conversation, time, id, own from message order by conversation, time, id limit 1',
	'select conversation, time, id, own from message order by conversation desc, time desc, id desc limit 1',
	'select * from chore limit 1',
	'select key from unindexed order by key desc limit 1',
	`select rowid from search where search match '"a"' order by rowid desc limit 1`
];
