/** The app's own expiry on a device of the model: what has run out goes from its rows when its clock says so. */
import { Expiry } from '../../../src/lib/app/marks/expiry';
import { messageRow } from '../../../src/lib/app/said-rows';
import type { ProjectedMessage } from '../../../src/lib/conversation/ports';
import { msOfHlc } from '../../../src/lib/protocol/clock';
import { asSaid } from '../../../src/lib/store/as-said';
import type { SaidMessage, SaidPlace, Store } from '../../../src/lib/store/types';
import type { ModelReplica } from './model-replica';

const conversation = 'c';

export interface ModelExpiryDeps {
	/** Own messages have run out: the entries that hold their words. */
	ownGone(replica: ModelReplica, entries: readonly SaidPlace[]): void;
	/** The conversation's timer, as far as this device knows it (s). */
	timerS(replica: ModelReplica): number;
}

export class ModelExpiry {
	#expiry: Expiry;
	#due: { readonly atMs: number; readonly run: () => void } | null = null;
	#failure: unknown = null;
	/** What a broken rule makes of it, by id, as it came first. */
	readonly #brokenEndById = new Map<string, number | null>();

	/** Taken away since its rows were made anew last. */
	readonly #takenIds = new Set<string>();
	#losses = 0;

	constructor(
		readonly replica: ModelReplica,
		readonly deps: ModelExpiryDeps
	) {
		this.#expiry = this.#newExpiry();
		replica.stored = (messages) => this.#stored(messages);
	}

	/** Ids of rows with words of what this device has taken away. */
	get back(): string[] {
		const { replica } = this;
		if (replica.losses !== this.#losses) this.#takenIds.clear();
		this.#losses = replica.losses;
		const edits = [...replica.actById.values()].filter(({ kind }) => kind === 'edit');
		return [
			...[...this.#takenIds].filter((id) => replica.messageById.has(id)),
			...edits.filter(({ target }) => this.#takenIds.has(target)).map(({ id }) => id)
		];
	}

	/** What is due by now goes. */
	async ring(): Promise<void> {
		if (this.replica.broken === 'stays') return;
		for (let due = this.#due; due !== null && due.atMs <= this.replica.nowMs(); due = this.#due) {
			this.#due = null;
			due.run();
			await this.#expiry.look();
		}
		if (this.#failure !== null) throw this.#failure;
	}

	/** The app is started again: nothing rings from before, and whatever has run out goes at once. */
	async restart(): Promise<void> {
		this.#expiry.stop();
		this.#expiry = this.#newExpiry();
		if (this.replica.broken !== 'stays') await this.#expiry.look();
	}

	#newExpiry(): Expiry {
		return new Expiry({
			timers: {
				now: () => this.replica.nowMs(),
				after: (delayMs, run) => {
					const due = { atMs: this.replica.nowMs() + delayMs, run };
					this.#due = due;
					return () => {
						if (this.#due === due) this.#due = null;
					};
				}
			},
			store: () => this.#store,
			withdrawing: async () => undefined,
			withdrawn: (_, ids) => ids.forEach((id) => this.#takenIds.add(id)),
			ownGone: async (_, entries) => this.deps.ownGone(this.replica, entries),
			failed: (error) => (this.#failure = error)
		});
	}

	/** As the read model answers, which is compared with the same reference elsewhere. */
	get #store(): Pick<Store, 'expired' | 'nextExpiry' | 'entries' | 'apply'> {
		const { replica } = this;
		const ending = (): SaidMessage[] =>
			[...replica.messageById.values()]
				.map((message) => this.#row(message))
				.sort((a, b) => endOf(a) - endOf(b));
		const placeOf = (id: string): SaidPlace | null => {
			const row = replica.messageById.get(id) ?? replica.actById.get(id);
			if (row === undefined) return null;
			const { segment, lane, clock } = row;
			return { conversation, segment, lane, clock, id };
		};
		return {
			expired: async ({ nowMs, limit }) =>
				ending()
					.filter((row) => endOf(row) <= nowMs)
					.slice(0, limit),
			nextExpiry: async () => ending()[0]?.expiresAtMs ?? null,
			entries: async ({ id }) => {
				const message = replica.messageById.get(id);
				const words = message === undefined ? [] : replica.wordsOf(message);
				return words.flatMap(({ id: word, at }) => {
					const place = placeOf(at);
					return place === null ? [] : [{ ...place, id: word }];
				});
			},
			apply: async ({ erased = [] }) => replica.erase(erased.map(({ id }) => id))
		};
	}

	#stored(messages: readonly ProjectedMessage[]): void {
		for (const message of messages) this.#breakEnd(message);
		this.#expiry.stored(messages.map((message) => asSaid(this.#row(message))));
	}

	#row(message: ProjectedMessage): SaidMessage {
		const row = messageRow(message, { conversation, account: this.replica.account.id });
		const broken = this.#brokenEndById.get(message.id);
		return broken === undefined ? row : { ...row, expiresAtMs: broken };
	}

	#breakEnd({ id, hlc, expiresAfterS }: ProjectedMessage): void {
		const { replica, deps } = this;
		if (this.#brokenEndById.has(id)) return;
		if (replica.broken === 'since-it-came' && expiresAfterS !== null)
			this.#brokenEndById.set(id, replica.nowMs() + expiresAfterS * 1000);
		if (replica.broken !== 'life-anew') return;
		const timerS = deps.timerS(replica);
		this.#brokenEndById.set(id, timerS === 0 ? null : msOfHlc(hlc) + timerS * 1000);
	}
}

const endOf = ({ expiresAtMs }: Pick<SaidMessage, 'expiresAtMs'>): number => expiresAtMs ?? Infinity;
