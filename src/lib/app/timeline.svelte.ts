/** A window onto a conversation's messages in the read model: grows at the end that is asked for, never holds all. */
import { equalityDeep } from 'lib0/function';
import { plainlyShown, unknownQuotation } from '$lib/store/as-said';
import type { MessageRow, PageAnchor, Position, Quotation, Store } from '$lib/store/types';
import { hlcOfMs, clockToleranceMs } from '$lib/protocol/clock';
import { Coalesced, rest } from './coalesce';
import type { DeliveryState, SendOptions, TimelineMessage, TimelineView } from './contract';
import { isAfter, RowsAhead, type Sending, type ShownRow } from './rows-ahead';

const pageSize = 60;
const windowLimit = 300;
/** As long as the read model makes quotations. */
const quotedCharacters = 256;
/** While history streams in, the window is read again this often at most. */
const refreshRestMs = 100;

export interface TimelineSource {
	readonly store: Store;
	readonly conversation: string;
	/** Root of the thread; null: the conversation itself. */
	readonly thread: string | null;
	nowMs(): number;
	authorName(account: string): string;
	delivery(message: MessageRow): DeliveryState | null;
	/** Shown until the read model has been asked. */
	readonly first?: NewestPage | undefined;
}

export interface NewestPage {
	/** Oldest first. */
	readonly messages: readonly TimelineMessage[];
	readonly hasOlder: boolean;
}

function rowOf({ authorName, delivery, key, ...row }: TimelineMessage): MessageRow {
	void [authorName, delivery, key];
	return row;
}

function withoutKey({ key, ...message }: TimelineMessage): TimelineMessage {
	void key;
	return message;
}

const isSamePlace = (a: Position | undefined, b: Position): boolean => a?.time === b.time && a.id === b.id;

export class Timeline implements TimelineView {
	#rows: readonly MessageRow[] = [];
	messages = $state.raw<readonly TimelineMessage[]>([]);
	hasOlder = $state(false);
	hasNewer = $state(false);
	loaded = $state(false);
	sent = $state(0);
	/** The read model has been asked. */
	#isTrue = false;
	/** What each message on screen was drawn from. */
	readonly #rowByDrawn = new WeakMap<TimelineMessage, MessageRow>();
	readonly #ahead = new RowsAhead(() => this.redraw());
	readonly #refreshing = new Coalesced(() => this.#refresh(), rest(refreshRestMs));

	constructor(readonly source: TimelineSource) {
		const { first } = source;
		if (first === undefined) return;
		this.#rows = this.messages = first.messages;
		for (const message of first.messages) this.#rowByDrawn.set(message, rowOf(message));
		this.hasOlder = first.hasOlder;
		this.loaded = true;
	}

	/** What the next start may show first: the newest that the read model has. Null while that is not known. */
	newest(): NewestPage | null {
		if (!this.#isTrue || this.hasNewer) return null;
		const shownById = new Map(this.messages.map((message) => [message.id, message]));
		// Keys are of this window.
		const messages = this.#rows.slice(-pageSize).flatMap(({ id }) => {
			const shown = shownById.get(id);
			return shown === undefined ? [] : [withoutKey(shown)];
		});
		return { messages, hasOlder: this.hasOlder || messages.length < this.#rows.length };
	}

	/** Asks the read model for what is shown, or for the newest. */
	confirm(): Promise<void> {
		return this.#refreshing.run();
	}

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

	/** Shows a message of one's own from now on, before it is written anywhere. @param author account id */
	send(text: string, author: string, options: SendOptions = {}): Sending {
		const { conversation, thread, nowMs } = this.source;
		const sentAtMs = nowMs();
		const { reply, poll } = options;
		const place = { segment: 0, lane: 0, clock: 0, time: hlcOfMs(sentAtMs) };
		this.sent += 1;
		return this.#ahead.send((id) => ({
			...plainlyShown,
			...place,
			id,
			conversation,
			author,
			own: true,
			text,
			sentAtMs,
			thread,
			reply: reply === undefined ? null : (this.#quote(reply) ?? unknownQuotation(reply)),
			poll: poll ? { ...poll, votes: poll.options.map(() => []), own: [], voters: 0 } : null
		}));
	}

	/** Rows that will be part of the read model in a moment. */
	arrived(messages: readonly MessageRow[]): void {
		const due = this.#dueTime();
		this.#ahead.arrive(this.#here(messages).filter((row) => row.time <= due));
	}

	/** Rows that have just become part of the read model. */
	stored(all: readonly MessageRow[]): void {
		const messages = this.#here(all);
		if (messages.length === 0 && this.loaded) return;
		// What they answer may stand outside of the window: the read model knows it.
		if (messages.some(({ reply }) => reply?.position === null)) void this.#refreshing.run();
		const first = this.#rows[0];
		const last = this.#rows.at(-1);
		this.#ahead.settle(messages);
		// Those that the window will not hold; the others leave when it does.
		this.#ahead.leave(
			messages.filter((row) => this.hasNewer || (first !== undefined && isAfter(first, row)))
		);
		const due = this.#dueTime();
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

	/** Resolves when what is shown is that of the read model again; so do those below. */
	withdrawn(ids: readonly string[]): Promise<void> {
		const gone = new Set(ids);
		this.#ahead.leave(ids.map((id) => ({ id })));
		this.#set(this.#rows.filter((row) => !gone.has(row.id)));
		// More may have gone with them: all that their lane said after a clock.
		return this.#refreshing.run();
	}

	/** What is shown of messages here, or whose messages are, has changed. */
	reread(): Promise<void> {
		return this.#refreshing.run();
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
		this.loaded = true;
		this.#isTrue = true;
		this.#set(page.messages);
	}

	#page(anchor: PageAnchor, limit: number): ReturnType<Store['page']> {
		const { store, conversation, thread } = this.source;
		const where = thread === null ? { conversation } : { conversation, thread };
		return store.page({ ...where, anchor, limit, dueTime: this.#dueTime() });
	}

	/** Those that stand in this window's log, with what they answer as far as that is on screen. */
	#here(messages: readonly MessageRow[]): readonly MessageRow[] {
		const own = messages.filter(({ thread }) => thread === this.source.thread);
		return own.map((row) => {
			const reply = row.reply?.position === null ? this.#quote(row.reply.id) : null;
			return reply === null ? row : { ...row, reply };
		});
	}

	/** A message of this window as another one quotes it; null if it is not here. */
	#quote(id: string): Quotation | null {
		const quoted = this.messages.find((message) => message.id === id);
		if (quoted === undefined) return null;
		const { time, author, own, text, deleted, thread } = quoted;
		return {
			id,
			position: { time, id },
			author,
			own,
			text: text.slice(0, quotedCharacters),
			deleted: deleted !== null,
			thread
		};
	}

	/** Later than this nothing is shown: its author's clock is wrong. */
	#dueTime(): number {
		return hlcOfMs(this.source.nowMs() + clockToleranceMs);
	}

	/** Rows that look the same stay the same objects, so that the screen redraws only what has changed. */
	#set(rows: readonly MessageRow[]): void {
		this.#rows = rows;
		this.#ahead.leave(rows);
		const before = this.messages;
		const shownById = new Map(before.map((message) => [message.id, message]));
		const messages = this.#ahead
			.join(rows, this.loaded && !this.hasNewer)
			.map((each) => this.#drawn(each, shownById.get(each.row.id)));
		if (messages.length === before.length && messages.every((each, i) => each === before[i])) return;
		this.messages = messages;
	}

	#drawn({ row, key, sending }: ShownRow, shown: TimelineMessage | undefined): TimelineMessage {
		const authorName = this.source.authorName(row.author);
		const delivery = sending ? 'saving' : this.source.delivery(row);
		if (
			shown !== undefined &&
			shown.authorName === authorName &&
			shown.delivery === delivery &&
			shown.key === key
		) {
			const before = this.#rowByDrawn.get(shown);
			if (before === row || equalityDeep(before, row)) return shown;
		}
		const drawn: TimelineMessage = { ...row, authorName, delivery, ...(key !== undefined && { key }) };
		this.#rowByDrawn.set(drawn, row);
		return drawn;
	}
}
