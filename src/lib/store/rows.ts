/** The read model's rows: what is projected into it, and what it gives back. */

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
