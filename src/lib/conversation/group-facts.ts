/**
 * What people want to know of a group beside what the fold decides: names of newcomers who wait, who came by which
 * link, whether the group is on offer. Read from the same entries; decides nothing.
 */
import { controlSegment } from '../protocol/ids';
import { deadFrom, Statements, type Authority, type ControlEntry } from './authority';
import { waitingJoins } from './group-acts';

export interface Invitation {
	/** Base64url, as all ids here. */
	readonly key: string;
	readonly kind: 'open' | 'personal';
	/** Account. */
	readonly by: string;
	readonly expiresAtMs: number;
	readonly approval: boolean;
	/** Accounts that came by it and are known to count, or to have counted. */
	readonly joined: readonly string[];
	/** Grants of all joins by it that stand or wait. */
	readonly joins: readonly string[];
}

export interface WaitingJoin {
	readonly grant: string;
	readonly account: string;
	/** As the newcomer calls themselves; '' if they have not said. */
	readonly name: string;
	readonly inviteKey: string;
	/** Public key of the newcomer's account. */
	readonly accountKey: Uint8Array;
	/** When they asked, as they claim. */
	readonly hlc: number;
}

export interface Offer {
	/** Account and grant to whom it is made. */
	readonly to: string;
	readonly grant: string;
	/** Their answer, as far as it has come. */
	readonly consent: { readonly id: string; readonly lane: number; readonly grant: string } | null;
}

export interface GroupFacts {
	readonly invitations: readonly Invitation[];
	readonly waiting: readonly WaitingJoin[];
	/** Joins by invite key: grants that stand or wait. */
	readonly joinsByKey: ReadonlyMap<string, readonly string[]>;
	readonly offer: Offer | null;
	/** Accounts that have removed each account, newest removal that counts. */
	readonly removedBy: ReadonlyMap<string, string>;
}

interface Join {
	readonly grant: string;
	readonly account: string;
	readonly accountKey: Uint8Array;
	readonly hlc: number;
}

/** Keeps what it has worked out of records, so that asking again is cheap. */
export class GroupReader {
	readonly #statements: Statements;

	/** @param conversation its id, 32 bytes */
	constructor(readonly conversation: Uint8Array) {
		this.#statements = new Statements(conversation);
	}

	read(authority: Authority, entries: readonly ControlEntry[]): GroupFacts {
		const joins = new Map<string, Map<string, Join>>();
		const approvalByKey = new Map<string, boolean>();
		const nameByGrant = new Map<string, { readonly hlc: number; readonly name: string }>();
		const grantByLane = new Map<number, string>();
		for (const { lane, clock, record, sound } of entries)
			if (clock === 0 && sound && record.type === 'lane') {
				const says = this.#statements.of(record);
				if (says.type === 'lane') grantByLane.set(lane, says.grant);
			}
		for (const { lane, hlc, record, sound } of entries) {
			if (!sound) continue;
			const says = this.#statements.of(record);
			if (says.type === 'join' && record.type === 'join') {
				const known = joins.get(says.key) ?? new Map<string, Join>();
				joins.set(
					says.key,
					known.set(says.grant, {
						grant: says.grant,
						account: says.account,
						accountKey: record.account,
						hlc
					})
				);
			} else if (says.type === 'invite') {
				approvalByKey.set(says.key, (approvalByKey.get(says.key) ?? false) || says.record.approval);
			} else if (says.type === 'profile') {
				const grant = grantByLane.get(lane) ?? '';
				if ((nameByGrant.get(grant)?.hlc ?? -1) < hlc) nameByGrant.set(grant, { hlc, name: says.name });
			}
		}
		const waits = waitingJoins(authority);
		const waiting = waits.flatMap(({ grant, account, inviteKey }): WaitingJoin[] => {
			const join = joins.get(inviteKey)?.get(grant);
			if (join === undefined) return [];
			const name = nameByGrant.get(grant)?.name ?? '';
			return [{ grant, account, name, inviteKey, accountKey: join.accountKey, hlc: join.hlc }];
		});
		const waitingGrants = new Set(waits.map(({ grant }) => grant));
		const joinsByKey = new Map<string, readonly string[]>();
		for (const [key, byGrant] of joins) {
			joinsByKey.set(
				key,
				[...byGrant.keys()].filter((grant) => authority.accountByGrant.has(grant) || waitingGrants.has(grant))
			);
		}
		const shown = [
			...[...authority.openInvites].map(([key, { expiresAtMs }]) => ({
				key,
				kind: 'open' as const,
				expiresAtMs
			})),
			...[...authority.personalInvites].flatMap(([key, { expiresAtMs, usedBy, isClosed, mayBeUsed }]) =>
				usedBy !== null || (mayBeUsed && !isClosed) ? [{ key, kind: 'personal' as const, expiresAtMs }] : []
			)
		];
		const invitations = shown.map(({ key, kind, expiresAtMs }): Invitation => {
			const standing = [...(joins.get(key)?.values() ?? [])].filter(({ grant }) =>
				authority.accountByGrant.has(grant)
			);
			return {
				key,
				kind,
				by: authority.inviteByKey.get(key)?.account ?? '',
				expiresAtMs,
				approval: approvalByKey.get(key) ?? false,
				joined: [...new Set(standing.map(({ account }) => account))],
				joins: joinsByKey.get(key) ?? []
			};
		});
		return {
			invitations: invitations.sort((a, b) => b.expiresAtMs - a.expiresAtMs || (a.key < b.key ? -1 : 1)),
			waiting: waiting.sort((a, b) => a.hlc - b.hlc || (a.grant < b.grant ? -1 : 1)),
			joinsByKey,
			offer: this.#offer(authority, entries),
			removedBy: removers(authority)
		};
	}

	/** The newest in the owner's seat, unless it was taken back or its addressee has gone. */
	#offer(authority: Authority, entries: readonly ControlEntry[]): Offer | null {
		const { seat } = authority;
		if (seat === null) return null;
		const alive = (lane: number, clock: number): boolean => clock < deadFrom(authority, controlSegment, lane);
		let newest: { readonly clock: number; readonly grant: string } | null = null;
		for (const { lane, clock, record } of entries) {
			if (record.type !== 'offer' || lane !== seat.lane || !alive(lane, clock)) continue;
			const says = this.#statements.of(record);
			if (says.type !== 'offer' || says.seat !== seat.id) continue;
			if (newest === null || clock > newest.clock) newest = { clock, grant: says.grant };
		}
		if (newest === null || newest.grant === seat.grant) return null;
		const { grant } = newest;
		const to = authority.accountByGrant.get(grant);
		if (to === undefined || authority.capsByGrant.has(grant)) return null;
		if (authority.memberByAccount.get(to)?.left === true) return null;
		const answer = entries.find(({ lane, clock, record }) => {
			if (record.type !== 'consent' || !alive(lane, clock)) return false;
			const says = this.#statements.of(record);
			return (
				says.type === 'consent' &&
				says.seat === seat.id &&
				authority.controlLaneByNumber.get(lane)?.grant === grant
			);
		});
		return { to, grant, consent: answer === undefined ? null : { id: answer.id, lane: answer.lane, grant } };
	}
}

function removers(authority: Authority): ReadonlyMap<string, string> {
	const by = new Map<string, string>();
	if (authority.capsByGrant.size === 0) return by;
	for (const event of authority.moderationLog()) {
		if (event.what !== 'remove' || event.verdict !== 'counts') continue;
		for (const account of event.whom) if (!by.has(account)) by.set(account, event.by);
	}
	return by;
}
