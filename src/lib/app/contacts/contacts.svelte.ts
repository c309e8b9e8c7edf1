/**
 * Other people as the screens see them. Light: names, and who is blocked, are needed for the list; what is done about
 * people comes with the engine (people.ts), and intents wait for it.
 */
import type { ContactRow } from '$lib/identity/contacts';
import type { DeviceDatabase } from '$lib/identity/device-database';
import { decodeContactLink, type ContactLink } from '$lib/protocol/contact-link';
import { accountIdOf } from '$lib/protocol/ids';
import { fail, ok, type Result } from '$lib/protocol/result';
import type {
	Consent,
	ContactPreview,
	ContactsView,
	ContactView,
	Problem,
	Reach,
	RequestView
} from '../contract';
import { contactView, KnownPeople } from './contact-views';
import type { MemberAddress } from './people-contract';

/** What the engine's half does. */
export interface PeopleIntents {
	contactLink(): Promise<Result<string, Problem>>;
	renewContactLink(): Promise<Result<string, Problem>>;
	sendRequest(to: ContactLink, text: string): Promise<Result<string, Problem>>;
	writeToMember(to: MemberAddress, text: string): Promise<Result<string, Problem>>;
	accept(account: string): Promise<Result<string, Problem>>;
	decline(account: string): Promise<Result<void, Problem>>;
	setBlocked(account: string, blocked: boolean): Promise<Result<void, Problem>>;
	changePrivacy(changes: Partial<Consent & { readonly reach: Reach }>): Promise<Result<void, Problem>>;
	readonly trust: Pick<
		ContactsView,
		'nickname' | 'safety' | 'checkScanned' | 'setVerified' | 'changeConsent'
	>;
}

/** What there is to see of people. */
export interface ShownPeople {
	readonly contacts: readonly ContactRow[];
	readonly requests: readonly RequestView[];
	readonly privacy: ContactsView['privacy'];
}

export interface ContactsDeps {
	readonly people: () => Promise<PeopleIntents>;
	/** Own account id; '' before the first run. */
	readonly account: () => string;
	readonly origin: string;
}

const byName = (a: ContactView, b: ContactView): number =>
	a.name.localeCompare(b.name) || (a.account < b.account ? -1 : 1);

export class Contacts implements ContactsView {
	known = $state.raw(new KnownPeople([]));
	requests = $state.raw<readonly RequestView[]>([]);
	privacy = $state.raw<ContactsView['privacy']>({
		reach: 'link',
		consent: { receipts: true, typing: true, online: true }
	});
	readonly contacts = $derived([...this.known.rowByAccount.values()].map(contactView).sort(byName));

	constructor(readonly deps: ContactsDeps) {}

	/** What the list needs, before the engine is there. */
	async load(database: DeviceDatabase): Promise<void> {
		const rows = await database.db.getAll('contacts');
		// The engine may have been quicker, and knows more.
		if (this.known.rowByAccount.size === 0) this.known = new KnownPeople(rows);
	}

	show({ contacts, requests, privacy }: ShownPeople): void {
		this.known = new KnownPeople(contacts);
		this.requests = requests;
		this.privacy = privacy;
	}

	contact(account: string): ContactView | null {
		const row = this.known.rowByAccount.get(account);
		return row === undefined ? null : contactView(row);
	}

	readContactLink(text: string): Result<ContactPreview, Problem> {
		const link = decodeContactLink(text.trim());
		if (!link.ok) return fail({ code: link.reason });
		const account = accountIdOf(link.value.certificate.account);
		const row = this.known.rowByAccount.get(account);
		return ok({
			account,
			name: this.known.nameOf(account, link.value.name),
			conversation: row?.conversation ?? null,
			self: account === this.deps.account(),
			link: link.value
		});
	}

	memberPreview(group: string, account: string, name: string): ContactPreview {
		return {
			account,
			name: this.known.nameOf(account, name),
			conversation: this.known.rowByAccount.get(account)?.conversation ?? null,
			self: account === this.deps.account(),
			link: { group, account } satisfies MemberAddress
		};
	}

	contactLink = async () => this.#addressed(await (await this.deps.people()).contactLink());
	renewContactLink = async () => this.#addressed(await (await this.deps.people()).renewContactLink());
	sendRequest = async (to: ContactPreview, text: string) =>
		inConversation(await this.#writeFirst(to.link as ContactLink | MemberAddress, text));
	accept = async (request: string) => inConversation(await (await this.deps.people()).accept(request));
	decline = async (request: string) => (await this.deps.people()).decline(request);
	block = async (account: string) => (await this.deps.people()).setBlocked(account, true);
	unblock = async (account: string) => (await this.deps.people()).setBlocked(account, false);
	nickname = async (account: string, name: string) =>
		(await this.deps.people()).trust.nickname(account, name);
	safety = async (account: string) => (await this.deps.people()).trust.safety(account);
	checkScanned = async (account: string, text: string) =>
		(await this.deps.people()).trust.checkScanned(account, text);
	setVerified = async (account: string, verified: boolean) =>
		(await this.deps.people()).trust.setVerified(account, verified);
	acknowledgeChange = async (account: string) => (await this.deps.people()).trust.setVerified(account, false);
	changePrivacy = async (changes: Parameters<ContactsView['changePrivacy']>[0]) =>
		(await this.deps.people()).changePrivacy(changes);
	changeConsent = async (account: string, changes: Partial<ContactView['consent']>) =>
		(await this.deps.people()).trust.changeConsent(account, changes);

	async #writeFirst(to: ContactLink | MemberAddress, text: string): Promise<Result<string, Problem>> {
		const people = await this.deps.people();
		return 'group' in to ? people.writeToMember(to, text) : people.sendRequest(to, text);
	}

	#addressed(fragment: Result<string, Problem>): Result<{ readonly url: string }, Problem> {
		return fragment.ok ? ok({ url: `${this.deps.origin}/add#${fragment.value}` }) : fragment;
	}
}

function inConversation(id: Result<string, Problem>): Result<{ readonly conversation: string }, Problem> {
	return id.ok ? ok({ conversation: id.value }) : id;
}
