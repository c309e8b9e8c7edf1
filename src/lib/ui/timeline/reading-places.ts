import type { Position } from '$lib/app/contract';

/** Where a conversation was left while scrolled up. `offsetPx`: how far its top was above (-) or below (+) the edge. */
export interface ReadingPlace {
	readonly position: Position;
	readonly offsetPx: number;
}

/** Remembers, as long as the page lives, where each conversation was being read. At the newest: nothing kept. */
export class ReadingPlaces {
	readonly #placeByConversation = new Map<string, ReadingPlace>();

	get(conversation: string): ReadingPlace | null {
		return this.#placeByConversation.get(conversation) ?? null;
	}

	set(conversation: string, place: ReadingPlace | null): void {
		if (place) this.#placeByConversation.set(conversation, place);
		else this.#placeByConversation.delete(conversation);
	}
}
