/**
 * What is done about other people: writing to them first, taking and declining requests, blocking, names, trust. Comes
 * with the engine. What they look like on screen: contacts.svelte.ts.
 */
import type { Authority } from '$lib/conversation/authority';
import type { JournalFailure } from '$lib/conversation/ports';
import { newContact, type ContactRow, type IntroductionRow } from '$lib/identity/contacts';
import { toBase64url } from '$lib/protocol/base64url';
import { equalBytes } from '$lib/protocol/bytes';
import type { ContactLink } from '$lib/protocol/contact-link';
import { inboxLongestKeepSeconds } from '$lib/protocol/inbox';
import { fail, ok, type Result } from '$lib/protocol/result';
import { leaveInInbox, type LeaveFailure } from '$lib/replicas/inbox';
import type { Consent, Problem, Reach } from '../contract';
import type { PeopleIntents } from './contacts.svelte';
import { FirstWords } from './first-words';
import { Knocks } from './knocks';
import { Outbox } from './outbox';
import type { GroupGreetings, MemberAddress, PeopleDeps } from './people-contract';
import { PeopleRows } from './people-rows';
import { isWaiting, shownPeople } from './people-views';
import { Reception } from './reception';
import { SharedGroups } from './shared-groups';
import { done, notSaved, Trust, type Done } from './trust';

/** No answer of the relay for so long: the introduction goes on by another way. */
const leavingLimitMs = 15_000;

export class People implements PeopleIntents {
	readonly trust: Trust;
	readonly #rows: PeopleRows;
	readonly #reception: Reception;
	readonly #outbox: Outbox;
	readonly #firstWords: FirstWords;
	/** Once there are conversations. */
	#knocks: Knocks | null = null;
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
			topics: () => deps.topics(),
			groups: () => this.#sharedGroups(),
			asked: (request) => deps.asked(request)
		});
		this.#outbox = new Outbox({
			timers,
			random,
			rows: () => database.db.getAll('introductions'),
			leave: (row) => this.#leave(row),
			left: (row, keptUntilMs) => this.#left(row, keptUntilMs),
			failed: (reason) => log.reject(`introduction not left: ${reason}`),
			knock: (row) => this.#knocks?.say(row)
		});
		this.#firstWords = new FirstWords(this.#rows, {
			crypto,
			database,
			identity,
			timers,
			conversations: () => deps.conversations(),
			introduced: () => this.#outbox.wake(),
			failed: ({ code }) => log.note(`first words were not said: ${code}`)
		});
	}

	/** To be awaited before conversations are connected: some are to be silent. */
	async load(): Promise<void> {
		await this.#rows.load();
		await this.#show();
	}

	/** Sends what waits, says what was being said, looks into the inbox, and listens at the door of the link. */
	start(): void {
		const { crypto, database, log, timers } = this.deps;
		this.#knocks = new Knocks({
			crypto,
			timers,
			topics: this.deps.topics(),
			rows: () => database.db.getAll('introductions'),
			received: (row) => this.#left(row, timers.now() + inboxLongestKeepSeconds * 1000),
			refused: (reason) => log.reject(reason)
		});
		this.#firstWords
			.resume()
			.catch((error: unknown) => log.note(`first words were not looked for: ${String(error)}`));
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
		await Promise.all([
			this.#outbox.close(),
			this.#knocks?.close(),
			this.#reception.close(),
			this.#firstWords.idle()
		]);
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

	/** A group holds first words to whomever they open. */
	greeted(greetings: GroupGreetings): void {
		this.#reception.hear(greetings);
	}

	// --- writing first, and being written to -------------------------------------------------------------------

	contactLink = async () => this.#link(await this.#reception.link());
	renewContactLink = async () => this.#link(await this.#reception.renew());

	sendRequest = (to: ContactLink, text: string) => this.#firstWords.sendRequest(to, text);
	writeToMember = (to: MemberAddress, text: string) => this.#firstWords.writeToMember(to, text);
	accept = (account: string) => this.#firstWords.accept(account);
	decline = (account: string) => this.#firstWords.decline(account);

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
		const written = await this.#rows.change(() => {
			const before = this.#rows.reachability;
			return {
				reachability: {
					...before,
					reach: reach ?? before.reach,
					consent: { ...before.consent, ...consent }
				}
			};
		});
		this.#reception.attend();
		return done(written);
	}

	// --- parts ------------------------------------------------------------------------------------------------

	#link(link: Result<string, JournalFailure>): Result<string, Problem> {
		return link.ok ? link : fail(notSaved(link.reason));
	}

	/** Leaves an introduction in the inbox of whom it is for. @returns until when (ms) the relay keeps it */
	async #leave({ topic, sealed }: IntroductionRow): Promise<Result<number, LeaveFailure>> {
		const { crypto, fetch, inboxUrl: url, timers } = this.deps;
		const patience = new AbortController();
		const cancel = timers.after(leavingLimitMs, () => patience.abort());
		const to = { fetch, url, subtle: crypto.subtle };
		const receipt = await leaveInInbox(to, topic, sealed, inboxLongestKeepSeconds, patience.signal);
		cancel();
		return receipt.ok ? ok(receipt.value.expiresSeconds * 1000) : receipt;
	}

	/** The relay has it, or the other themselves: it need not be said until that time. */
	async #left(row: IntroductionRow, keptUntilMs: number): Promise<void> {
		this.#knocks?.forget(row.conversation);
		await this.#rows.changeIntroduction(row.conversation, (now) =>
			// There may be another one by now.
			equalBytes(now.sealed, row.sealed) ? { ...now, keptUntilMs } : now
		);
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

	/** The other has written there: no introduction is needed any more. */
	async #answered(conversation: string): Promise<void> {
		await this.#rows.changeIntroduction(conversation, () => null);
	}

	#sharedGroups(): Promise<SharedGroups> {
		const { database, store } = this.deps;
		const isDirect = (id: string): boolean => this.#rows.contacts.some((row) => row.conversation === id);
		return SharedGroups.read(database, store, isDirect);
	}

	async #show(): Promise<void> {
		const groups = this.#rows.requests.some(isWaiting) ? await this.#sharedGroups() : null;
		// The rows as they are now: something may have changed meanwhile, and have been shown already.
		this.deps.show(shownPeople(this.#rows, groups));
	}
}
