/** How a group is run, for the screens alone: whoever looks is the owner, or what `role` in the address says. */
import type {
	GroupView,
	InvitationView,
	LogLine,
	MemberAction,
	Problem,
	Standing,
	WaitingView
} from '../../src/lib/app/contract';
import { fail, ok, type Result } from '../../src/lib/protocol/result';
import type { PreviewConversation } from './fixtures';

const hourMs = 3_600_000;
const asks = { kind: 'open' } as const;

export class PreviewGroup implements GroupView {
	readonly known = true;
	readonly standing: Standing;
	readonly removedBy = 'Noor';
	readonly waitingFor: GroupView['waitingFor'];
	description = $state('Tides, boats and who brings the pot. Meet at the jetty.');
	rules = $state.raw<GroupView['rules']>({
		whoMayPost: 'members',
		whoMayInvite: 'members',
		approval: true,
		history: 'all'
	});
	timerS = $state(0);
	timerLines = $state.raw<GroupView['timerLines']>([]);
	waiting = $state.raw<readonly WaitingView[]>([]);
	invitations = $state.raw<readonly InvitationView[]>([]);
	offer = $state.raw<GroupView['offer']>(null);
	readonly #role: string;

	/** @param options `role` (owner, moderator, member), `standing`, `offer`, `quiet` (may not post), `plain` (nobody waits) */
	constructor(
		readonly data: PreviewConversation,
		options: URLSearchParams,
		readonly failure: Problem | null
	) {
		this.#role = options.get('role') ?? 'owner';
		const standing = options.get('standing') as Standing | null;
		this.standing = standing ?? (data.left ? 'left' : 'member');
		this.waitingFor =
			standing === 'waiting' ? { account: 'acc-noor', name: 'Noor', kind: 'personal', byItself: true } : null;
		if (options.has('quiet')) this.rules = { ...this.rules, whoMayPost: 'moderators' };
		if (options.has('offer')) this.offer = { to: 'Mara Lindqvist', toSelf: true, account: 'acc-mara' };
		const now = Date.now();
		if (data.id !== 'conv-island') return;
		if (options.has('waiting'))
			this.waiting = [
				{ ...asks, id: 'w1', account: 'acc-ines', name: 'Inês Duarte', invitedBy: 'Jun', ...this.#mayAnswer },
				{ ...asks, id: 'w2', account: 'acc-x', name: '', invitedBy: 'Tomás Ibarra', ...this.#mayAnswer },
				{
					...asks,
					id: 'w3',
					account: 'acc-y',
					name: 'Sol',
					invitedBy: 'Noor',
					kind: 'personal',
					mayApprove: false,
					mayDecline: this.#moderates
				}
			];
		this.invitations = [
			{
				id: 'i1',
				kind: 'open',
				by: 'Mara Lindqvist',
				self: true,
				expiresAtMs: now + 150 * hourMs,
				approval: true,
				joined: ['Jun', 'Tomás Ibarra'],
				mayClose: true
			},
			{
				id: 'i2',
				kind: 'open',
				by: 'Jun',
				self: false,
				expiresAtMs: now + 20 * hourMs,
				approval: false,
				joined: [],
				mayClose: this.#moderates
			},
			{
				id: 'i3',
				kind: 'personal',
				by: 'Mara Lindqvist',
				self: true,
				expiresAtMs: now + 3 * hourMs,
				approval: false,
				joined: ['Inês Duarte'],
				mayClose: false
			}
		];
	}

	get #moderates(): boolean {
		return this.#role !== 'member';
	}

	get #mayAnswer() {
		return { mayApprove: this.#moderates, mayDecline: this.#moderates };
	}

	get may(): GroupView['may'] {
		const moderates = this.#moderates;
		return {
			post: this.rules.whoMayPost === 'members' || moderates,
			invite: this.rules.whoMayInvite === 'members' || moderates,
			describe: moderates,
			rule: this.#role === 'owner',
			moderate: moderates,
			timer: moderates
		};
	}

	actionsOn(account: string): readonly MemberAction[] {
		const member = this.data.members.find((each) => each.account === account);
		if (member === undefined || member.self || !this.#moderates) return [];
		if (this.#role === 'moderator') return member.role === 'member' ? ['remove'] : [];
		const role = member.role === 'moderator' ? 'unmake-moderator' : 'make-moderator';
		return [role, this.offer?.account === account ? 'withdraw-offer' : 'offer-ownership', 'remove'];
	}

	setRole(): Promise<Result<void, Problem>> {
		return this.#done();
	}
	removeMember(): Promise<Result<void, Problem>> {
		return this.#done();
	}
	changeSettings(changes: Parameters<GroupView['changeSettings']>[0]): Promise<Result<void, Problem>> {
		const { name: _, description = this.description, ...rules } = changes;
		if (!this.failure) {
			this.description = description;
			this.rules = { ...this.rules, ...rules };
		}
		return this.#done();
	}
	setTimer(afterS: number): Promise<Result<void, Problem>> {
		if (!this.failure) this.timerS = afterS;
		return this.#done();
	}
	closeInvite(id: string): Promise<Result<void, Problem>> {
		this.invitations = this.invitations.filter((each) => each.id !== id);
		return this.#done();
	}
	approveJoin(id: string): Promise<Result<void, Problem>> {
		this.waiting = this.waiting.filter((each) => each.id !== id);
		return this.#done();
	}
	declineJoin(id: string): Promise<Result<void, Problem>> {
		return this.approveJoin(id);
	}
	offerOwnership(account: string): Promise<Result<void, Problem>> {
		const to = this.data.members.find((each) => each.account === account)?.name ?? '';
		this.offer = { to, toSelf: false, account };
		return this.#done();
	}
	withdrawOffer(): Promise<Result<void, Problem>> {
		this.offer = null;
		return this.#done();
	}
	acceptOwnership(): Promise<Result<void, Problem>> {
		this.offer = null;
		return this.#done();
	}

	moderationLog(): readonly LogLine[] {
		const now = Date.now();
		const line = (over: Partial<LogLine> & Pick<LogLine, 'act'>, hours: number): LogLine => ({
			id: `${over.act}-${hours}`,
			by: 'Mara Lindqvist',
			self: true,
			whom: [],
			atMs: now - hours * hourMs,
			verdict: 'counts',
			...over
		});
		return [
			line({ act: 'removed', by: 'Noor', self: false, whom: ['Jun'], verdict: 'protected' }, 1),
			line({ act: 'approved', by: 'Noor', self: false, whom: ['Tomás Ibarra'] }, 3),
			line({ act: 'changed-settings' }, 26),
			line({ act: 'closed-link', by: 'Jun', self: false, verdict: 'no-authority' }, 30),
			line({ act: 'made-moderator', whom: ['Noor'] }, 200)
		];
	}

	#done(): Promise<Result<void, Problem>> {
		return Promise.resolve(this.failure ? fail(this.failure) : ok(undefined));
	}
}
