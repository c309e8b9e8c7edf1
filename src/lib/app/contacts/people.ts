/**
 * What is done about other people: writing to them first, taking and declining requests, blocking, names, trust. Comes
 * with the engine. What they look like on screen: contacts.svelte.ts.
 */
import type { Authority } from '$lib/conversation/authority';
import type { JournalFailure } from '$lib/conversation/ports';
import {
	newContact,
	seen,
	shownName,
	type ContactRow,
	type IntroductionRow,
	type RequestRow
} from '$lib/identity/contacts';
import type { DeviceDatabase, IdentityRow } from '$lib/identity/device-database';
import type { Timers } from '$lib/link/timers';
import { toBase64url } from '$lib/protocol/base64url';
import { utf8Length } from '$lib/protocol/bytes';
import { checkDevice, type DeviceCertificate } from '$lib/protocol/certificates';
import type { ContactLink } from '$lib/protocol/contact-link';
import type { CryptoPort } from '$lib/protocol/crypto';
import { accountIdOf } from '$lib/protocol/ids';
import { inboxLongestKeepSeconds } from '$lib/protocol/inbox';
import { firstTextLimitBytes, sealIntroduction } from '$lib/protocol/introduction';
import { fail, ok, type Result } from '$lib/protocol/result';
import { leaveInInbox } from '$lib/replicas/inbox';
import type { PageMoments } from '$lib/replicas/swarm/page-moments';
import type { Store } from '$lib/store/types';
import type { Consent, Problem, Reach } from '../contract';
import type { EventLog } from '../event-log';
import type { Companion } from './companions';
import type { PeopleIntents, ShownPeople } from './contacts.svelte';
import { Outbox } from './outbox';
import { PeopleRows } from './people-rows';
import { Reception } from './reception';
import { SharedGroups } from './shared-groups';
import { done, notSaved, Trust, type Done } from './trust';

/** What people need of the conversations. */
export interface DirectConversations {
	/** The direct conversation with the holder of a certificate that has been checked; made if it is not there. */
	direct(other: DeviceCertificate, name: string): Promise<Result<string, JournalFailure | 'agreement-key'>>;
	/** Somebody who is in a group that is open here, or waits to be let into it. */
	companion(account: string): Companion | null;
	say(conversation: string, text: string): Promise<Result<unknown, JournalFailure>>;
	/** Whether it is to be silent has changed. */
	silenced(conversation: string): Promise<void>;
}

export interface PeopleDeps {
	readonly crypto: CryptoPort;
	readonly database: DeviceDatabase;
	readonly identity: IdentityRow;
	readonly store: Store;
	readonly log: EventLog;
	readonly timers: Timers;
	readonly random: () => number;
	/** "https://host/inbox" */
	readonly inboxUrl: string;
	readonly fetch: typeof fetch;
	readonly moments: PageMoments;
	conversations(): DirectConversations;
	show(people: ShownPeople): void;
}

export class People implements PeopleIntents {
	readonly trust: Trust;
	readonly #rows: PeopleRows;
	readonly #reception: Reception;
	readonly #outbox: Outbox;
	#forgetMoments: () => void = () => undefined;

	constructor(readonly deps: PeopleDeps) {
		const { crypto, database, identity, log, timers, random, inboxUrl: url } = deps;
		this.#rows = new PeopleRows(database, () => void this.#show());
		this.trust = new Trust(
			this.#rows,
			identity.certificate.account,
			() => timers.now(),
			(account) => this.#stranger(account)
		);
		const inbox = { fetch: deps.fetch, url };
		this.#reception = new Reception({
			crypto,
			database,
			identity,
			rows: this.#rows,
			inbox,
			log,
			timers,
			random,
			groups: () => this.#sharedGroups()
		});
		this.#outbox = new Outbox({
			timers,
			random,
			rows: () => database.db.getAll('introductions'),
			leave: async ({ topic, sealed }) => {
				const to = { ...inbox, subtle: crypto.subtle };
				const receipt = await leaveInInbox(to, topic, sealed, inboxLongestKeepSeconds);
				return receipt.ok ? ok(receipt.value.expiresSeconds * 1000) : receipt;
			},
			left: async (row, keptUntilMs) => {
				// It may have been taken out meanwhile.
				if ((await database.db.get('introductions', row.conversation)) === undefined) return;
				await this.#rows.change(() => ({
					introductions: new Map([[row.conversation, { ...row, keptUntilMs }]])
				}));
			},
			failed: (reason) => log.reject(`introduction not left: ${reason}`)
		});
	}

	/** To be awaited before conversations are connected: some are to be silent. */
	async load(): Promise<void> {
		await this.#rows.load();
		await this.#show();
	}

	/** Sends what waits, and looks into the inbox. */
	start(): void {
		this.#outbox.wake();
		this.#reception.start();
		this.#forgetMoments = this.deps.moments((moment) => {
			if (moment === 'leaving') return;
			this.#outbox.wake();
			this.#reception.wake();
		});
	}

	async close(): Promise<void> {
		this.#forgetMoments();
		await Promise.all([this.#outbox.close(), this.#reception.close()]);
		await this.#rows.idle();
	}

	/** Direct conversations with people who are blocked: nothing is sent or taken there. */
	isSilent(conversation: string): boolean {
		return this.#rows.contacts.some((row) => row.conversation === conversation && row.blocked);
	}

	/** A conversation has said who is in it, with which devices and by which names. */
	described(conversation: string, authority: Authority): void {
		const peer = this.#rows.contacts.find((row) => row.conversation === conversation);
		const hasAnswered =
			peer !== undefined && [...authority.devices.values()].some(({ account }) => account === peer.account);
		if (hasAnswered) void this.#answered(conversation);
		this.trust.described(authority);
	}

	// --- writing first, and being written to -------------------------------------------------------------------

	contactLink = async () => this.#link(await this.#reception.link());
	renewContactLink = async () => this.#link(await this.#reception.renew());

	async sendRequest(to: ContactLink, raw: string): Promise<Result<string, Problem>> {
		const text = raw.trim();
		const account = accountIdOf(to.certificate.account);
		if (account === this.#account) return fail({ code: 'contact-self' });
		if (text === '') return fail({ code: 'text-empty' });
		if (utf8Length(text) > firstTextLimitBytes) return fail({ code: 'text-too-long' });
		if (this.#rows.contact(account)?.blocked === true) return fail({ code: 'contact-blocked' });
		const { crypto, identity, timers } = this.deps;
		if (!(await checkDevice(crypto.subtle, to.certificate))) return fail({ code: 'contact-link-broken' });
		const from = { ...identity, name: await this.#ownName() };
		const sealed = await sealIntroduction(crypto.subtle, from, to, text, timers.now());
		if (!sealed.ok) return fail({ code: 'contact-link-broken', detail: sealed.reason });
		const begun = await this.#begin(to.certificate, to.name, (conversation) => ({
			conversation,
			topic: to.topic.slice(),
			sealed: sealed.value,
			keptUntilMs: null
		}));
		if (!begun.ok) return begun;
		const said = await this.deps.conversations().say(begun.value, text);
		if (!said.ok) return fail(notSaved(said.reason));
		this.#outbox.wake();
		return begun;
	}

	async accept(account: string): Promise<Result<string, Problem>> {
		const request = this.#rows.request(account);
		if (request?.state !== 'waiting') return fail({ code: 'request-gone' });
		return this.#begin(request.certificate, request.name, null);
	}

	async decline(account: string): Done {
		return done(
			await this.#rows.change(() => {
				const request = this.#rows.request(account);
				if (request?.state !== 'waiting') return null;
				return { requests: new Map([[account, { ...request, text: '', state: 'declined' }]]) };
			})
		);
	}

	async setBlocked(account: string, blocked: boolean): Done {
		const written = await this.#rows.change(() => {
			const request = this.#rows.request(account);
			const row = this.#rows.contact(account) ?? this.#stranger(account);
			const { conversation } = row;
			return {
				contacts: [{ ...row, blocked }],
				...(blocked && request !== undefined ? { requests: new Map([[account, null]]) } : {}),
				...(blocked && conversation !== null ? { introductions: new Map([[conversation, null]]) } : {})
			};
		});
		const conversation = this.#rows.contact(account)?.conversation ?? null;
		if (written.ok && conversation !== null) await this.deps.conversations().silenced(conversation);
		return done(written);
	}

	// --- what they are told ------------------------------------------------------------------------------------

	async changePrivacy(changes: Partial<Consent & { readonly reach: Reach }>): Done {
		const { reach, ...consent } = changes;
		return done(
			await this.#rows.change(() => {
				const before = this.#rows.reachability;
				return {
					reachability: {
						...before,
						reach: reach ?? before.reach,
						consent: { ...before.consent, ...consent }
					}
				};
			})
		);
	}

	// --- parts ------------------------------------------------------------------------------------------------

	get #account(): string {
		return accountIdOf(this.deps.identity.certificate.account);
	}

	async #ownName(): Promise<string> {
		// It may have been changed since the engine was started.
		return (await this.deps.database.db.get('identity', 'self'))?.name ?? this.deps.identity.name;
	}

	#link(link: Result<string, JournalFailure>): Result<string, Problem> {
		return link.ok ? link : fail(notSaved(link.reason));
	}

	/** Somebody of whom nothing is known but that they have asked, or are in a group. */
	#stranger(account: string): ContactRow {
		const row = newContact(account);
		const companion = this.deps.conversations().companion(account);
		if (companion !== null) {
			const { accountKey, name, devices } = companion;
			return { ...row, accountKey, claimedName: name, devices };
		}
		const request = this.#rows.request(account);
		if (request === undefined) return row;
		const { account: accountKey, device } = request.certificate;
		return {
			...row,
			accountKey: accountKey.slice(),
			claimedName: request.name,
			devices: [toBase64url(device)]
		};
	}

	/** Makes somebody a contact, with a conversation; their request is answered by that. */
	async #begin(
		certificate: DeviceCertificate,
		name: string,
		introduction: ((conversation: string) => IntroductionRow) | null
	): Promise<Result<string, Problem>> {
		const account = accountIdOf(certificate.account);
		const begun = await this.deps.conversations().direct(certificate, name);
		if (!begun.ok) {
			return begun.reason === 'agreement-key'
				? fail({ code: 'contact-link-broken', detail: begun.reason })
				: fail(notSaved(begun.reason));
		}
		const conversation = begun.value;
		const kept = await this.#rows.change(() => {
			const before = this.#rows.contact(account) ?? newContact(account);
			const named = { ...before, claimedName: before.claimedName || name, blocked: false };
			const contact = seen(
				{ ...named, accountKey: certificate.account.slice(), conversation },
				{ device: toBase64url(certificate.device) }
			);
			return {
				contacts: [contact],
				requests: new Map([[account, null]]),
				...(introduction === null
					? {}
					: { introductions: new Map([[conversation, introduction(conversation)]]) })
			};
		});
		return kept.ok ? ok(conversation) : fail(notSaved(kept.reason));
	}

	/** The other has written there: no introduction is needed any more. */
	async #answered(conversation: string): Promise<void> {
		if ((await this.deps.database.db.get('introductions', conversation)) === undefined) return;
		await this.#rows.change(() => ({ introductions: new Map([[conversation, null]]) }));
	}

	#sharedGroups(): Promise<SharedGroups> {
		const { database, store } = this.deps;
		const isDirect = (id: string): boolean => this.#rows.contacts.some((row) => row.conversation === id);
		return SharedGroups.read(database, store, isDirect);
	}

	async #show(): Promise<void> {
		const isWaiting = ({ state }: RequestRow): boolean => state === 'waiting';
		const groups = this.#rows.requests.some(isWaiting) ? await this.#sharedGroups() : null;
		// As it is now: something may have changed meanwhile, and have been shown already.
		const waiting = this.#rows.requests.filter(isWaiting);
		this.deps.show({
			contacts: this.#rows.contacts,
			requests: waiting
				.sort((a, b) => b.atMs - a.atMs)
				.map(({ account, name, text, atMs }) => ({
					id: account,
					account,
					name,
					text,
					atMs,
					inCommon: this.#contactsAmong(groups?.companionsOf(account) ?? new Set())
				})),
			privacy: {
				reach: this.#rows.reachability.reach,
				consent: this.#rows.reachability.consent
			}
		});
	}

	#contactsAmong(accounts: ReadonlySet<string>): readonly string[] {
		return this.#rows.contacts
			.filter((row) => !row.blocked && row.conversation !== null && accounts.has(row.account))
			.map(shownName)
			.sort();
	}
}
