/**
 * Takes away what was said for a time only, once that time is over: from the screens, from what the next start would
 * show, and from the read model. What ran out while the app was closed goes before anything is listed.
 */
import type { Timers } from '../../link/timers';
import type { MessageRow, SaidPlace, Store } from '../../store/types';
import { byConversation } from './by-conversation';

/** So many at once; the read model is asked again for the rest. */
const atOnce = 200;
/** Browsers take a delay for none at all if it does not fit in 31 bits. */
const longestDelayMs = 2 ** 31 - 1;

export interface ExpiryDeps {
	readonly timers: Timers;
	/** Null while another tab is the active one. */
	store(): Pick<Store, 'expired' | 'nextExpiry' | 'entries' | 'apply'> | null;
	/** What stands outside of the read model goes first. */
	withdrawing(conversation: string): Promise<void>;
	withdrawn(conversation: string, ids: readonly string[]): void;
	/**
	 * Own messages of a conversation have run out: their author's device takes them away from everybody. @param entries
	 * all that hold their words, edits and copies among them
	 */
	ownGone(conversation: string, entries: readonly SaidPlace[]): Promise<void>;
	failed(error: unknown): void;
}

export class Expiry {
	#cancel: () => void = () => undefined;
	/** When the timer will ring (ms); Infinity: it is not set. */
	#nextMs = Infinity;
	#looking: Promise<void> | null = null;

	constructor(readonly deps: ExpiryDeps) {}

	/** Takes away what has run out by now. Resolves when that is done; calls made meanwhile share it. */
	look(): Promise<void> {
		this.#looking ??= this.#look().finally(() => (this.#looking = null));
		return this.#looking;
	}

	/** Rows that have just become part of the read model. */
	stored(messages: readonly MessageRow[]): void {
		const ends = messages.flatMap(({ expiresAtMs }) => (expiresAtMs === null ? [] : [expiresAtMs]));
		if (ends.length > 0) this.#ringAt(Math.min(this.#nextMs, ...ends));
	}

	stop(): void {
		this.#cancel();
		this.#nextMs = Infinity;
	}

	async #look(): Promise<void> {
		const { timers, ownGone, failed } = this.deps;
		this.stop();
		for (;;) {
			const store = this.deps.store();
			if (store === null) return;
			const gone = await store.expired({ nowMs: timers.now(), limit: atOnce });
			for (const [conversation, places] of byConversation(gone)) {
				const own: SaidPlace[] = [];
				// The read model knows them as long as it has the message.
				for (const { id } of places.filter((place) => place.own))
					own.push(...(await store.entries({ conversation, id })));
				await this.#take(store, conversation, places);
				// Not waited for: it takes the conversation, which may still have to be loaded.
				if (own.length > 0) void ownGone(conversation, own).catch(failed);
			}
			if (gone.length === atOnce) continue;
			const nextMs = await store.nextExpiry();
			if (nextMs !== null) this.#ringAt(Math.min(this.#nextMs, nextMs));
			return;
		}
	}

	async #take(
		store: Pick<Store, 'apply'>,
		conversation: string,
		places: readonly SaidPlace[]
	): Promise<void> {
		const ids = places.map(({ id }) => id);
		await this.deps.withdrawing(conversation);
		await store.apply({ erased: ids.map((id) => ({ conversation, id })) });
		this.deps.withdrawn(conversation, ids);
	}

	#ringAt(atMs: number): void {
		if (atMs === this.#nextMs) return;
		this.#cancel();
		this.#nextMs = atMs;
		const { timers, failed } = this.deps;
		// At least a tick: what cannot be taken away must not be asked for without end.
		const delayMs = Math.min(longestDelayMs, Math.max(1, atMs - timers.now()));
		this.#cancel = timers.after(delayMs, () => void this.look().catch(failed));
	}
}
