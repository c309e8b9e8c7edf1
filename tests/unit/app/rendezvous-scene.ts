/**
 * People with contact links on one simulated signalling server and one inbox, of which either can be away. Databases are
 * real ones, in memory; time passes when told to.
 */
import { webcrypto } from 'node:crypto';
import 'fake-indexeddb/auto';
import { expect } from 'vitest';
import type { ShownPeople } from '../../../src/lib/app/contacts/contacts.svelte';
import type { DirectConversations } from '../../../src/lib/app/contacts/people-contract';
import { People } from '../../../src/lib/app/contacts/people';
import { EventLog } from '../../../src/lib/app/event-log';
import { createIdentity, saveIdentity } from '../../../src/lib/identity/account';
import type { IntroductionRow } from '../../../src/lib/identity/contacts';
import { DeviceDatabase, type IdentityRow } from '../../../src/lib/identity/device-database';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import { decodeContactLink, type ContactLink } from '../../../src/lib/protocol/contact-link';
import type { DeviceCertificate } from '../../../src/lib/protocol/certificates';
import { sha256, webCryptoPort } from '../../../src/lib/protocol/crypto';
import { directConversationOf } from '../../../src/lib/protocol/direct';
import { accountIdOf, laneOf } from '../../../src/lib/protocol/ids';
import {
	encodeInboxList,
	encodeInboxReceipt,
	inboxItemIdOf,
	inboxNonceHeader,
	inboxNonceLength
} from '../../../src/lib/protocol/inbox';
import { fail, ok, type Result } from '../../../src/lib/protocol/result';
import { DeviceJournal } from '../../../src/lib/replicas/journal';
import type { JournalFailure } from '../../../src/lib/conversation/ports';
import type { Topics, TopicsListener } from '../../../src/lib/replicas/swarm/signalling-topics';
import { SeededRandom } from '../../simulation/seeded-random';
import { ManualTimers } from '../link/manual-timers';
import { must } from '../../must';

export const crypto = webCryptoPort(webcrypto as Crypto);

interface Client {
	readonly topics: Set<string>;
	readonly listeners: Set<TopicsListener>;
	connected: boolean;
}

/** Loses, doubles and delays what is published as it is told to. */
export class SimulatedSignalling {
	readonly published: { readonly topic: string; readonly data: unknown }[] = [];
	/** Share that is lost, and that is delivered twice. */
	losing = 0;
	doubling = 0;
	longestDelayMs = 0;
	readonly #clients: Client[] = [];

	constructor(
		readonly timers: ManualTimers,
		readonly random: SeededRandom
	) {}

	/** A socket. @param connected whether it is so from the beginning */
	client(connected = true): Topics & { connect(): void; disconnect(): void } {
		const own: Client = { topics: new Set(), listeners: new Set(), connected };
		this.#clients.push(own);
		return {
			listen: (topics) => [...topics].forEach((topic) => own.topics.add(topic)),
			ignore: (topics) => [...topics].forEach((topic) => own.topics.delete(topic)),
			publish: (topic, data) => {
				if (own.connected) this.publish(topic, data, own);
				return own.connected;
			},
			follow: (listener) => {
				own.listeners.add(listener);
				return () => own.listeners.delete(listener);
			},
			connect: () => {
				own.connected = true;
				for (const listener of own.listeners) listener.connected();
			},
			disconnect: () => (own.connected = false)
		};
	}

	publish(topic: string, data: unknown, from?: Client): void {
		this.published.push({ topic, data });
		if (this.random.chance(this.losing)) return;
		const copies = this.random.chance(this.doubling) ? 2 : 1;
		for (let copy = 0; copy < copies; copy++)
			this.timers.after(this.random.unit() * this.longestDelayMs, () => this.#deliver(topic, data, from));
	}

	listenersOf(topic: string): number {
		return this.#clients.filter(({ connected, topics }) => connected && topics.has(topic)).length;
	}

	#deliver(topic: string, data: unknown, from?: Client): void {
		for (const client of this.#clients) {
			if (client === from || !client.connected || !client.topics.has(topic)) continue;
			for (const listener of client.listeners) listener.heard(topic, data);
		}
	}
}

/** A relay's inboxes, away until it is said that they are not. */
export class SimulatedInboxes {
	away = true;
	/** What is left is kept, and the answer lost. */
	losesAnswers = false;
	/** Called when something has been left, before the answer goes out. */
	onLeft: () => void = () => undefined;
	readonly #itemsByTopic = new Map<string, Map<string, Uint8Array>>();
	readonly #waiting = new Set<() => void>();

	readonly fetch: typeof globalThis.fetch = async (input, init = {}) => {
		if (this.away) throw new TypeError('Failed to fetch');
		const url = new URL(input instanceof Request ? input.url : input);
		const [, , topic = '', item] = url.pathname.split('/');
		const items = this.#itemsByTopic.get(topic) ?? new Map<string, Uint8Array>();
		this.#itemsByTopic.set(topic, items);
		const headers = { [inboxNonceHeader]: toBase64url(new Uint8Array(inboxNonceLength)) };
		if (init.method === 'POST') {
			const bytes = init.body as Uint8Array<ArrayBuffer>;
			const id = inboxItemIdOf(Buffer.from(topic, 'base64url'), bytes);
			items.set(toBase64url(id), bytes);
			for (const wake of this.#waiting) wake();
			this.onLeft();
			if (this.losesAnswers) throw new TypeError('Failed to fetch');
			return new Response(encodeInboxReceipt({ id, expiresSeconds: 4_000_000_000 }));
		}
		if (url.search === '?nonce') return new Response(null, { status: 204, headers });
		if (init.method === 'DELETE') {
			const there = items.delete(item ?? '');
			return new Response(null, { status: there ? 204 : 404, headers });
		}
		if (item !== undefined) {
			const bytes = items.get(item) as Uint8Array<ArrayBuffer> | undefined;
			return new Response(bytes ?? null, { status: bytes === undefined ? 404 : 200, headers });
		}
		if (url.search !== '' && items.size === 0) await this.#news(init.signal ?? null);
		const listed = [...items].map(([id, bytes]) => ({
			id: Buffer.from(id, 'base64url'),
			bytes: bytes.length,
			receivedSeconds: 1,
			expiresSeconds: 4_000_000_000
		}));
		return new Response(encodeInboxList(listed), { headers: { ...headers, etag: `"${items.size}"` } });
	};

	#news(signal: AbortSignal | null): Promise<void> {
		return new Promise((resolve, reject) => {
			const wake = (): void => {
				this.#waiting.delete(wake);
				resolve();
			};
			this.#waiting.add(wake);
			const abort = (): void => reject(new TypeError('Failed to fetch'));
			if (signal?.aborted === true) abort();
			signal?.addEventListener('abort', abort);
		});
	}
}

export interface Human {
	readonly identity: IdentityRow;
	readonly account: string;
	readonly database: DeviceDatabase;
	readonly log: EventLog;
	readonly people: People;
	readonly topics: ReturnType<SimulatedSignalling['client']>;
	readonly conversations: WrittenConversations;
	/** Names of those who have asked, each time that they did. */
	readonly asked: string[];
	shown: ShownPeople;
	link(): Promise<ContactLink>;
	introductions(): Promise<readonly IntroductionRow[]>;
	/** How often something was refused for this reason. */
	refused(reason: string): number;
}

/** Where power can go: before something is begun, or when it has been done and nobody knows yet. */
export type PowerCut = `${'before' | 'after'} ${'direct' | 'say' | 'greet'}`;

/** Conversations of which there is only what has been said: real journals. */
export class WrittenConversations implements DirectConversations {
	/** Nothing goes on from there. */
	cut: PowerCut | null = null;
	isCut = false;
	readonly #given = new Set<() => void>();

	constructor(
		readonly database: DeviceDatabase,
		readonly identity: IdentityRow,
		readonly addresses: ReadonlyMap<string, DeviceCertificate>
	) {}

	direct: DirectConversations['direct'] = ({ account }) =>
		this.#act('direct', async () =>
			ok(toBase64url(directConversationOf(sha256(this.identity.certificate.account), sha256(account))))
		);
	member: DirectConversations['member'] = async (_, account) => {
		const certificate = this.addresses.get(account);
		return certificate === undefined ? null : { certificate, name: 'member' };
	};
	say: DirectConversations['say'] = (conversation, text, draft) =>
		this.#act('say', () => this.#write(conversation, text, draft));
	greet: DirectConversations['greet'] = (group, _, text, draft) =>
		this.#act('greet', () => this.#write(group, text, draft));
	companion = (): null => null;
	silenced = (): Promise<void> => Promise.resolve();

	/** What has been said in a conversation. */
	async said(conversation: string): Promise<readonly string[]> {
		const rows = await this.database.db.getAll('journal');
		return rows
			.filter((row) => row.conversation === conversation)
			.map(({ bytes }) => new TextDecoder().decode(bytes));
	}

	/** Whoever still waits for an answer is refused. */
	giveUp(): void {
		for (const give of this.#given) give();
	}

	async #act<T>(
		what: 'direct' | 'say' | 'greet',
		work: () => Promise<Result<T, JournalFailure>>
	): Promise<Result<T, JournalFailure>> {
		if (this.cut === `before ${what}`) return this.#never();
		const result = await work();
		return this.cut === `after ${what}` ? this.#never() : result;
	}

	#never(): Promise<Result<never, JournalFailure>> {
		this.isCut = true;
		return new Promise((resolve) => this.#given.add(() => resolve(fail('not-saved'))));
	}

	async #write(conversation: string, text: string, draft: string): Promise<Result<void, JournalFailure>> {
		const { publicKey, privateKey } = await crypto.generateSigningKeys();
		const lane = laneOf(publicKey);
		const own = {
			segment: 1,
			lane,
			publicKey,
			privateKey,
			next: 1,
			head: new Uint8Array(32),
			retired: false
		};
		const bytes = new TextEncoder().encode(text);
		const journal = new DeviceJournal(this.database, conversation);
		return journal.commit(own, [{ segment: 1, lane, clock: 0, bytes }], draft);
	}
}

let databases = 0;

export class Scene {
	readonly timers = new ManualTimers();
	readonly random: SeededRandom;
	readonly signalling: SimulatedSignalling;
	readonly inboxes = new SimulatedInboxes();
	readonly #humans: Human[] = [];
	/** As members of one group have them of each other. By account. */
	readonly #addresses = new Map<string, DeviceCertificate>();

	constructor(seed = 1) {
		this.random = new SeededRandom(seed);
		this.signalling = new SimulatedSignalling(this.timers, this.random);
	}

	async human(name: string, connected = true): Promise<Human> {
		const database = await DeviceDatabase.open(name, () => undefined, `rendezvous-${(databases += 1)}`);
		const identity = await createIdentity(crypto, name);
		must(await saveIdentity(database, identity));
		this.#addresses.set(accountIdOf(identity.certificate.account), identity.certificate);
		return this.#start(database, identity, connected);
	}

	/** The same person after their app was closed and opened again. */
	async again({ people, database, identity, topics }: Human): Promise<Human> {
		topics.disconnect();
		await people.close();
		return this.#start(database, identity, true);
	}

	/** The same person after the power was cut: nothing of what was under way is finished. */
	async afterPowerCut({ database: { db }, identity, topics }: Human): Promise<Human> {
		topics.disconnect();
		const database = await DeviceDatabase.open(`${identity.name} again`, () => undefined, db.name);
		return this.#start(database, identity, true);
	}

	/** Is a member of no group any more. */
	leaves({ account }: Human): void {
		this.#addresses.delete(account);
	}

	/** Lets time pass in steps, with what it brings, until something holds. */
	async until(isSo: () => boolean | Promise<boolean>, withinMs = 15 * 60_000, stepMs = 500): Promise<void> {
		const endMs = this.timers.now() + withinMs;
		await expect
			.poll(
				async () => {
					if (this.timers.now() < endMs) this.timers.pass(stepMs);
					return isSo();
				},
				{ timeout: 20_000, interval: 2 }
			)
			.toBe(true);
	}

	/** Lets time pass, with what it brings. */
	pass(ms: number): Promise<void> {
		const endMs = this.timers.now() + ms;
		return this.until(() => this.timers.now() >= endMs, ms, Math.max(500, ms / 120));
	}

	async close(): Promise<void> {
		for (const { conversations } of this.#humans) conversations.giveUp();
		await Promise.all(this.#humans.map(({ people }) => people.close()));
		for (const { database } of this.#humans) database.close();
	}

	async #start(database: DeviceDatabase, identity: IdentityRow, connected: boolean): Promise<Human> {
		const { timers, random, signalling, inboxes } = this;
		const account = accountIdOf(identity.certificate.account);
		const topics = signalling.client(connected);
		const log = new EventLog(() => timers.now());
		const asked: string[] = [];
		const conversations = new WrittenConversations(database, identity, this.#addresses);
		const people = new People({
			crypto,
			database,
			identity,
			store: { members: () => Promise.resolve([]) },
			log,
			timers,
			random: () => random.unit(),
			inboxUrl: 'https://relay.example/inbox',
			fetch: inboxes.fetch,
			moments: () => () => undefined,
			topics: () => topics,
			conversations: () => conversations,
			show: (shown) => (human.shown = shown),
			asked: ({ name }) => void asked.push(name)
		});
		const human: Human = {
			identity,
			account,
			database,
			log,
			people,
			topics,
			conversations,
			asked,
			shown: { contacts: [], requests: [], privacy: { reach: 'link', consent: allTold } },
			link: async () => must(decodeContactLink(must(await people.contactLink()))),
			introductions: () => database.db.getAll('introductions'),
			refused: (reason) => log.rejections.find((each) => each.reason === reason)?.count ?? 0
		};
		this.#humans.push(human);
		await people.load();
		people.start();
		return human;
	}
}

const allTold = { receipts: true, typing: true, online: true };
