import type { Position } from '$lib/app/contract';

declare global {
	namespace App {
		interface PageState {
			/** The side panel is a step in the history: "back" closes it. */
			panel?: 'details' | 'thread';
			/** Root of the thread in the panel. */
			thread?: string;
			/** Set by search: the message to bring on screen. */
			jumpTo?: Position;
		}
	}
}
