/** Inviting, closing links, letting in and turning away. */
import type { KnownRecord } from '../../protocol/records';
import { fail, ok, type Result } from '../../protocol/result';
import { mayInvite, type Authority } from '../authority';
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

export const closing = (auth: Uint8Array, key: string, joins: readonly string[]): KnownRecord => ({
	type: 'invite-close',
	auth,
	invitePublicKey: idOf(key),
	joins: joins.map(idOf)
});
