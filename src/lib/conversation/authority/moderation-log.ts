/** What was done to whom, by whom, and whether it counts: for people to read. */
import type { ControlIndex, Said } from './control-index';
import type { Grants } from './grants';
import type { LaneLimits } from './lanes';
import type { Moderators } from './moderators';
import type { OwnerChain } from './owner-chain';
import type { Verdict } from './verdict';

const acts = [
	'add',
	'role',
	'remove',
	'owner',
	'handover',
	'invite-close',
	'device-remove',
	'settings',
	'timer'
] as const;

export interface ModerationEvent {
	/** Id of the entry. */
	readonly id: string;
	/** Account whose lane it stands in. */
	readonly by: string;
	readonly what: (typeof acts)[number];
	/** Accounts, as far as their grants are known. */
	readonly whom: readonly string[];
	/** As its author claims. */
	readonly hlc: number;
	readonly verdict: Verdict;
}

/** Newest first, by the time that is claimed. */
export function moderationLog(
	index: ControlIndex,
	strata: {
		readonly chain: OwnerChain;
		readonly moderators: Moderators;
		readonly grants: Grants;
		readonly limits: LaneLimits;
	}
): readonly ModerationEvent[] {
	const { chain, moderators, grants, limits } = strata;
	const verdictOn = (said: Said): Verdict => {
		// Whether somebody was let in is the last stratum's word.
		const known = [grants, chain, moderators]
			.map(({ verdictById }) => verdictById.get(said.id))
			.find((verdict) => verdict !== undefined && verdict !== 'no-authority');
		if (known !== undefined) return known;
		if (!limits.counts(said)) return 'beyond-cap';
		if (said.says.type === 'timer')
			return grants.standingOf(said, said.says.auth) === 'moderator' ? 'counts' : 'no-authority';
		if (said.says.type === 'settings')
			return moderators.empowers(said, said.says.auth) ? 'counts' : 'no-authority';
		return said.says.type === 'device-remove' ? 'counts' : 'no-authority';
	};
	const events = acts.flatMap((what) =>
		index.ofType(what).map((said): ModerationEvent => ({
			id: said.id,
			by: index.certificateByLane.get(said.lane)?.account ?? '',
			what,
			whom: whomOf(index, said),
			hlc: said.hlc,
			verdict: verdictOn(said)
		}))
	);
	return events.sort((a, b) => b.hlc - a.hlc || (a.id < b.id ? -1 : 1));
}

function whomOf(index: ControlIndex, { says }: Said): readonly string[] {
	const accountsOf = (grants: readonly string[]): readonly string[] => [
		...new Set(grants.map((grant) => index.accountByClaimedGrant.get(grant) ?? ''))
	];
	switch (says.type) {
		case 'add':
		case 'device-remove':
			return [says.account];
		case 'role':
		case 'owner':
			return accountsOf([says.grant]);
		case 'remove':
			return accountsOf(says.grants);
		default:
			return [];
	}
}
