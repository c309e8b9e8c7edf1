/**
 * What somebody may do to a group now, and the records that do it. Pure over the authority as it is known here; an act
 * that the fold would void is refused before it is written, with the reason. Others may have acted meanwhile, so that
 * it comes to nothing all the same: the moderation log says so.
 */
import { fromBase64url } from '../protocol/base64url';
import { noAuthority } from '../protocol/records';
import type {
	Audience,
	Cap,
	EpochPart,
	HistoryVisibility,
	KnownRecord,
	SettingsRecord
} from '../protocol/records';
import { fail, ok, type Result } from '../protocol/result';
import { mayInvite, type Authority } from './authority';

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
	| 'not-offered'
	| 'no-consent';

export type Right =
	| { readonly kind: 'owner'; readonly auth: Uint8Array }
	| { readonly kind: 'moderator'; readonly auth: Uint8Array }
	| { readonly kind: 'member'; readonly auth: Uint8Array };

type Act = Result<readonly KnownRecord[], ActRefusal>;

/** As many lanes as a record can cap, and as many grants as it can name. */
const capsLimit = 1_000;
const removedGrantsLimit = 32;
const acceptedGrantsLimit = 1_500;

export interface GroupSettings {
	readonly name: string;
	readonly description: string;
	readonly whoMayPost: Audience;
	readonly whoMayInvite: Audience;
	readonly approval: boolean;
	readonly history: HistoryVisibility;
}

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

function asOwner(authority: Authority, actor: Actor): Result<Right, ActRefusal> {
	const right = rightOf(authority, actor);
	return right.ok && right.value.kind !== 'owner' ? fail('not-allowed') : right;
}

const isProtected = (authority: Authority, account: string): boolean =>
	[...authority.trustedGrants].some((grant) => authority.accountByGrant.get(grant) === account);

/** @returns the grants of a member who is here */
function presentGrants(authority: Authority, account: string): Result<readonly string[], ActRefusal> {
	const member = authority.memberByAccount.get(account);
	const grants = liveGrantsOf(authority, account);
	return member === undefined || member.removed || grants.length === 0 ? fail('no-such-member') : ok(grants);
}

/** Grants that count for new lanes and that a role would be of use to: those in which control lanes stand. */
function speakingGrants(authority: Authority, grants: readonly string[]): readonly string[] {
	const speaking = new Set([...authority.controlLaneByNumber.values()].map(({ grant }) => grant));
	return grants.filter((grant) => speaking.has(grant));
}

/** By the owner. */
export function makeModerator(authority: Authority, actor: Actor, account: string): Act {
	const right = asOwner(authority, actor);
	if (!right.ok) return right;
	if (authority.memberByAccount.get(account)?.left === true) return fail('no-such-member');
	const grants = presentGrants(authority, account);
	if (!grants.ok) return grants;
	if (account === actor.account) return fail('protected');
	const named = speakingGrants(authority, grants.value).filter(
		(grant) => !authority.roleIdByGrant.has(grant)
	);
	if (named.length === 0) return fail('already');
	return ok(
		named.map((grant) => ({
			type: 'role',
			auth: right.value.auth,
			grant: idOf(grant),
			role: 'moderator',
			caps: []
		}))
	);
}

/** By the owner. @param capsOf what is held of the lanes of a grant: so far their acts still count */
export async function unmakeModerator(
	authority: Authority,
	actor: Actor,
	account: string,
	capsOf: CapsOf
): Promise<Act> {
	const right = asOwner(authority, actor);
	if (!right.ok) return right;
	const grants = [...authority.roleIdByGrant.keys()].filter(
		(grant) => authority.accountByGrant.get(grant) === account
	);
	if (grants.length === 0) return fail('already');
	const records: KnownRecord[] = [];
	for (const grant of grants) {
		const caps = await capsOf(new Set([grant]));
		if (caps.length > capsLimit) return fail('too-many');
		records.push({ type: 'role', auth: right.value.auth, grant: idOf(grant), role: 'member', caps });
	}
	return ok(records);
}

export type CapsOf = (grants: ReadonlySet<string>) => Promise<readonly Cap[]>;

export interface Removal {
	readonly capsOf: CapsOf;
	/** The epoch that begins with the removal and is sealed to everybody but these accounts; null: no new epoch. */
	readonly beginEpoch: (without: ReadonlySet<string>) => Promise<EpochPart | null>;
	/** Grants by invite key of the joins so far: they stay when the links are closed. */
	readonly joinsByKey: ReadonlyMap<string, readonly string[]>;
}

/** Why somebody cannot be removed by this device, or null. */
export function removalRefusal(authority: Authority, actor: Actor, account: string): ActRefusal | null {
	const right = rightOf(authority, actor);
	if (!right.ok) return right.reason;
	if (right.value.kind === 'member') return 'not-allowed';
	const grants = presentGrants(authority, account);
	if (!grants.ok) return grants.reason;
	if (account === actor.account || authority.accountByGrant.get(authority.seat?.grant ?? '') === account)
		return 'protected';
	if (right.value.kind === 'moderator' && isProtected(authority, account)) return 'protected';
	return grants.value.length > removedGrantsLimit ? 'too-many' : null;
}

/** By the owner, or by a moderator against somebody who has never been one. */
export async function removeMember(
	authority: Authority,
	actor: Actor,
	account: string,
	removal: Removal
): Promise<Act> {
	const refusal = removalRefusal(authority, actor, account);
	if (refusal !== null) return fail(refusal);
	const right = rightOf(authority, actor);
	if (!right.ok) return right;
	const { auth } = right.value;
	const grants = liveGrantsOf(authority, account);
	const caps = await removal.capsOf(new Set(grants));
	if (caps.length > capsLimit) return fail('too-many');
	const epoch = await removal.beginEpoch(new Set([account]));
	// All of them: whoever is removed may hold any. And first: with a door still open the removal would mean little.
	const closings = [...authority.openInvites.keys()].map((key) =>
		closing(auth, key, removal.joinsByKey.get(key) ?? [])
	);
	return ok([...closings, { type: 'remove', auth, grants: grants.map(idOf), caps, epoch }]);
}

const closing = (auth: Uint8Array, key: string, joins: readonly string[]): KnownRecord => ({
	type: 'invite-close',
	auth,
	invitePublicKey: idOf(key),
	joins: joins.map(idOf)
});

export function leaveGroup(authority: Authority, actor: Actor): Act {
	const member = authority.memberByAccount.get(actor.account);
	return member?.left === true ? fail('already') : ok([{ type: 'leave' }]);
}

/**
 * Name and description by moderators too, the rest by the owner alone.
 * @param changes what is to be other than it is
 */
export function changeSettings(authority: Authority, actor: Actor, changes: Partial<GroupSettings>): Act {
	const right = rightOf(authority, actor);
	if (!right.ok) return right;
	if (right.value.kind === 'member') return fail('not-allowed');
	const { name, description, picture, whoMayPost, whoMayInvite, approval, history } = authority;
	const now = { name, description, picture, whoMayPost, whoMayInvite, approval, history };
	const wanted = { ...now, ...changes };
	const isSame = (keys: readonly (keyof typeof now)[]): boolean =>
		keys.every((key) => wanted[key] === now[key]);
	if (isSame(['name', 'description', 'whoMayPost', 'whoMayInvite', 'approval', 'history']))
		return fail('already');
	if (right.value.kind !== 'owner' && !isSame(['whoMayPost', 'whoMayInvite', 'approval', 'history']))
		return fail('not-allowed');
	// Stricter rules are asked of those who came before them too, so they have to be named.
	const isStrict = wanted.approval || wanted.whoMayInvite !== 'members';
	const accepted = right.value.kind === 'owner' && isStrict ? [...authority.accountByGrant.keys()] : [];
	if (accepted.length > acceptedGrantsLimit) return fail('too-many');
	const record: SettingsRecord = {
		type: 'settings',
		auth: right.value.auth,
		...wanted,
		accepted: accepted.map(idOf)
	};
	return ok([record]);
}

/** With which right, and under which rule, an invitation is made now. */
export function inviting(
	authority: Authority,
	actor: Actor
): Result<{ readonly auth: Uint8Array; readonly approval: boolean }, ActRefusal> {
	const right = rightOf(authority, actor);
	if (!right.ok) return right;
	if (!mayInvite(authority, actor.account)) return fail('not-allowed');
	return ok({ auth: right.value.auth, approval: authority.approval });
}

export function mayClose(authority: Authority, actor: Actor, key: string): boolean {
	const right = rightOf(authority, actor);
	return (
		right.ok && (right.value.kind !== 'member' || authority.inviteByKey.get(key)?.account === actor.account)
	);
}

/**
 * By the owner, a moderator, or who made it.
 * @param joins grants of the joins that have come by it, those that wait among them: they stay
 */
export function closeInvite(authority: Authority, actor: Actor, key: string, joins: readonly string[]): Act {
	const right = rightOf(authority, actor);
	if (!right.ok) return right;
	if (!authority.openInvites.has(key)) return fail('no-such-invite');
	if (!mayClose(authority, actor, key)) return fail('not-allowed');
	if (joins.length > acceptedGrantsLimit) return fail('too-many');
	return ok([closing(right.value.auth, key, joins)]);
}

/** Joins that wait and that nobody has turned away. */
export const waitingJoins = (authority: Authority): Authority['pendingJoins'] =>
	authority.pendingJoins.filter(({ grant }) => !authority.capsByGrant.has(grant));

/** Whether this device's approval lets a join in: a member's counts for their own invitations, under lenient rules. */
export function mayApprove(authority: Authority, actor: Actor, inviteKey: string): boolean {
	const right = rightOf(authority, actor);
	if (!right.ok) return false;
	if (right.value.kind !== 'member') return true;
	const isOwn = authority.inviteByKey.get(inviteKey)?.account === actor.account;
	return isOwn && authority.whoMayInvite === 'members';
}

/** @param accountKey the newcomer's, as the join states it */
export function approveJoin(authority: Authority, actor: Actor, grant: string, accountKey: Uint8Array): Act {
	const right = rightOf(authority, actor);
	if (!right.ok) return right;
	const join = waitingJoins(authority).find((each) => each.grant === grant);
	if (join === undefined) return fail('not-waiting');
	if (!mayApprove(authority, actor, join.inviteKey)) return fail('not-allowed');
	return ok([
		{ type: 'add', auth: right.value.auth, account: accountKey, way: 'approval', subject: idOf(grant) }
	]);
}

/** A removal of a grant before it counts: a later approval changes nothing. By the owner or a moderator. */
export function declineJoin(authority: Authority, actor: Actor, grant: string): Act {
	const right = rightOf(authority, actor);
	if (!right.ok) return right;
	const join = waitingJoins(authority).find((each) => each.grant === grant);
	if (join === undefined) return fail('not-waiting');
	if (right.value.kind === 'member') return fail('not-allowed');
	if (right.value.kind === 'moderator' && isProtected(authority, join.account)) return fail('protected');
	return ok([{ type: 'remove', auth: right.value.auth, grants: [idOf(grant)], caps: [], epoch: null }]);
}

/** The owner asks somebody to take over; to themselves: takes the offer back. */
export function offerOwnership(authority: Authority, actor: Actor, account: string): Act {
	const right = asOwner(authority, actor);
	if (!right.ok) return right;
	const grants = presentGrants(authority, account);
	if (!grants.ok) return grants;
	if (authority.memberByAccount.get(account)?.left === true) return fail('no-such-member');
	const [grant] = account === actor.account ? [actor.grant] : speakingGrants(authority, grants.value);
	if (grant === undefined) return fail('no-such-member');
	return ok([{ type: 'offer', seat: right.value.auth, grant: idOf(grant) }]);
}

/** @param offeredTo grant to which the standing offer is made; null for none */
export function acceptOwnership(authority: Authority, actor: Actor, offeredTo: string | null): Act {
	const right = rightOf(authority, actor);
	if (!right.ok) return right;
	const { seat } = authority;
	if (seat === null || offeredTo === null || offeredTo !== actor.grant) return fail('not-offered');
	return ok([{ type: 'consent', seat: idOf(seat.id) }]);
}

/** All but the signature of the record that gives the group away; see signOwner. */
export async function transfer(
	authority: Authority,
	actor: Actor,
	consent: { readonly id: string; readonly lane: number; readonly grant: string },
	capsOf: CapsOf
): Promise<Result<Omit<Extract<KnownRecord, { type: 'owner' }>, 'signature' | 'account'>, ActRefusal>> {
	const { seat } = authority;
	if (seat === null || seat.grant !== actor.grant) return fail('not-allowed');
	const to = authority.accountByGrant.get(consent.grant);
	if (consent.grant === seat.grant || to === undefined || authority.capsByGrant.has(consent.grant))
		return fail('no-such-member');
	if (authority.controlLaneByNumber.get(consent.lane)?.grant !== consent.grant) return fail('no-consent');
	const caps = await capsOf(new Set([seat.grant]));
	if (caps.length > capsLimit) return fail('too-many');
	return ok({
		type: 'owner',
		seat: idOf(seat.id),
		grant: idOf(consent.grant),
		lane: consent.lane,
		consent: idOf(consent.id),
		caps
	});
}

/** All but the signature of the record by which the owner goes on in this device's control lane; see signHandover. */
export async function handover(
	authority: Authority,
	actor: Actor,
	capsOf: CapsOf
): Promise<Result<Omit<Extract<KnownRecord, { type: 'handover' }>, 'signature' | 'account'>, ActRefusal>> {
	const { seat } = authority;
	if (seat === null || seat.grant !== actor.grant) return fail('not-allowed');
	if (actor.controlLane === null) return fail('seat-elsewhere');
	if (seat.lane === actor.controlLane && !seat.isFrozen) return fail('already');
	const caps = (await capsOf(new Set([seat.grant]))).filter(({ segment }) => segment === 0);
	return ok({
		type: 'handover',
		tenure: idOf(seat.tenure),
		counter: seat.counter + 1,
		lane: actor.controlLane,
		caps
	});
}

/** What this device may do now, for screens to offer it. */
export interface GroupRights {
	readonly invite: boolean;
	/** Name and description. */
	readonly describe: boolean;
	/** The rules. */
	readonly rule: boolean;
	readonly moderate: boolean;
}

export function rightsOf(authority: Authority, actor: Actor): GroupRights {
	const right = rightOf(authority, actor);
	// An owner who speaks elsewhere now goes on here: a handover comes before the act.
	const kind = right.ok ? right.value.kind : right.reason === 'seat-elsewhere' ? 'owner' : null;
	return {
		invite: kind !== null && mayInvite(authority, actor.account),
		describe: kind === 'owner' || kind === 'moderator',
		rule: kind === 'owner',
		moderate: kind === 'owner' || kind === 'moderator'
	};
}
