/** One's own contact link and inbox: how strangers reach this person, and what becomes of what they write. */
import { declined, seenNamesake, type ReachabilityRow, type RequestRow } from '$lib/identity/contacts';
import type { DeviceDatabase, IdentityRow } from '$lib/identity/device-database';
import type { Timers } from '$lib/link/timers';
import { encodeContactLink, linkSecretLength } from '$lib/protocol/contact-link';
import { msOfHlc } from '$lib/protocol/clock';
import { sha256, type Bytes, type CryptoPort, type SigningKeys } from '$lib/protocol/crypto';
import { accountIdOf } from '$lib/protocol/ids';
import { inboxTopicOf } from '$lib/protocol/inbox';
import { openGreeting } from '$lib/protocol/greeting';
import { openIntroduction, type Introduction } from '$lib/protocol/introduction';
import { ok, type Result } from '$lib/protocol/result';
import { OwnInbox, type InboxDeps } from '$lib/replicas/inbox';
import type { Topics } from '$lib/replicas/swarm/signalling-topics';
import type { JournalFailure } from '$lib/conversation/ports';
import { SerialQueue } from '$lib/conversation/serial-queue';
import type { Greeting } from '$lib/conversation/greetings';
import type { EventLog } from '../event-log';
import { InboxWatch } from './inbox-watch';
import { LinkDoor, type Judged } from './link-door';
import type { GroupGreetings } from './people-contract';
import type { PeopleRows } from './people-rows';
import { judgeRequest } from './request-rules';
import type { SharedGroups } from './shared-groups';

export interface ReceptionDeps {
	readonly crypto: CryptoPort;
	readonly database: DeviceDatabase;
	readonly identity: IdentityRow;
	readonly rows: PeopleRows;
	readonly inbox: Pick<InboxDeps, 'fetch' | 'url'>;
	readonly log: EventLog;
	readonly timers: Timers;
	readonly random: () => number;
	/** Of the signalling server. */
	topics(): Topics;
	groups(): Promise<SharedGroups>;
	/** Somebody has asked, and it is kept. */
	asked(request: Pick<RequestRow, 'name' | 'text'>): void;
}

export class Reception {
	#watch: InboxWatch | null = null;
	#door: LinkDoor | null = null;
	#closed = false;
	/** Greetings (ids) that have been tried, or are being tried. */
	readonly #heard = new Set<string>();
	readonly #hearing = new SerialQueue();

	constructor(readonly deps: ReceptionDeps) {}

	/** Looks into the inbox from now on, if there is one, and listens at the door of the link. */
	start(): void {
		const { inbox } = this.deps.rows.reachability;
		if (inbox === null || this.#closed) return;
		const { timers, random, log, rows } = this.deps;
		this.#watch = new InboxWatch({
			inbox: this.#inboxOf(inbox),
			timers,
			random,
			wanted: () => rows.reachability.reach !== 'nobody',
			take: async (item) => (await this.#take(item)) !== 'not-kept',
			failed: (reason) => log.reject(`inbox: ${reason}`)
		});
		this.attend();
	}

	/** Opens the door of the link, or closes it: as this person wants to be reached now, and by which link. */
	attend(): void {
		const { crypto, identity, rows, timers, log } = this.deps;
		const { inbox, linkSecret: secret, reach, consent } = rows.reachability;
		// Whoever has the link can tell by the door that somebody is there.
		const wanted = !this.#closed && this.#watch !== null && reach !== 'nobody' && consent.online;
		if (this.#door !== null && !(wanted && this.#door.isOf({ secret }))) {
			void this.#door.close();
			this.#door = null;
		}
		if (!wanted || inbox === null) return;
		this.#door ??= new LinkDoor({
			crypto,
			devicePrivateKey: identity.devicePrivateKey,
			link: { topic: inboxTopicOf(inbox.publicKey), secret },
			topics: this.deps.topics(),
			timers,
			take: (introduction) => this.#take(introduction),
			refused: (reason) => log.reject(reason)
		});
	}

	wake(): void {
		this.#watch?.wake();
	}

	async close(): Promise<void> {
		this.#closed = true;
		await Promise.all([this.#watch?.stop(), this.#door?.close(), this.#hearing.idle()]);
	}

	/** Tries to open what a group holds, each once; most of it is for others. */
	hear({ group, greetings }: GroupGreetings): void {
		for (const greeting of greetings) {
			if (this.#heard.has(greeting.id)) continue;
			this.#heard.add(greeting.id);
			void this.#hearing.run(async () => {
				// Not kept: looked at again when the group says something new.
				if (!this.#closed && !(await this.#hearOne(group, greeting))) this.#heard.delete(greeting.id);
			});
		}
	}

	/** The fragment of the contact link; there is one from the first time that it is asked for. */
	async link(): Promise<Result<string, JournalFailure>> {
		if (this.deps.rows.reachability.inbox === null) {
			const made = await this.#makeInbox();
			if (!made.ok) return made;
			this.start();
		}
		const { inbox, linkSecret } = this.deps.rows.reachability;
		if (inbox === null) throw new Error('an inbox that was made is not there');
		// Somebody may have changed their name since the engine was started.
		const { name } = (await this.deps.database.db.get('identity', 'self')) ?? this.deps.identity;
		const { certificate } = this.deps.identity;
		return ok(
			encodeContactLink({ certificate, topic: inboxTopicOf(inbox.publicKey), secret: linkSecret, name })
		);
	}

	/** Another inbox and another secret; what lies in the old inbox is deleted, as far as the relay can be reached. */
	async renew(): Promise<Result<string, JournalFailure>> {
		const before = this.deps.rows.reachability.inbox;
		const made = await this.#makeInbox();
		if (!made.ok) return made;
		const ended = this.#watch?.stop();
		if (before !== null) void this.#clear(this.#inboxOf(before), ended);
		this.start();
		return this.link();
	}

	async #makeInbox(): Promise<Result<void, JournalFailure>> {
		const { crypto, rows } = this.deps;
		const inbox = await crypto.generateSigningKeys();
		const linkSecret = crypto.randomBytes(linkSecretLength);
		return rows.change(() => ({ reachability: { ...rows.reachability, inbox, linkSecret } }));
	}

	#inboxOf(keys: NonNullable<ReachabilityRow['inbox']>): OwnInbox {
		return new OwnInbox({ ...this.deps.inbox, subtle: this.deps.crypto.subtle }, keys);
	}

	async #clear(inbox: OwnInbox, ended: Promise<void> | undefined): Promise<void> {
		await ended;
		const state = await inbox.list();
		// What is left there runs out by itself: nobody looks for it.
		if (!state.ok) return;
		for (const { id } of state.value.items) {
			const deleted = await inbox.delete(id);
			if (!deleted.ok) return;
		}
	}

	/** Opens and judges what was left in the inbox or said at the door; the same by both ways asks once. */
	async #take(item: Uint8Array): Promise<Judged> {
		const { crypto, identity, rows, log } = this.deps;
		const { inbox, linkSecret } = rows.reachability;
		if (inbox === null) return 'not-kept';
		const opened = await openIntroduction(
			crypto.subtle,
			{
				account: identity.certificate.account,
				agreement: this.#agreement,
				topic: inboxTopicOf(inbox.publicKey),
				linkSecret
			},
			item
		);
		if (!opened.ok) {
			log.reject(`introduction: ${opened.reason}`);
			return 'unsound';
		}
		return (await this.#judge(opened.value)) ? 'taken' : 'not-kept';
	}

	get #agreement(): SigningKeys {
		const { agreementPrivateKey: privateKey, certificate } = this.deps.identity;
		return { privateKey, publicKey: certificate.agreement as Bytes };
	}

	/** @returns whether it is done with */
	async #hearOne(group: Uint8Array, { certificate, name, hlc, record }: Greeting): Promise<boolean> {
		const place = { group, from: sha256(certificate.account) };
		const text = await openGreeting(place, this.#agreement, record);
		if (text.ok) return this.#judge({ certificate, name, text: text.value, atMs: msOfHlc(hlc) }, true);
		if (text.reason !== 'greeting-closed') this.deps.log.reject(`introduction: ${text.reason}`);
		return true;
	}

	/** @param stays it cannot be deleted where it was found, so that the verdict has to be kept */
	async #judge({ certificate, name, text, atMs }: Introduction, stays = false): Promise<boolean> {
		const { rows, identity, log, timers } = this.deps;
		const account = accountIdOf(certificate.account);
		const groups = await this.deps.groups();
		const request: RequestRow = {
			account,
			certificate,
			name,
			text,
			atMs: Math.min(atMs, timers.now()),
			claimedMs: atMs,
			state: 'waiting'
		};
		let asks = false;
		const kept = await rows.change(() => {
			const verdict = judgeRequest(atMs, {
				self: account === accountIdOf(identity.certificate.account),
				contact: rows.contact(account),
				before: rows.request(account),
				reach: rows.reachability.reach,
				sharesGroup: groups.shares(account)
			});
			if (verdict !== 'ask') {
				// What stays is found again at each start.
				if (verdict === 'known' || (stays && verdict === 'seen-before')) return null;
				log.reject(`introduction: ${verdict}`);
				// Said to somebody who did not want it, it does not come when they would.
				return stays && verdict === 'out-of-reach' && rows.request(account)?.state !== 'waiting'
					? { requests: new Map([[account, declined(request)]]) }
					: null;
			}
			asks = true;
			const contacts = rows.contacts.flatMap((contact) => {
				const next = seenNamesake(contact, account, name);
				return next === contact ? [] : [next];
			});
			return { requests: new Map([[account, request]]), contacts };
		});
		if (!kept.ok) log.note(`a request was not kept: ${kept.reason}`);
		else if (asks) this.deps.asked({ name, text });
		return kept.ok;
	}
}
