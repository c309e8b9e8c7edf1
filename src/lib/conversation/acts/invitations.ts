/** Inviting, closing links, letting in and turning away. */
import type { KnownRecord } from '../../protocol/records';
import { fail, ok, type Result } from '../../protocol/result';
import { mayInvite, type Authority, type PendingJoin } from '../authority';
import {
	acceptedGrantsLimit,
	idOf,
	isProtected,
	rightOf,
	type Act,
	type ActRefusal,
	type Actor
} from './right';

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

/** Whether anybody can still come in by it. */
function isOpen(authority: Authority, key: string): boolean {
	const personal = authority.personalInvites.get(key);
	return authority.openInvites.has(key) || (personal?.mayBeUsed === true && !personal.isClosed);
}

/** Links that a removal closes: all that anybody could still come in by. */
export const openKeys = ({ openInvites, personalInvites }: Authority): readonly string[] => [
	...openInvites.keys(),
	...[...personalInvites].flatMap(([key, { mayBeUsed, isClosed }]) => (mayBeUsed && !isClosed ? [key] : []))
];

export function mayClose(authority: Authority, actor: Actor, key: string): boolean {
	const right = rightOf(authority, actor);
	if (!right.ok || !isOpen(authority, key)) return false;
	if (right.value.kind !== 'member') return true;
	// What somebody has opened as a moderator, they cannot close as a member.
	const link = authority.openInvites.get(key) ?? authority.personalInvites.get(key);
	return link?.membersGrant === actor.grant;
}

/**
 * By the owner, a moderator, or who made it.
 * @param joins grants of the joins that have come by it, those that wait among them: they stay
 */
export function closeInvite(authority: Authority, actor: Actor, key: string, joins: readonly string[]): Act {
	const right = rightOf(authority, actor);
	if (!right.ok) return right;
	if (!isOpen(authority, key)) return fail('no-such-invite');
	if (!mayClose(authority, actor, key)) return fail('not-allowed');
	if (joins.length > acceptedGrantsLimit) return fail('too-many');
	return ok([closing(right.value.auth, key, joins)]);
}

/** Joins that wait and that nobody has turned away. */
export const waitingJoins = (authority: Authority): Authority['pendingJoins'] =>
	authority.pendingJoins.filter(({ grant }) => !authority.capsByGrant.has(grant));

/**
 * Whether this device's word lets a join in. By an open link: a member's counts for their own invitations, under lenient
 * rules. By a personal one: the word of the device that made it.
 */
export function mayApprove(authority: Authority, actor: Actor, inviteKey: string): boolean {
	const right = rightOf(authority, actor);
	if (!right.ok) return false;
	const personal = authority.personalInvites.get(inviteKey);
	if (personal !== undefined) return personal.mayBeUsed && personal.lane === actor.controlLane;
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
	const personal = authority.personalInvites.get(join.inviteKey);
	const way =
		personal === undefined
			? ({ way: 'approval', auth: right.value.auth, subject: idOf(grant) } as const)
			: ({ way: 'personal', auth: idOf(personal.auth), subject: idOf(join.inviteKey) } as const);
	return ok([{ type: 'add', account: accountKey, ...way }]);
}

/**
 * Whether this device lets a join in without asking anybody: it made the link for one person, and neither link nor group
 * want more. After the link has expired a person has to look, because the time that a join states is its own word.
 */
export function admitsAlone(authority: Authority, actor: Actor, inviteKey: string, nowMs: number): boolean {
	const personal = authority.personalInvites.get(inviteKey);
	if (personal === undefined || !mayApprove(authority, actor, inviteKey)) return false;
	return !personal.approval && !authority.approval && nowMs <= personal.expiresAtMs;
}

/**
 * Whether this device can turn a join away: the owner and moderators any, by a removal before it counts (a later
 * approval changes nothing); a member who comes by their own link for one person, by closing that.
 */
export function mayDecline(authority: Authority, actor: Actor, join: PendingJoin): boolean {
	const right = rightOf(authority, actor);
	if (!right.ok) return false;
	if (right.value.kind === 'owner') return true;
	if (right.value.kind === 'moderator') return !isProtected(authority, join.account);
	return authority.personalInvites.has(join.inviteKey) && mayClose(authority, actor, join.inviteKey);
}

export function declineJoin(authority: Authority, actor: Actor, grant: string): Act {
	const right = rightOf(authority, actor);
	if (!right.ok) return right;
	const join = waitingJoins(authority).find((each) => each.grant === grant);
	if (join === undefined) return fail('not-waiting');
	if (!mayDecline(authority, actor, join))
		return fail(right.value.kind === 'moderator' ? 'protected' : 'not-allowed');
	if (right.value.kind === 'member') return ok([closing(right.value.auth, join.inviteKey, [])]);
	return ok([{ type: 'remove', auth: right.value.auth, grants: [idOf(grant)], caps: [], epoch: null }]);
}

export const closing = (auth: Uint8Array, key: string, joins: readonly string[]): KnownRecord => ({
	type: 'invite-close',
	auth,
	invitePublicKey: idOf(key),
	joins: joins.map(idOf)
});
