/**
 * Who this person knows, as kept on this device, and what becomes of trust in them. Pure: rows in, rows out; who calls
 * writes them. A contact's account key is pinned by their account id, which is its hash; what can still go wrong is that
 * somebody else goes by their name, or that they have a device more than when safety numbers were compared.
 */
import type { DeviceCertificate } from '../protocol/certificates';
import { readAs } from './name-skeleton';

/** What this person tells others about themselves. */
export interface Consent {
	readonly receipts: boolean;
	readonly typing: boolean;
	readonly online: boolean;
}

/** What one contact is told; null: as for all. */
export type PartialConsent = { readonly [K in keyof Consent]: Consent[K] | null };
/** Who may write to this person first. */
export type Reach = 'link' | 'contacts-of-contacts' | 'nobody';
export type TrustChange = 'same-name-other-key' | 'new-device';

export interface ContactRow {
	/** Account id, base64url. */
	readonly account: string;
	/** Public key; null if nobody but a group has told of them. */
	readonly accountKey: Uint8Array | null;
	readonly claimedName: string;
	readonly nickname: string | null;
	/** Device keys (base64url) when safety numbers were compared, and when; null if they were not. */
	readonly verified: { readonly atMs: number; readonly devices: readonly string[] } | null;
	readonly change: TrustChange | null;
	/** All device keys of theirs that were ever seen. */
	readonly devices: readonly string[];
	/** Accounts that go by the same name and about which this person has been told. */
	readonly namesakes: readonly string[];
	readonly blocked: boolean;
	/** The direct conversation, base64url; null if there is none. */
	readonly conversation: string | null;
	readonly consent: PartialConsent;
}

/** Somebody who wrote first. */
export interface RequestRow {
	readonly account: string;
	readonly certificate: DeviceCertificate;
	readonly name: string;
	readonly text: string;
	/** As they claim, but not later than it came. */
	readonly atMs: number;
	/** As they claim, where that is later: what it was said before is not asked again. */
	readonly claimedMs?: number;
	/** Declined ones are kept without their text, so that the same introduction does not come back. */
	readonly state: 'waiting' | 'declined';
}

/** Their text goes; what was said then is not asked again. */
export const declined = (request: RequestRow): RequestRow => ({ ...request, text: '', state: 'declined' });

/** A first message that has to reach whoever gave out a contact link. */
export interface IntroductionRow {
	/** Direct conversation that it is about. */
	readonly conversation: string;
	readonly topic: Uint8Array;
	readonly sealed: Uint8Array;
	/** Of the link, to meet its owner: its secret, and whose word it takes. Absent in older rows. */
	readonly link?: { readonly secret: Uint8Array; readonly device: Uint8Array };
	/** Until when (ms) it need not be left in the inbox again; null while neither a relay nor the other has it. */
	readonly keptUntilMs: number | null;
}

/** How others reach this person, and what they are told. */
export interface ReachabilityRow {
	/** Of the inbox; null until there is a contact link. */
	readonly inbox: { readonly privateKey: CryptoKey; readonly publicKey: Uint8Array<ArrayBuffer> } | null;
	readonly linkSecret: Uint8Array;
	readonly reach: Reach;
	readonly consent: Consent;
}

export const noReachability: ReachabilityRow = {
	inbox: null,
	linkSecret: new Uint8Array(0),
	reach: 'link',
	consent: { receipts: true, typing: true, online: true }
};

export const newContact = (account: string): ContactRow => ({
	account,
	accountKey: null,
	claimedName: '',
	nickname: null,
	verified: null,
	change: null,
	devices: [],
	namesakes: [],
	blocked: false,
	conversation: null,
	consent: { receipts: null, typing: null, online: null }
});

/** What to call a contact: the name given here comes before the one they claim. */
export const shownName = ({ nickname, claimedName }: ContactRow): string => nickname ?? claimedName;

/** What this person tells a contact about themselves. */
export function consentFor(general: Consent, contact: ContactRow | undefined): Consent {
	const own = contact?.consent;
	return {
		receipts: own?.receipts ?? general.receipts,
		typing: own?.typing ?? general.typing,
		online: own?.online ?? general.online
	};
}

/** A device of theirs has been seen, and what they call themselves. @returns the same row if nothing is new */
export function seen(
	contact: ContactRow,
	{ device, name }: { readonly device?: string; readonly name?: string }
): ContactRow {
	let row = contact;
	if (name !== undefined && name !== '' && name !== row.claimedName) row = { ...row, claimedName: name };
	if (device === undefined) return row;
	if (!row.devices.includes(device)) row = { ...row, devices: [...row.devices, device] };
	if (row.verified !== null && row.change === null && !row.verified.devices.includes(device))
		row = { ...row, change: 'new-device' };
	return row;
}

/**
 * Somebody else has been seen under a name.
 * @returns the contact with a warning if they go by a name of this contact and that is news; else the same row
 */
export function seenNamesake(contact: ContactRow, account: string, name: string): ContactRow {
	if (account === contact.account || contact.blocked || contact.namesakes.includes(account)) return contact;
	const other = readAs(name);
	const own = [contact.claimedName, contact.nickname ?? ''].map(readAs);
	if (other === '' || !own.includes(other)) return contact;
	return {
		...contact,
		namesakes: [...contact.namesakes, account],
		change: contact.change ?? 'same-name-other-key'
	};
}

/** By word of this person, or what was scanned. */
export const withVerified = (contact: ContactRow, atMs: number): ContactRow => ({
	...contact,
	verified: { atMs, devices: contact.devices },
	change: null
});

export const withoutVerified = (contact: ContactRow): ContactRow => ({
	...contact,
	verified: null,
	change: null
});
