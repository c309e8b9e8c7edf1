/** What this person thinks of people they know: names given, safety numbers, what they are told; and what shakes trust. */
import type { Authority } from '$lib/conversation/authority';
import type { JournalFailure } from '$lib/conversation/ports';
import { soundName } from '$lib/identity/account';
import { seen, seenNamesake, withoutVerified, withVerified, type ContactRow } from '$lib/identity/contacts';
import { accountIdOf } from '$lib/protocol/ids';
import { fail, ok, type Result } from '$lib/protocol/result';
import { checkSafetyCode, safetyCode, safetyNumber } from '$lib/protocol/safety-number';
import type { ContactView, Problem, SafetyView } from '../contract';
import type { PeopleRows } from './people-rows';

export type Done = Promise<Result<void, Problem>>;

/** A device's refusal to keep something, as a problem that screens have words for. */
export const notSaved = (reason: JournalFailure): Problem =>
	reason === 'storage-full' ? { code: 'storage-full' } : { code: 'not-saved', detail: reason };

export const done = (written: Result<void, JournalFailure>): Result<void, Problem> =>
	written.ok ? written : fail(notSaved(written.reason));

export class Trust {
	/** @param accountKey own public key */
	constructor(
		readonly rows: PeopleRows,
		readonly accountKey: Uint8Array,
		readonly nowMs: () => number,
		/** A row for somebody of whom there is none. */
		readonly stranger: (account: string) => ContactRow
	) {}

	async nickname(account: string, raw: string): Done {
		const name = raw.trim() === '' ? null : soundName(raw);
		if (name?.ok === false) return fail({ code: name.reason });
		return this.#known(account, (row) => ({ ...row, nickname: name?.value ?? null }));
	}

	async safety(account: string): Promise<Result<SafetyView, Problem>> {
		const key = this.#keyOf(account);
		if (key === null) return fail({ code: 'contact-gone' });
		return ok({ groups: safetyNumber(this.accountKey, key), code: safetyCode(this.accountKey, key) });
	}

	async checkScanned(account: string, text: string): Promise<Result<boolean, Problem>> {
		const key = this.#keyOf(account);
		if (key === null) return fail({ code: 'contact-gone' });
		const checked = checkSafetyCode(text.trim(), this.accountKey, key);
		if (!checked.ok)
			return checked.reason === 'safety-code-differs' ? ok(false) : fail({ code: checked.reason });
		const marked = await this.setVerified(account, true);
		return marked.ok ? ok(true) : marked;
	}

	/** Whoever's number could be compared can be verified, be they a contact or not. */
	async setVerified(account: string, verified: boolean): Done {
		const accountKey = this.#keyOf(account);
		if (accountKey === null) return fail({ code: 'contact-gone' });
		const now = this.nowMs();
		return done(
			await this.rows.change(() => {
				const row = { ...(this.rows.contact(account) ?? this.stranger(account)), accountKey };
				return { contacts: [verified ? withVerified(row, now) : withoutVerified(row)] };
			})
		);
	}

	changeConsent(account: string, changes: Partial<ContactView['consent']>): Done {
		return this.#known(account, (row) => ({ ...row, consent: { ...row.consent, ...changes } }));
	}

	/** A conversation has said who is in it, with which devices and by which names. */
	described(authority: Authority): void {
		const own = accountIdOf(this.accountKey);
		const learned = (): readonly ContactRow[] =>
			this.rows.contacts.flatMap((row) => {
				const next = learn(row, authority, own);
				return next === row ? [] : [next];
			});
		if (learned().length > 0) void this.rows.change(() => ({ contacts: learned() }));
	}

	#keyOf(account: string): Uint8Array | null {
		return this.rows.contact(account)?.accountKey ?? this.stranger(account).accountKey;
	}

	async #known(account: string, work: (row: ContactRow) => ContactRow): Done {
		if (this.rows.contact(account) === undefined) return fail({ code: 'contact-gone' });
		return done(await this.rows.changeContact(account, work));
	}
}

/** @param own account id */
function learn(row: ContactRow, { kind, memberByAccount, devices }: Authority, own: string): ContactRow {
	let next = row;
	const member = memberByAccount.get(row.account);
	if (member !== undefined) next = seen(next, { name: member.name });
	for (const [device, { account }] of devices) if (account === row.account) next = seen(next, { device });
	if (kind === 'direct') return next;
	for (const { account, name } of memberByAccount.values())
		if (account !== own) next = seenNamesake(next, account, name);
	return next;
}
