/** How a group stands, as one value for the screens: worked out anew when the fold has changed. */
import { mayPost, type Authority } from '$lib/conversation/authority';
import type { Conversation } from '$lib/conversation/conversation';
import { mayApprove, mayClose, mayDecline, rightsOf, type Actor } from '$lib/conversation/group-acts';
import type { GroupFacts } from '$lib/conversation/group-facts';
import { toBase64url } from '$lib/protocol/base64url';
import { hlcOfMs, msOfHlc } from '$lib/protocol/clock';
import type {
	GroupView,
	InvitationView,
	MemberAction,
	Standing,
	WaitingForView,
	WaitingView
} from './group-contract';

export type GroupState = Pick<
	GroupView,
	| 'known'
	| 'standing'
	| 'removedBy'
	| 'waitingFor'
	| 'description'
	| 'rules'
	| 'timerS'
	| 'timerLines'
	| 'may'
	| 'waiting'
	| 'invitations'
	| 'offer'
> & { readonly actionsByAccount: ReadonlyMap<string, readonly MemberAction[]> };

/** @param nowMs links that have expired by then are not shown */
export function groupState(
	conversation: Conversation,
	facts: GroupFacts,
	actor: Actor,
	nowMs: number
): GroupState {
	const { authority } = conversation;
	const { account } = actor;
	const nameOf = nameIn(authority);
	const rights = rightsOf(authority, actor);
	const standing = standingOf(conversation, facts, actor);
	const { description, whoMayPost, whoMayInvite, approval, history, founded, timer } = authority;
	const { offer } = facts;
	// Before the own join has been seen to count, nobody knows better than that it will.
	const open = standing === 'member' && !authority.accountByGrant.has(actor.grant);
	return {
		known: founded,
		standing,
		removedBy: nameOf(facts.removedBy.get(account) ?? ''),
		waitingFor: standing === 'waiting' ? waitingFor(conversation, facts) : null,
		description,
		rules: { whoMayPost, whoMayInvite, approval, history },
		timerS: timer.afterS,
		timerLines: timer.changes.map(({ id, by, afterS, hlc: time }) => ({
			...{ id, by, afterS, time, atMs: msOfHlc(time) },
			self: by === account
		})),
		may: { ...rights, post: open || mayPost(authority, account), invite: open || rights.invite },
		waiting: waitingIn(conversation, actor, facts),
		invitations: invitationsIn(authority, actor, facts, nowMs),
		offer:
			offer === null
				? null
				: { to: nameOf(offer.to), toSelf: offer.grant === actor.grant, account: offer.to },
		actionsByAccount: actions(authority, actor, facts)
	};
}

function waitingIn({ authority }: Conversation, actor: Actor, facts: GroupFacts): readonly WaitingView[] {
	const { moderate } = rightsOf(authority, actor);
	return facts.waiting
		.filter(({ account }) => account !== actor.account)
		.map(({ grant, account, name, inviteKey }) => {
			const isPersonal = authority.personalInvites.has(inviteKey);
			return {
				id: grant,
				account,
				name,
				kind: isPersonal ? 'personal' : 'open',
				invitedBy: nameIn(authority)(authority.inviteByKey.get(inviteKey)?.account ?? ''),
				// An owner who spoke elsewhere until now goes on here: a handover comes before the act.
				mayApprove: mayApprove(authority, actor, inviteKey) || (moderate && !isPersonal),
				mayDecline: moderate || mayDecline(authority, actor, { grant, account, inviteKey })
			};
		});
}

/** What a newcomer waits for. */
function waitingFor({ authority, account }: Conversation, facts: GroupFacts): WaitingForView | null {
	const own = facts.waiting.find((join) => join.account === account);
	if (own === undefined) return null;
	const by = authority.inviteByKey.get(own.inviteKey)?.account ?? '';
	const personal = authority.personalInvites.get(own.inviteKey);
	return {
		account: by,
		name: nameIn(authority)(by),
		kind: personal === undefined ? 'open' : 'personal',
		byItself: personal !== undefined && !personal.approval && !authority.approval
	};
}

function invitationsIn(
	authority: Authority,
	actor: Actor,
	facts: GroupFacts,
	nowMs: number
): readonly InvitationView[] {
	const nameOf = nameIn(authority);
	const { moderate } = rightsOf(authority, actor);
	return facts.invitations
		.filter(({ expiresAtMs }) => expiresAtMs > nowMs)
		.map(({ key, kind, by, expiresAtMs, approval, joined }) => ({
			id: key,
			kind,
			by: nameOf(by),
			self: by === actor.account,
			expiresAtMs,
			approval,
			joined: joined.map(nameOf),
			mayClose: mayClose(authority, actor, key) || (moderate && (kind === 'open' || joined.length === 0))
		}));
}

const nameIn =
	(authority: Authority) =>
	(account: string): string =>
		authority.memberByAccount.get(account)?.name ?? '';

function standingOf(conversation: Conversation, { waiting }: GroupFacts, { grant }: Actor): Standing {
	const { authority, account, controlEntries } = conversation;
	const member = authority.memberByAccount.get(account);
	if (authority.capsByGrant.has(grant)) return 'removed';
	if (authority.accountByGrant.has(grant)) return member?.left === true ? 'left' : 'member';
	if (waiting.some((join) => join.account === account)) return 'waiting';
	// Closed or expired for sure, not merely unknown here yet.
	const own = controlEntries.findLast(
		({ record, lane }) => record.type === 'join' && conversation.isOwnLane(lane)
	);
	if (own?.record.type !== 'join') return 'member';
	const key = toBase64url(own.record.invitePublicKey);
	const invite = authority.inviteByKey.get(key);
	if (invite === undefined) return 'member';
	const personal = authority.personalInvites.get(key);
	if (personal !== undefined && personal.usedBy !== null && personal.usedBy !== grant) return 'used-up';
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
