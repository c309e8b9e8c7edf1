/** Writing to somebody first, and answering who has: both make a contact, with a conversation. */
import { SerialQueue } from '$lib/conversation/serial-queue';
import { declined, newContact, seen } from '$lib/identity/contacts';
import { toBase64url } from '$lib/protocol/base64url';
import { utf8Length } from '$lib/protocol/bytes';
import { checkDevice, type DeviceCertificate } from '$lib/protocol/certificates';
import type { ContactLink } from '$lib/protocol/contact-link';
import { sha256 } from '$lib/protocol/crypto';
import { directConversationOf } from '$lib/protocol/direct';
import { greetingTextLimitBytes } from '$lib/protocol/greeting-record';
import { accountIdOf } from '$lib/protocol/ids';
import { firstTextLimitBytes, sealIntroduction } from '$lib/protocol/introduction';
import { fail, ok, type Result } from '$lib/protocol/result';
import type { Problem } from '../contract';
import type { MemberAddress, PeopleDeps } from './people-contract';
import type { PeopleChange, PeopleRows } from './people-rows';
import { done, notSaved, type Done } from './trust';
import {
	dropUnsaid,
	firstWordsKey,
	greetingKey,
	keepUnsaid,
	unsaidWords,
	type UnsaidWords
} from './unsaid-words';

export type FirstWordsDeps = Pick<
	PeopleDeps,
	'crypto' | 'database' | 'identity' | 'timers' | 'conversations'
> & {
	/** An introduction waits to be left in somebody's inbox. */
	introduced(): void;
	/** What was begun before the app ended could not be said. */
	failed(problem: Problem): void;
};

export class FirstWords {
	/** What is begun and what was begun before are not said at the same time. */
	readonly #queue = new SerialQueue();

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
		return this.#queue.run(() => this.#introduce(to, text, sealed.value));
	}

	/**
	 * Writes to somebody who is in a group with this person, by way of that group (docs/decisions/0032).
	 * @returns the id of the conversation in which the text was said
	 */
	async writeToMember(to: MemberAddress, raw: string): Promise<Result<string, Problem>> {
		const text = raw.trim();
		const refused = this.#refusal(to.account, text, greetingTextLimitBytes);
		return refused === null ? this.#queue.run(() => this.#writeToMember(to, text)) : fail(refused);
	}

	/** Says what was being said when the app ended. */
	resume(): Promise<void> {
		return this.#queue.run(async () => {
			const { database, failed } = this.deps;
			for (const words of await unsaidWords(database)) {
				const said = await this.#resume(words);
				if (said.ok) continue;
				failed(said.reason);
				// What the disk has refused is said at the next start.
				const { code } = said.reason;
				if (code !== 'not-saved' && code !== 'storage-full') await dropUnsaid(database, words);
			}
		});
	}

	/** Resolves when nothing is being said. */
	idle(): Promise<void> {
		return this.#queue.idle();
	}

	async #introduce(to: ContactLink, text: string, sealed: Uint8Array): Promise<Result<string, Problem>> {
		const begun = await this.#begin(to.certificate, to.name, (conversation) => ({
			introductions: new Map([
				[
					conversation,
					{
						conversation,
						topic: to.topic.slice(),
						link: { secret: to.secret.slice(), device: to.certificate.device.slice() },
						sealed,
						keptUntilMs: null
					}
				]
			]),
			drafts: new Map([[firstWordsKey(conversation), text]])
		}));
		if (!begun.ok) return begun;
		const said = await this.#say(begun.value, text);
		if (!said.ok) return said;
		this.deps.introduced();
		return begun;
	}

	async #writeToMember(to: MemberAddress, text: string): Promise<Result<string, Problem>> {
		const { database } = this.deps;
		const member = await this.deps.conversations().member(to.group, to.account);
		if (member === null) return fail({ code: 'contact-gone' });
		const own = sha256(this.deps.identity.certificate.account);
		const conversation = toBase64url(directConversationOf(own, sha256(member.certificate.account)));
		const kept = await keepUnsaid(database, conversation, to, text);
		if (!kept.ok) return fail(notSaved(kept.reason));
		const said = await this.#greet(to, member, text, false);
		// The person is told, and sees to it.
		if (!said.ok) await dropUnsaid(database, { conversation, by: to });
		return said;
	}

	/** @param isSaid in the conversation of the two */
	async #greet(
		to: MemberAddress,
		{ certificate, name }: { readonly certificate: DeviceCertificate; readonly name: string },
		text: string,
		isSaid: boolean
	): Promise<Result<string, Problem>> {
		const begun = await this.#begin(certificate, name);
		if (!begun.ok) return begun;
		const said = isSaid ? ok(undefined) : await this.#say(begun.value, text);
		if (!said.ok) return said;
		const draft = greetingKey(begun.value, to);
		const greeted = await this.deps.conversations().greet(to.group, certificate, text, draft);
		if (greeted.ok) return begun;
		return greeted.reason === 'agreement-key'
			? fail({ code: 'contact-gone', detail: greeted.reason })
			: fail(notSaved(greeted.reason));
	}

	async #resume({ conversation, text, by }: UnsaidWords): Promise<Result<unknown, Problem>> {
		const { db } = this.deps.database;
		const isSaid = (await db.get('drafts', firstWordsKey(conversation))) === undefined;
		const account =
			by?.account ?? this.rows.contacts.find((row) => row.conversation === conversation)?.account;
		if (account === undefined) return fail({ code: 'contact-gone' });
		if (this.rows.contact(account)?.blocked === true) return fail({ code: 'contact-blocked' });
		if (by === null) return isSaid ? ok(undefined) : this.#say(conversation, text);
		const member = await this.deps.conversations().member(by.group, by.account);
		return member === null ? fail({ code: 'contact-gone' }) : this.#greet(by, member, text, isSaid);
	}

	async #say(conversation: string, text: string): Promise<Result<unknown, Problem>> {
		const said = await this.deps.conversations().say(conversation, text, firstWordsKey(conversation));
		return said.ok ? said : fail(notSaved(said.reason));
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
		return this.#begin(request.certificate, request.name);
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

	/**
	 * Makes somebody a contact, with a conversation; their request is answered by that.
	 * @param more to be written together with it
	 */
	async #begin(
		certificate: DeviceCertificate,
		name: string,
		more: (conversation: string) => PeopleChange = () => ({})
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
				...more(conversation)
			};
		});
		return kept.ok ? ok(conversation) : fail(notSaved(kept.reason));
	}
}
