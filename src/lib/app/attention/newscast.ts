/**
 * Tells screens which of the messages that become part of the read model are news. What comes late is in the list with
 * its count; nobody wants to be called for it. Never the same twice, and nothing of whoever is blocked.
 */
import { clockToleranceMs, msOfHlc } from '../../protocol/clock';
import type { MessageRow, Position } from '../../store/types';
import type { AttentionListener, News } from '../attention-contract';

/** While an app starts, it catches up. */
const catchingUpMs = 10_000;
const toldLimit = 500;
/** So much is kept for who listens later. */
const earlyLimit = 100;

type Telling = (listener: AttentionListener) => void;

export interface NewscastWorld {
	/** Milliseconds since 1970. */
	nowMs(): number;
	isBlocked(account: string): boolean;
	isTaken(message: MessageRow): boolean;
	readPosition(conversation: string): Position | null;
	/** As the author is called here, if that is known. */
	nameOf(message: MessageRow): Promise<string>;
}

export class Newscast {
	readonly #startedAtMs: number;
	readonly #told = new Set<string>();
	readonly #listeners = new Set<AttentionListener>();
	/** What came before anybody listened: who tells of it is loaded after the first screen. Null once somebody has. */
	#early: Telling[] | null = [];

	constructor(readonly world: NewscastWorld) {
		this.#startedAtMs = world.nowMs();
	}

	/** The first to listen hears what came before. @returns what ends it */
	listen(listener: AttentionListener): () => void {
		this.#listeners.add(listener);
		const early = this.#early ?? [];
		this.#early = null;
		for (const tell of early) tell(listener);
		return () => this.#listeners.delete(listener);
	}

	/** A request has come, which is news however long it has waited for this device. */
	asked(request: Parameters<AttentionListener['asked']>[0]): void {
		this.#tell((listener) => listener.asked(request));
	}

	/** Rows that have just become part of the read model, also again. */
	async stored(messages: readonly MessageRow[]): Promise<void> {
		const news = messages.filter((message) => this.#isNews(message));
		if (news.length === 0) return;
		for (const { id } of news) this.#told.add(id);
		for (const id of [...this.#told].slice(0, Math.max(0, this.#told.size - toldLimit)))
			this.#told.delete(id);
		const told = await Promise.all(
			news.map(async (message): Promise<News> => {
				const { conversation, id, author, text } = message;
				return {
					conversation,
					id,
					author,
					authorName: await this.world.nameOf(message),
					text,
					mentioned: message.mentionsMe
				};
			})
		);
		this.#tell((listener) => listener.said(told));
	}

	#tell(tell: Telling): void {
		if (this.#early !== null) this.#early = [...this.#early, tell].slice(-earlyLimit);
		for (const listener of this.#listeners) tell(listener);
	}

	#isNews(message: MessageRow): boolean {
		const { world } = this;
		const { conversation, id, own, author, sentAtMs } = message;
		if (own || this.#told.has(id) || world.isBlocked(author) || world.isTaken(message)) return false;
		const now = world.nowMs();
		// Clocks may be wrong, by as much as entries allow; not so while what was missed comes in.
		const sinceMs =
			now - this.#startedAtMs < catchingUpMs
				? this.#startedAtMs
				: Math.min(this.#startedAtMs, now - clockToleranceMs);
		if (sentAtMs < sinceMs) return false;
		if (msOfHlc(message.time) > now + clockToleranceMs) return false;
		const read = world.readPosition(conversation);
		return read === null || message.time > read.time || (message.time === read.time && id > read.id);
	}
}
