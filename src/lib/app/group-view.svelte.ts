/** How a group is run, as a screen sees it. Knows nothing until its conversation has been loaded. */
import type { Authority } from '$lib/conversation/authority';
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
	TimerLine,
	WaitingView
} from './group-contract';
import type { ActFailure, GroupIntents } from './group-intents';
import type { GroupState } from './group-state';
import { problemOfAct } from './problem-of-act';

/** Before the conversation has been loaded. Who may write at all mostly may. */
const unknownState: GroupState = {
	known: false,
	standing: 'member',
	removedBy: '',
	waitingFor: null,
	description: '',
	rules: { whoMayPost: 'members', whoMayInvite: 'members', approval: false, history: 'all' },
	timerS: 0,
	timerLines: [],
	may: { post: true, invite: true, describe: false, rule: false, moderate: false, timer: false },
	waiting: [],
	invitations: [],
	offer: null,
	actionsByAccount: new Map()
};

export class OpenGroup implements GroupView {
	#state = $state.raw<GroupState>(unknownState);
	#intents: GroupIntents | null = null;
	#seen: Authority | null = null;

	constructor(
		readonly account: string,
		readonly nowMs: () => number,
		/** Loads the conversation if need be. */
		readonly engaged: () => Promise<GroupIntents>
	) {}

	get known(): boolean {
		return this.#state.known;
	}

	get standing(): Standing {
		return this.#state.standing;
	}

	get removedBy(): string {
		return this.#state.removedBy;
	}

	get waitingFor(): GroupView['waitingFor'] {
		return this.#state.waitingFor;
	}

	get description(): string {
		return this.#state.description;
	}

	get rules(): GroupRules {
		return this.#state.rules;
	}

	get timerS(): number {
		return this.#state.timerS;
	}

	get timerLines(): readonly TimerLine[] {
		return this.#state.timerLines;
	}

	get may(): GroupPowers {
		return this.#state.may;
	}

	get waiting(): readonly WaitingView[] {
		return this.#state.waiting;
	}

	get invitations(): readonly InvitationView[] {
		return this.#state.invitations;
	}

	get offer(): GroupView['offer'] {
		return this.#state.offer;
	}

	actionsOn(account: string): readonly MemberAction[] {
		return this.#state.actionsByAccount.get(account) ?? [];
	}

	setRole(account: string, role: 'moderator' | 'member'): Promise<Result<void, Problem>> {
		return this.#do((intents) => intents.setRole(account, role));
	}

	removeMember(account: string): Promise<Result<void, Problem>> {
		return this.#do((intents) => intents.removeMember(account));
	}

	changeSettings(changes: Parameters<GroupView['changeSettings']>[0]): Promise<Result<void, Problem>> {
		return this.#doIfDifferent((intents) => intents.changeSettings(changes));
	}

	setTimer(afterS: number): Promise<Result<void, Problem>> {
		return this.#doIfDifferent((intents) => intents.setTimer(afterS));
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
		// Asked of the state, so that whoever shows it asks again after every fold.
		return this.#state.known ? (this.#intents?.log() ?? []) : [];
	}

	/** Until the fold is known: somebody whom the list of members leaves out waits, and is not to write into nothing. */
	presume(standing: 'member' | 'waiting'): void {
		if (!this.known && this.standing !== standing) this.#state = { ...unknownState, standing };
	}

	/** The fold may have changed. */
	update(intents: GroupIntents): void {
		const { authority } = intents.conversation;
		this.#intents = intents;
		if (authority === this.#seen) return;
		this.#seen = authority;
		this.#state = intents.state(this.nowMs());
	}

	/** Where nothing is different, what was wanted is so. */
	#doIfDifferent(
		act: (intents: GroupIntents) => Promise<Result<void, ActFailure>>
	): Promise<Result<void, Problem>> {
		return this.#do(async (intents) => {
			const done = await act(intents);
			return !done.ok && done.reason === 'already' ? ok(undefined) : done;
		});
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
