import type { Position } from '$lib/app/contract';
import type { FilterFields } from '$lib/ui/search/search-filters';

declare global {
	namespace App {
		interface PageState {
			/** The side panel is a step in the history: "back" closes it. */
			panel?: 'details' | 'thread' | 'find';
			/** Root of the thread in the panel. */
			thread?: string;
			/** What is looked for in the panel, so that it is there again after "back". */
			find?: { readonly text: string; readonly fields: FilterFields };
			/** Set by search: the message to bring on screen. */
			jumpTo?: Position;
		}
	}
}
