/** Making and unmaking moderators, removing somebody, leaving. */
import type { KnownRecord } from '../../protocol/records';
import { fail, ok } from '../../protocol/result';
import type { Authority } from '../authority';
import { closing, openKeys } from './invitations';
import {
	asOwner,
	capsLimit,
	idOf,
	isProtected,
	liveGrantsOf,
	presentGrants,
	rightOf,
	speakingGrants,
	type Act,
	type ActRefusal,
	type Actor,
	type CapsOf,
	type SeesLessThan
} from './right';

const removedGrantsLimit = 32;

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

export interface Removal {
	readonly capsOf: CapsOf;
	readonly seesLessThan: SeesLessThan;
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
	// What is not held cannot be named, and would be void for everybody.
	if (removal.seesLessThan(account)) return fail('older-member');
	const grants = liveGrantsOf(authority, account);
	const caps = await removal.capsOf(new Set(grants));
	if (caps.length > capsLimit) return fail('too-many');
	// All of them: whoever is removed may hold any. And first: with a door still open the removal would mean little.
	const closings = openKeys(authority).map((key) => closing(auth, key, removal.joinsByKey.get(key) ?? []));
	// The epoch that begins with it is drawn when it is written: see Conversation.act.
	return ok([...closings, { type: 'remove', auth, grants: grants.map(idOf), caps, epoch: null }]);
}

export function leaveGroup(authority: Authority, actor: Actor): Act {
	const member = authority.memberByAccount.get(actor.account);
	return member?.left === true ? fail('already') : ok([{ type: 'leave' }]);
}
