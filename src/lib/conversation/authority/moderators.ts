/**
 * Stratum 1: what moderators may do. Their power hangs on role records of the owner chain alone, never on what other
 * moderators say, so that bans among them are void and there are no cycles.
 */
import { narrow, type LaneCaps } from './lane-caps';
import type { ControlIndex, Said } from './control-index';
import { LaneLimits } from './lanes';
import type { OwnerChain } from './owner-chain';
import type { Verdict } from './verdict';

export class Moderators {
	/** Of all removals that count, the owner's among them. */
	readonly capsByGrant: Map<string, LaneCaps>;
	readonly verdictById = new Map<string, Verdict>();
	readonly #trustedAccounts = new Set<string>();
	readonly #limits: LaneLimits;

	constructor(
		readonly index: ControlIndex,
		readonly chain: OwnerChain,
		capsByDevice: ReadonlyMap<string, LaneCaps>
	) {
		this.capsByGrant = new Map(chain.capsByGrant);
		this.#limits = new LaneLimits(index, chain.capsByGrant, capsByDevice);
		for (const grant of chain.trusted) {
			const account = index.accountByClaimedGrant.get(grant);
			if (account !== undefined) this.#trustedAccounts.add(account);
		}
		for (const said of index.ofType('remove')) {
			if (chain.acts.has(said.id)) continue;
			const caps = index.capsOf(said.says.caps);
			const grants = said.says.grants.filter((grant) => !this.isProtected(grant));
			const verdict = !this.empowers(said, said.says.auth)
				? 'no-authority'
				: grants.length === 0
					? 'protected'
					: 'counts';
			this.verdictById.set(said.id, verdict);
			if (verdict === 'counts') for (const grant of grants) narrow(this.capsByGrant, grant, caps);
		}
	}

	/** Whether the role record that an act cites reaches as far as the act. */
	empowers({ lane, clock }: Said, auth: string): boolean {
		const role = this.chain.roleById.get(auth);
		if (role === undefined) return false;
		const certificate = this.index.certificateByLane.get(lane);
		if (
			certificate?.grant !== role.grant ||
			certificate.account !== this.index.accountByClaimedGrant.get(role.grant)
		)
			return false;
		// What a demotion or a removal has accepted is settled, whatever forks or lost devices come up later.
		if (role.powerCaps !== null) return role.powerCaps.allows(lane, clock);
		return clock < this.#limits.limitOf(lane);
	}

	/** By grant and by account: a moderator's second grant is no way around it. */
	isProtected(grant: string): boolean {
		const account = this.index.accountByClaimedGrant.get(grant);
		return this.chain.trusted.has(grant) || (account !== undefined && this.#trustedAccounts.has(account));
	}
}
