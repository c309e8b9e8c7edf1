/**
 * Introductions at the doors of their links (docs/decisions/0033): what no inbox has taken is said on the signalling
 * server, again when the outbox tries again, or the other says that they are there, until their device has answered
 * with a receipt.
 */
import { SerialQueue } from '$lib/conversation/serial-queue';
import type { IntroductionRow } from '$lib/identity/contacts';
import type { Timers } from '$lib/link/timers';
import { equalBytes } from '$lib/protocol/bytes';
import { sha256, type CryptoPort } from '$lib/protocol/crypto';
import {
	checkReceipt,
	openAnswer,
	rendezvousOf,
	sealKnock,
	type IntroductionReceipt,
	type Rendezvous
} from '$lib/protocol/rendezvous';
import { Budget } from '$lib/replicas/peer-budget';
import type { Topics } from '$lib/replicas/swarm/signalling-topics';

/** How often one is said again because somebody says "here": at once, and each minute. */
const heresAtOnce = 3;
/** Answers that are looked at, at once and each minute: those to others who have the same link are among them. */
const answersAtOnce = 120;

export interface KnocksDeps {
	readonly crypto: CryptoPort;
	readonly topics: Topics;
	readonly timers: Timers;
	/** As they stand; what is not among them is said no more. */
	rows(): Promise<readonly IntroductionRow[]>;
	/** The other has it. */
	received(row: IntroductionRow): Promise<void>;
	refused(reason: string): void;
}

interface Knock {
	readonly row: IntroductionRow;
	readonly device: Uint8Array;
	readonly hash: Uint8Array;
	readonly rendezvous: Rendezvous;
	readonly heres: Budget;
}

export class Knocks {
	readonly #byConversation = new Map<string, Knock>();
	readonly #queue = new SerialQueue();
	readonly #answers: Budget;
	readonly #stop: () => void;
	#closed = false;

	constructor(readonly deps: KnocksDeps) {
		this.#answers = new Budget(answersAtOnce, answersAtOnce / 60, deps.timers.now());
		this.#stop = deps.topics.follow({
			connected: () => this.#run(() => this.#again([...this.#byConversation.values()])),
			heard: (topic, data) => this.#heard(topic, data)
		});
	}

	/** Says it once now, if there is a connection, and goes on listening for the answer. */
	say(row: IntroductionRow): void {
		this.#run(() => this.#say(row));
	}

	/** An inbox has taken it. */
	forget(conversation: string): void {
		this.#run(() => Promise.resolve(this.#forget(conversation)));
	}

	/** Resolves when nothing is said any more. */
	async close(): Promise<void> {
		this.#closed = true;
		this.#stop();
		await this.#queue.idle();
		for (const conversation of this.#byConversation.keys()) this.#forget(conversation);
	}

	#run(work: () => Promise<void>): void {
		if (!this.#closed) void this.#queue.run(async () => (this.#closed ? undefined : work()));
	}

	async #say(row: IntroductionRow): Promise<void> {
		const { crypto, topics, timers } = this.deps;
		// From before links were kept with introductions: it waits for the inbox alone.
		if (row.link === undefined) return;
		const { secret, device } = row.link;
		const known = this.#byConversation.get(row.conversation);
		if (known !== undefined && equalBytes(known.row.sealed, row.sealed)) return this.#publish(known);
		this.#forget(row.conversation);
		const rendezvous = await rendezvousOf(crypto.subtle, { topic: row.topic, secret });
		const heres = new Budget(heresAtOnce, heresAtOnce / 60, timers.now());
		const knock = { row, device, hash: sha256(row.sealed), rendezvous, heres };
		this.#byConversation.set(row.conversation, knock);
		topics.listen([rendezvous.answers]);
		await this.#publish(knock);
	}

	#forget(conversation: string): void {
		const knock = this.#byConversation.get(conversation);
		if (knock === undefined) return;
		this.#byConversation.delete(conversation);
		this.deps.topics.ignore([knock.rendezvous.answers]);
	}

	async #again(knocks: readonly Knock[]): Promise<void> {
		const rows = await this.deps.rows();
		for (const knock of knocks) {
			const stands = rows.some(({ sealed }) => equalBytes(sealed, knock.row.sealed));
			if (stands) await this.#publish(knock);
			else this.#forget(knock.row.conversation);
		}
	}

	async #publish(knock: Knock): Promise<void> {
		const { crypto, topics } = this.deps;
		// Without a connection it is lost: it is said again on the next one.
		topics.publish(knock.rendezvous.door, await sealKnock(crypto, knock.rendezvous, knock.row.sealed));
	}

	#heard(topic: string, data: unknown): void {
		const knock = [...this.#byConversation.values()].find(({ rendezvous }) => rendezvous.answers === topic);
		if (knock === undefined) return;
		const { timers, refused } = this.deps;
		if (this.#answers.take(1, timers.now())) this.#run(() => this.#hear(knock, data));
		else refused('answer to a knock: too-fast');
	}

	async #hear(knock: Knock, data: unknown): Promise<void> {
		const { crypto, timers, refused } = this.deps;
		// It may have been answered by what was heard before this.
		if (this.#byConversation.get(knock.row.conversation) !== knock) return;
		const answer = await openAnswer(crypto.subtle, knock.rendezvous, data);
		if (!answer.ok) return refused(`answer to a knock: ${answer.reason}`);
		if (answer.value.type === 'receipt') return this.#receipt(knock, answer.value);
		if (knock.heres.take(1, timers.now())) await this.#again([knock]);
	}

	async #receipt(knock: Knock, receipt: IntroductionReceipt): Promise<void> {
		const { crypto, received, refused } = this.deps;
		// To somebody else who has the link.
		if (!equalBytes(receipt.hash, knock.hash)) return;
		if (!(await checkReceipt(crypto.subtle, knock.device, knock.row.topic, receipt)))
			return refused('answer to a knock: receipt-signature');
		this.#forget(knock.row.conversation);
		await received(knock.row);
	}
}
