/** With which right a device acts on a group, and what an act may be refused for. */
import { fromBase64url } from '../../protocol/base64url';
import { noAuthority, type Cap, type KnownRecord } from '../../protocol/records';
import { fail, ok, type Result } from '../../protocol/result';
import { mayInvite, type Authority } from '../authority';

/** Who acts: this device. Ids are base64url. */
export interface Actor {
	readonly account: string;
	/** Under which this device's lanes count. */
	readonly grant: string;
	/** In which it speaks in the control segment; null before it has spoken. */
	readonly controlLane: number | null;
}

export type ActRefusal =
	/** Left, removed, or waiting for approval. */
	| 'not-a-member'
	| 'not-allowed'
	/** Against the owner; or by a moderator against somebody who has ever moderated. */
	| 'protected'
	| 'no-such-member'
	/** It is so already. */
	| 'already'
	/** More than one record holds: lanes of who is removed, or members whom new rules have to name. */
	| 'too-many'
	| 'no-such-invite'
	/** Joined by a link that was closed without it, or was let in, or turned away. */
	| 'not-waiting'
	/** The owner speaks in another lane than this device: see `handover`. */
	| 'seat-elsewhere'
	/** They have been here longer, in a group that passes nothing older on: what they said would count no more. */
	| 'older-member'
	| 'not-offered'
	| 'no-consent';

export type Right =
	| { readonly kind: 'owner'; readonly auth: Uint8Array }
	| { readonly kind: 'moderator'; readonly auth: Uint8Array }
	| { readonly kind: 'member'; readonly auth: Uint8Array };

/** The records that an act takes, or why the fold would void it. */
export type Act = Result<readonly KnownRecord[], ActRefusal>;

/** Caps over all lanes of these grants, as far as they are held and count. */
export type CapsOf = (grants: ReadonlySet<string>) => Promise<readonly Cap[]>;

/** Whether somebody is shown messages that this device is not, see Conversation.seesLessThan. */
export type SeesLessThan = (account: string) => boolean;

/** As many lanes as a record can cap, and as many grants as it can name. */
export const capsLimit = 1_000;
export const acceptedGrantsLimit = 1_500;

export function idOf(text: string): Uint8Array {
	const id = fromBase64url(text);
	if (!id.ok) throw new Error('an id that is none');
	return id.value;
}

/** Grants of an account that nobody has removed. */
export const liveGrantsOf = (authority: Authority, account: string): readonly string[] =>
	[...authority.accountByGrant].flatMap(([grant, of]) =>
		of === account && !authority.capsByGrant.has(grant) ? [grant] : []
	);

/** With which right this device acts; null for none. Of an owner who speaks elsewhere: a handover comes first. */
export function rightOf(authority: Authority, actor: Actor): Result<Right, ActRefusal> {
	const { seat } = authority;
	const member = authority.memberByAccount.get(actor.account);
	if (member === undefined || member.left || authority.capsByGrant.has(actor.grant))
		return fail('not-a-member');
	if (seat?.grant === actor.grant)
		return seat.lane === actor.controlLane && !seat.isFrozen
			? ok({ kind: 'owner', auth: idOf(seat.id) })
			: fail('seat-elsewhere');
	const role = authority.roleIdByGrant.get(actor.grant);
	if (role !== undefined) return ok({ kind: 'moderator', auth: idOf(role) });
	return authority.accountByGrant.has(actor.grant)
		? ok({ kind: 'member', auth: noAuthority })
		: fail('not-a-member');
}

export function asOwner(authority: Authority, actor: Actor): Result<Right, ActRefusal> {
	const right = rightOf(authority, actor);
	return right.ok && right.value.kind !== 'owner' ? fail('not-allowed') : right;
}

export const isProtected = (authority: Authority, account: string): boolean =>
	[...authority.trustedGrants].some((grant) => authority.accountByGrant.get(grant) === account);

/** @returns the grants of a member who is here */
export function presentGrants(authority: Authority, account: string): Result<readonly string[], ActRefusal> {
	const member = authority.memberByAccount.get(account);
	const grants = liveGrantsOf(authority, account);
	return member === undefined || member.removed || grants.length === 0 ? fail('no-such-member') : ok(grants);
}

/** Grants that count for new lanes and that a role would be of use to: those in which control lanes stand. */
export function speakingGrants(authority: Authority, grants: readonly string[]): readonly string[] {
	const speaking = new Set([...authority.controlLaneByNumber.values()].map(({ grant }) => grant));
	return grants.filter((grant) => speaking.has(grant));
}

/** What this device may do now, for screens to offer it. */
export interface GroupRights {
	readonly invite: boolean;
	/** Name and description. */
	readonly describe: boolean;
	/** The rules. */
	readonly rule: boolean;
	readonly moderate: boolean;
	/** After how long what is said disappears. */
	readonly timer: boolean;
}

export function rightsOf(authority: Authority, actor: Actor): GroupRights {
	const right = rightOf(authority, actor);
	// An owner who speaks elsewhere now goes on here: a handover comes before the act.
	const kind = right.ok ? right.value.kind : right.reason === 'seat-elsewhere' ? 'owner' : null;
	return {
		invite: kind !== null && mayInvite(authority, actor.account),
		describe: kind === 'owner' || kind === 'moderator',
		rule: kind === 'owner',
		moderate: kind === 'owner' || kind === 'moderator',
		timer: kind !== null && (kind !== 'member' || authority.kind === 'direct')
	};
}
