/** How messages are found again. Part of the contract (contract.ts). */
import type { FoundMessage, LinkRow, Position, SearchHit } from '../store/types';

/** What a hit has to be beside holding the words. */
export interface SearchFilters {
	/** Id of the only conversation to look in. */
	readonly conversation?: string;
	/** Account of the author. */
	readonly from?: string;
	readonly hasLink?: boolean;
	/** Wall-clock milliseconds: from, and until (exclusive). */
	readonly sinceMs?: number;
	readonly beforeMs?: number;
}

export interface FoundHit extends SearchHit {
	/** Where to jump to in the timeline: the message itself, or the root of its thread; null if that is not here. */
	readonly place: Position | null;
}

export interface SearchResult {
	/** Newest first. */
	readonly hits: readonly FoundHit[];
	/** False while messages that have just come in are not searchable yet: ask again. */
	readonly complete: boolean;
}

export interface FoundLink extends LinkRow {
	readonly authorName: string;
	readonly place: Position | null;
}

export interface LinkPage {
	/** Newest first. */
	readonly links: readonly FoundLink[];
	/** Last message that was looked at: where the next page begins; null: there is none. */
	readonly next: Position | null;
}

export interface Finding {
	/** @param text all words, the last one as a prefix; may be empty if a filter narrows down */
	search(text: string, filters?: SearchFilters): Promise<SearchResult>;
	/** Web addresses in the messages of a conversation. @param before `next` of the page before */
	links(conversation: string, before?: Position): Promise<LinkPage>;
	/** Place of the first message of a day, or of the last message before it. @param atMs begin of the day */
	placeAt(conversation: string, atMs: number): Promise<Position | null>;
}

export type { FoundMessage };
