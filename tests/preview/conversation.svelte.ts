/** A conversation of the preview, as the screens see it. */
import { shorterLife } from '../../src/lib/conversation/authority/timer';
import type {
	ConnectionState,
	ConversationView,
	MemberView,
	MessagePlace,
	Position,
	Problem,
	ReceiptView,
	SendOptions,
	ThreadView,
	TimelineMessage,
	Wording
} from '../../src/lib/app/contract';
import type { Marks } from '../../src/lib/app/marks/marks.svelte';
import { nameTags } from '../../src/lib/app/name-tags';
import { fail, ok, type Result } from '../../src/lib/protocol/result';
import { self, type PreviewConversation } from './fixtures';
import { PreviewGroup } from './group.svelte';
import { PreviewTimeline } from './timeline.svelte';

/** The app, as its conversations see it. */
export interface PreviewHost {
	/** With which every intent fails. */
	readonly failure: Problem | null;
	readonly marks: Marks;
	readonly views: Set<PreviewConversationView>;
	readonly timelines: Set<PreviewTimeline>;
	add(
		data: PreviewConversation,
		author: MemberView,
		text: string,
		options?: SendOptions,
		thread?: string | null
	): void;
	change(data: PreviewConversation, id: string, over: Partial<TimelineMessage>): void;
	markRead(conversation: string, position: Position): void;
}

export class PreviewConversationView implements ConversationView {
	readonly id: string;
	readonly timeline: PreviewTimeline;
	readonly unreadAfter: Position | null;
	readonly self = self;
	readonly historySync: ConversationView['historySync'];
	readonly group: PreviewGroup;
	readonly kind: ConversationView['kind'];
	readonly peer: string | null;
	name = $state('');
	left = $state(false);
	get vanishingS(): number {
		return shorterLife(this.#app.marks.of(this.id).vanishingS, this.group.timerS);
	}
	readonly unknown = false;
	members = $state.raw<readonly MemberView[]>([]);
	connection = $state.raw<ConnectionState>({ kind: 'direct', peers: 2, relay: true });
	readonly typing: readonly string[];
	#draft = $state('');
	#app: PreviewHost;
	#data: PreviewConversation;

	constructor(app: PreviewHost, data: PreviewConversation, unread: number, options: URLSearchParams) {
		this.#app = app;
		this.#data = data;
		this.id = data.id;
		this.name = data.name;
		this.left = data.left;
		this.kind = data.peer === undefined ? 'group' : 'direct';
		this.peer = data.peer ?? null;
		this.members = data.members;
		this.timeline = new PreviewTimeline(data);
		this.group = new PreviewGroup(data, options, app.failure);
		const before = unread > 0 ? data.messages[data.messages.length - unread - 1] : undefined;
		this.unreadAfter = before ? { time: before.time, id: before.id } : null;
		this.typing = options.has('typing') ? ['Tomás Ibarra'] : [];
		this.historySync = options.has('sync') ? { received: 12_400, total: 100_000 } : null;
		const kind = options.get('connection');
		if (kind === 'relay' || kind === 'connecting') this.connection = { kind };
		if (kind === 'waiting' || kind === 'offline') this.connection = { kind, waiting: 2 };
		this.#draft = sessionStorage.getItem(`draft-${data.id}`) ?? '';
	}

	get draft(): string {
		return this.#draft;
	}
	set draft(text: string) {
		this.#draft = text;
		sessionStorage.setItem(`draft-${this.id}`, text);
	}

	async send(text: string, options: SendOptions = {}): Promise<Result<void, Problem>> {
		if (this.#app.failure) return fail(this.#app.failure);
		await Promise.resolve();
		this.timeline.sent += 1;
		this.#app.add(this.#data, self, text, options);
		return ok(undefined);
	}
	nameOf(account: string): string {
		return this.members.find((member) => member.account === account)?.name ?? '';
	}
	tagOf(account: string): string {
		return nameTags(this.members).get(account) ?? '';
	}
	get pinned(): readonly TimelineMessage[] {
		void this.timeline.messages;
		return this.#data.messages.filter(({ pinned }) => pinned).reverse();
	}
	openThread(root: string): ThreadView {
		const timeline = new PreviewTimeline(this.#data, root);
		this.#app.timelines.add(timeline);
		const rootNow = (): TimelineMessage | null => {
			void timeline.messages;
			return this.#data.messages.find(({ id }) => id === root) ?? null;
		};
		const send = (text: string, options: SendOptions = {}): Promise<Result<void, Problem>> => {
			timeline.sent += 1;
			this.#app.add(this.#data, self, text, options, root);
			return Promise.resolve(ok(undefined));
		};
		return {
			id: root,
			timeline,
			draft: '',
			send,
			get root() {
				return rootNow();
			},
			markRead: () => undefined,
			close: () => void this.#app.timelines.delete(timeline)
		};
	}
	edit(message: TimelineMessage, text: string): Promise<Result<void, Problem>> {
		const count = (message.edited?.count ?? 0) + 1;
		return this.#change(message, { text, edited: { count, atMs: Date.now() } });
	}
	deleteForAll(message: TimelineMessage): Promise<Result<void, Problem>> {
		const nothing = { text: '', edited: null, reply: null, reactions: [], pinned: false, poll: null };
		return this.#change(message, { ...nothing, deleted: { by: self.account, atMs: Date.now() } });
	}
	mayDelete(message: TimelineMessage): boolean {
		return message.own || this.members.find(({ self }) => self)?.role === 'owner';
	}
	react(message: TimelineMessage, emoji: string, on: boolean): Promise<Result<void, Problem>> {
		const { account } = self;
		const known = message.reactions.some((each) => each.emoji === emoji);
		const reactions = (
			known ? message.reactions : [...message.reactions, { emoji, accounts: [], own: false }]
		)
			.map((each) => {
				if (each.emoji !== emoji) return each;
				const others = each.accounts.filter((one) => one !== account);
				return { emoji, accounts: on ? [...others, account] : others, own: on };
			})
			.filter(({ accounts }) => accounts.length > 0);
		return this.#change(message, { reactions });
	}
	pin(message: TimelineMessage, on: boolean): Promise<Result<void, Problem>> {
		return this.#change(message, { pinned: on });
	}
	vote(message: TimelineMessage, own: readonly number[]): Promise<Result<void, Problem>> {
		if (message.poll === null) return Promise.resolve(fail({ code: 'message-gone' }));
		const votes = message.poll.votes.map((accounts, index) => {
			const others = accounts.filter((one) => one !== self.account);
			return own.includes(index) ? [...others, self.account] : others;
		});
		return this.#change(message, {
			poll: { ...message.poll, votes, own, voters: new Set(votes.flat()).size }
		});
	}
	forward(): Promise<Result<void, Problem>> {
		return Promise.resolve(this.#app.failure ? fail(this.#app.failure) : ok(undefined));
	}
	wordingsOf({ text, sentAtMs, edited }: TimelineMessage): Promise<readonly Wording[]> {
		return Promise.resolve([
			{ text, sentAtMs: edited?.atMs ?? sentAtMs },
			{ text: 'Meet at the *harbour* at eigth?', sentAtMs }
		]);
	}
	missingBelow({ own }: TimelineMessage): Promise<number> {
		return Promise.resolve(own ? 0 : 2);
	}
	placeOf(id: string): Promise<MessagePlace | null> {
		const found = this.#data.messages.find((message) => message.id === id);
		return Promise.resolve(found ? { position: { time: found.time, id }, thread: found.thread } : null);
	}
	#change({ id }: TimelineMessage, over: Partial<TimelineMessage>): Promise<Result<void, Problem>> {
		if (this.#app.failure) return Promise.resolve(fail(this.#app.failure));
		this.#app.change(this.#data, id, over);
		return Promise.resolve(ok(undefined));
	}
	inviteLink(): Promise<Result<{ readonly url: string; readonly expiresAtMs: number }, Problem>> {
		if (this.#app.failure) return Promise.resolve(fail(this.#app.failure));
		const key = 'Zm9sbG93LXRoZS10aHJlYWQtYW5kLXlvdS13aWxsLWZpbmQtdXM'.repeat(4);
		return Promise.resolve(
			ok({ url: `${location.origin}/join#1.${this.id}.${key}`, expiresAtMs: Date.now() + 7 * 86_400_000 })
		);
	}
	personalLink(): Promise<Result<{ readonly url: string; readonly expiresAtMs: number }, Problem>> {
		return this.inviteLink();
	}
	renameGroup(name: string): Promise<Result<void, Problem>> {
		if (name === '') return Promise.resolve(fail({ code: 'group-name-empty' }));
		this.name = name;
		return Promise.resolve(ok(undefined));
	}
	leave(): Promise<Result<void, Problem>> {
		this.left = true;
		return Promise.resolve(ok(undefined));
	}
	receiptsOf(): readonly ReceiptView[] {
		const others = this.members.filter(({ self }) => !self).slice(0, 3);
		return others.map(({ account, name }, i) => ({
			account,
			name,
			read: i < 2,
			learnedAtMs: i === 1 ? null : Date.now() - i * 3_600_000
		}));
	}
	markRead(position: Position): void {
		this.#app.markRead(this.id, position);
	}
	close(): void {
		this.#app.views.delete(this);
	}
}
