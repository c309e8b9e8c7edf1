/** What screens may know and do about a person's own marks; see contract.ts. */
import type { Result } from '../protocol/result';
import type { MessageRow, Position } from '../store/types';
import type { Problem } from './contract';

/** How a conversation stands in this person's list. */
export interface ConversationMarks {
	/** Until when (ms) it keeps quiet; 0: it does not. Past times count as 0. */
	readonly mutedUntilMs: number;
	/** Since when (ms) it stands at the top; 0: it does not. */
	readonly pinnedAtMs: number;
	/** Put aside as it stood at this effective time; 0: it is not. Something newer brings it back unless it is muted. */
	readonly archivedTime: number;
	/** Marked as unread from this effective time on; 0: it is not. */
	readonly unreadTime: number;
	/** What was said up to this effective time is gone here; 0: nothing is. */
	readonly clearedTime: number;
	/** After how many seconds what this person says here goes; 0: it stays. */
	readonly vanishingS: number;
}

export interface StarredMessage {
	readonly message: MessageRow;
	readonly authorName: string;
}

type Done = Promise<Result<void, Problem>>;

export interface MarksView {
	of(conversation: string): ConversationMarks;
	isMuted(conversation: string): boolean;
	/** @param lastTime effective time of the newest message there, if there is one */
	isArchived(conversation: string, lastTime: number | null): boolean;
	isStarred(message: Pick<MessageRow, 'conversation' | 'id'>): boolean;

	/** @param untilMs 0: no longer muted */
	mute(conversation: string, untilMs: number): Done;
	setPinned(conversation: string, pinned: boolean): Done;
	/** @param lastTime as in `isArchived` */
	setArchived(conversation: string, archived: boolean, lastTime: number | null): Done;
	/** @param from the first message that is to be read again; without it, the newest is meant */
	markUnread(conversation: string, from: Position | null): Done;
	/** Takes back what `markUnread` said: the conversation is on screen, which tells by itself what was read of it. */
	markSeen(conversation: string): Done;
	/** The same, and all that is there has been read. */
	markRead(conversation: string): Done;
	/** @param afterS what this person says there from now on disappears for everybody after so many seconds; 0: it stays */
	setVanishing(conversation: string, afterS: number): Done;
	star(message: MessageRow, starred: boolean): Done;
	/** Newest first, of all conversations; at most 500. */
	starred(): Promise<readonly StarredMessage[]>;
	/** Takes messages away here, for this person alone. */
	hide(messages: readonly MessageRow[]): Done;
	/** Takes away here all that was said in a conversation so far. Resolves when it is erased from the read model. */
	clear(conversation: string): Done;
}
