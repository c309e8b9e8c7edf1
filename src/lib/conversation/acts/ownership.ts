/** Handing a group over, and going on as its owner in another control lane. */
import type { KnownRecord } from '../../protocol/records';
import { fail, ok, type Result } from '../../protocol/result';
import type { Authority } from '../authority';
import {
	asOwner,
	capsLimit,
	idOf,
	presentGrants,
	rightOf,
	speakingGrants,
	type Act,
	type ActRefusal,
	type Actor,
	type CapsOf
} from './right';

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
