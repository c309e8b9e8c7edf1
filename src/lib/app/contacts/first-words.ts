/** Writing to somebody first, and answering who has: both make a contact, with a conversation. */
import { declined, newContact, seen, type IntroductionRow } from '$lib/identity/contacts';
import { toBase64url } from '$lib/protocol/base64url';
import { utf8Length } from '$lib/protocol/bytes';
import { checkDevice, type DeviceCertificate } from '$lib/protocol/certificates';
import type { ContactLink } from '$lib/protocol/contact-link';
import { greetingTextLimitBytes } from '$lib/protocol/greeting-record';
import { accountIdOf } from '$lib/protocol/ids';
import { firstTextLimitBytes, sealIntroduction } from '$lib/protocol/introduction';
import { fail, ok, type Result } from '$lib/protocol/result';
import type { Problem } from '../contract';
import type { MemberAddress, PeopleDeps } from './people-contract';
import type { PeopleRows } from './people-rows';
import { done, notSaved, type Done } from './trust';

export type FirstWordsDeps = Pick<
	PeopleDeps,
	'crypto' | 'database' | 'identity' | 'timers' | 'conversations'
> & {
	/** An introduction waits to be left in somebody's inbox. */
	introduced(): void;
};

export class FirstWords {
	constructor(
		readonly rows: PeopleRows,
		readonly deps: FirstWordsDeps
	) {}

	/** @returns the id of the conversation in which the text was said */
	async sendRequest(to: ContactLink, raw: string): Promise<Result<string, Problem>> {
		const text = raw.trim();
		const refused = this.#refusal(accountIdOf(to.certificate.account), text, firstTextLimitBytes);
		if (refused !== null) return fail(refused);
		const { crypto, identity, timers } = this.deps;
		if (!(await checkDevice(crypto.subtle, to.certificate))) return fail({ code: 'contact-link-broken' });
		const from = { ...identity, name: await this.#ownName() };
		const sealed = await sealIntroduction(crypto.subtle, from, to, text, timers.now());
		if (!sealed.ok) return fail({ code: 'contact-link-broken', detail: sealed.reason });
		const begun = await this.#begin(to.certificate, to.name, (conversation) => ({
			conversation,
			topic: to.topic.slice(),
			link: { secret: to.secret.slice(), device: to.certificate.device.slice() },
			sealed: sealed.value,
			keptUntilMs: null
		}));
		if (!begun.ok) return begun;
		const said = await this.deps.conversations().say(begun.value, text);
		if (!said.ok) return fail(notSaved(said.reason));
		this.deps.introduced();
		return begun;
	}

	/**
	 * Writes to somebody who is in a group with this person, by way of that group (docs/decisions/0032).
	 * @returns the id of the conversation in which the text was said
	 */
	async writeToMember({ group, account }: MemberAddress, raw: string): Promise<Result<string, Problem>> {
		const text = raw.trim();
		const refused = this.#refusal(account, text, greetingTextLimitBytes);
		if (refused !== null) return fail(refused);
		const conversations = this.deps.conversations();
		const to = await conversations.member(group, account);
		if (to === null) return fail({ code: 'contact-gone' });
		const begun = await this.#begin(to.certificate, to.name, null);
		if (!begun.ok) return begun;
		const said = await conversations.say(begun.value, text);
		if (!said.ok) return fail(notSaved(said.reason));
		const greeted = await conversations.greet(group, to.certificate, text);
		if (greeted.ok) return begun;
		return greeted.reason === 'agreement-key'
			? fail({ code: 'contact-gone', detail: greeted.reason })
			: fail(notSaved(greeted.reason));
	}

	#refusal(account: string, text: string, limitBytes: number): Problem | null {
		if (account === accountIdOf(this.deps.identity.certificate.account)) return { code: 'contact-self' };
		if (text === '') return { code: 'text-empty' };
		if (utf8Length(text) > limitBytes) return { code: 'text-too-long' };
		return this.rows.contact(account)?.blocked === true ? { code: 'contact-blocked' } : null;
	}

	/** @returns the id of the conversation with whoever has asked */
	async accept(account: string): Promise<Result<string, Problem>> {
		const request = this.rows.request(account);
		if (request?.state !== 'waiting') return fail({ code: 'request-gone' });
		return this.#begin(request.certificate, request.name, null);
	}

	async decline(account: string): Done {
		return done(
			await this.rows.change(() => {
				const request = this.rows.request(account);
				if (request?.state !== 'waiting') return null;
				return { requests: new Map([[account, declined(request)]]) };
			})
		);
	}

	async #ownName(): Promise<string> {
		// It may have been changed since the engine was started.
		return (await this.deps.database.db.get('identity', 'self'))?.name ?? this.deps.identity.name;
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
		const kept = await this.rows.change(() => {
			const before = this.rows.contact(account) ?? newContact(account);
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
}
