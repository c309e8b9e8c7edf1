/** What is pinned in a conversation, pinned last first. */
import { clockToleranceMs, hlcOfMs } from '$lib/protocol/clock';
import { equalityDeep } from 'lib0/function';
import { Coalesced, rest } from './coalesce';
import type { TimelineMessage } from './contract';
import type { TimelineSource } from './timeline.svelte';

/** While much is being said, it is read again this often at most. */
const lookRestMs = 250;

export class PinnedMessages {
	messages = $state.raw<readonly TimelineMessage[]>([]);
	readonly #looking = new Coalesced(() => this.#look(), rest(lookRestMs));

	constructor(readonly source: Omit<TimelineSource, 'thread' | 'first'>) {}

	/** They may have changed. */
	look(): void {
		void this.#looking.run();
	}

	async #look(): Promise<void> {
		const { store, conversation, nowMs, authorName, delivery } = this.source;
		const rows = await store.pinned({ conversation, dueTime: hlcOfMs(nowMs() + clockToleranceMs) });
		const messages = rows.map((row): TimelineMessage => ({
			...row,
			authorName: authorName(row.author),
			delivery: delivery(row)
		}));
		if (!equalityDeep(messages, this.messages)) this.messages = messages;
	}
}
