/**
 * What the epochs of a conversation follow from: records of the control segment and the authority that is folded from
 * them. Facts are a set: two devices with the same control segment have the same, whatever came first.
 */
import type {
	EpochPart,
	NewcomerTerms,
	PastRecord,
	SealedKind,
	SealRecord
} from '../../protocol/epoch-records';

/** An `epoch` record, or the epoch part of a `remove` record. */
export interface EpochStatement {
	/** Base64url, of the epoch. */
	readonly id: string;
	/** Of the entry, base64url. */
	readonly entryId: string;
	readonly lane: number;
	readonly clock: number;
	readonly hlc: number;
	/**
	 * Stands where its lane counts. What does not (its author had been removed) is never written under, but what honest
	 * members wrote under it before they knew is to stay readable: such an epoch is among the facts if an entry under it
	 * counts, or may (its author cannot be told yet), or one that counts descends from it, and only then. Else whoever was
	 * removed would have every epoch that they begin sealed on and on.
	 */
	readonly counts: boolean;
	readonly part: EpochPart;
}

/** A device that is, or ever was, a member's. */
export interface DeviceFact {
	readonly account: string;
	/** X25519 public key. */
	readonly agreement: Uint8Array;
	/** Recipient name of the invitation by which its grant came; null for other grants. */
	readonly via: string | null;
	/** Of a member who is here, and neither lost nor removed. */
	readonly isMember: boolean;
}

export interface InviteFact {
	/** X25519 public key. */
	readonly agreement: Uint8Array;
	/** Id of the epoch under which it was published: its links hold that epoch's secret, or control secret. */
	readonly under: string;
	/** What it may be given of an epoch: no more than `control` if somebody has to let in whoever comes by it. */
	readonly kind: SealedKind;
	/** Nobody has closed it. */
	readonly isOpen: boolean;
	readonly expiresAtMs: number;
}

export interface EpochFacts {
	/** Null as long as it cannot be read here. */
	readonly genesis: {
		readonly commitment: Uint8Array;
		readonly hlc: number;
		/** Recipient name of the founder's device. */
		readonly holder: string;
	} | null;
	readonly epochs: readonly EpochStatement[];
	/** All `seal` and `past` records: what they give is checked against the epoch's name, whoever says it. */
	readonly seals: readonly { readonly record: SealRecord; readonly counts: boolean }[];
	readonly pasts: readonly { readonly record: PastRecord; readonly counts: boolean }[];
	/** What devices have said of themselves, once for each `unopened` record and epoch in it. */
	readonly unopened: readonly {
		readonly recipient: string;
		readonly epoch: string;
		readonly counts: boolean;
	}[];
	/** By recipient name, base64url. */
	readonly devices: ReadonlyMap<string, DeviceFact>;
	/** By recipient name, base64url. */
	readonly invites: ReadonlyMap<string, InviteFact>;
	/** What settings let newcomers have. */
	readonly newcomers: NewcomerTerms;
}
