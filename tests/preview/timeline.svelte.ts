/** A window onto a conversation of the preview, which grows as the app's own does. */
import type { Position, TimelineMessage, TimelineView } from '../../src/lib/app/contract';
import type { PreviewConversation } from './fixtures';

const pageSize = 60;
const windowLimit = 180;
const frame = (): Promise<void> => new Promise((resolve) => requestAnimationFrame(() => resolve()));

export const isAfter = (a: Position, b: Position): boolean =>
	a.time > b.time || (a.time === b.time && a.id > b.id);

export class PreviewTimeline implements TimelineView {
	#data: PreviewConversation;
	#thread: string | null;
	#from = $state(0);
	#to = $state(0);
	#version = $state(0);
	loaded = $state(false);
	hasOlder = $derived(this.#from > 0);
	hasNewer = $derived.by(() => (void this.#version, this.#to < this.#all.length));
	messages = $derived.by(() => (void this.#version, this.#all.slice(this.#from, this.#to)));

	sent = $state(0);

	get #all(): readonly TimelineMessage[] {
		return this.#data.messages.filter(({ thread }) => thread === this.#thread);
	}

	constructor(data: PreviewConversation, thread: string | null = null) {
		this.#data = data;
		this.#thread = thread;
		void frame().then(() => {
			this.#show(this.#all.length - pageSize, this.#all.length);
			this.loaded = true;
		});
	}

	/** Something at the end was added or changed. */
	changed(grown: boolean): void {
		if (grown && this.#to >= this.#all.length - 1) this.#to = this.#all.length;
		this.#version += 1;
	}

	async loadOlder(): Promise<void> {
		await frame();
		const from = Math.max(0, this.#from - pageSize);
		this.#show(from, Math.min(this.#to, from + windowLimit));
	}
	async loadNewer(): Promise<void> {
		await frame();
		const to = Math.min(this.#all.length, this.#to + pageSize);
		this.#show(Math.max(this.#from, to - windowLimit), to);
	}
	async jumpToNewest(): Promise<void> {
		await frame();
		this.#show(this.#all.length - pageSize, this.#all.length);
	}
	async jumpTo(position: Position): Promise<void> {
		await frame();
		const found = this.#all.findIndex((message) => !isAfter(position, message));
		const index = found < 0 ? this.#all.length - 1 : found;
		this.#show(index - pageSize / 2, index + pageSize / 2);
	}

	#show(from: number, to: number): void {
		this.#from = Math.max(0, from);
		this.#to = Math.min(this.#all.length, to);
	}
}
