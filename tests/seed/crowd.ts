/**
 * A group of many, in one process: real conversations in memory, each on a real relay through its own connections. For
 * seeing that what one says reaches all the others, and how soon.
 */
import { WebSocket } from 'ws';
import type { Conversation } from '../../src/lib/conversation/conversation';
import {
	foundGroup,
	invite,
	joiningIdentity,
	writeFounding,
	writeJoin
} from '../../src/lib/conversation/founding';
import { HybridClock } from '../../src/lib/protocol/clock';
import { updateLimitBytes } from '../../src/lib/protocol/guard/update';
import { controlSegment } from '../../src/lib/protocol/ids';
import { RelayReplica } from '../../src/lib/replicas/relay/relay-replica';
import { must } from '../must';
import { newAuthor, openInMemory, seedCrypto } from './seed-author';

/** y-websocket and the guarded socket take the page's; Node 20 has none. */
export function withNodeSockets(): void {
	Object.assign(globalThis, { WebSocket });
}

async function pass(from: Conversation, to: Conversation): Promise<void> {
	for await (const update of from.updatesFor(controlSegment, [], updateLimitBytes)) {
		const { violations, gap } = await to.ingest(controlSegment, update, 'crowd');
		if (violations.length > 0 || gap) throw new Error(`refused: ${violations.join() || 'a gap'}`);
	}
}

/** Whoever waits for something looks again whenever anything has happened. */
export class News {
	#waiting: (() => void)[] = [];

	tell(): void {
		const waiting = this.#waiting;
		this.#waiting = [];
		for (const resolve of waiting) resolve();
	}

	/** @throws if it has not come true by `deadlineMs` from now */
	async until(what: string, check: () => boolean, deadlineMs = 120_000): Promise<void> {
		const signal = AbortSignal.timeout(deadlineMs);
		signal.addEventListener('abort', () => this.tell());
		while (!check()) {
			if (signal.aborted) throw new Error(`waited in vain: ${what}`);
			await new Promise<void>((resolve) => this.#waiting.push(resolve));
		}
	}
}

export class Member {
	constructor(readonly news: News) {}

	/** When the read model would have had each message, by its text; `performance.now()`. */
	readonly shownAtMs = new Map<string, number>();
	replica: RelayReplica | null = null;
	#conversation: Conversation | null = null;

	get conversation(): Conversation {
		if (this.#conversation === null) throw new Error('the member has not come in');
		return this.#conversation;
	}

	async open(...[identity, lanes]: [Parameters<typeof openInMemory>[0], Parameters<typeof openInMemory>[2]]) {
		this.#conversation = await openInMemory(identity, new HybridClock(() => Date.now()), lanes, {
			messages: async (messages) => {
				const now = performance.now();
				for (const { text } of messages) if (!this.shownAtMs.has(text)) this.shownAtMs.set(text, now);
				this.news.tell();
			},
			withdrawn: async () => undefined,
			deleted: async () => undefined,
			authority: async () => undefined
		});
		return this.#conversation;
	}

	connect(relayUrl: string, refused: (reason: string) => void): void {
		this.replica = new RelayReplica({
			conversation: this.conversation,
			url: `${relayUrl.replace('http', 'ws')}/doc`,
			longestRetryMs: 1_000,
			nowMs: () => Date.now(),
			comparedAtMs: new Map(),
			onChange: () => this.news.tell(),
			onViolation: refused
		});
	}
}

export class Crowd implements AsyncDisposable {
	readonly refusals: string[] = [];

	private constructor(
		readonly members: readonly Member[],
		readonly news: News
	) {}

	/**
	 * Everybody has joined and knows everybody; nobody is connected.
	 * @param size the founder among them
	 */
	static async assemble(size: number): Promise<Crowd> {
		const founding = await foundGroup(seedCrypto, await newAuthor());
		const news = new News();
		const founder = new Member(news);
		const first = await founder.open(founding.identity, [founding.controlLane]);
		must(await writeFounding(first, founding.genesis, 'Crowd', 'Member 1'));
		const link = must(await invite(seedCrypto, first, Date.now()));
		const members = [founder];
		for (let i = 2; i <= size; i++) {
			const member = new Member(news);
			const identity = await joiningIdentity(seedCrypto, await newAuthor(), link);
			const conversation = await member.open(identity, []);
			must(await writeJoin(seedCrypto, conversation, link, `Member ${i}`));
			await pass(conversation, first);
			members.push(member);
		}
		for (const { conversation } of members.slice(1)) await pass(first, conversation);
		return new Crowd(members, news);
	}

	/** Begins everybody's connections; see allConnected. */
	connect(relayUrl: string): void {
		for (const member of this.members) member.connect(relayUrl, (reason) => this.refusals.push(reason));
	}

	get allConnected(): boolean {
		return this.members.every(({ replica }) => replica?.connected === true && !replica.comparing);
	}

	/** Says something. @returns when, by `performance.now()` */
	async say(by: number, text: string): Promise<number> {
		const member = this.members[by];
		if (member === undefined) throw new RangeError('nobody there');
		const atMs = performance.now();
		must(await member.conversation.write({ type: 'message', text }));
		return atMs;
	}

	/** How many show it by now, its author among them. */
	showing(text: string): number {
		return this.members.filter(({ shownAtMs }) => shownAtMs.has(text)).length;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await Promise.all(this.members.map(({ replica }) => replica?.close()));
		await Promise.all(this.members.map(({ conversation }) => conversation.close()));
	}
}
