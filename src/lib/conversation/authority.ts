/**
 * Authority: who is a member, under which grant, with which lanes. A pure fold over the set of control entries; no
 * clock, no order of arrival (protocol 4). Strata, of which this version fills those that open links need:
 *
 *   0 owner chain   genesis; settings by the owner
 *   1 moderators    (none yet)
 *   2 grants        the founder's, and joins by invitations of anybody whose lane counts
 *   3 lanes         count if certificate and grant agree; dead from the clock at which they are forked
 *
 * Without removals every step only adds, so a fixed point is reached in any order. Crypto checks of a record are done
 * before (`sound`): they depend on the record alone.
 */
import { equalBytes } from '../protocol/bytes';
import { toBase64url } from '../protocol/base64url';
import { laneOfFork } from '../protocol/certificates';
import { hlcOfMs } from '../protocol/clock';
import { accountIdOf, conversationIdOf, joinGrantOf, laneOf } from '../protocol/ids';
import { encodeFields, type KnownRecord, type LaneRecord, type UnknownRecord } from '../protocol/records';

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
	readonly left: boolean;
	readonly joinedHlc: number;
}

export interface ControlLane {
	readonly account: string;
	readonly grant: string;
	readonly device: string;
}

export interface Authority {
	readonly founded: boolean;
	readonly name: string;
	readonly createdHlc: number;
	readonly memberByAccount: ReadonlyMap<string, Member>;
	/** account id by grant */
	readonly accountByGrant: ReadonlyMap<string, string>;
	readonly controlLaneByNumber: ReadonlyMap<number, ControlLane>;
	/** expiry (ms) by invite key */
	readonly inviteByKey: ReadonlyMap<string, { readonly expiresAtMs: number; readonly account: string }>;
	/** "segment/lane" → clock from which the lane is dead */
	readonly forkClockByLane: ReadonlyMap<string, number>;
}

export const forkKey = (segment: number, lane: number): string => `${segment}/${lane}`;

/** First clock of the lane that counts no more; Infinity if it is not forked. */
export function deadFrom(authority: Authority, segment: number, lane: number): number {
	return authority.forkClockByLane.get(forkKey(segment, lane)) ?? Infinity;
}

/** The account id for which a lane certificate speaks, or null if its grant is not known. */
export function accountOfLane(authority: Authority, record: LaneRecord): string | null {
	const account = accountIdOf(record.account);
	return authority.accountByGrant.get(toBase64url(record.grant)) === account ? account : null;
}

function keepLater(entryByAccount: Map<string, ControlEntry>, account: string, entry: ControlEntry): void {
	const known = entryByAccount.get(account);
	if (known === undefined || later(entry, known)) entryByAccount.set(account, entry);
}

const later = (a: ControlEntry, b: ControlEntry): boolean =>
	a.hlc > b.hlc || (a.hlc === b.hlc && a.id > b.id);

function foundForks(entries: readonly ControlEntry[]): Map<string, number> {
	const clockByLane = new Map<string, number>();
	for (const { record, sound } of entries) {
		if (record.type !== 'fork' || !sound) continue;
		const key = forkKey(record.segment, laneOfFork(record));
		clockByLane.set(key, Math.min(clockByLane.get(key) ?? Infinity, record.clock));
	}
	return clockByLane;
}

/**
 * @param conversation 32 bytes
 * @param entries of the control segment, each (lane, clock) at most once; in any order
 */
export function foldAuthority(conversation: Uint8Array, entries: readonly ControlEntry[]): Authority {
	const forkClockByLane = foundForks(entries);
	const alive = entries.filter(
		(e) => e.sound && e.clock < (forkClockByLane.get(forkKey(0, e.lane)) ?? Infinity)
	);
	const genesis = alive.find((e) => e.record.type === 'genesis' && isGenesis(conversation, e.lane, e.record));
	const accountByGrant = new Map<string, string>();
	const founderGrant = toBase64url(conversation);
	if (genesis?.record.type === 'genesis')
		accountByGrant.set(founderGrant, accountIdOf(genesis.record.account));

	const controlLaneByNumber = new Map<number, ControlLane>();
	const inviteByKey = new Map<string, { expiresAtMs: number; account: string }>();
	for (let known = -1; known !== accountByGrant.size + controlLaneByNumber.size + inviteByKey.size;) {
		known = accountByGrant.size + controlLaneByNumber.size + inviteByKey.size;
		countLanes(alive, accountByGrant, controlLaneByNumber);
		countInvites(alive, controlLaneByNumber, inviteByKey);
		countJoins(conversation, alive, inviteByKey, accountByGrant);
	}

	const counted = alive.filter((e) => controlLaneByNumber.has(e.lane));
	return {
		founded: genesis !== undefined,
		name: newestSettings(counted, controlLaneByNumber, founderGrant),
		createdHlc: genesis?.hlc ?? 0,
		memberByAccount: listMembers(counted, controlLaneByNumber, accountByGrant, founderGrant),
		accountByGrant,
		controlLaneByNumber,
		inviteByKey,
		forkClockByLane
	};
}

function isGenesis(
	conversation: Uint8Array,
	lane: number,
	record: Extract<KnownRecord, { type: 'genesis' }>
): boolean {
	return (
		laneOf(record.controlLanePublicKey) === lane &&
		equalBytes(conversationIdOf(encodeFields(record)), conversation)
	);
}

function countLanes(
	alive: readonly ControlEntry[],
	accountByGrant: ReadonlyMap<string, string>,
	lanes: Map<number, ControlLane>
): void {
	for (const { record, lane } of alive) {
		if (record.type !== 'lane' || lanes.has(lane)) continue;
		const grant = toBase64url(record.grant);
		const account = accountIdOf(record.account);
		if (accountByGrant.get(grant) !== account) continue;
		lanes.set(lane, { account, grant, device: toBase64url(record.device) });
	}
}

/** Of one invite key the latest expiry counts: whoever holds the seed may say it again, nobody may shorten it. */
function countInvites(
	alive: readonly ControlEntry[],
	lanes: ReadonlyMap<number, ControlLane>,
	invites: Map<string, { expiresAtMs: number; account: string }>
): void {
	for (const { record, lane } of alive) {
		const issuer = lanes.get(lane);
		if (record.type !== 'invite' || issuer === undefined) continue;
		const key = toBase64url(record.invitePublicKey);
		const known = invites.get(key);
		if (known === undefined || known.expiresAtMs < record.expiresAtMs) {
			invites.set(key, { expiresAtMs: record.expiresAtMs, account: issuer.account });
		}
	}
}

function countJoins(
	conversation: Uint8Array,
	alive: readonly ControlEntry[],
	invites: ReadonlyMap<string, { readonly expiresAtMs: number }>,
	accountByGrant: Map<string, string>
): void {
	for (const { record, hlc } of alive) {
		if (record.type !== 'join') continue;
		const invite = invites.get(toBase64url(record.invitePublicKey));
		if (invite === undefined || hlc > hlcOfMs(invite.expiresAtMs)) continue;
		const grant = joinGrantOf(conversation, record.invitePublicKey, record.account);
		accountByGrant.set(toBase64url(grant), accountIdOf(record.account));
	}
}

function newestSettings(
	counted: readonly ControlEntry[],
	lanes: ReadonlyMap<number, ControlLane>,
	founderGrant: string
): string {
	let newest: ControlEntry | null = null;
	for (const entry of counted) {
		if (entry.record.type !== 'settings' || lanes.get(entry.lane)?.grant !== founderGrant) continue;
		if (newest === null || later(entry, newest)) newest = entry;
	}
	return newest?.record.type === 'settings' ? newest.record.name : '';
}

function listMembers(
	counted: readonly ControlEntry[],
	lanes: ReadonlyMap<number, ControlLane>,
	accountByGrant: ReadonlyMap<string, string>,
	founderGrant: string
): Map<string, Member> {
	const profileByAccount = new Map<string, ControlEntry>();
	const joinedByAccount = new Map<string, number>();
	/** Newest of leaving and joining by account: who has left may come back by an invitation. */
	const presenceByAccount = new Map<string, ControlEntry>();
	for (const entry of counted) {
		const lane = lanes.get(entry.lane);
		if (lane === undefined) continue;
		joinedByAccount.set(lane.account, Math.min(joinedByAccount.get(lane.account) ?? Infinity, entry.hlc));
		if (entry.record.type === 'profile') keepLater(profileByAccount, lane.account, entry);
		if (entry.record.type === 'leave' || entry.record.type === 'join')
			keepLater(presenceByAccount, lane.account, entry);
	}
	const memberByAccount = new Map<string, Member>();
	const grants = [...accountByGrant].sort(([a], [b]) => (a < b ? -1 : 1));
	for (const [grant, account] of grants) {
		const known = memberByAccount.get(account);
		const profile = profileByAccount.get(account)?.record;
		memberByAccount.set(account, {
			account,
			name: profile?.type === 'profile' ? profile.name : '',
			role: grant === founderGrant || known?.role === 'owner' ? 'owner' : 'member',
			left: presenceByAccount.get(account)?.record.type === 'leave',
			joinedHlc: joinedByAccount.get(account) ?? 0
		});
	}
	return memberByAccount;
}
