/** What can be said about messages, and where messages are said (docs/decisions/0026). Part of the contract. */
import type { Result } from '../protocol/result';
import type { Position } from '../store/types';
import type { Problem, TimelineMessage, TimelineView } from './contract';

/** What a message says besides its text. */
export interface SendOptions {
	/** Id of the message that it answers, which is quoted above it. */
	readonly reply?: string;
	/** Accounts that are mentioned; each once, at most 32. */
	readonly mentions?: readonly string[];
	readonly mentionsEveryone?: boolean;
	/** Makes the text the question of a poll: 2 to 12 options. */
	readonly poll?: { readonly options: readonly string[]; readonly multiple: boolean };
}

/** Where messages are read and written: a conversation, or a thread of it. */
export interface TalkView {
	readonly timeline: TimelineView;
	/** Kept per conversation and per thread, survives a reload. */
	draft: string;
	/** Resolves when the message is saved on this device (journal, strict durability), not when it is sent. */
	send(text: string, options?: SendOptions): Promise<Result<void, Problem>>;
}

/** The answers to one message, told apart from the conversation; one level deep. */
export interface ThreadView extends TalkView {
	/** Id of the message that the thread hangs from. */
	readonly id: string;
	/** Null as long as it is not here, or if it never will be. */
	readonly root: TimelineMessage | null;
	/** Call with the newest message of the thread that the person has seen on screen. */
	markRead(position: Position): void;
	close(): void;
}

/** One wording of a message that has been edited. */
export interface Wording {
	readonly text: string;
	/** Wall-clock milliseconds that its author claims. */
	readonly sentAtMs: number;
}

/**
 * What a person does about messages. Each is saved on this device when it resolves, and is shown at once, with or
 * without a network; what it comes to when others do the same, the fold decides.
 */
export interface MessageActs {
	/** Own messages only. */
	edit(message: TimelineMessage, text: string, mentions?: readonly string[]): Promise<Result<void, Problem>>;
	/** Takes a message away from everybody, with all its wordings. Never undone. */
	deleteForAll(message: TimelineMessage): Promise<Result<void, Problem>>;
	/** Whether `deleteForAll` may be done: one's own, and what the rules of the group allow. */
	mayDelete(message: TimelineMessage): boolean;
	/** @param on false takes the reaction back */
	react(message: TimelineMessage, emoji: string, on: boolean): Promise<Result<void, Problem>>;
	pin(message: TimelineMessage, on: boolean): Promise<Result<void, Problem>>;
	/** @param choices indexes of options; none takes the vote back */
	vote(message: TimelineMessage, choices: readonly number[]): Promise<Result<void, Problem>>;
	/** Says the text of a message in another conversation, marked as forwarded. @param to id of the conversation */
	forward(message: TimelineMessage, to: string): Promise<Result<void, Problem>>;
	/** All wordings, newest first; the first one is what is shown. */
	wordingsOf(message: TimelineMessage): Promise<readonly Wording[]>;
	/**
	 * How many entries the author names as known to them that are not on this device: they may still come, or be kept no
	 * more. Their word, not a fact; 0 to 4 (docs/decisions/0036).
	 */
	missingBelow(message: TimelineMessage): Promise<number>;
	/** Where a message stands, or null if this device does not have it. */
	placeOf(id: string): Promise<MessagePlace | null>;
}

export interface MessagePlace {
	readonly position: Position;
	/** Root of the thread that it stands in; null in the conversation itself. */
	readonly thread: string | null;
}
