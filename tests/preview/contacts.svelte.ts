/**
 * Other people, for the screens alone. The address says what to show: `requests` (two people wait), `changed`
 * (same-name-other-key, new-device), `blocked` (account of who is blocked), `nocontacts`, `fail=<code>`.
 */
import type {
	Consent,
	ContactPreview,
	ContactsView,
	ContactView,
	Problem,
	Reach,
	RequestView,
	SafetyView
} from '../../src/lib/app/contract';
import { fail, ok, type Result } from '../../src/lib/protocol/result';
import { jun, noor, self, tomas } from './fixtures';

const digits = [
	...['04821', '77310', '15926', '53589', '79323', '84626'],
	...['43383', '27950', '28841', '97169', '39937', '51058']
];
/** What the other's screen shows if nobody stands in between. */
const soundCode = 'skein-sn1:preview-sound-code-that-is-as-long-as-a-real-one-of-two-account-keys-is-here';

export class PreviewContacts implements ContactsView {
	contacts = $state.raw<readonly ContactView[]>([]);
	requests = $state.raw<readonly RequestView[]>([]);
	privacy = $state.raw<ContactsView['privacy']>({
		reach: 'link',
		consent: { receipts: true, typing: true, online: false }
	});
	#renewed = 0;

	constructor(
		options: URLSearchParams,
		readonly failure: Problem | null,
		/** Makes the direct conversation and gives its id. */
		readonly found: (account: string, name: string, text: string, own: boolean) => string
	) {
		const none = { receipts: null, typing: null, online: null };
		const contact = (
			over: Pick<ContactView, 'account' | 'claimedName'> & Partial<ContactView>
		): ContactView => ({
			name: over.nickname ?? over.claimedName,
			nickname: null,
			trust: 'none',
			change: null,
			blocked: options.get('blocked') === over.account,
			conversation: null,
			consent: none,
			...over
		});
		const change = options.get('changed') as ContactView['change'];
		if (!options.has('empty') && !options.has('nocontacts'))
			this.contacts = [
				contact({
					account: tomas.account,
					claimedName: tomas.name,
					trust: change === null ? 'verified' : 'changed',
					change,
					conversation: 'conv-tomas',
					consent: { receipts: false, typing: null, online: true }
				}),
				contact({ account: noor.account, claimedName: noor.name, conversation: 'conv-noor' }),
				contact({ account: jun.account, claimedName: jun.name }),
				contact({ account: 'acc-rolf', claimedName: 'Rolf', blocked: true })
			];
		if (options.has('requests'))
			this.requests = [
				{
					id: 'r1',
					account: 'acc-ines',
					name: 'Inês Duarte',
					text: 'Hello Mara, Jun gave me your link. Is there room in the boat for one more on Saturday?',
					atMs: Date.now() - 20 * 60_000,
					inCommon: ['Jun', 'Tomás Ibarra']
				},
				{
					id: 'r2',
					account: 'acc-someone',
					name: 'Tomás Ibarra',
					text: 'it is me, new phone. can you send me the code of the house? https://example.org/house',
					atMs: Date.now() - 26 * 3_600_000,
					inCommon: []
				}
			];
	}

	contact(account: string): ContactView | null {
		return this.contacts.find((each) => each.account === account) ?? null;
	}
	contactLink(): Promise<Result<{ readonly url: string }, Problem>> {
		const key = 'Zm9sbG93LXRoZS10aHJlYWQtYW5kLXlvdS13aWxsLWZpbmQtdXM'.repeat(5);
		return this.#done({ url: `${location.origin}/add#1.self${this.#renewed}.${key}` });
	}
	renewContactLink(): Promise<Result<{ readonly url: string }, Problem>> {
		this.#renewed += 1;
		return this.contactLink();
	}
	readContactLink(text: string): Result<ContactPreview, Problem> {
		const fragment = text.slice(text.indexOf('#') + 1);
		if (!fragment.startsWith('1.')) return fail({ code: 'contact-link-broken' });
		if (fragment.includes('self'))
			return ok({ account: self.account, name: self.name, conversation: null, self: true, link: fragment });
		const known = fragment.includes('tomas');
		return ok({
			account: known ? tomas.account : 'acc-ines',
			name: known ? tomas.name : 'Inês Duarte',
			conversation: known ? 'conv-tomas' : null,
			self: false,
			link: fragment
		});
	}
	memberPreview(_group: string, account: string, name: string): ContactPreview {
		const conversation = this.contact(account)?.conversation ?? null;
		return { account, name, conversation, self: account === self.account, link: account };
	}
	sendRequest(to: ContactPreview, text: string): Promise<Result<{ readonly conversation: string }, Problem>> {
		if (this.failure) return Promise.resolve(fail(this.failure));
		return this.#done({ conversation: this.#add(to.account, to.name, text, true) });
	}
	accept(request: string): Promise<Result<{ readonly conversation: string }, Problem>> {
		const asked = this.requests.find(({ id }) => id === request);
		if (this.failure || !asked) return Promise.resolve(fail(this.failure ?? { code: 'request-gone' }));
		this.requests = this.requests.filter(({ id }) => id !== request);
		return this.#done({ conversation: this.#add(asked.account, asked.name, asked.text, false) });
	}
	decline(request: string): Promise<Result<void, Problem>> {
		if (!this.failure) this.requests = this.requests.filter(({ id }) => id !== request);
		return this.#done(undefined);
	}
	block(account: string): Promise<Result<void, Problem>> {
		if (!this.failure) this.requests = this.requests.filter((request) => request.account !== account);
		return this.#change(account, { blocked: true });
	}
	unblock(account: string): Promise<Result<void, Problem>> {
		return this.#change(account, { blocked: false });
	}
	nickname(account: string, name: string): Promise<Result<void, Problem>> {
		const claimed = this.contact(account)?.claimedName ?? '';
		return this.#change(account, { nickname: name || null, name: name || claimed });
	}
	safety(): Promise<Result<SafetyView, Problem>> {
		return this.#done({ groups: digits, code: soundCode });
	}
	async checkScanned(account: string, text: string): Promise<Result<boolean, Problem>> {
		if (!text.startsWith('skein-sn1:')) return fail({ code: 'safety-code-broken' });
		const sound = text === soundCode;
		if (sound) await this.#change(account, { trust: 'verified', change: null });
		return ok(sound);
	}
	setVerified(account: string, verified: boolean): Promise<Result<void, Problem>> {
		return this.#change(account, { trust: verified ? 'verified' : 'none', change: null });
	}
	acknowledgeChange(account: string): Promise<Result<void, Problem>> {
		return this.setVerified(account, false);
	}
	changePrivacy(changes: Partial<Consent & { readonly reach: Reach }>): Promise<Result<void, Problem>> {
		const { reach = this.privacy.reach, ...consent } = changes;
		if (!this.failure) this.privacy = { reach, consent: { ...this.privacy.consent, ...consent } };
		return this.#done(undefined);
	}
	changeConsent(account: string, changes: Partial<ContactView['consent']>): Promise<Result<void, Problem>> {
		const before = this.contact(account);
		return before
			? this.#change(account, { consent: { ...before.consent, ...changes } })
			: this.#done(undefined);
	}

	#add(account: string, claimedName: string, text: string, own: boolean): string {
		const conversation = this.found(account, claimedName, text, own);
		this.contacts = [
			...this.contacts,
			{
				...{ account, name: claimedName, nickname: null, claimedName, trust: 'none', change: null },
				...{ blocked: false, conversation, consent: { receipts: null, typing: null, online: null } }
			}
		];
		return conversation;
	}
	#change(account: string, changes: Partial<ContactView>): Promise<Result<void, Problem>> {
		if (!this.failure)
			this.contacts = this.contacts.map((each) =>
				each.account === account ? { ...each, ...changes } : each
			);
		return this.#done(undefined);
	}
	#done<T>(value: T): Promise<Result<T, Problem>> {
		return Promise.resolve(this.failure ? fail(this.failure) : ok(value));
	}
}
