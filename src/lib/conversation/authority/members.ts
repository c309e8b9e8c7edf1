/** Who is shown as a member, by which name and in which role. Follows from the strata and decides nothing. */
import type { Member } from '../authority';
import type { ControlIndex, Said } from './control-index';
import type { Grants } from './grants';
import type { LaneLimits } from './lanes';
import type { OwnerChain } from './owner-chain';

/** By (hlc, id): the newest word of a person about themselves, whatever came last. */
export const later = (a: Said, b: Said): boolean => a.hlc > b.hlc || (a.hlc === b.hlc && a.id > b.id);

function keepLater(saidByKey: Map<string, Said>, key: string, said: Said): void {
	const known = saidByKey.get(key);
	if (known === undefined || later(said, known)) saidByKey.set(key, said);
}

export function listMembers(
	index: ControlIndex,
	chain: OwnerChain,
	grants: Grants,
	limits: LaneLimits
): ReadonlyMap<string, Member> {
	const profileByAccount = new Map<string, Said>();
	const joinedByAccount = new Map<string, number>();
	/** Newest of leaving and joining: who has left may come back by an invitation. */
	const presenceByAccount = new Map<string, Said>();
	for (const said of index.all) {
		const certificate = index.certificateByLane.get(said.lane);
		if (certificate === undefined || !limits.counts(said)) continue;
		const { account, grant } = certificate;
		if (grants.accountByGrant.get(grant) !== account) continue;
		joinedByAccount.set(account, Math.min(joinedByAccount.get(account) ?? Infinity, said.hlc));
		if (said.says.type === 'profile') keepLater(profileByAccount, account, said);
		// A direct conversation has nothing to leave: it is there again as soon as one of the two writes.
		if (index.direct !== null) continue;
		if (said.says.type === 'leave' || said.says.type === 'join') keepLater(presenceByAccount, account, said);
	}
	const memberByAccount = new Map<string, Member>();
	for (const [grant, account] of [...grants.accountByGrant].sort(([a], [b]) => (a < b ? -1 : 1))) {
		const known = memberByAccount.get(account);
		const profile = profileByAccount.get(account)?.says;
		// Of several grants of one account one that holds is enough.
		const removed = limits.capsByGrant.has(grant) && (known?.removed ?? true);
		const isModerator = chain.roleIdByGrant.has(grant) || known?.role === 'moderator';
		const isOwner = grant === chain.tenure?.grant || known?.role === 'owner';
		memberByAccount.set(account, {
			account,
			name: profile?.type === 'profile' ? profile.name : '',
			role: isOwner ? 'owner' : isModerator ? 'moderator' : 'member',
			left: removed || presenceByAccount.get(account)?.says.type === 'leave',
			removed,
			joinedHlc: joinedByAccount.get(account) ?? 0
		});
	}
	return memberByAccount;
}
