/**
 * Authority: who is a member, under which grant, with which lanes, and what they may do. A pure fold over the set of
 * control entries; no clock, no order of arrival (protocol 4). This page is what others read of it; the strata are
 * beside it, in the order in which they stand on each other:
 *
 *   0 owner chain   authority/owner-chain.ts
 *   1 moderators    authority/moderators.ts
 *   2 grants        authority/grants.ts
 *   3 lanes         authority/lanes.ts, authority/devices.ts
 *   4 content       the predicates below, authority/deletes.ts, authority/timer.ts
 *
 * Cryptographic checks of a record are done before (`sound`): they depend on the record alone.
 */
import { toBase64url } from '../protocol/base64url';
import { accountIdOf, controlSegment } from '../protocol/ids';
import type { Audience, GroupSettings, KnownRecord, LaneRecord, UnknownRecord } from '../protocol/records';
import { deviceKey } from './authority/devices';
import type { PendingJoin } from './authority/grants';
import { laneKey, type LaneCaps } from './authority/lane-caps';
import type { ModerationEvent } from './authority/moderation-log';
import type { EndedTenure, RoleGrant } from './authority/owner-chain';
import type { Timer } from './authority/timer';

export { foldAuthority } from './authority/fold-authority';
export { Statements, type ReadsStatements, type Statement } from './authority/statement';
export type { ModerationEvent } from './authority/moderation-log';
export type { PendingJoin } from './authority/grants';
export type { Verdict } from './authority/verdict';
export { shorterLife, type TimerChange } from './authority/timer';

export interface ControlEntry {
	/** Base64url. */
	readonly id: string;
	readonly lane: number;
	readonly clock: number;
	readonly hlc: number;
	readonly record: KnownRecord | UnknownRecord;
	/** Its signatures (certificate, join, fork proof) verify. True where the record carries none. */
	readonly sound: boolean;
}

export type Role = 'owner' | 'moderator' | 'member';

export interface Member {
	/** Account id. */
	readonly account: string;
	readonly name: string;
	readonly role: Role;
	/** No longer here, by their own word or because they were removed. */
	readonly left: boolean;
	readonly removed: boolean;
	readonly joinedHlc: number;
}

/** Of whom a lane is, as its certificate says. */
export interface ControlLane {
	readonly account: string;
	readonly grant: string;
	readonly device: string;
}

/** From where the owner acts now. */
export interface OwnerSeat {
	/** What the owner's acts cite. */
	readonly id: string;
	/** What a handover cites. */
	readonly tenure: string;
	readonly grant: string;
	readonly lane: number;
	/** Of the newest handover; the next has one more. */
	readonly counter: number;
	/** The lane is forked: nothing more counts from it, a handover has to name another. */
	readonly isFrozen: boolean;
}

export interface LiveDevice {
	readonly account: string;
	/** X25519 public key. */
	readonly agreement: Uint8Array;
}

export interface OpenInvite {
	/** X25519 public key. */
	readonly agreement: Uint8Array;
	readonly expiresAtMs: number;
	/** Grant that made it as a member, and so may close it as one; null if anybody made it with more. */
	readonly membersGrant: string | null;
}

/** For one person: the device that made it lets in the first whom it takes, and nobody else ever comes by it. */
export interface PersonalInvite {
	/** The control lane that holds it, and that alone can use it. */
	readonly lane: number;
	/** With which right it was made, base64url: it is used with the same. */
	readonly auth: string;
	/** Of whom it is. */
	readonly account: string;
	readonly expiresAtMs: number;
	/** Whoever made it has to say yes. */
	readonly approval: boolean;
	/** As of an open link. */
	readonly membersGrant: string | null;
	/** Grant of the join that was let in; null while nobody was. */
	readonly usedBy: string | null;
	readonly isClosed: boolean;
	/** False also if its lane, or the right with which it was made, has ended. */
	readonly mayBeUsed: boolean;
}

export interface Authority extends GroupSettings {
	/** A direct conversation has two members for good, and nobody in it has power over the other. */
	readonly kind: 'group' | 'direct';
	readonly founded: boolean;
	/** After how long what is said disappears. */
	readonly timer: Timer;
	readonly createdHlc: number;
	/** Whoever has ever been let in; see `left` and `removed`. */
	readonly memberByAccount: ReadonlyMap<string, Member>;
	/** account id by grant, of removed ones too */
	readonly accountByGrant: ReadonlyMap<string, string>;
	/** Lanes of known grants; how far they count: limitByControlLane. */
	readonly controlLaneByNumber: ReadonlyMap<number, ControlLane>;
	/** expiry (ms) by invite key; closed ones too */
	readonly inviteByKey: ReadonlyMap<string, { readonly expiresAtMs: number; readonly account: string }>;
	/** Open links that nobody has closed, by invite key; whether they have expired is for who has a clock. */
	readonly openInvites: ReadonlyMap<string, OpenInvite>;
	/** By invite key; used and closed ones too. */
	readonly personalInvites: ReadonlyMap<string, PersonalInvite>;
	/** "segment/lane" → clock from which the lane is dead */
	readonly forkClockByLane: ReadonlyMap<string, number>;
	/** Null before there is a genesis. */
	readonly seat: OwnerSeat | null;
	readonly tenures: readonly EndedTenure[];
	/** Id of the role record by grant of those who moderate now. */
	readonly roleIdByGrant: ReadonlyMap<string, string>;
	readonly roleById: ReadonlyMap<string, Readonly<RoleGrant>>;
	/** Grants that moderators cannot touch. */
	readonly trustedGrants: ReadonlySet<string>;
	/** Of removed grants. */
	readonly capsByGrant: ReadonlyMap<string, LaneCaps>;
	/** Of removed devices, by "account/device". */
	readonly capsByDevice: ReadonlyMap<string, LaneCaps>;
	/** First clock that does not count. */
	readonly limitByControlLane: ReadonlyMap<number, number>;
	/** Devices of members who are here, by device key (base64url): to whom epochs are sealed. */
	readonly devices: ReadonlyMap<string, LiveDevice>;
	readonly pendingJoins: readonly PendingJoin[];
	/** Worked out when it is asked for; newest first. */
	moderationLog(): readonly ModerationEvent[];
}

export const forkKey = laneKey;

/**
 * First clock of the lane that is dead by a fork; Infinity if it is not forked. Beyond it replicas differ for good.
 * What removals cap is held by all alike and no matter of this: see `countsUntil`.
 */
export function deadFrom(authority: Authority, segment: number, lane: number): number {
	return authority.forkClockByLane.get(forkKey(segment, lane)) ?? Infinity;
}

/** Of whom a lane is. Whether its grant is known is another question. */
export function certifiedBy(record: LaneRecord): ControlLane {
	return {
		account: accountIdOf(record.account),
		grant: toBase64url(record.grant),
		device: toBase64url(record.device)
	};
}

/** The account id for which a lane certificate speaks, or null if its grant is not known. */
export function accountOfLane(authority: Authority, record: LaneRecord): string | null {
	const account = accountIdOf(record.account);
	return authority.accountByGrant.get(toBase64url(record.grant)) === account ? account : null;
}

/** How far a lane counts. */
export interface LaneLimit {
	/** First clock that does not count; Infinity while there is none. */
	readonly until: number;
	/**
	 * Beginning of the id (base64url) of the entry at until - 1, where a removal names it: who holds another one there
	 * holds another branch, and nothing of it counts. Null where nothing is to be compared.
	 */
	readonly lastIdPrefix: string | null;
}

const unlimited: LaneLimit = { until: Infinity, lastIdPrefix: null };

/**
 * How far a message lane counts: up to a fork, and up to what removals of its grant or device accept.
 * @param of whom the lane is, as its certificate says
 */
export function countsUntil(
	authority: Authority,
	segment: number,
	lane: number,
	{ account, grant, device }: ControlLane
): LaneLimit {
	const key = laneKey(segment, lane);
	const fork = deadFrom(authority, segment, lane);
	const caps = authority.capsByGrant.get(grant) ?? authority.capsByDevice.get(deviceKey(account, device));
	if (caps === undefined) return fork === Infinity ? unlimited : { until: fork, lastIdPrefix: null };
	const claim = caps.claimByMessageLane.get(key);
	if (claim === undefined) return { until: 0, lastIdPrefix: null };
	return claim.clock < fork
		? { until: claim.clock + 1, lastIdPrefix: claim.idPrefix }
		: { until: fork, lastIdPrefix: null };
}

/** Whether an entry counts, of a message segment or the control segment. @param of whom its lane is */
export function countsAt(
	authority: Authority,
	segment: number,
	lane: number,
	clock: number,
	of: ControlLane
): boolean {
	if (authority.accountByGrant.get(of.grant) !== of.account) return false;
	if (segment === controlSegment) return clock < (authority.limitByControlLane.get(lane) ?? 0);
	return clock < countsUntil(authority, segment, lane, of).until;
}

/** With which right somebody acts on what others have said. */
export type Power = 'owner' | 'moderator' | null;

/**
 * What empowers an act in a lane of any segment. Power that has ended reaches as far as whoever ended it has accepted, whatever
 * becomes of the lane later: what was deleted with it is not undone by a device that its owner removes.
 * @param auth the id that the act cites, base64url: a seat of the owner, or a role record
 * @param of whom the lane is
 */
export function powerOf(
	authority: Authority,
	auth: string,
	segment: number,
	lane: number,
	clock: number,
	of: ControlLane
): Power {
	const reaches = (grant: string, ended: LaneCaps | null): boolean => {
		if (grant !== of.grant || authority.accountByGrant.get(grant) !== of.account) return false;
		if (ended === null) return countsAt(authority, segment, lane, clock, of);
		if (segment === controlSegment) return ended.allows(lane, clock);
		return clock <= (ended.claimByMessageLane.get(laneKey(segment, lane))?.clock ?? -1);
	};
	const tenure = authority.tenures.find(({ seats }) => seats.includes(auth));
	if (tenure !== undefined) return reaches(tenure.grant, tenure.until) ? 'owner' : null;
	const role = authority.roleById.get(auth);
	return role !== undefined && reaches(role.grant, role.powerCaps) ? 'moderator' : null;
}

/** An edit counts from the same member only. @param author of the message @param by of the edit; account ids */
export const mayEdit = (author: string, by: string): boolean => author === by;

/**
 * A delete counts from the same member, from a moderator over plain members, and from an owner.
 * @param author account id of the message's author
 * @param by account id of who deletes
 */
export function mayDelete(authority: Authority, author: string, by: string, power: Power): boolean {
	if (author === by || power === 'owner') return true;
	if (power !== 'moderator') return false;
	return ![...authority.trustedGrants].some((grant) => authority.accountByGrant.get(grant) === author);
}

/**
 * Whether an account may write messages now. What stands already stays: no clock could tell what was said before a
 * rule from what was said after it (docs/decisions/0012).
 */
export function mayPost(authority: Authority, account: string): boolean {
	return isAmong(authority, account, authority.whoMayPost);
}

/** Whether an account may invite and add now. */
export function mayInvite(authority: Authority, account: string): boolean {
	return authority.kind === 'group' && isAmong(authority, account, authority.whoMayInvite);
}

function isAmong(authority: Authority, account: string, audience: Audience): boolean {
	const member = authority.memberByAccount.get(account);
	if (member === undefined || member.left) return false;
	if (audience === 'members') return true;
	return member.role === 'owner' || (audience === 'moderators' && member.role === 'moderator');
}
