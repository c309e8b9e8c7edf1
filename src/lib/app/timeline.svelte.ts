/** A window onto a conversation's messages in the read model: grows at the end that is asked for, never holds all. */
import type { MessageRow, PageAnchor, Position, Store } from '$lib/store/types';
import { hlcOfMs, clockToleranceMs } from '$lib/protocol/clock';
import { Coalesced, rest } from './coalesce';
import type { DeliveryState, TimelineMessage, TimelineView } from './contract';

const pageSize = 60;
const windowLimit = 300;
/** While history streams in, the window is read again this often at most. */
const refreshRestMs = 100;

export interface TimelineSource {
	readonly store: Store;
	readonly conversation: string;
	nowMs(): number;
	authorName(account: string): string;
	delivery(message: MessageRow): DeliveryState | null;
}

const isAfter = (a: Position, b: Position): boolean => a.time > b.time || (a.time === b.time && a.id > b.id);

const isSamePlace = (a: Position | undefined, b: Position): boolean => a?.time === b.time && a.id === b.id;

export class Timeline implements TimelineView {
	#rows: readonly MessageRow[] = [];
	messages = $state.raw<readonly TimelineMessage[]>([]);
	hasOlder = $state(false);
	hasNewer = $state(false);
	loaded = $state(false);
	readonly #refreshing = new Coalesced(() => this.#refresh(), rest(refreshRestMs));

	constructor(readonly source: TimelineSource) {}

	jumpToNewest(): Promise<void> {
		return this.#show({ at: 'newest' }, pageSize);
	}

	jumpTo(position: Position): Promise<void> {
		return this.#show({ at: 'around', position }, pageSize);
	}

	async loadOlder(): Promise<void> {
		const first = this.#rows[0];
		if (first === undefined || !this.hasOlder) return;
		const page = await this.#page({ at: 'before', position: first }, pageSize);
		// The window has moved meanwhile: joined to it, the page would leave out messages or hold some twice.
		if (!isSamePlace(this.#rows[0], first)) return;
		const rows = [...page.messages, ...this.#rows];
		this.hasOlder = page.hasOlder;
		if (rows.length > windowLimit) this.hasNewer = true;
		this.#set(rows.slice(0, windowLimit));
	}

	async loadNewer(): Promise<void> {
		const last = this.#rows.at(-1);
		if (last === undefined || !this.hasNewer) return;
		const page = await this.#page({ at: 'after', position: last }, pageSize);
		if (!isSamePlace(this.#rows.at(-1), last)) return;
		const rows = [...this.#rows, ...page.messages];
		this.hasNewer = page.hasNewer;
		if (rows.length > windowLimit) this.hasOlder = true;
		this.#set(rows.slice(-windowLimit));
	}

	/** Rows that have just become part of the read model. */
	stored(messages: readonly MessageRow[]): void {
		const first = this.#rows[0];
		const last = this.#rows.at(-1);
		const due = hlcOfMs(this.source.nowMs() + clockToleranceMs);
		if (last === undefined || first === undefined) return void this.#refreshing.run();
		const news = [...messages].filter((row) => row.time <= due).sort((a, b) => (isAfter(a, b) ? 1 : -1));
		const known = new Set(this.#rows.map((row) => row.id));
		const after = news.filter((row) => isAfter(row, last));
		// A message that is here already comes again when its time has risen, perhaps above all others.
		const inside = news.some((row) => known.has(row.id) || (!isAfter(row, last) && isAfter(row, first)));
		if (news.some((row) => isAfter(first, row))) this.hasOlder = true;
		if (inside) return void this.#refreshing.run();
		if (after.length === 0) return;
		if (this.hasNewer) return;
		const rows = [...this.#rows, ...after];
		if (rows.length > windowLimit) this.hasOlder = true;
		this.#set(rows.slice(-windowLimit));
	}

	withdrawn(ids: readonly string[]): void {
		const gone = new Set(ids);
		this.#set(this.#rows.filter((row) => !gone.has(row.id)));
		// More may have gone with them: all that their lane said after a clock.
		void this.#refreshing.run();
	}

	/** Names or delivery states have changed. */
	redraw(): void {
		this.#set(this.#rows);
	}

	/** The same window again, from the read model. */
	async #refresh(): Promise<void> {
		const last = this.#rows.at(-1);
		const limit = Math.max(pageSize, this.#rows.length);
		if (!this.hasNewer || last === undefined) return this.#show({ at: 'newest' }, limit);
		const middle = this.#rows[Math.floor(this.#rows.length / 2)] ?? last;
		return this.#show({ at: 'around', position: middle }, limit);
	}

	async #show(anchor: PageAnchor, limit: number): Promise<void> {
		const page = await this.#page(anchor, limit);
		this.hasOlder = page.hasOlder;
		this.hasNewer = page.hasNewer;
		this.#set(page.messages);
		this.loaded = true;
	}

	#page(anchor: PageAnchor, limit: number): ReturnType<Store['page']> {
		const { store, conversation, nowMs } = this.source;
		return store.page({ conversation, anchor, limit, dueTime: hlcOfMs(nowMs() + clockToleranceMs) });
	}

	/** Rows that look the same stay the same objects, so that the screen redraws only what has changed. */
	#set(rows: readonly MessageRow[]): void {
		this.#rows = rows;
		const shownById = new Map(this.messages.map((message) => [message.id, message]));
		this.messages = rows.map((row) => {
			const authorName = this.source.authorName(row.author);
			const delivery = this.source.delivery(row);
			const shown = shownById.get(row.id);
			const same = shown?.authorName === authorName && shown.delivery === delivery && shown.time === row.time;
			return same && shown !== undefined ? shown : { ...row, authorName, delivery };
		});
	}
}
