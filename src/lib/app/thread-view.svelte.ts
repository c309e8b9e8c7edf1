/** One thread as a screen sees it: the answers to a message, and the message itself. */
import { clockToleranceMs, hlcOfMs } from '$lib/protocol/clock';
import type { Position, Store } from '$lib/store/types';
import { Coalesced, rest } from './coalesce';
import type { Problem, SendOptions, ThreadView, TimelineMessage } from './contract';
import type { Result } from '$lib/protocol/result';
import { Talk, type TalkDeps } from './talk.svelte';
import { Timeline, type TimelineSource } from './timeline.svelte';

/** What hangs a thread from its root is read again this often at most. */
const rootRestMs = 100;

export interface OpenThreadDeps extends Omit<TalkDeps, 'thread'> {
	readonly store: Store;
	readonly conversation: string;
	readonly source: Omit<TimelineSource, 'thread' | 'first'>;
	/** The read position of the thread has moved. */
	read(): void;
	closed(thread: OpenThread): void;
}

export class OpenThread implements ThreadView {
	root = $state.raw<TimelineMessage | null>(null);
	readonly timeline: Timeline;
	readonly talk: Talk;
	readonly #reading = new Coalesced(() => this.#readRoot(), rest(rootRestMs));

	/** @param id of the root */
	constructor(
		readonly id: string,
		readonly deps: OpenThreadDeps
	) {
		this.timeline = new Timeline({ ...deps.source, thread: id });
		this.talk = new Talk(this.timeline, { ...deps, thread: id });
		void this.timeline.confirm();
		void this.talk.restoreDraft();
		this.touched();
	}

	get draft(): string {
		return this.talk.draft;
	}

	set draft(text: string) {
		this.talk.draft = text;
	}

	send(text: string, options?: SendOptions): Promise<Result<void, Problem>> {
		return this.talk.send(text, options);
	}

	/** Something was said about messages of the conversation. */
	touched(): void {
		void this.#reading.run();
	}

	markRead(position: Position): void {
		const { store, conversation, read } = this.deps;
		void store.markRead(conversation, position, this.id).then(read);
	}

	close(): void {
		this.talk.close();
		this.deps.closed(this);
	}

	async #readRoot(): Promise<void> {
		const { store, conversation, source } = this.deps;
		const dueTime = hlcOfMs(source.nowMs() + clockToleranceMs);
		const [row] = await store.messages({ conversation, ids: [this.id], dueTime });
		this.root = row
			? { ...row, authorName: source.authorName(row.author), delivery: source.delivery(row) }
			: null;
	}
}
