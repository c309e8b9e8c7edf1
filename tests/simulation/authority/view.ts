/** What people see of a world: everything that the fold says, in one order, and the messages that count. */
import { countsUntil, mayEdit, type Authority } from '../../../src/lib/conversation/authority';
import { deleteCounts } from '../../../src/lib/conversation/authority/deletes';
import type { ModelLane, ModelMessage } from './world';

interface Shown {
	readonly id: string;
	readonly account: string;
	readonly text: string;
}

function counts(authority: Authority, lane: ModelLane, clock: number): boolean {
	if (authority.accountByGrant.get(lane.grant) !== lane.account) return false;
	const { until, lastIdPrefix } = countsUntil(authority, lane.segment, lane.number, lane);
	if (clock >= until) return false;
	return lastIdPrefix === null || (lane.ids[until - 1] ?? '').startsWith(lastIdPrefix);
}

function shownMessages(authority: Authority, messages: readonly ModelMessage[]): readonly Shown[] {
	const counted = messages.filter(
		({ kind, lane, clock }) => kind !== 'delete' && counts(authority, lane, clock)
	);
	const byId = new Map(counted.filter(({ kind }) => kind === 'message').map((each) => [each.id, each]));
	const editById = new Map<string, ModelMessage>();
	for (const each of counted) {
		const target = byId.get(each.target);
		if (each.kind !== 'edit' || target === undefined || !mayEdit(target.lane.account, each.lane.account))
			continue;
		const known = editById.get(target.id);
		if (known === undefined || each.hlc > known.hlc || (each.hlc === known.hlc && each.id > known.id))
			editById.set(target.id, each);
	}
	const deleted = new Set<string>();
	for (const { kind, target, lane, clock, auth } of messages) {
		const message = byId.get(target);
		if (kind !== 'delete' || message === undefined) continue;
		if (deleteCounts(authority, { lane: lane.number, clock, by: lane, auth }, message.lane.account))
			deleted.add(target);
	}
	return [...byId.values()].map(({ id, lane }) => ({
		id,
		account: lane.account,
		text: deleted.has(id) ? 'deleted' : (editById.get(id)?.id ?? id)
	}));
}

const byText = (a: unknown, b: unknown): number => {
	const [one, other] = [JSON.stringify(a), JSON.stringify(b)];
	return one < other ? -1 : one > other ? 1 : 0;
};

/** @param without accounts whose own affairs are left out */
export function describeView(
	authority: Authority,
	messages: readonly ModelMessage[],
	without: ReadonlySet<string> = new Set()
): string {
	const { memberByAccount, accountByGrant } = authority;
	const isOthers = (account: string | undefined): boolean => account !== undefined && !without.has(account);
	return JSON.stringify([
		authority.name,
		[authority.whoMayPost, authority.whoMayInvite, authority.approval],
		[authority.seat?.id, authority.seat?.lane, authority.seat?.grant],
		[...memberByAccount.values()]
			.filter(({ account }) => !without.has(account))
			.map(({ account, name, role, left, removed }) => [account, name, role, left, removed])
			.sort(byText),
		[...accountByGrant].filter(([, account]) => !without.has(account)).sort(byText),
		// Of grants that nobody knows a removal changes nothing.
		[...authority.capsByGrant.keys()].filter((grant) => isOthers(accountByGrant.get(grant))).sort(),
		[...authority.roleIdByGrant].sort(byText),
		authority.pendingJoins.filter(({ account }) => !without.has(account)).sort(byText),
		[...authority.devices]
			.filter(([, { account }]) => !without.has(account))
			.map(([device]) => device)
			.sort(),
		without.size > 0 ? [] : [...authority.openInvites.keys()].sort(),
		without.size > 0 ? [] : [...authority.personalInvites].sort(byText),
		shownMessages(authority, messages)
			.filter(({ account }) => !without.has(account))
			.sort(byText)
	]);
}
