/**
 * The door of one's own contact link (docs/decisions/0033): hears introductions on the signalling server as long as the
 * app runs, has them judged like items of the inbox, and answers each with a receipt. Anybody who has the link can
 * knock, and whoever runs the server can say anything: limits come before cryptography.
 */
import { SerialQueue } from '$lib/conversation/serial-queue';
import type { Timers } from '$lib/link/timers';
import { toBase64url } from '$lib/protocol/base64url';
import { equalBytes } from '$lib/protocol/bytes';
import { sha256, type CryptoPort } from '$lib/protocol/crypto';
import {
	openKnock,
	rendezvousOf,
	sealAnswer,
	signReceipt,
	type Answer,
	type Rendezvous,
	type RendezvousPlace
} from '$lib/protocol/rendezvous';
import { Budget } from '$lib/replicas/peer-budget';
import type { Topics } from '$lib/replicas/swarm/signalling-topics';

/** Knocks at once, and each minute. Opening the outer seal of one takes about 0.1 ms. */
const knocksAtOnce = 60;
/** Introductions that are new, at once and each minute: opening one takes about 1 ms, and may show a request. */
const introductionsAtOnce = 20;
/** Knocks that wait for those before them. */
const waitingLimit = 16;
/** Introductions of which it is known what they were answered. */
const rememberedLimit = 256;

/** taken: it is sound, and judged for good · unsound: it is not to be had again · not-kept: it may come again */
export type Judged = 'taken' | 'unsound' | 'not-kept';

export interface LinkDoorDeps {
	readonly crypto: CryptoPort;
	readonly devicePrivateKey: CryptoKey;
	readonly link: RendezvousPlace;
	readonly topics: Topics;
	readonly timers: Timers;
	take(introduction: Uint8Array): Promise<Judged>;
	refused(reason: string): void;
}

export class LinkDoor {
	readonly #knocks: Budget;
	readonly #introductions: Budget;
	readonly #hearing = new SerialQueue();
	/** By hash of the introduction; null for what gets no answer. */
	readonly #answers = new Map<string, Answer | null>();
	readonly #rendezvous: Promise<Rendezvous>;
	#waiting = 0;
	#leave: () => void = () => undefined;
	#closed = false;

	/** Listens at once. */
	constructor(readonly deps: LinkDoorDeps) {
		const nowMs = deps.timers.now();
		this.#knocks = new Budget(knocksAtOnce, knocksAtOnce / 60, nowMs);
		this.#introductions = new Budget(introductionsAtOnce, introductionsAtOnce / 60, nowMs);
		this.#rendezvous = rendezvousOf(deps.crypto.subtle, deps.link);
		void this.#hearing.run(() => this.#open());
	}

	/** Whether this is the door of that link. */
	isOf({ secret }: Pick<RendezvousPlace, 'secret'>): boolean {
		return equalBytes(this.deps.link.secret, secret);
	}

	/** Resolves when nothing is heard or said here any more. */
	async close(): Promise<void> {
		this.#closed = true;
		this.#leave();
		await this.#hearing.idle();
	}

	async #open(): Promise<void> {
		const { topics } = this.deps;
		const { door } = await this.#rendezvous;
		if (this.#closed) return;
		const stop = topics.follow({
			connected: () => this.#sayHere(),
			heard: (topic, data) => {
				if (topic === door) this.#knocked(data);
			}
		});
		topics.listen([door]);
		this.#leave = () => {
			stop();
			topics.ignore([door]);
		};
		await this.#answer({ type: 'here' });
	}

	#sayHere(): void {
		void this.#hearing.run(() => this.#answer({ type: 'here' }));
	}

	#knocked(data: unknown): void {
		const { timers, refused } = this.deps;
		if (this.#waiting >= waitingLimit || !this.#knocks.take(1, timers.now()))
			return refused('knock: too-fast');
		this.#waiting++;
		void this.#hearing.run(async () => {
			this.#waiting--;
			if (!this.#closed) await this.#hear(data);
		});
	}

	async #hear(data: unknown): Promise<void> {
		const { crypto, link, devicePrivateKey, timers, take, refused } = this.deps;
		const introduction = await openKnock(crypto.subtle, await this.#rendezvous, data);
		if (!introduction.ok) return refused(`knock: ${introduction.reason}`);
		const hash = sha256(introduction.value);
		const name = toBase64url(hash);
		// Said again because the answer was lost, or by somebody who has nothing else to do: it is not opened again.
		const before = this.#answers.get(name);
		if (before !== undefined) return before === null ? undefined : this.#answer(before);
		if (!this.#introductions.take(1, timers.now())) return refused('knock: too-many');
		const judged = await take(introduction.value);
		if (judged === 'not-kept') return;
		const answer: Answer | null =
			judged === 'unsound'
				? null
				: { type: 'receipt', ...(await signReceipt(crypto.subtle, devicePrivateKey, link.topic, hash)) };
		this.#remember(name, answer);
		// The same for all that is sound: nobody learns that they were declined, or are blocked.
		if (answer !== null) await this.#answer(answer);
	}

	#remember(name: string, answer: Answer | null): void {
		this.#answers.set(name, answer);
		for (const oldest of this.#answers.keys()) {
			if (this.#answers.size <= rememberedLimit) return;
			this.#answers.delete(oldest);
		}
	}

	async #answer(answer: Answer): Promise<void> {
		const { crypto, topics } = this.deps;
		const rendezvous = await this.#rendezvous;
		const said = await sealAnswer(crypto, rendezvous, answer);
		// Without a connection it is lost: whoever waits knocks again.
		if (!this.#closed) topics.publish(rendezvous.answers, said);
	}
}
