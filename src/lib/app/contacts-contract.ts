/** What screens may know of other people, and what they may do about them. Part of the contract (contract.ts). */
import type { Consent, Reach, TrustChange } from '../identity/contacts';
import type { Result } from '../protocol/result';
import type { Problem } from './contract';

/**
 * none: no comparison yet · verified: safety numbers were compared · changed: what was compared no longer holds, because
 * somebody goes by this contact's name under another account key, or the contact has a device more than then.
 */
export type Trust = 'none' | 'verified' | 'changed';

export type { Consent, Reach };

export interface ContactView {
	readonly account: string;
	/** What to call them: the name given here, else the one they use. */
	readonly name: string;
	/** Given by this person; null if none. */
	readonly nickname: string | null;
	/** What they call themselves. */
	readonly claimedName: string;
	readonly trust: Trust;
	/** Why trust is 'changed'. */
	readonly change: TrustChange | null;
	readonly blocked: boolean;
	/** The direct conversation, if there is one. */
	readonly conversation: string | null;
	/** Null: as for all. */
	readonly consent: { readonly [K in keyof Consent]: Consent[K] | null };
}

/** Somebody who wrote first; nothing else of theirs is shown or fetched before it is accepted. */
export interface RequestView {
	readonly id: string;
	readonly account: string;
	readonly name: string;
	readonly text: string;
	readonly atMs: number;
	/** Names of contacts who are in a group with them. */
	readonly inCommon: readonly string[];
}

export interface ContactPreview {
	readonly account: string;
	readonly name: string;
	/** The direct conversation there is already, else null. */
	readonly conversation: string | null;
	readonly self: boolean;
	/** The link as read, or the group in which they are a member; opaque to the screens. */
	readonly link: unknown;
}

export interface SafetyView {
	/** Twelve groups of five digits. */
	readonly groups: readonly string[];
	/** For the QR code that the other scans. */
	readonly code: string;
}

export interface ContactsView {
	/** By name; blocked ones too. */
	readonly contacts: readonly ContactView[];
	/** Newest first. */
	readonly requests: readonly RequestView[];
	readonly privacy: { readonly reach: Reach; readonly consent: Consent };

	contact(account: string): ContactView | null;
	/** This person's own link, `<origin>/add#…`. */
	contactLink(): Promise<Result<{ readonly url: string }, Problem>>;
	/** A new link; requests by the old one are no longer taken. */
	renewContactLink(): Promise<Result<{ readonly url: string }, Problem>>;
	/** Reads a contact link, or its fragment. Pure; contacts nobody. */
	readContactLink(text: string): Result<ContactPreview, Problem>;
	/** Somebody who is in a group with this person, to write to without their link. @param name as the group has it */
	memberPreview(group: string, account: string, name: string): ContactPreview;
	/**
	 * Writes first; up to `firstTextLimitBytes` of UTF-8, as it has to fit into an inbox; by way of a group, up to
	 * `greetingTextLimitBytes`. The message waits with the other as a request; here the conversation is
	 * there at once.
	 */
	sendRequest(to: ContactPreview, text: string): Promise<Result<{ readonly conversation: string }, Problem>>;
	accept(request: string): Promise<Result<{ readonly conversation: string }, Problem>>;
	decline(request: string): Promise<Result<void, Problem>>;
	/** Everywhere: their links are refused, what they write is not shown. Takes their requests away. */
	block(account: string): Promise<Result<void, Problem>>;
	unblock(account: string): Promise<Result<void, Problem>>;
	/** '' takes the given name away. */
	nickname(account: string, name: string): Promise<Result<void, Problem>>;
	safety(account: string): Promise<Result<SafetyView, Problem>>;
	/** What was scanned from the other's screen. True marks the contact as verified. */
	checkScanned(account: string, text: string): Promise<Result<boolean, Problem>>;
	/** By word of this person, who compared the digits; or takes it back. */
	setVerified(account: string, verified: boolean): Promise<Result<void, Problem>>;
	/** The warning has been read: trust is 'none' from now on. */
	acknowledgeChange(account: string): Promise<Result<void, Problem>>;
	changePrivacy(changes: Partial<Consent & { readonly reach: Reach }>): Promise<Result<void, Problem>>;
	changeConsent(account: string, changes: Partial<ContactView['consent']>): Promise<Result<void, Problem>>;
}
