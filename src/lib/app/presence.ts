/**
 * Who of a conversation is here and who is typing, and what the others are told of that about this person. Nothing of
 * it is kept but when somebody was last seen; nothing is told without consent.
 */
import type { HeardPresence, PresenceRefusal } from '$lib/conversation/presences';
import type { LastWord } from '$lib/conversation/frontiers';
import type { Timers } from '$lib/link/timers';
import { presenceLimitBytes, readPresenceHead, type PresenceState } from '$lib/protocol/presence';
import { fail, ok, type Result } from '$lib/protocol/result';
import { Budget } from '$lib/replicas/peer-budget';
import type { Consent } from './contacts-contract';

/** Whoever types says so at most this often. */
export const typingEveryMs = 3_000;
/** Two of those, so that a lost one is not seen. */
export const typingShownMs = 6_000;
/** An honest peer sends one in three seconds, and one with each link or change of mind. */
const framesBurst = 8;
const framesPerSecond = 1;

export type PresenceFault = PresenceRefusal | 'presence-rate' | 'presence-foreign';

/** Happens among honest peers: who joined is not known here yet, a clock is wrong or was set back, an epoch is new. */
const innocentFaults: ReadonlySet<PresenceFault> = new Set<PresenceFault>([
	'presence-lane',
	'presence-stale',
	'presence-replayed',
	'presence-epoch'
]);
export const isInnocent = (fault: PresenceFault): boolean => innocentFaults.has(fault);

/** What presence needs of an authenticated link. */
export interface PresenceLink {
	readonly id: number;
	readonly peer: { readonly account: string };
	send(channel: 'control', message: Uint8Array): boolean;
}

export interface PresenceDeps {
	readonly timers: Timers;
	consent(): Consent;
	create(state: PresenceState): Promise<Uint8Array | null>;
	receive(bytes: Uint8Array): Promise<Result<HeardPresence, PresenceRefusal>>;
	/** Newest frontiers of others, by account. */
	lastWords(): ReadonlyMap<string, LastWord>;
	/** Somebody linked with us takes it to be that time; see ClockWatch. */
	saidTime(account: string, theirMs: number, isFirst: boolean): void;
	changed(): void;
}

interface LinkState {
	readonly link: PresenceLink;
	readonly budget: Budget;
	/** Their word on this very link; nothing is shown before. */
	online: boolean;
	/** They have said something on it. */
	heard: boolean;
	/** What they were told, or are being told. */
	told: boolean;
	/** Came in a lane of nobody who is known here yet. */
	early: Uint8Array | null;
}

/** What may be shown of somebody. 'hidden': they do not want it. */
export type Sight =
	| { readonly kind: 'online' }
	| { readonly kind: 'hidden' }
	/** `seenAtMs`: a link to them, or a word of theirs; null: never. */
	| { readonly kind: 'away'; readonly seenAtMs: number | null };

export type SeenRecord = readonly (readonly [account: string, atMs: number])[];

export class ConversationPresence {
	readonly #stateByLink = new Map<number, LinkState>();
	readonly #cancelByTyping = new Map<string, () => void>();
	/** What somebody typed before this, by their clock, has been said. */
	readonly #saidByAccount = new Map<string, number>();
	/** Newest word by account, with whether it lets them be shown. */
	readonly #wordByAccount = new Map<string, LastWord>();
	readonly #seenByAccount: Map<string, number>;
	#toldTypingMs = -Infinity;
	#cancelTelling: (() => void) | null = null;
	#closed = false;

	constructor(
		readonly deps: PresenceDeps,
		seen: SeenRecord = []
	) {
		this.#seenByAccount = new Map(seen);
	}

	/** Accounts that are typing. */
	get typing(): readonly string[] {
		return [...this.#cancelByTyping.keys()];
	}

	/** When there was last a link to somebody, to be kept. */
	get seen(): SeenRecord {
		return [...this.#seenByAccount];
	}

	/** There is a link to somebody who may be shown as online. */
	get showsLink(): boolean {
		return [...this.#stateByLink.values()].some(({ online }) => online);
	}

	sightOf(account: string): Sight {
		const links = [...this.#stateByLink.values()].filter(({ link }) => link.peer.account === account);
		if (links.some(({ online }) => online)) return { kind: 'online' };
		const word = this.#lastWord(account);
		if (word === undefined) return { kind: 'away', seenAtMs: null };
		if (!word.online) return { kind: 'hidden' };
		const seenAtMs = Math.max(word.atMs, this.#seenByAccount.get(account) ?? 0);
		// Their clock may be ahead of ours.
		return { kind: 'away', seenAtMs: Math.min(seenAtMs, this.deps.timers.now()) };
	}

	opened(link: PresenceLink): void {
		const budget = new Budget(framesBurst, framesPerSecond, this.deps.timers.now());
		const state: LinkState = { link, budget, online: false, heard: false, told: false, early: null };
		this.#stateByLink.set(link.id, state);
		this.look();
	}

	linkClosed(link: PresenceLink): void {
		if (this.#stateByLink.delete(link.id)) this.#seenByAccount.set(link.peer.account, this.deps.timers.now());
	}

	/** This person has typed something. Told at once, but not sooner than three seconds after the last time. */
	typed(): void {
		if (this.#cancelTelling !== null || this.#closed) return;
		const { timers } = this.deps;
		const pauseMs = this.#toldTypingMs + typingEveryMs - timers.now();
		if (pauseMs <= 0) return this.#tellTyping();
		this.#cancelTelling = timers.after(pauseMs, () => {
			this.#cancelTelling = null;
			this.#tellTyping();
		});
	}

	/** What was typed has been sent, or is gone. Nobody is told: what was sent says it, or six seconds do. */
	typedNoMore(): void {
		this.#cancelTelling?.();
		this.#cancelTelling = null;
	}

	/** To be called when consent has changed, or who belongs to the conversation: tells and takes what has to wait for that. */
	look(): void {
		const { online } = this.deps.consent();
		const states = [...this.#stateByLink.values()];
		void this.#tell(
			false,
			states.filter(({ told }) => told !== online)
		);
		for (const state of states) {
			const { early } = state;
			state.early = null;
			if (early !== null) void this.#take(state, early);
		}
	}

	/** A frame of a peer's about itself. */
	async received(link: PresenceLink, bytes: Uint8Array): Promise<Result<void, PresenceFault>> {
		const state = this.#stateByLink.get(link.id);
		if (state === undefined) return fail('presence-foreign');
		// Limits come before cryptography.
		if (bytes.length > presenceLimitBytes) return fail('presence-size');
		if (!state.budget.take(1, this.deps.timers.now())) return fail('presence-rate');
		const head = readPresenceHead(bytes);
		// As the holder of the link says it: a frame from too far away in time is refused before it is verified.
		if (head.ok) this.deps.saidTime(link.peer.account, head.value.counter, !state.heard);
		state.heard = true;
		return this.#take(state, bytes);
	}

	/** Somebody has said something: what they typed before has become that. @param sentAtMs by their clock */
	said(account: string, sentAtMs: number): void {
		this.#saidByAccount.set(account, Math.max(this.#saidByAccount.get(account) ?? 0, sentAtMs));
		this.#stopTyping(account);
	}

	close(): void {
		this.#closed = true;
		this.typedNoMore();
		for (const cancel of this.#cancelByTyping.values()) cancel();
		this.#cancelByTyping.clear();
		this.deps.changed();
	}

	async #take(state: LinkState, bytes: Uint8Array): Promise<Result<void, PresenceFault>> {
		const heard = await this.deps.receive(bytes);
		if (!heard.ok) {
			if (heard.reason === 'presence-lane') state.early = bytes.slice();
			return heard;
		}
		if (heard.value.account !== state.link.peer.account) return fail('presence-foreign');
		state.online = heard.value.online;
		this.#heard(heard.value);
		return ok(undefined);
	}

	#heard({ account, atMs, typing, online }: HeardPresence): void {
		if (this.#closed) return;
		this.#wordByAccount.set(account, { atMs, online });
		if (typing && atMs > (this.#saidByAccount.get(account) ?? 0)) {
			this.#cancelByTyping.get(account)?.();
			const cancel = this.deps.timers.after(typingShownMs, () => this.#stopTyping(account));
			this.#cancelByTyping.set(account, cancel);
		}
		this.deps.changed();
	}

	#stopTyping(account: string): void {
		const cancel = this.#cancelByTyping.get(account);
		if (cancel === undefined) return;
		cancel();
		this.#cancelByTyping.delete(account);
		this.deps.changed();
	}

	#tellTyping(): void {
		if (!this.deps.consent().typing) return;
		this.#toldTypingMs = this.deps.timers.now();
		void this.#tell(true, [...this.#stateByLink.values()]);
	}

	/** Of what they said on a link and in a frontier, what is newer. */
	#lastWord(account: string): LastWord | undefined {
		const onLink = this.#wordByAccount.get(account);
		const inFrontier = this.deps.lastWords().get(account);
		if (onLink === undefined || inFrontier === undefined) return onLink ?? inFrontier;
		return onLink.atMs > inFrontier.atMs ? onLink : inFrontier;
	}

	async #tell(typing: boolean, states: readonly LinkState[]): Promise<void> {
		if (states.length === 0) return;
		const { online } = this.deps.consent();
		const before = states.map(({ told }) => told);
		for (const state of states) state.told = online;
		const frame = await this.deps.create({ typing, online });
		if (this.#closed) return;
		const now = this.deps.consent();
		if (frame === null || now.online !== online || (typing && !now.typing)) {
			// Nothing was told: another time, or something else.
			for (const [i, state] of states.entries()) state.told = before[i] ?? false;
			if (now.online !== online) this.look();
			return;
		}
		for (const { link } of states) link.send('control', frame);
	}
}
