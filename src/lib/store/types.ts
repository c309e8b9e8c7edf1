/**
 * The read model's rows and queries. It is disposable: everything here can be rebuilt from the entries of the
 * conversations' documents, so a row never holds something that exists nowhere else, except read positions, what was
 * late, and what this person does not want to see (`erased`, `cleared`).
 */

/** A place in a timeline: effective time (HLC number, protocol/clock.ts), then entry id. Total order on screen. */
export interface Position {
	readonly time: number;
	readonly id: string;
}

/** Where the entry stands that said something: message segment, lane, clock. `id` is the entry id, base64url. */
export interface SaidPlace {
	readonly conversation: string;
	readonly segment: number;
	readonly lane: number;
	readonly clock: number;
	readonly id: string;
}

interface Said extends SaidPlace, Position {
	/** Account id (base64url) of the author. */
	readonly author: string;
	/** True if it was written by this device's account. */
	readonly own: boolean;
	/** Wall-clock milliseconds that the author claims (from the hlc), for display only. */
	readonly sentAtMs: number;
}

/** What a poll asks: its question is the text of the message. */
export interface PollRow {
	readonly options: readonly string[];
	/** Several may be chosen. */
	readonly multiple: boolean;
}

interface SaidMore {
	/** Id of the message at whose root this one stands; null: in the timeline. */
	readonly thread: string | null;
	/** Account ids. */
	readonly mentions: readonly string[];
	readonly mentionsEveryone: boolean;
	/** It is by somebody else and mentions this device's account, or everyone. */
	readonly mentionsMe: boolean;
	readonly forwarded: boolean;
	/** Wall-clock milliseconds from which on nobody shows it; null: never. */
	readonly expiresAtMs: number | null;
}

/** One message as its author said it: what is projected from one accepted entry. */
export interface SaidMessage extends Said, SaidMore {
	readonly text: string;
	/** Id of the message that it answers. */
	readonly reply: string | null;
	readonly poll: PollRow | null;
}

/**
 * What is said about a message, from one accepted entry. It may come before its target, and count for nothing until then
 * (docs/decisions/0026).
 */
export type ActRow = Said & {
	/** Id of the entry in which the message was said; of a copy (`AgainRow`) or of what it is a copy of. */
	readonly target: string;
} & (
		| {
				readonly kind: 'edit';
				readonly text: string;
				readonly mentions: readonly string[];
				/** It is by somebody else and mentions this device's account. */
				readonly mentionsMe: boolean;
		  }
		| { readonly kind: 'reaction'; readonly emoji: string; readonly on: boolean }
		| { readonly kind: 'pin'; readonly on: boolean }
		/** Ascending indices of options; none takes the vote back. */
		| { readonly kind: 'vote'; readonly choices: readonly number[] }
	);

/**
 * A message that was said again after a fork (`again`), shown or not: what names `origin`, or any other copy of it by the
 * same author, is taken to name the copy that is shown.
 */
export interface AgainRow extends SaidPlace {
	readonly author: string;
	/** By this device's account. */
	readonly own: boolean;
	/** Id of the entry in which it was said first. */
	readonly origin: string;
}

/**
 * What a delete that counts has named: a message, an edit or a copy. It beats everything, whenever it comes, for good, and
 * takes along all copies of what it names.
 */
export interface DeletedRow extends SaidPlace {
	/** Whose lane it is said to stand in; what somebody else has said is not meant, whatever its id. */
	readonly author: string;
	/** Account that deleted it. */
	readonly by: string;
	/** Wall-clock milliseconds that they claim. */
	readonly atMs: number;
}

/** The message that another one answers, as it stands now. */
export interface Quotation {
	readonly id: string;
	/** Null if the message is not known here: then the rest says nothing. */
	readonly position: Position | null;
	readonly author: string;
	readonly own: boolean;
	/** The first 256 characters. */
	readonly text: string;
	readonly deleted: boolean;
	/** Root of the thread that it stands in. */
	readonly thread: string | null;
}

export interface RepliesRow {
	/** In its thread, up to 1 000; deleted ones do not count. */
	readonly count: number;
	/** Of others, above the read position of the thread; 0 if the thread was never marked as read. */
	readonly unread: number;
	/** Effective time of the newest. */
	readonly lastTime: number;
	/** Accounts that answered last, newest first, up to three. */
	readonly lastAuthors: readonly string[];
}

export interface ReactionRow {
	readonly emoji: string;
	/** Accounts in the order in which they reacted. */
	readonly accounts: readonly string[];
	/** This device's account is among them. */
	readonly own: boolean;
}

export interface PollResult extends PollRow {
	/** Of each option, the accounts that chose it, in the order in which they last voted. */
	readonly votes: readonly (readonly string[])[];
	/** What this device's account chose: indices of options. */
	readonly own: readonly number[];
	/** How many accounts chose anything. */
	readonly voters: number;
}

/** A message as it is shown: what its author said, and what has been said about it since. */
export interface MessageRow extends Said, SaidMore {
	/** As the newest edit has it; empty if it is deleted. */
	readonly text: string;
	/** How often, up to 64, and when its author says that they did so last (ms); null: never. */
	readonly edited: { readonly count: number; readonly atMs: number } | null;
	/** Set if it is deleted: then text, quotation, reactions, poll and mentions are gone. */
	readonly deleted: { readonly by: string; readonly atMs: number } | null;
	readonly reply: Quotation | null;
	/** Of a message at which a thread begins. */
	readonly replies: RepliesRow | null;
	/** In the order in which each was given first. */
	readonly reactions: readonly ReactionRow[];
	readonly pinned: boolean;
	readonly poll: PollResult | null;
	/** True if it came when messages that stand below it had been read. Only the read model knows. */
	readonly late: boolean;
}

/** One wording of a message. */
export interface VersionRow {
	/** Of the entry: the message's, or the edit's. */
	readonly id: string;
	readonly text: string;
	readonly sentAtMs: number;
}

/** A message as lists of places in the conversation name it. */
export interface FoundMessage extends Said {
	readonly text: string;
	/** Root of the thread that it stands in; null: in the timeline. */
	readonly thread: string | null;
}

export interface LinkRow {
	readonly url: string;
	readonly message: FoundMessage;
}

export interface MemberRow {
	readonly conversation: string;
	readonly account: string;
	readonly name: string;
	readonly role: 'owner' | 'moderator' | 'member';
	readonly left: boolean;
	readonly self: boolean;
}

export interface ConversationRow {
	readonly id: string;
	readonly name: string;
	/** HLC number of the genesis or of the own join, so that an empty conversation has its place in the list. */
	readonly createdTime: number;
	readonly left: boolean;
}

/** How far a lane of a segment has been projected: the next clock that is missing in the read model. */
export interface CursorRow {
	readonly conversation: string;
	readonly segment: number;
	readonly lane: number;
	readonly next: number;
}

/** Written in one transaction. Writing the same batch twice changes nothing. */
export interface ProjectionBatch {
	readonly conversations?: readonly ConversationRow[];
	readonly members?: readonly MemberRow[];
	readonly messages?: readonly SaidMessage[];
	readonly acts?: readonly ActRow[];
	readonly again?: readonly AgainRow[];
	readonly deleted?: readonly DeletedRow[];
	/** They have just been said, as far as this device can tell, and are no history: those above the read position are late. */
	readonly news?: boolean;
	/** Ids of messages and acts that no longer count (a lane that turned out to be forked). */
	readonly withdrawn?: readonly { readonly conversation: string; readonly id: string }[];
	readonly cursors?: readonly CursorRow[];
	/**
	 * What these lanes said from `next` on counts no more (a crash has taken it from the document, a fork has killed it):
	 * their messages and acts from that clock go, and the cursor goes back. Done before the batch's own cursors are put.
	 */
	readonly retracted?: readonly CursorRow[];
	/**
	 * Messages that are shown on this device no more, and do not come back: they have expired, or somebody deleted them for
	 * themselves. Nothing is left of their texts and of what was said about them.
	 */
	readonly erased?: readonly { readonly conversation: string; readonly id: string }[];
	/** What stands at or before this place is erased in the same way, whatever else comes there. Only moves forward. */
	readonly cleared?: readonly { readonly conversation: string; readonly until: Position }[];
}

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
