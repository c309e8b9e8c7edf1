/** The conversations that are on screen, what they have to be told, and what of them the next start shows first. */
import { SvelteMap } from 'svelte/reactivity';
import type { Timers } from '$lib/link/timers';
import type { ConversationSummary } from './contract';
import { OpenConversation, type ConversationViewDeps } from './conversation-view.svelte';
import type { EngineEvents } from './engine/engine-contract';
import type { Snapshot } from './snapshot';
import { SnapshotKeeper, type SnapshotKeeperDeps } from './snapshot-keeper';

type OpeningDeps = Omit<ConversationViewDeps, 'summary' | 'glance' | 'shown' | 'closed'>;

export interface KeepingDeps extends Pick<SnapshotKeeperDeps, 'write'> {
	readonly account: string;
	readonly timers: Timers;
	/** At once, as the page may be gone in the next moment. */
	keepDrafts(drafts: readonly (readonly [key: string, text: string])[]): Promise<void>;
}

export class OpenViews {
	readonly #viewById = new SvelteMap<string, OpenConversation>();
	#keeper: SnapshotKeeper | null = null;
	#keepDrafts: KeepingDeps['keepDrafts'] | null = null;
	/** As the read model told it last. */
	#list: readonly ConversationSummary[] | null = null;

	/** From now on, what is shown is kept for the next start. */
	keep(snapshot: Snapshot, { account, timers, write, keepDrafts }: KeepingDeps): void {
		this.#keepDrafts = keepDrafts;
		this.#keeper = new SnapshotKeeper(snapshot, {
			account,
			timers,
			list: () => this.#list,
			glances: () =>
				[...this.#viewById].flatMap(([id, view]) => {
					const glance = view.glance();
					return glance === null ? [] : [[id, glance] as const];
				}),
			write
		});
	}

	/** The page may go away. */
	async keepNow(): Promise<void> {
		const drafts = [...this.#viewById.values()].flatMap((view) => view.unkeptWords());
		await Promise.all([drafts.length > 0 ? this.#keepDrafts?.(drafts) : null, this.#keeper?.keep()]);
	}

	/** The read model is empty: what was shown last is to be shown no more. */
	async forgetShown(): Promise<void> {
		await this.#keeper?.clear();
	}

	/** The one of this id that is open, or a new one. */
	open(id: string, summary: ConversationSummary | undefined, deps: OpeningDeps): OpenConversation {
		const known = this.#viewById.get(id);
		if (known !== undefined) return known;
		const view = new OpenConversation(id, {
			...deps,
			summary,
			glance: this.#keeper?.glance(id, summary?.last?.position),
			shown: () => this.#keeper?.changed(),
			closed: () => {
				this.#keeper?.hold(id, view.glance());
				this.#viewById.delete(id);
			}
		});
		this.#viewById.set(id, view);
		return view;
	}

	/** The read model has told the list. */
	listed(conversations: readonly ConversationSummary[]): void {
		this.#list = conversations;
		this.#keeper?.changed();
		for (const summary of conversations) this.#viewById.get(summary.id)?.summarised(summary);
	}

	/** People are called otherwise, or others are blocked. */
	peopleChanged(): void {
		for (const view of this.#viewById.values()) view.peopleChanged();
	}

	/** The network has come or gone. */
	update(): void {
		for (const view of this.#viewById.values()) view.update();
	}

	get events(): Omit<EngineEvents, 'listed' | 'pictured' | 'typing' | 'rebuilding' | 'standing' | 'copied'> {
		return {
			changed: (id) => this.#viewById.get(id)?.update(),
			described: (id) => this.#viewById.get(id)?.described(),
			arrived: (id, messages) => this.#viewById.get(id)?.arrived(messages),
			stored: (id, messages) => this.#viewById.get(id)?.stored(messages),
			touched: (id) => this.#viewById.get(id)?.touched(),
			withdrawing: async (id) => this.#keeper?.drop(id),
			withdrawn: (id, ids) => this.#viewById.get(id)?.withdrawn(ids)
		};
	}

	/** Another tab takes over: closes all, once what they show has been kept. */
	async close(): Promise<void> {
		await this.keepNow();
		for (const view of [...this.#viewById.values()]) view.close();
		this.#keeper?.close();
		this.#keeper = null;
		this.#list = null;
	}
}
