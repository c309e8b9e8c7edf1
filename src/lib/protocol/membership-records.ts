/**
 * Records by which people come into a group (protocol 5): invitations, joins by them, and what lets somebody in. Part of
 * the table of authority (authority-records.ts).
 */
import type { ByteReader } from './bytes';
import { hashLength, publicKeyLength, signatureLength } from './crypto';
import {
	readChoice,
	readFlag,
	readIdSet,
	writeChoice,
	writeFlag,
	writeIdSet,
	type Codec
} from './record-codec';

/** As many as fit into a control entry beside everything else. */
export const acceptedGrantBounds = { least: 0, most: 1_500 };

/**
 * Joins by an open link: the newcomer's own word, signed with the invite key from the link. The grant is the hash of
 * conversation, invite key and account (joinGrantOf).
 */
export interface JoinRecord {
	readonly type: 'join';
	readonly invitePublicKey: Uint8Array;
	/** Public key. */
	readonly account: Uint8Array;
	readonly signature: Uint8Array;
}

const addWays = ['direct', 'personal', 'approval'] as const;

/**
 * Lets an account in. `direct` makes a grant, named by the id of this entry. `personal` uses up the invitation `subject`
 * (its public key) and lets the join of this account by it count; `approval` lets the join whose grant is `subject` count.
 */
export interface AddRecord {
	readonly type: 'add';
	readonly auth: Uint8Array;
	/** Public key. */
	readonly account: Uint8Array;
	readonly way: (typeof addWays)[number];
	/** An invite key, a join's grant, or null for `direct`. */
	readonly subject: Uint8Array | null;
}

const inviteKinds = ['open', 'personal'] as const;

/** States the public halves of an invitation. Who comes by it becomes a plain member. */
export interface InviteRecord {
	readonly type: 'invite';
	readonly auth: Uint8Array;
	/** Ed25519. */
	readonly invitePublicKey: Uint8Array;
	/** X25519: epochs that begin while the invitation is open are sealed to its holders. */
	readonly agreement: Uint8Array;
	readonly kind: (typeof inviteKinds)[number];
	/** Milliseconds since 1970. A join whose hlc is later is void. */
	readonly expiresAtMs: number;
	/** Whoever joins waits until an `add` names the join. */
	readonly approval: boolean;
}

/** Of the joins by an invitation, those that are listed count and no others. */
export interface InviteCloseRecord {
	readonly type: 'invite-close';
	readonly auth: Uint8Array;
	readonly invitePublicKey: Uint8Array;
	/** Grants of the joins that are accepted. */
	readonly joins: readonly Uint8Array[];
}

export type MembershipRecord = JoinRecord | AddRecord | InviteRecord | InviteCloseRecord;

type MembershipCodecs = {
	readonly [T in MembershipRecord['type']]: Codec<Extract<MembershipRecord, { type: T }>>;
};

function readSubject(reader: ByteReader): Pick<AddRecord, 'way' | 'subject'> {
	const way = readChoice(reader, addWays);
	return { way, subject: way === 'direct' ? null : reader.take(hashLength) };
}

export const membershipCodecs: MembershipCodecs = {
	join: {
		number: 3,
		class: 'control',
		write: (w, r) => void w.raw(r.invitePublicKey).raw(r.account).raw(r.signature),
		read: (r) => ({
			type: 'join',
			invitePublicKey: r.take(publicKeyLength),
			account: r.take(publicKeyLength),
			signature: r.take(signatureLength)
		})
	},
	add: {
		number: 32,
		class: 'control',
		write: (w, r) => {
			if ((r.way === 'direct') !== (r.subject === null)) throw new RangeError('an add without its subject');
			writeChoice(w.raw(r.auth).raw(r.account), addWays, r.way).raw(r.subject ?? new Uint8Array(0));
		},
		read: (r) => ({
			type: 'add',
			auth: r.take(hashLength),
			account: r.take(publicKeyLength),
			...readSubject(r)
		})
	},
	invite: {
		number: 38,
		class: 'control',
		write: (w, r) =>
			void writeFlag(
				writeChoice(w.raw(r.auth).raw(r.invitePublicKey).raw(r.agreement), inviteKinds, r.kind).varuint(
					r.expiresAtMs
				),
				r.approval
			),
		read: (r) => ({
			type: 'invite',
			auth: r.take(hashLength),
			invitePublicKey: r.take(publicKeyLength),
			agreement: r.take(publicKeyLength),
			kind: readChoice(r, inviteKinds),
			expiresAtMs: r.varuint(),
			approval: readFlag(r)
		})
	},
	'invite-close': {
		number: 39,
		class: 'control',
		write: (w, r) =>
			writeIdSet(w.raw(r.auth).raw(r.invitePublicKey), r.joins, hashLength, acceptedGrantBounds),
		read: (r) => ({
			type: 'invite-close',
			auth: r.take(hashLength),
			invitePublicKey: r.take(publicKeyLength),
			joins: readIdSet(r, hashLength, acceptedGrantBounds)
		})
	}
};
