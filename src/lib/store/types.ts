/**
 * The read model's rows and queries. It is disposable: everything here can be rebuilt from the entries of the
 * conversations' documents, so a row never holds something that exists nowhere else, except read positions and what was
 * late.
 */

/** A place in a timeline: effective time (HLC number, protocol/clock.ts), then entry id. Total order on screen. */
export interface Position {
	readonly time: number;
	readonly id: string;
}

/** One message as projected from one accepted entry. `id` is the entry id, base64url. */
export interface MessageRow extends Position {
	readonly conversation: string;
	readonly segment: number;
	readonly lane: number;
	readonly clock: number;
	/** Account id (base64url) of the author. */
	readonly author: string;
	/** True if it was written by this device's account. */
	readonly own: boolean;
	readonly text: string;
	/** Wall-clock milliseconds that the author claims (from the hlc), for display only. */
	readonly sentAtMs: number;
	/** True if it came when messages that stand below it had been read. Only the read model knows; a batch says false. */
	readonly late: boolean;
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
	readonly messages?: readonly MessageRow[];
	/** They have just been said, as far as this device can tell, and are no history: those above the read position are late. */
	readonly news?: boolean;
	/** Message ids that no longer count (a lane that turned out to be forked). */
	readonly withdrawn?: readonly { readonly conversation: string; readonly id: string }[];
	readonly cursors?: readonly CursorRow[];
	/**
	 * What these lanes said from `next` on counts no more (a crash has taken it from the document, a fork has killed it):
	 * their messages from that clock go, and the cursor goes back. Done before the batch's own cursors are put.
	 */
	readonly retracted?: readonly CursorRow[];
}

export interface ConversationSummary extends ConversationRow {
	/** Newest message, if any that is due. `text` holds its first 256 characters; `authorName` is '' if no member is known. */
	readonly last: {
		readonly author: string;
		readonly authorName: string;
		readonly own: boolean;
		readonly text: string;
		readonly sentAtMs: number;
		readonly position: Position;
	} | null;
	/** Messages of others after the read position, counted up to 1 000: show 1 000 as "999+". */
	readonly unread: number;
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

export interface SearchHit {
	readonly message: MessageRow;
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
	page(query: {
		readonly conversation: string;
		readonly anchor: PageAnchor;
		readonly limit: number;
		readonly dueTime: number;
	}): Promise<MessagePage>;
	/** Newest first. All words must match; the last one as a prefix. Diacritics and case do not matter. */
	search(query: {
		readonly text: string;
		readonly conversation?: string;
		readonly limit: number;
		readonly dueTime: number;
	}): Promise<readonly SearchHit[]>;
	cursors(conversation: string): Promise<readonly CursorRow[]>;
	/** Moves the read position forward, never back. */
	markRead(conversation: string, position: Position): Promise<void>;
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
