/**
 * Stratum 2: who is in. Removals are settled by now, so letting in only ever adds: lanes of known grants say
 * invitations, joins by them make grants, and so on until nothing is new.
 */
import { hlcOfMs } from '../../protocol/clock';
import type { SettingsRecord } from '../../protocol/records';
import type { ControlIndex, Said } from './control-index';
import type { LaneLimits } from './lanes';
import type { Moderators } from './moderators';
import type { OwnerChain } from './owner-chain';
import { membership, type AddStatement, type InviteStatement, type Statement } from './statement';
import type { Verdict } from './verdict';

export interface PendingJoin {
	readonly grant: string;
	readonly account: string;
	/** Base64url. */
	readonly inviteKey: string;
}

/** An invitation that somebody was entitled to make. */
export interface Invitation {
	readonly said: Said<InviteStatement>;
	/** Grant of who made it. */
	readonly by: string;
	readonly byMember: boolean;
}

type Standing = 'owner' | 'moderator' | 'member';
type Join = Said<Extract<Statement, { type: 'join' }>>;

export class Grants {
	readonly accountByGrant = new Map<string, string>();
	readonly invitations: Invitation[] = [];
	/** On adds and on closings of invitations. */
	readonly verdictById = new Map<string, Verdict>();
	readonly #invitationsByKey = new Map<string, Invitation[]>();
	/** Grants of joins by key that closings by an owner leave. */
	readonly #leftByOwnerByKey = new Map<string, ReadonlySet<string>>();
	/** The same by closings of moderators, who cannot touch everybody. */
	readonly #leftByModeratorsByKey = new Map<string, ReadonlySet<string>>();
	/** The same by closings of members, by key and their grant: they close what they have opened as members. */
	readonly #leftByKeyAndGrant = new Map<string, ReadonlySet<string>>();
	/** Approved or accepted by somebody with power. */
	readonly #accepted = new Set<string>();
	/** "join grant/grant of the member who approved" */
	readonly #approvals = new Set<string>();
	/** Of each personal invitation the add that used it, by "lane/key". */
	readonly #useByInvitation = new Map<string, Said<AddStatement>>();

	constructor(
		readonly index: ControlIndex,
		readonly chain: OwnerChain,
		readonly moderators: Moderators,
		readonly limits: LaneLimits,
		readonly rules: SettingsRecord | null
	) {
		if (index.direct !== null) {
			// Of these two for good: nothing that anybody says lets in somebody else.
			for (const [grant, account] of index.direct.says.accountByGrant)
				this.accountByGrant.set(grant, account);
			return;
		}
		const named = chain.settings.flatMap(({ says }) => says.accepted);
		for (const grant of [...chain.confirmed, ...named]) {
			this.#accepted.add(grant);
			const account = index.accountByClaimedGrant.get(grant);
			if (account !== undefined) this.accountByGrant.set(grant, account);
		}
		this.#close();
		let open: readonly Said[] = [...index.ofType('invite'), ...index.ofType('add'), ...index.ofType('join')];
		for (let before = Infinity; open.length < before;) {
			before = open.length;
			open = open.filter((said) => !this.#settle(said));
		}
		for (const said of open) if (said.says.type === 'add') this.#sayWhy(said as Said<AddStatement>);
	}

	/** Joins that only want somebody's approval. */
	get pending(): readonly PendingJoin[] {
		return this.index
			.ofType('join')
			.filter((said) => this.#waits(said))
			.map(({ says: { grant, account, key } }) => ({ grant, account, inviteKey: key }));
	}

	isClosed(invitation: Invitation): boolean {
		const { key } = invitation.said.says;
		return (
			this.#leftByOwnerByKey.has(key) ||
			this.#leftByModeratorsByKey.has(key) ||
			(invitation.byMember && this.#leftByKeyAndGrant.has(`${key}/${invitation.by}`))
		);
	}

	/** Grant that came by a personal invitation; null while nobody has. */
	usedBy({ said }: Invitation): string | null {
		return this.#useByInvitation.get(`${said.lane}/${said.says.key}`)?.says.grant ?? null;
	}

	/**
	 * Whether the lane of a personal invitation may yet say whom it lets in, by the right with which it was made. Once it
	 * is closed, only joins that the closing names.
	 */
	mayBeUsed(invitation: Invitation): boolean {
		const { lane, says } = invitation.said;
		if (this.usedBy(invitation) !== null) return false;
		const { seat, isFrozen } = this.chain;
		// Who cites a seat and has a right by it stands in its lane.
		if (says.auth === seat?.id) return !isFrozen;
		if (says.auth === membership) return this.limits.limitOf(lane) === Infinity && this.#mayInvite();
		return this.moderators.empowers({ ...invitation.said, clock: Number.MAX_SAFE_INTEGER }, says.auth);
	}

	/** With which right an act is done, or null for none. Of a member: as far as is known now. */
	standingOf(said: Said, auth: string): Standing | null {
		if (this.chain.acts.has(said.id)) return 'owner';
		if (auth === membership) return this.#isMembers(said) ? 'member' : null;
		return this.moderators.empowers(said, auth) ? 'moderator' : null;
	}

	/** Whether an entry stands in a lane of a grant that counts, and counts there. */
	#isMembers(said: Said): boolean {
		const certificate = this.index.certificateByLane.get(said.lane);
		return (
			certificate !== undefined &&
			this.accountByGrant.get(certificate.grant) === certificate.account &&
			this.limits.counts(said)
		);
	}

	#grantOf({ lane }: Said): string {
		return this.index.certificateByLane.get(lane)?.grant ?? '';
	}

	/** @returns whether nothing more is to be expected of it */
	#settle(said: Said): boolean {
		switch (said.says.type) {
			case 'add':
				return this.#settleAdd(said as Said<AddStatement>);
			case 'invite':
				return this.#settleInvite(said as Said<InviteStatement>);
			default:
				return this.#settleJoin(said as Join);
		}
	}

	#settleInvite(said: Said<InviteStatement>): boolean {
		const standing = this.standingOf(said, said.says.auth);
		if (standing === null) return false;
		const invitation = { said, by: this.#grantOf(said), byMember: standing === 'member' };
		this.invitations.push(invitation);
		const { key } = said.says;
		this.#invitationsByKey.set(key, [...(this.#invitationsByKey.get(key) ?? []), invitation]);
		return true;
	}

	#settleAdd(said: Said<AddStatement>): boolean {
		const { auth, way, subject, account } = said.says;
		const standing = this.standingOf(said, auth);
		if (standing === null) return false;
		if (way === 'approval') {
			if (standing === 'member') this.#approvals.add(`${subject}/${this.#grantOf(said)}`);
			else this.#accepted.add(subject);
			this.verdictById.set(said.id, 'counts');
			return true;
		}
		if (way === 'personal') {
			const verdict = this.#usePersonal(said);
			if (verdict === 'no-invitation') return false;
			if (verdict !== 'counts') {
				this.verdictById.set(said.id, verdict);
				return true;
			}
		}
		const grant = said.says.grant === '' ? said.id : said.says.grant;
		if (standing === 'member' && !this.#mayInvite() && !this.#accepted.has(grant)) return false;
		this.accountByGrant.set(grant, account);
		this.verdictById.set(said.id, 'counts');
		return true;
	}

	/**
	 * Only the lane that holds a personal invitation uses it, and a lane is one order: the first use counts. The lane's
	 * entries are settled in their order, and all that stand in one lane with the same right at the same time. With the
	 * same right, because what an owner's caps pin must not hang on what they do not.
	 */
	#usePersonal(said: Said<AddStatement>): Verdict {
		const { subject: key, grant } = said.says;
		const invitation = this.#invitationsByKey
			.get(key)
			?.find(
				({ said: invite }) =>
					invite.lane === said.lane &&
					invite.says.auth === said.says.auth &&
					invite.clock < said.clock &&
					invite.says.record.kind === 'personal'
			);
		if (invitation === undefined) return 'no-invitation';
		const place = `${said.lane}/${key}`;
		const use = this.#useByInvitation.get(place) ?? said;
		this.#useByInvitation.set(place, use);
		if (use.id !== said.id) return 'used-up';
		return this.#isLeft(invitation, grant) ? 'counts' : 'closed';
	}

	#settleJoin(said: Join): boolean {
		const { key, grant, account } = said.says;
		// A newcomer's word stands in their own lane, which counts only once this does.
		if (!this.#isAlive(said)) return false;
		for (const invitation of this.#invitationsByKey.get(key) ?? []) {
			const { record } = invitation.said.says;
			if (record.kind !== 'open' || said.hlc > hlcOfMs(record.expiresAtMs)) continue;
			if (!this.#isLeft(invitation, grant)) continue;
			if (!this.#isApproved(invitation, grant)) continue;
			this.accountByGrant.set(grant, account);
			return true;
		}
		return false;
	}

	/**
	 * In a lane of the account that joins, and not dead by a fork. Where a removal has capped the lane, forks say nothing
	 * any more, whatever the cap is: otherwise who was removed could unmake their grant, and with it whom it let in.
	 */
	#isAlive({ lane, clock, says }: Join): boolean {
		if (this.index.certificateByLane.get(lane)?.account !== says.account) return false;
		return this.limits.isCapped(lane) || clock < this.index.forkLimitOf(lane);
	}

	#isLeft({ said, by, byMember }: Invitation, grant: string): boolean {
		const { key } = said.says;
		if (this.#leftByOwnerByKey.get(key)?.has(grant) === false) return false;
		if (byMember && this.#leftByKeyAndGrant.get(`${key}/${by}`)?.has(grant) === false) return false;
		return this.#leftByModeratorsByKey.get(key)?.has(grant) !== false || this.moderators.isProtected(grant);
	}

	#isApproved({ said, by, byMember }: Invitation, grant: string): boolean {
		if (this.#accepted.has(grant)) return true;
		if (byMember && !this.#mayInvite()) return false;
		const isWanted = said.says.record.approval || (byMember && this.rules?.approval === true);
		return !isWanted || this.#approvals.has(`${grant}/${by}`);
	}

	#mayInvite(): boolean {
		return (this.rules?.whoMayInvite ?? 'members') === 'members';
	}

	/** Of several closings what all of them accept. */
	#close(): void {
		for (const said of this.index.ofType('invite-close')) {
			const { key, joins, auth } = said.says;
			const isOwners = this.chain.acts.has(said.id);
			const isModerators = this.moderators.empowers(said, auth);
			// Whether a member's lane counts at all does not matter: it closes what the same grant has opened.
			const isMembers = auth === membership && this.limits.counts(said);
			this.verdictById.set(said.id, isOwners || isModerators || isMembers ? 'counts' : 'no-authority');
			if (isOwners) keepCommon(this.#leftByOwnerByKey, key, joins);
			else if (isModerators) keepCommon(this.#leftByModeratorsByKey, key, joins);
			else if (isMembers) keepCommon(this.#leftByKeyAndGrant, `${key}/${this.#grantOf(said)}`, joins);
		}
	}

	/** Of who has a right to add, and yet lets nobody in. */
	#sayWhy(said: Said<AddStatement>): void {
		const { auth, way } = said.says;
		const standing = this.standingOf(said, auth);
		if (standing === null) return;
		this.verdictById.set(said.id, standing === 'member' && way !== 'personal' ? 'waits' : 'no-invitation');
	}

	/** A closing that lets a join wait lets it in too, as long as nobody else has come. */
	#waits(said: Join): boolean {
		const { key, grant } = said.says;
		if (this.accountByGrant.has(grant) || !this.#isAlive(said)) return false;
		return (this.#invitationsByKey.get(key) ?? []).some((invitation) => {
			const { record } = invitation.said.says;
			if (said.hlc > hlcOfMs(record.expiresAtMs) || !this.#isLeft(invitation, grant)) return false;
			return record.kind !== 'personal' || this.mayBeUsed(invitation);
		});
	}
}

function keepCommon(
	leftByKey: Map<string, ReadonlySet<string>>,
	key: string,
	joins: ReadonlySet<string>
): void {
	const known = leftByKey.get(key);
	leftByKey.set(key, known === undefined ? joins : new Set([...known].filter((grant) => joins.has(grant))));
}
