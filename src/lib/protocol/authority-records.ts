/**
 * Records that grant and take away (protocol 4): who is a member, who moderates, whose the group is, and by what rules.
 * What each of them is worth is for the fold to say; here is what they look like. An act names in `auth` what empowers
 * its author: of an owner the seat (see `owner` and `handover`), of a moderator the id of the `role` record, of
 * whoever needs no more than membership `noAuthority`.
 */
import { Malformed, type ByteReader, type ByteWriter } from './bytes';
import { readCaps, writeCaps, type Cap } from './caps';
import { hashLength, publicKeyLength, signatureLength } from './crypto';
import { readEpochPart, writeEpochPart, type EpochPart } from './epoch-records';
import { acceptedGrantBounds, membershipCodecs, type MembershipRecord } from './membership-records';
import {
	nonEmpty,
	readChoice,
	readFlag,
	readIdSet,
	writeChoice,
	writeFlag,
	writeIdSet,
	writeText,
	type Codec
} from './record-codec';
import { pictureLimitBytes } from './small-picture';
import { nameLimitBytes } from './text-limits';

export type { AddRecord, InviteCloseRecord, InviteRecord, JoinRecord } from './membership-records';

export const descriptionLimitBytes = 1024;
const removedGrantBounds = { least: 1, most: 32 };
export const noAuthority: Uint8Array = new Uint8Array(hashLength);

const grantableRoles = ['member', 'moderator'] as const;

/** By the owner. To `member`: `caps` says how far what the moderator has done still counts. */
export interface RoleRecord {
	readonly type: 'role';
	readonly auth: Uint8Array;
	readonly grant: Uint8Array;
	readonly role: (typeof grantableRoles)[number];
	readonly caps: readonly Cap[];
}

/** Entries of the grants' lanes beyond `caps`, and lanes that it does not list, count no more. */
export interface RemoveRecord {
	readonly type: 'remove';
	readonly auth: Uint8Array;
	readonly grants: readonly Uint8Array[];
	readonly caps: readonly Cap[];
	/** The epoch that begins with it; null in conversations that have one epoch only. */
	readonly epoch: EpochPart | null;
}

/**
 * Gives the group away, for good. Signed by the owner's account key, so that neither a stolen device nor a fork of the
 * old control lane can give away, or take back, what was given.
 */
export interface OwnerRecord {
	readonly type: 'owner';
	/** Seat that is left. The new seat's id is the hash of these fields (seatOf). */
	readonly seat: Uint8Array;
	/** Public key of the owner who leaves it. */
	readonly account: Uint8Array;
	/** Of the new owner. */
	readonly grant: Uint8Array;
	/** The new owner's control lane. */
	readonly lane: number;
	/** Id of the new owner's `consent`, in that lane. */
	readonly consent: Uint8Array;
	/** How far the old owner's control lanes count. */
	readonly caps: readonly Cap[];
	readonly signature: Uint8Array;
}

/**
 * The owner asks somebody whether they would take over. It moves nothing: the `consent` answers it, and the `owner`
 * record, which needs that, decides. The newest of a seat stands; to the owner's own grant it is taken back.
 */
export interface OfferRecord {
	readonly type: 'offer';
	readonly seat: Uint8Array;
	readonly grant: Uint8Array;
}

/** By somebody who is willing to become the owner after this seat. */
export interface ConsentRecord {
	readonly type: 'consent';
	readonly seat: Uint8Array;
}

/** The owner goes on in another control lane, having lost a device. Signed by the account key; the highest counts. */
export interface HandoverRecord {
	readonly type: 'handover';
	/** What made the account the owner: the conversation id, or the new seat of the `owner` record. */
	readonly tenure: Uint8Array;
	readonly account: Uint8Array;
	/** 1, 2, … */
	readonly counter: number;
	readonly lane: number;
	/** How far the control lanes used so far count. */
	readonly caps: readonly Cap[];
	readonly signature: Uint8Array;
}

/** A device of the author's own account has been lost. */
export interface DeviceRemoveRecord {
	readonly type: 'device-remove';
	/** Public keys. */
	readonly account: Uint8Array;
	readonly device: Uint8Array;
	/** Over its lanes in all segments. */
	readonly caps: readonly Cap[];
	/** By the account key; null if an older device says so. */
	readonly signature: Uint8Array | null;
}

export const audiences = ['members', 'moderators', 'owner'] as const;
export type Audience = (typeof audiences)[number];
export const historyVisibilities = ['all', 'since-join', 'none'] as const;
export type HistoryVisibility = (typeof historyVisibilities)[number];

/** What a group is called, and its rules. */
export interface GroupSettings {
	readonly name: string;
	readonly description: string;
	/** WebP or JPEG, at most `pictureLimitBytes`; whoever shows it looks at it first (small-picture.ts). */
	readonly picture: Uint8Array | null;
	readonly whoMayPost: Audience;
	readonly whoMayInvite: Audience;
	/** Joins by invitations of members wait for approval. */
	readonly approval: boolean;
	readonly history: HistoryVisibility;
}

/** All settings at once. Name, description and picture count from moderators too, the rest from the owner alone. */
export interface SettingsRecord extends GroupSettings {
	readonly type: 'settings';
	readonly auth: Uint8Array;
	/** Grants that came by somebody whom these rules would not allow to let anybody in, and that stay. */
	readonly accepted: readonly Uint8Array[];
}

export type AuthorityRecord =
	| MembershipRecord
	| RoleRecord
	| RemoveRecord
	| OwnerRecord
	| OfferRecord
	| ConsentRecord
	| HandoverRecord
	| DeviceRemoveRecord
	| SettingsRecord;

type AuthorityCodecs = {
	readonly [T in AuthorityRecord['type']]: Codec<Extract<AuthorityRecord, { type: T }>>;
};

/** Its length, 0 for none. */
function writePicture(writer: ByteWriter, picture: Uint8Array | null): void {
	const { length } = picture ?? [];
	if (picture?.length === 0 || length > pictureLimitBytes)
		throw new RangeError(`a picture of ${length} bytes; 1 to ${pictureLimitBytes} are allowed`);
	writer.varuint(length).raw(picture ?? new Uint8Array(0));
}

function readPicture(reader: ByteReader): Uint8Array | null {
	const length = reader.varuint();
	if (length > pictureLimitBytes) throw new Malformed('length');
	return length === 0 ? null : reader.take(length);
}

/** 4 and 5 were an invitation and settings of drafts before version 1. */
export const authorityCodecs: AuthorityCodecs = {
	...membershipCodecs,
	role: {
		number: 33,
		class: 'control',
		write: (w, r) => void writeCaps(writeChoice(w.raw(r.auth).raw(r.grant), grantableRoles, r.role), r.caps),
		read: (r) => ({
			type: 'role',
			auth: r.take(hashLength),
			grant: r.take(hashLength),
			role: readChoice(r, grantableRoles),
			caps: readCaps(r)
		})
	},
	remove: {
		number: 34,
		class: 'control',
		write: (w, r) => {
			writeIdSet(w.raw(r.auth), r.grants, hashLength, removedGrantBounds);
			writeFlag(writeCaps(w, r.caps), r.epoch !== null);
			if (r.epoch !== null) writeEpochPart(w, r.epoch);
		},
		read: (r) => ({
			type: 'remove',
			auth: r.take(hashLength),
			grants: readIdSet(r, hashLength, removedGrantBounds),
			caps: readCaps(r),
			epoch: readFlag(r) ? readEpochPart(r) : null
		})
	},
	owner: {
		number: 35,
		class: 'control',
		write: (w, r) =>
			void writeCaps(w.raw(r.seat).raw(r.account).raw(r.grant).varuint(r.lane).raw(r.consent), r.caps).raw(
				r.signature
			),
		read: (r) => ({
			type: 'owner',
			seat: r.take(hashLength),
			account: r.take(publicKeyLength),
			grant: r.take(hashLength),
			lane: r.varuint(),
			consent: r.take(hashLength),
			caps: readCaps(r),
			signature: r.take(signatureLength)
		})
	},
	offer: {
		number: 44,
		class: 'control',
		write: (w, r) => void w.raw(r.seat).raw(r.grant),
		read: (r) => ({ type: 'offer', seat: r.take(hashLength), grant: r.take(hashLength) })
	},
	consent: {
		number: 36,
		class: 'control',
		write: (w, r) => void w.raw(r.seat),
		read: (r) => ({ type: 'consent', seat: r.take(hashLength) })
	},
	handover: {
		number: 37,
		class: 'control',
		write: (w, r) =>
			void writeCaps(w.raw(r.tenure).raw(r.account).varuint(r.counter).varuint(r.lane), r.caps).raw(
				r.signature
			),
		read: (r) => ({
			type: 'handover',
			tenure: r.take(hashLength),
			account: r.take(publicKeyLength),
			counter: r.varuint(),
			lane: r.varuint(),
			caps: readCaps(r),
			signature: r.take(signatureLength)
		})
	},
	'device-remove': {
		number: 40,
		class: 'control',
		write: (w, r) => {
			writeFlag(writeCaps(w.raw(r.account).raw(r.device), r.caps), r.signature !== null);
			if (r.signature !== null) w.raw(r.signature);
		},
		read: (r) => ({
			type: 'device-remove',
			account: r.take(publicKeyLength),
			device: r.take(publicKeyLength),
			caps: readCaps(r),
			signature: readFlag(r) ? r.take(signatureLength) : null
		})
	},
	settings: {
		number: 43,
		class: 'control',
		write: (w, r) => {
			writeText(w.raw(r.auth), r.name, nameLimitBytes);
			writeText(w, r.description, descriptionLimitBytes, 0);
			writePicture(w, r.picture);
			writeChoice(writeChoice(w, audiences, r.whoMayPost), audiences, r.whoMayInvite);
			writeChoice(writeFlag(w, r.approval), historyVisibilities, r.history);
			writeIdSet(w, r.accepted, hashLength, acceptedGrantBounds);
		},
		read: (r) => ({
			type: 'settings',
			auth: r.take(hashLength),
			name: nonEmpty(r.text(nameLimitBytes)),
			description: r.text(descriptionLimitBytes),
			picture: readPicture(r),
			whoMayPost: readChoice(r, audiences),
			whoMayInvite: readChoice(r, audiences),
			approval: readFlag(r),
			history: readChoice(r, historyVisibilities),
			accepted: readIdSet(r, hashLength, acceptedGrantBounds)
		})
	}
};
