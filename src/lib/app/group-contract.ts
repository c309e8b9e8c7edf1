/** What screens may know of how a group is run, and what they may do about it. Part of the contract (contract.ts). */
import type { Verdict } from '../conversation/authority/verdict';
import type { Audience, HistoryVisibility } from '../protocol/authority-records';
import type { Result } from '../protocol/result';
import type { Problem } from './contract';

export type { Audience, HistoryVisibility };
export { pictureLimitBytes, pixelsOfWebp } from '../protocol/small-picture';

/**
 * member: may take part · waiting: somebody has to let them in (`waitingFor`) · shut-out: the link had been closed, or had
 * expired, before this person came by it · used-up: it was for one person, and somebody else has come by it · left: by their own word · removed: by somebody's.
 */
export type Standing = 'member' | 'waiting' | 'shut-out' | 'used-up' | 'left' | 'removed';

export interface GroupRules {
	readonly whoMayPost: Audience;
	readonly whoMayInvite: Audience;
	/** Who comes by a link waits until somebody lets them in. */
	readonly approval: boolean;
	readonly history: HistoryVisibility;
}

/** What this person may do now. */
export interface GroupPowers {
	readonly post: boolean;
	readonly invite: boolean;
	/** Name, description and picture. */
	readonly describe: boolean;
	/** The rules, moderators, ownership. */
	readonly rule: boolean;
	/** Turn people away, close links of others. */
	readonly moderate: boolean;
	/** Set after how long what is said disappears. */
	readonly timer: boolean;
}

export type MemberAction =
	'make-moderator' | 'unmake-moderator' | 'remove' | 'offer-ownership' | 'withdraw-offer';

/** Of somebody who waits to be let in. */
export interface WaitingForView {
	/** Whose link they came by; empty while nobody knows. */
	readonly account: string;
	readonly name: string;
	readonly kind: InvitationKind;
	/** By a link for one person: the device that made it lets them in as soon as it hears of them. */
	readonly byItself: boolean;
}

export interface WaitingView {
	readonly id: string;
	readonly account: string;
	/** As they call themselves; may be empty, and says nothing about who it is. */
	readonly name: string;
	/** Whose link they came by. */
	readonly invitedBy: string;
	readonly kind: InvitationKind;
	readonly mayApprove: boolean;
	readonly mayDecline: boolean;
}

/** open: for many people · personal: for one, once. */
export type InvitationKind = 'open' | 'personal';

export interface InvitationView {
	readonly id: string;
	readonly kind: InvitationKind;
	/** Name of who made it. */
	readonly by: string;
	readonly self: boolean;
	readonly expiresAtMs: number;
	readonly approval: boolean;
	/** Names of who came by it. */
	readonly joined: readonly string[];
	readonly mayClose: boolean;
}

export type LogAct =
	| 'made-moderator'
	| 'unmade-moderator'
	| 'removed'
	| 'approved'
	| 'admitted'
	| 'added'
	| 'gave-ownership'
	| 'went-on'
	| 'closed-link'
	| 'lost-device'
	/** What newcomers can read is another than before: everything, what is said from then on, and nothing older handed on. */
	| 'opened-history'
	| 'closed-history'
	| 'withheld-history'
	| 'changed-settings'
	| 'set-timer';

export interface LogLine {
	readonly id: string;
	readonly act: LogAct;
	readonly by: string;
	readonly self: boolean;
	/** Names of whom it was done to. */
	readonly whom: readonly string[];
	/** As its author claims. */
	readonly atMs: number;
	readonly verdict: Verdict;
}

/** Somebody has set after how long what is said disappears. Also in direct conversations. */
export interface TimerLine {
	readonly id: string;
	/** Account. */
	readonly by: string;
	readonly self: boolean;
	/** Seconds; 0: from then on, what is said stays. */
	readonly afterS: number;
	/** Where it stands among messages: an effective time. */
	readonly time: number;
	readonly atMs: number;
}

export interface GroupView {
	/** False until the conversation has been loaded: nothing can be changed yet. */
	readonly known: boolean;
	readonly standing: Standing;
	/** Name of who removed this person; '' if that is not known. */
	readonly removedBy: string;
	/** Set while `standing` is waiting. */
	readonly waitingFor: WaitingForView | null;
	readonly description: string;
	readonly rules: GroupRules;
	/** Seconds after which what is said here disappears, for everybody; 0: it stays. */
	readonly timerS: number;
	/** Oldest first. */
	readonly timerLines: readonly TimerLine[];
	readonly may: GroupPowers;
	/** Joins that wait for somebody's approval, oldest first. */
	readonly waiting: readonly WaitingView[];
	/** Links that work, newest first. */
	readonly invitations: readonly InvitationView[];
	/** The owner asks somebody to take over; `toSelf`: this person. */
	readonly offer: { readonly to: string; readonly toSelf: boolean; readonly account: string } | null;

	/** What this person may do to a member now. */
	actionsOn(account: string): readonly MemberAction[];
	setRole(account: string, role: 'moderator' | 'member'): Promise<Result<void, Problem>>;
	removeMember(account: string): Promise<Result<void, Problem>>;
	changeSettings(
		changes: Partial<
			GroupRules & {
				readonly name: string;
				readonly description: string;
				/** WebP or JPEG, small (small-picture.ts); null takes it away. */
				readonly picture: Uint8Array | null;
			}
		>
	): Promise<Result<void, Problem>>;
	/** @param afterS as `timerS` */
	setTimer(afterS: number): Promise<Result<void, Problem>>;
	closeInvite(id: string): Promise<Result<void, Problem>>;
	approveJoin(id: string): Promise<Result<void, Problem>>;
	declineJoin(id: string): Promise<Result<void, Problem>>;
	offerOwnership(account: string): Promise<Result<void, Problem>>;
	withdrawOffer(): Promise<Result<void, Problem>>;
	acceptOwnership(): Promise<Result<void, Problem>>;
	/** Newest first. Worked out when asked for; reactive. */
	moderationLog(): readonly LogLine[];
}
