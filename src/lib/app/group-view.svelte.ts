/** How a group is run, as a screen sees it. Knows nothing until its conversation has been loaded. */
import { mayPost } from '$lib/conversation/authority';
import type { Authority } from '$lib/conversation/authority';
import type { Conversation } from '$lib/conversation/conversation';
import { mayApprove, mayClose, rightsOf, type Actor } from '$lib/conversation/group-acts';
import type { GroupFacts } from '$lib/conversation/group-facts';
import { toBase64url } from '$lib/protocol/base64url';
import { hlcOfMs } from '$lib/protocol/clock';
import { fail, ok, type Result } from '$lib/protocol/result';
import type { Problem } from './contract';
import type {
	GroupPowers,
	GroupRules,
	GroupView,
	InvitationView,
	LogLine,
	MemberAction,
	Standing,
	WaitingView
} from './group-contract';
import type { ActFailure, GroupIntents } from './group-intents';
import { logLines } from './group-log';
import { problemOfAct } from './problem-of-act';

const nothing: GroupPowers = { post: true, invite: true, describe: false, rule: false, moderate: false };
const laxRules: GroupRules = {
	whoMayPost: 'members',
	whoMayInvite: 'members',
	approval: false,
	history: 'all'
};

export class OpenGroup implements GroupView {
	known = $state(false);
	standing = $state<Standing>('member');
	removedBy = $state('');
	description = $state('');
	rules = $state.raw<GroupRules>(laxRules);
	may = $state.raw<GroupPowers>(nothing);
	waiting = $state.raw<readonly WaitingView[]>([]);
	invitations = $state.raw<readonly InvitationView[]>([]);
	offer = $state.raw<GroupView['offer']>(null);
	#actionsByAccount = $state.raw<ReadonlyMap<string, readonly MemberAction[]>>(new Map());
	#intents: GroupIntents | null = null;
	#seen: Authority | null = null;

	constructor(
		readonly account: string,
		readonly nowMs: () => number,
		/** Loads the conversation if need be. */
		readonly engaged: () => Promise<GroupIntents>
	) {}

	actionsOn(account: string): readonly MemberAction[] {
		return this.#actionsByAccount.get(account) ?? [];
	}

	setRole(account: string, role: 'moderator' | 'member'): Promise<Result<void, Problem>> {
		return this.#do((intents) => intents.setRole(account, role));
	}

	removeMember(account: string): Promise<Result<void, Problem>> {
		return this.#do((intents) => intents.removeMember(account));
	}

	changeSettings(changes: Parameters<GroupView['changeSettings']>[0]): Promise<Result<void, Problem>> {
		return this.#do(async (intents) => {
			const changed = await intents.changeSettings(changes);
			// Nothing was different: what was wanted is so.
			return !changed.ok && changed.reason === 'already' ? ok(undefined) : changed;
		});
	}

	closeInvite(key: string): Promise<Result<void, Problem>> {
		return this.#do((intents) => intents.closeInvite(key));
	}

	approveJoin(grant: string): Promise<Result<void, Problem>> {
		return this.#do((intents) => intents.approveJoin(grant));
	}

	declineJoin(grant: string): Promise<Result<void, Problem>> {
		return this.#do((intents) => intents.declineJoin(grant));
	}

	offerOwnership(account: string): Promise<Result<void, Problem>> {
		return this.#do((intents) => intents.offerOwnership(account));
	}

	withdrawOffer(): Promise<Result<void, Problem>> {
		return this.#do((intents) => intents.offerOwnership(this.account));
	}

	acceptOwnership(): Promise<Result<void, Problem>> {
		return this.#do((intents) => intents.acceptOwnership());
	}

	moderationLog(): readonly LogLine[] {
		const { conversation } = this.#intents ?? {};
		if (conversation === undefined) return [];
		const { authority, controlEntries } = conversation;
		return logLines(authority, controlEntries, this.account, nameIn(authority));
	}

	/** The fold may have changed. */
	update(intents: GroupIntents): void {
		const { conversation } = intents;
		this.#intents = intents;
		if (conversation.authority === this.#seen) return;
		const { authority } = conversation;
		this.#seen = authority;
		const facts = intents.facts();
		const { actor } = intents;
		const rights = rightsOf(authority, actor);
		this.standing = standingOf(conversation, facts);
		this.removedBy = nameIn(authority)(facts.removedBy.get(this.account) ?? '');
		this.description = authority.description;
		const { whoMayPost, whoMayInvite, approval, history } = authority;
		this.rules = { whoMayPost, whoMayInvite, approval, history };
		// Before the own join has been seen to count, nobody knows better than that it will.
		const isSeen = authority.memberByAccount.has(this.account);
		const open = this.standing === 'member' && !isSeen;
		this.may = { ...rights, post: open || mayPost(authority, this.account), invite: open || rights.invite };
		this.#actionsByAccount = actions(authority, actor, facts);
		this.waiting = this.#waitingIn(authority, actor, facts, rights.moderate);
		this.invitations = this.#invitationsIn(authority, actor, facts);
		const { offer } = facts;
		this.offer =
			offer === null
				? null
				: { to: nameIn(authority)(offer.to), toSelf: offer.grant === actor.grant, account: offer.to };
		this.known = authority.founded;
	}

	#waitingIn(
		authority: Authority,
		actor: Actor,
		facts: GroupFacts,
		moderates: boolean
	): readonly WaitingView[] {
		return facts.waiting
			.filter(({ account }) => account !== this.account)
			.map(({ grant, account, name, inviteKey }) => ({
				id: grant,
				account,
				name,
				invitedBy: nameIn(authority)(authority.inviteByKey.get(inviteKey)?.account ?? ''),
				mayApprove: moderates || mayApprove(authority, actor, inviteKey),
				mayDecline: moderates
			}));
	}

	#invitationsIn(authority: Authority, actor: Actor, facts: GroupFacts): readonly InvitationView[] {
		const nameOf = nameIn(authority);
		return facts.invitations
			.filter(({ expiresAtMs }) => expiresAtMs > this.nowMs())
			.map(({ key, by, expiresAtMs, approval, joined }) => ({
				id: key,
				by: nameOf(by),
				self: by === this.account,
				expiresAtMs,
				approval,
				joined: joined.map(nameOf),
				mayClose: rightsOf(authority, actor).moderate || mayClose(authority, actor, key)
			}));
	}

	async #do(
		act: (intents: GroupIntents) => Promise<Result<void, ActFailure>>
	): Promise<Result<void, Problem>> {
		const intents = await this.engaged();
		const done = await act(intents);
		this.update(intents);
		return done.ok ? done : fail(problemOfAct(done.reason));
	}
}

const nameIn =
	(authority: Authority) =>
	(account: string): string =>
		authority.memberByAccount.get(account)?.name ?? '';

function standingOf(conversation: Conversation, { waiting }: GroupFacts): Standing {
	const { authority, account, controlEntries } = conversation;
	const member = authority.memberByAccount.get(account);
	if (member?.removed === true) return 'removed';
	if (member?.left === true) return 'left';
	if (member !== undefined) return 'member';
	if (waiting.some((join) => join.account === account)) return 'waiting';
	// Closed or expired for sure, not merely unknown here yet.
	const own = controlEntries.findLast(
		({ record, lane }) => record.type === 'join' && conversation.isOwnLane(lane)
	);
	if (own?.record.type !== 'join') return 'member';
	const key = toBase64url(own.record.invitePublicKey);
	const invite = authority.inviteByKey.get(key);
	if (invite === undefined) return 'member';
	const isOpen = authority.openInvites.has(key) && own.hlc <= hlcOfMs(invite.expiresAtMs);
	return isOpen ? 'member' : 'shut-out';
}

function actions(
	authority: Authority,
	actor: Actor,
	{ offer }: GroupFacts
): ReadonlyMap<string, readonly MemberAction[]> {
	const { rule, moderate } = rightsOf(authority, actor);
	const trusted = new Set(
		[...authority.trustedGrants].map((grant) => authority.accountByGrant.get(grant) ?? '')
	);
	return new Map(
		[...authority.memberByAccount.values()].map(({ account, role, left, removed }) => {
			const may: MemberAction[] = [];
			if (account === actor.account || role === 'owner' || removed) return [account, may];
			if (rule && !left) {
				may.push(role === 'moderator' ? 'unmake-moderator' : 'make-moderator');
				may.push(offer?.to === account ? 'withdraw-offer' : 'offer-ownership');
			}
			if (rule || (moderate && !trusted.has(account))) may.push('remove');
			return [account, may];
		})
	);
}
