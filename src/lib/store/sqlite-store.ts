import { emptyJournal } from './erasure';
import { hideAuthors } from './hidden-authors';
import { InternedIds } from './interned-ids';
import { openDatabase } from './open-database';
import { NameTable } from './name-table';
import { Projections } from './projections';
import {
	entriesOf,
	expiredBy,
	lateWordsIn,
	linksIn,
	nextExpiry,
	pinnedIn,
	placeAt,
	versionsOf
} from './places';
import { cursorsOf, membersOf, messagesNamed, namesOfRoot, pageOf } from './queries';
import { schemaVersion } from './schema';
import { searchMessages } from './search';
import { unindexedCount } from './search-index';
import type { SqlDriver, SqlHome } from './sql-driver';
import { StoreError, toStoreError } from './store-error';
import { Summaries } from './summaries';
import { Upkeep, type Schedule } from './upkeep';
import type { Touched } from './write';
import type { Result } from '../protocol/result';
import type {
	ConversationSummary,
	CursorRow,
	LinkRow,
	MemberRow,
	MessagePage,
	MessageRow,
	OpenOutcome,
	Position,
	ProjectionBatch,
	SaidPlace,
	SearchHit,
	SearchQuery,
	Store,
	StoreStats,
	VersionRow
} from './types';

export interface SqliteStoreDeps {
	/** The lasting place, or why there is none. */
	readonly openHome: () => Promise<Result<SqlHome, string>>;
	/** The place to use then. */
	readonly openMemory: () => Promise<SqlHome>;
	readonly schedule: Schedule;
}

/** The Store over a SqlDriver, in the thread that it is made in: the worker, or Node. */
export class SqliteStore implements Store {
	#open: Opened | null = null;
	/** Set when the database turned out to be damaged while in use: the next `open()` says so. */
	#wasBroken = false;

	constructor(readonly deps: SqliteStoreDeps) {}

	async open(): Promise<OpenOutcome> {
		if (this.#open) return this.#open.outcome;
		try {
			const home = await this.deps.openHome();
			const { driver, outcome, at } = home.ok
				? this.#openLasting(home.value)
				: this.#openFleeting(await this.deps.openMemory(), home.reason);
			const ids = new InternedIds(driver);
			const upkeep = new Upkeep(driver, this.deps.schedule, (error) => this.#failed(error));
			this.#open = {
				driver,
				outcome,
				home: at,
				ids,
				names: new NameTable(driver, ids),
				upkeep,
				projections: new Projections(driver, ids),
				summaries: new Summaries(driver),
				hides: false
			};
			upkeep.wake();
			return outcome;
		} catch (error) {
			throw toStoreError(error);
		}
	}

	async apply(batch: ProjectionBatch): Promise<void> {
		this.#write(({ projections }) => projections.apply(batch));
		if ((batch.cleared ?? []).length > 0) await this.settled();
	}

	async markRead(conversation: string, position: Position, thread?: string): Promise<void> {
		this.#write(({ projections }) => projections.markRead(conversation, position, thread));
	}

	async hide(accounts: readonly string[]): Promise<void> {
		this.#use((open) => {
			hideAuthors(open.driver, accounts);
			open.hides = accounts.length > 0;
			open.summaries.hide(open.hides);
		});
	}

	async forget(conversation: string): Promise<void> {
		this.#write(({ projections }) => projections.forget(conversation));
		await this.settled();
	}

	async conversations(dueTime: number): Promise<readonly ConversationSummary[]> {
		return this.#use(({ summaries }) => summaries.list(dueTime));
	}

	async members(conversation: string): Promise<readonly MemberRow[]> {
		return this.#inConversation(conversation, [], ({ driver }, ref) => membersOf(driver, ref));
	}

	async page(query: Parameters<Store['page']>[0]): Promise<MessagePage> {
		const none: MessagePage = { messages: [], hasOlder: false, hasNewer: false };
		const { conversation, thread, anchor, limit, dueTime } = query;
		return this.#inConversation(conversation, none, (open, ref) => {
			const pile = {
				conversation: ref,
				thread: thread === undefined ? null : namesOfRoot(open, ref, thread)
			};
			return pageOf(open, pile, anchor, limit, dueTime);
		});
	}

	async messages(query: Parameters<Store['messages']>[0]): Promise<readonly MessageRow[]> {
		const { conversation, ids, dueTime = Number.MAX_SAFE_INTEGER } = query;
		return this.#inConversation(conversation, [], (open, ref) => messagesNamed(open, ref, ids, dueTime));
	}

	async versions({ conversation, id }: Parameters<Store['versions']>[0]): Promise<readonly VersionRow[]> {
		return this.#inConversation(conversation, [], (open, ref) => versionsOf(open, open.ids, ref, id));
	}

	async entries({ conversation, id }: Parameters<Store['entries']>[0]): Promise<readonly SaidPlace[]> {
		return this.#inConversation(conversation, [], (open, ref) => entriesOf(open, open.ids, ref, id));
	}

	async lateWords({ conversation }: Parameters<Store['lateWords']>[0]): Promise<readonly SaidPlace[]> {
		return this.#inConversation(conversation, [], (open, ref) =>
			lateWordsIn(open, open.ids, ref, conversation)
		);
	}

	async pinned({ conversation, dueTime }: Parameters<Store['pinned']>[0]): Promise<readonly MessageRow[]> {
		return this.#inConversation(conversation, [], (open, ref) => pinnedIn(open, ref, dueTime));
	}

	async placeAt(query: Parameters<Store['placeAt']>[0]): Promise<Position | null> {
		const { conversation, time, dueTime } = query;
		return this.#inConversation(conversation, null, (open, ref) => placeAt(open, ref, time, dueTime));
	}

	async links(query: Parameters<Store['links']>[0]): Promise<readonly LinkRow[]> {
		const { conversation, before, limit, dueTime } = query;
		return this.#inConversation(conversation, [], (open, ref) => linksIn(open, ref, before, limit, dueTime));
	}

	async expired({ nowMs, limit }: Parameters<Store['expired']>[0]): ReturnType<Store['expired']> {
		return this.#use(({ driver }) => expiredBy(driver, nowMs, limit));
	}

	async nextExpiry(): Promise<number | null> {
		return this.#use(({ driver }) => nextExpiry(driver));
	}

	async search(query: SearchQuery): Promise<readonly SearchHit[]> {
		if (query.conversation === undefined) return this.#use((open) => searchMessages(open, query, null));
		return this.#inConversation(query.conversation, [], (open, ref) => searchMessages(open, query, ref));
	}

	async cursors(conversation: string): Promise<readonly CursorRow[]> {
		return this.#inConversation(conversation, [], ({ driver }, ref) => cursorsOf(driver, ref));
	}

	async stats(): Promise<StoreStats> {
		return this.#use(({ driver, home }) => ({
			messages: numberOf(driver, 'select coalesce(sum(messages), 0) from conversation where id is not null'),
			unsearchable: unindexedCount(driver),
			bytes: numberOf(driver, 'pragma page_count') * numberOf(driver, 'pragma page_size'),
			driver: home.kind,
			schemaVersion
		}));
	}

	async settled(): Promise<void> {
		await this.#use(({ upkeep }) => upkeep.settled());
	}

	async close(): Promise<void> {
		const open = this.#open;
		if (!open) return;
		this.#open = null;
		open.upkeep.stop(new StoreError('closed', 'the store was closed'));
		open.driver.close();
		open.home.release();
	}

	#openLasting(home: SqlHome): Pick<Opened, 'driver' | 'outcome'> & { readonly at: SqlHome } {
		try {
			const { driver, rebuilt } = openDatabase(home);
			const cause = this.#wasBroken ? 'broken' : rebuilt;
			this.#wasBroken = false;
			return { driver, at: home, outcome: cause ? { state: 'rebuild', cause } : { state: 'ready' } };
		} catch (error) {
			home.release();
			throw error;
		}
	}

	#openFleeting(home: SqlHome, cause: string): Pick<Opened, 'driver' | 'outcome'> & { readonly at: SqlHome } {
		return { driver: openDatabase(home).driver, at: home, outcome: { state: 'memory', cause } };
	}

	#write(work: (open: Opened) => Touched): void {
		this.#use((open) => {
			const touched = work(open);
			open.summaries.touch(touched.conversations);
			if (touched.erased) emptyJournal(open.driver);
			open.upkeep.wake();
		});
	}

	#inConversation<T>(conversation: string, none: T, work: (open: Opened, ref: number) => T): T {
		return this.#use((open) => {
			const ref = open.ids.knownConversation(conversation);
			return ref === null ? none : work(open, ref);
		});
	}

	#use<T>(work: (open: Opened) => T): T {
		if (!this.#open) throw new StoreError('closed', 'the store is not open');
		try {
			return work(this.#open);
		} catch (error) {
			throw this.#failed(error);
		}
	}

	/** What is damaged cannot be trusted any further: it is deleted at once, and `open()` begins with an empty one. */
	#failed(error: unknown): StoreError {
		const failure = toStoreError(error);
		const open = this.#open;
		if (failure.reason !== 'broken' || !open) return failure;
		this.#open = null;
		this.#wasBroken = true;
		open.upkeep.stop(failure);
		open.driver.close();
		open.home.discard();
		open.home.release();
		return failure;
	}
}

interface Opened {
	readonly driver: SqlDriver;
	readonly home: SqlHome;
	readonly outcome: OpenOutcome;
	readonly ids: InternedIds;
	readonly names: NameTable;
	readonly projections: Projections;
	readonly summaries: Summaries;
	readonly upkeep: Upkeep;
	/** There are authors of whom nothing is shown. */
	hides: boolean;
}

const numberOf = (driver: SqlDriver, sql: string): number => Number(driver.rows(sql)[0]?.[0] ?? 0);
