import type { Position, TimelineMessage } from '$lib/app/contract';
import { m } from '../paraglide/messages';
import { clipName } from '../words/name';
import { isAfter } from './rows';

/** More at once would not be listened to. */
const saidAtOnce = 3;
const saidCharacters = 500;

/** Says once what comes in after opening: scrolling through history, edits and reactions are not read out. */
export class Announcer {
	/** A new object each time: the same words said twice are two messages. */
	said = $state.raw({ text: '' });
	#last: Position | null = null;

	/** @param messages of a window that ends with the newest */
	look(messages: readonly TimelineMessage[]): void {
		const newest = messages.findLast(({ delivery }) => delivery !== 'saving');
		if (!newest) return;
		const since = this.#last;
		// A newest one that is taken away makes nothing new of those before it.
		if (since === null || isAfter(newest, since)) this.#last = newest;
		if (since === null) return;
		const fresh = messages
			.filter((message) => !message.own && message.deleted === null && isAfter(message, since))
			.slice(-saidAtOnce);
		if (fresh.length === 0) return;
		const text = fresh
			.map((message) =>
				(message.mentionsMe ? m.incoming_mention : m.incoming)({
					author: clipName(message.authorName),
					text: message.text.slice(0, saidCharacters)
				})
			)
			.join('\n');
		this.said = { text };
	}
}
