/**
 * The read model: its rows (rows.ts), what can be asked of it, and the store that holds it. It is disposable: everything
 * in it can be rebuilt from the entries of the conversations' documents, so a row never holds something that exists
 * nowhere else, except read positions, what was late, and what this person does not want to see (`erased`, `cleared`).
 */
import type {
	ConversationRow,
	CursorRow,
	FoundMessage,
	LinkRow,
	MemberRow,
	MessageRow,
	Position,
	ProjectionBatch,
	SaidPlace,
	VersionRow
} from './rows';

export type * from './rows';

export interface ConversationSummary extends ConversationRow {
	/**
	 * Newest message of the timeline, if any that is due. `text` holds its first 256 characters, none if it is deleted;
	 * `authorName` is '' if no member is known.
	 */
	readonly last: {
		readonly author: string;
		readonly authorName: string;
		readonly own: boolean;
		readonly text: string;
		readonly deleted: boolean;
		readonly sentAtMs: number;
		readonly position: Position;
	} | null;
	/**
	 * Messages of others in the timeline after the read position that are not deleted, counted up to 1 000: show 1 000 as
	 * "999+".
	 */
	readonly unread: number;
	/** Those among them that mention this person, and those in threads that were not read so far. Counted up to 1 000. */
	readonly mentions: number;
	readonly readPosition: Position | null;
	readonly memberCount: number;
}

export interface MessagePage {
	/** Oldest first. */
	readonly messages: readonly MessageRow[];
	readonly hasOlder: boolean;
	readonly hasNewer: boolean;
}

export type PageAnchor =
	| { readonly at: 'newest' }
	| { readonly at: 'before'; readonly position: Position }
	| { readonly at: 'after'; readonly position: Position }
	| { readonly at: 'around'; readonly position: Position };

/** What a search looks for. Without words it finds whatever the filters let through. */
export interface SearchQuery {
	/** All words must match; the last one as a prefix. Diacritics and case do not matter. */
	readonly text: string;
	readonly conversation?: string;
	/** Account id of the author. */
	readonly from?: string;
	readonly has?: 'link';
	/** Effective times: from (inclusive), until (exclusive). */
	readonly since?: number;
	readonly before?: number;
	/** Only what stands before this hit: the next page. */
	readonly after?: Position;
	readonly limit: number;
	readonly dueTime: number;
}

export interface SearchHit {
	readonly message: FoundMessage;
	/** As the member calls themselves now; empty if that is not known. */
	readonly authorName: string;
	/** Text around the hit, in parts, so that the view never parses marks out of text. */
	readonly snippet: readonly { readonly text: string; readonly hit: boolean }[];
}

export type OpenOutcome =
	/** The database was there and sound. */
	| { readonly state: 'ready' }
	/** It was missing, broken, or from a newer version, and is empty now: project everything again. */
	| { readonly state: 'rebuild'; readonly cause: 'missing' | 'broken' | 'newer-version' }
	/** No OPFS here (or it is held elsewhere): kept in memory, so it has to be projected at every start. */
	| { readonly state: 'memory'; readonly cause: string };

export interface StoreStats {
	readonly messages: number;
	/** Messages that a search does not find yet: after a large import they are indexed in the background, newest first. */
	readonly unsearchable: number;
	readonly bytes: number;
	readonly driver: 'opfs' | 'memory';
	readonly schemaVersion: number;
}

/**
 * The store as the app sees it; the worker client and the in-process one (Node, tests) both implement it.
 * All methods reject with StoreError on database failures.
 */
export interface Store {
	open(): Promise<OpenOutcome>;
	apply(batch: ProjectionBatch): Promise<void>;
	/** Sorted newest activity first. Messages with time > dueTime are held back (protocol 4: hlc far ahead). */
	conversations(dueTime: number): Promise<readonly ConversationSummary[]>;
	members(conversation: string): Promise<readonly MemberRow[]>;
	/** @param query `thread`: id of the root, for what stands in its thread; otherwise the timeline without threads */
	page(query: {
		readonly conversation: string;
		readonly thread?: string;
		readonly anchor: PageAnchor;
		readonly limit: number;
		readonly dueTime: number;
	}): Promise<MessagePage>;
	/** Those of them that are there, in timeline or thread, in the order in which they were asked for. */
	messages(query: {
		readonly conversation: string;
		readonly ids: readonly string[];
		/** Replies of later times do not count; absent: all do. */
		readonly dueTime?: number;
	}): Promise<readonly MessageRow[]>;
	/** All wordings of a message that are kept, newest first, the last one as it was said; none if it is deleted. */
	versions(query: { readonly conversation: string; readonly id: string }): Promise<readonly VersionRow[]>;
	/**
	 * The entries that hold a message's words: its own, then those of its copies and of all its edits, as far as they are
	 * here. Of a copy also what it is a copy of, as if that stood in its place: where it does stand need not be known. None
	 * if it is deleted.
	 */
	entries(query: { readonly conversation: string; readonly id: string }): Promise<readonly SaidPlace[]>;
	/**
	 * Own entries with words of what is deleted for everyone that no delete names: edits that were made before this account
	 * heard of it, and copies. To be deleted by their author's device. Up to 64.
	 */
	lateWords(query: { readonly conversation: string }): Promise<readonly SaidPlace[]>;
	/** What is pinned, pinned last first, up to 100. */
	pinned(query: { readonly conversation: string; readonly dueTime: number }): Promise<readonly MessageRow[]>;
	/** Place of the first message of the timeline at or after an effective time, else of the last one; null: there is none. */
	placeAt(query: {
		readonly conversation: string;
		readonly time: number;
		readonly dueTime: number;
	}): Promise<Position | null>;
	/** Messages with links, in timeline and threads, newest first, each link of theirs once. */
	links(query: {
		readonly conversation: string;
		/** Only of messages before this one: the next page. */
		readonly before?: Position;
		/** Messages. */
		readonly limit: number;
		readonly dueTime: number;
	}): Promise<readonly LinkRow[]>;
	/** Newest first, in timeline and threads. Deleted messages are not found. */
	search(query: SearchQuery): Promise<readonly SearchHit[]>;
	/** Messages whose time is over, the first to expire first; to be named in a batch as `erased`. */
	expired(query: {
		readonly nowMs: number;
		readonly limit: number;
	}): Promise<readonly (SaidPlace & { readonly own: boolean })[]>;
	/** When (ms) the next message expires; null: none will. */
	nextExpiry(): Promise<number | null>;
	cursors(conversation: string): Promise<readonly CursorRow[]>;
	/** Moves the read position forward, never back. @param thread id of a root: that of its thread instead */
	markRead(conversation: string, position: Position, thread?: string): Promise<void>;
	/**
	 * What these accounts have said is kept and not shown: not in pages, previews, counts and searches, until they are left
	 * out of the next call. Holds as long as the store is open. @param accounts ids; replaces those of the last call
	 */
	hide(accounts: readonly string[]): Promise<void>;
	/** Forgets a conversation entirely. */
	forget(conversation: string): Promise<void>;
	stats(): Promise<StoreStats>;
	/** Resolves when all that has been applied so far is searchable and all that was forgotten is erased. */
	settled(): Promise<void>;
	close(): Promise<void>;
}
