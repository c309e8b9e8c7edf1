/**
 * Which conversations are connected (hot). The others listen for a ring, and are visited one after the other after a
 * start.
 */
import type { Timers } from '$lib/link/timers';
import { Doorbell } from '$lib/replicas/swarm/doorbell';
import { pageMoments } from '$lib/replicas/swarm/page-moments';
import type { Topics } from '$lib/replicas/swarm/signalling-topics';
import type { HotConversation } from '../hot/hot-conversation';

/** Each costs a link per member; the others wait for a ring (replicas). */
const hotLimit = 8;
/** A conversation that is only visited, to see what came while nobody rang. */
const visitMs = 12_000;

export interface HotSetDeps {
	readonly topics: Topics;
	readonly timers: Timers;
	readonly random: () => number;
	/** @throws Error if there is no such conversation */
	load(id: string): Promise<HotConversation>;
	/** The topic on which a conversation is rung; null if there is no such conversation. */
	bellOf(id: string): Promise<string | null>;
	opened(id: string): void;
	failed(error: unknown): void;
}

interface Hot {
	readonly opening: Promise<HotConversation>;
	opened: HotConversation | null;
	/** Screens that show it. */
	pins: number;
	lastUse: number;
}

export class HotSet {
	readonly #hotById = new Map<string, Hot>();
	readonly #bellById = new Map<string, string>();
	readonly #doorbell: Doorbell;
	readonly #forgetMoments: () => void;
	readonly #toVisit: string[] = [];
	#cancelVisit: () => void = () => undefined;
	#uses = 0;
	#closed = false;

	constructor(readonly deps: HotSetDeps) {
		this.#doorbell = new Doorbell({
			topics: deps.topics,
			onRing: (topic) => this.#rung(topic),
			random: deps.random
		});
		this.#forgetMoments = pageMoments((moment) => {
			if (moment !== 'leaving') for (const hot of this.opened) hot.wake();
		});
	}

	/** Those that are loaded. */
	get opened(): readonly HotConversation[] {
		return [...this.#hotById.values()].flatMap(({ opened }) => (opened === null ? [] : [opened]));
	}

	get closed(): boolean {
		return this.#closed;
	}

	/** Null if it is cold, or not loaded yet. */
	openedOf(id: string): HotConversation | null {
		return this.#hotById.get(id)?.opened ?? null;
	}

	/** It, loaded, if it is hot. */
	async hotOf(id: string): Promise<HotConversation | null> {
		return (await this.#hotById.get(id)?.opening) ?? null;
	}

	/** Connects the first of these; listens for the others, and visits them. */
	async start(order: readonly string[]): Promise<void> {
		for (const id of order.slice(0, hotLimit)) void this.heat(id);
		for (const id of order.slice(hotLimit)) await this.#listen(id);
		this.#toVisit.push(...order.slice(hotLimit));
		this.#visitNext();
	}

	/** Makes a conversation hot, if it is not; resolves when it is loaded. */
	heat(id: string): Promise<HotConversation> {
		const known = this.#hotById.get(id);
		if (known !== undefined) {
			known.lastUse = ++this.#uses;
			return known.opening;
		}
		const hot: Hot = { opening: this.#load(id), opened: null, pins: 0, lastUse: ++this.#uses };
		this.#hotById.set(id, hot);
		void hot.opening.then(
			(opened) => {
				hot.opened = opened;
				const bell = this.#bellById.get(id);
				if (bell !== undefined) this.#doorbell.ignore(bell);
				this.deps.opened(id);
				void this.#cool();
			},
			(error: unknown) => {
				this.#hotById.delete(id);
				this.deps.failed(error);
			}
		);
		return hot.opening;
	}

	/** For a screen: it stays hot until `release`. */
	async pin(id: string): Promise<HotConversation> {
		const opening = this.heat(id);
		const hot = this.#hotById.get(id);
		if (hot !== undefined) hot.pins++;
		return opening;
	}

	release(id: string): void {
		const hot = this.#hotById.get(id);
		if (hot !== undefined) hot.pins--;
		void this.#cool();
	}

	/** Rings those whose devices keep a conversation cold. */
	ring(topic: string): void {
		this.#doorbell.ring(topic);
	}

	/** Closes it; nobody listens for it. */
	async drop(id: string): Promise<void> {
		const hot = this.#hotById.get(id);
		this.#hotById.delete(id);
		await (await hot?.opening)?.close();
	}

	async close(): Promise<void> {
		this.#closed = true;
		this.#cancelVisit();
		this.#forgetMoments();
		this.#doorbell.close();
		const all = [...this.#hotById.values()];
		this.#hotById.clear();
		await Promise.all(all.map(async ({ opening }) => (await opening).close()));
	}

	async #load(id: string): Promise<HotConversation> {
		const [hot] = await Promise.all([this.deps.load(id), this.#learnBell(id)]);
		return hot;
	}

	/** Those used last stay, and those that somebody looks at or in which something waits. */
	async #cool(): Promise<void> {
		const cold = [...this.#hotById]
			.filter(
				([, { opened, pins }]) => opened !== null && pins === 0 && opened.conversation.waiting().entries === 0
			)
			.sort(([, a], [, b]) => b.lastUse - a.lastUse);
		const kept = this.#hotById.size - cold.length;
		for (const [id, { opened }] of cold.slice(Math.max(0, hotLimit - kept))) {
			this.#hotById.delete(id);
			await opened?.close();
			await this.#listen(id);
		}
	}

	async #listen(id: string): Promise<void> {
		const bell = await this.#learnBell(id);
		if (bell !== null && !this.#hotById.has(id)) this.#doorbell.listen(bell);
	}

	async #learnBell(id: string): Promise<string | null> {
		const bell = this.#bellById.get(id) ?? (await this.deps.bellOf(id));
		if (bell !== null) this.#bellById.set(id, bell);
		return bell;
	}

	#rung(topic: string): void {
		for (const [id, bell] of this.#bellById) if (bell === topic && !this.#hotById.has(id)) void this.heat(id);
	}

	/** Cold conversations are looked into one after the other: a ring may have been missed. */
	#visitNext(): void {
		const id = this.#toVisit.shift();
		if (id === undefined || this.#closed) return;
		void this.heat(id);
		this.#cancelVisit = this.deps.timers.after(visitMs, () => this.#visitNext());
	}
}
