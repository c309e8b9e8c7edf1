/**
 * An `App` for the screens alone: fixture data in memory, no keys, no network, no storage.
 *
 * The address that the page was loaded with says what to show: `phase`, `connection` (direct, relay, connecting,
 * waiting, offline), `empty` (no conversations), `marks` (muted, pinned, starred …), `rebuild`, `notices`, `update`, `sync`, `problem=<code>`, `fail=<code>` (every
 * intent fails with it). `window.preview.receive(conversation, text)` lets somebody write.
 */
import { shorterLife } from '../../src/lib/conversation/authority';
import type {
	App,
	AttentionListener,
	AppPhase,
	ConnectionState,
	ConversationSummary,
	ConversationView,
	DeviceNotice,
	DiagnosticsReport,
	ExportPart,
	InvitePreview,
	MemberView,
	MessagePlace,
	Position,
	Problem,
	ProblemCode,
	ReceiptView,
	Finding,
	FoundHit,
	FoundLink,
	SearchFilters,
	SearchResult,
	SendOptions,
	ThreadView,
	TimelineMessage,
	TimelineView,
	Wording
} from '../../src/lib/app/contract';
import { Marks } from '../../src/lib/app/marks/marks.svelte';
import { nameTags } from '../../src/lib/app/name-tags';
import { pageTimers } from '../../src/lib/link/timers';
import { fail, ok, type Result } from '../../src/lib/protocol/result';
import { PreviewContacts } from './contacts.svelte';
import { PreviewScheduled } from './scheduled.svelte';
import { PreviewGroup } from './group.svelte';
import { previewMarks } from './marks';
import { plainMessage, previewConversations, self, summaryOf, type PreviewConversation } from './fixtures';

const pageSize = 60;
const windowLimit = 180;
const frame = (): Promise<void> => new Promise((resolve) => requestAnimationFrame(() => resolve()));
const isAfter = (a: Position, b: Position): boolean => a.time > b.time || (a.time === b.time && a.id > b.id);

class PreviewTimeline implements TimelineView {
	#data: PreviewConversation;
	#thread: string | null;
	#from = $state(0);
	#to = $state(0);
	#version = $state(0);
	loaded = $state(false);
	hasOlder = $derived(this.#from > 0);
	hasNewer = $derived.by(() => (void this.#version, this.#to < this.#all.length));
	messages = $derived.by(() => (void this.#version, this.#all.slice(this.#from, this.#to)));

	sent = $state(0);

	get #all(): readonly TimelineMessage[] {
		return this.#data.messages.filter(({ thread }) => thread === this.#thread);
	}

	constructor(data: PreviewConversation, thread: string | null = null) {
		this.#data = data;
		this.#thread = thread;
		void frame().then(() => {
			this.#show(this.#all.length - pageSize, this.#all.length);
			this.loaded = true;
		});
	}

	/** Something at the end was added or changed. */
	changed(grown: boolean): void {
		if (grown && this.#to >= this.#all.length - 1) this.#to = this.#all.length;
		this.#version += 1;
	}

	async loadOlder(): Promise<void> {
		await frame();
		const from = Math.max(0, this.#from - pageSize);
		this.#show(from, Math.min(this.#to, from + windowLimit));
	}
	async loadNewer(): Promise<void> {
		await frame();
		const to = Math.min(this.#all.length, this.#to + pageSize);
		this.#show(Math.max(this.#from, to - windowLimit), to);
	}
	async jumpToNewest(): Promise<void> {
		await frame();
		this.#show(this.#all.length - pageSize, this.#all.length);
	}
	async jumpTo(position: Position): Promise<void> {
		await frame();
		const found = this.#all.findIndex((message) => !isAfter(position, message));
		const index = found < 0 ? this.#all.length - 1 : found;
		this.#show(index - pageSize / 2, index + pageSize / 2);
	}

	#show(from: number, to: number): void {
		this.#from = Math.max(0, from);
		this.#to = Math.min(this.#all.length, to);
	}
}

class PreviewConversationView implements ConversationView {
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
	#app: PreviewApp;
	#data: PreviewConversation;

	constructor(app: PreviewApp, data: PreviewConversation, unread: number, options: URLSearchParams) {
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

class PreviewApp implements App {
	phase = $state<AppPhase>('ready');
	problem = $state.raw<Problem | null>(null);
	profile = $state.raw<App['profile']>({ name: self.name, account: self.account });
	online = true;
	readonly typing: ReadonlyMap<string, readonly string[]>;
	readonly pictures: ReadonlyMap<string, string> = new Map();
	updateReady: boolean;
	rebuild: App['rebuild'];
	deviceNotices = $state.raw<App['deviceNotices']>([]);
	readonly failure: Problem | null;
	readonly contacts: PreviewContacts;
	readonly scheduled = new PreviewScheduled();
	readonly views = new Set<PreviewConversationView>();
	readonly timelines = new Set<PreviewTimeline>();
	readonly marks = new Marks(pageTimers, {
		write: () => Promise.resolve(this.failure ? fail('not-saved') : ok(undefined)),
		hidden: (messages) =>
			Promise.resolve(this.#take((message) => messages.some(({ id }) => id === message.id))),
		cleared: (conversation, upTo) => {
			this.#take((message) => message.conversation === conversation && message.time <= upTo);
			return Promise.resolve([]);
		},
		read: (conversation) => {
			this.#unread = { ...this.#unread, [conversation]: 0 };
			return Promise.resolve();
		},
		messages: (marks) =>
			Promise.resolve(
				this.#data
					.flatMap(({ messages }) => messages)
					.filter(({ id }) => marks.some(({ message }) => message === id))
					.map((message) => ({ message, authorName: message.authorName }))
			)
	});
	readonly #listeners = new Set<AttentionListener>();
	#data: PreviewConversation[];
	#unread = $state<Record<string, number>>({});
	#version = $state(0);
	#options: URLSearchParams;
	conversations: readonly ConversationSummary[] = $derived.by(() => {
		void this.#version;
		return this.#data
			.map((data) => summaryOf(data, this.#unread[data.id] ?? 0, Date.now()))
			.sort((a, b) => (b.last?.sentAtMs ?? 0) - (a.last?.sentAtMs ?? 0));
	});

	constructor(options: URLSearchParams) {
		this.#options = options;
		this.#data = options.has('empty') ? [] : previewConversations(Date.now());
		this.#unread = Object.fromEntries(this.#data.map((data) => [data.id, data.unread]));
		if (options.has('marks')) this.marks.load(previewMarks(Date.now()));
		const problem = options.get('problem');
		if (problem) this.problem = { code: problem as ProblemCode, detail: 'AbortError: the disk said no' };
		const failure = options.get('fail');
		this.failure = failure ? { code: failure as ProblemCode } : null;
		this.phase = (options.get('phase') as AppPhase | null) ?? 'ready';
		if (this.phase === 'first-run') this.profile = null;
		const typing = options.has('typing') ? this.#data.slice(0, 1) : [];
		this.typing = new Map(typing.map(({ id }) => [id, ['Tomás Ibarra']]));
		this.updateReady = options.has('update');
		this.contacts = new PreviewContacts(options, this.failure, this.#foundDirect);
		if (options.has('notices'))
			this.deviceNotices = [{ kind: 'copied' }, { kind: 'clock', aheadMs: 23 * 60_000 }];
		this.rebuild = options.has('rebuild') ? { done: 31_250, total: 100_000 } : null;
	}

	start(name: string): Promise<Result<void, Problem>> {
		if (name === '') return Promise.resolve(fail({ code: 'name-empty' }));
		this.profile = { name, account: self.account };
		this.phase = 'ready';
		return Promise.resolve(ok(undefined));
	}
	dismiss(notice: DeviceNotice['kind']): Promise<void> {
		this.deviceNotices = this.deviceNotices.filter(({ kind }) => kind !== notice);
		return Promise.resolve();
	}
	useHere(): Promise<void> {
		this.phase = 'ready';
		return Promise.resolve();
	}
	rename(name: string): Promise<Result<void, Problem>> {
		if (name === '') return Promise.resolve(fail({ code: 'name-empty' }));
		this.profile = { name, account: self.account };
		return Promise.resolve(ok(undefined));
	}
	createGroup(name: string): Promise<Result<{ readonly conversation: string }, Problem>> {
		if (name === '') return Promise.resolve(fail({ code: 'group-name-empty' }));
		const id = `conv-${this.#data.length}`;
		this.#data = [{ id, name, left: false, members: [self], messages: [], unread: 0 }, ...this.#data];
		this.#version += 1;
		return Promise.resolve(ok({ conversation: id }));
	}
	readInvite(fragment: string): Result<InvitePreview, Problem> {
		if (fragment.includes('expired')) return fail({ code: 'invite-expired' });
		if (!fragment.startsWith('1.')) return fail({ code: 'invite-broken' });
		const alreadyMember = fragment.includes('conv-island');
		return ok({
			conversation: alreadyMember ? 'conv-island' : 'conv-new',
			groupName: alreadyMember ? 'Island weekend' : 'Choir tour',
			expiresAtMs: Date.now() + 6.2 * 86_400_000,
			kind: fragment.includes('personal') ? 'personal' : 'open',
			alreadyMember,
			link: fragment
		});
	}
	join(invite: InvitePreview): Promise<Result<{ readonly conversation: string }, Problem>> {
		return Promise.resolve(this.failure ? fail(this.failure) : ok({ conversation: invite.conversation }));
	}
	open(conversation: string): ConversationView {
		const data = this.#data.find(({ id }) => id === conversation);
		if (!data) throw new Error(`no conversation ${conversation}`);
		const view = new PreviewConversationView(this, data, this.#unread[conversation] ?? 0, this.#options);
		this.views.add(view);
		return view;
	}
	readonly finding: Finding = {
		search: (text, filters) => this.#search(text, filters),
		links: (conversation) => Promise.resolve({ links: this.#links(conversation), next: null }),
		placeAt: (conversation, atMs) => {
			const messages = this.#data.find(({ id }) => id === conversation)?.messages ?? [];
			const found = messages.find(({ sentAtMs }) => sentAtMs >= atMs) ?? messages.at(-1);
			return Promise.resolve(found ? { time: found.time, id: found.id } : null);
		}
	};
	#links(conversation: string): FoundLink[] {
		return (this.#data.find(({ id }) => id === conversation)?.messages ?? [])
			.flatMap((message) => {
				const url = /https:\/\/\S+/.exec(message.text)?.[0];
				const { time, id, authorName } = message;
				return url === undefined ? [] : [{ url, message, authorName, place: { time, id } }];
			})
			.reverse();
	}
	#search(text: string, filters: SearchFilters = {}): Promise<SearchResult> {
		const words = text.toLowerCase();
		const hits = this.#data
			.flatMap(({ messages }) => messages)
			.filter(
				(message) =>
					message.text.toLowerCase().includes(words) &&
					(filters.conversation ?? message.conversation) === message.conversation &&
					(filters.from ?? message.author) === message.author &&
					(filters.hasLink !== true || message.text.includes('https://'))
			)
			.sort((a, b) => b.time - a.time)
			.slice(0, 50)
			.map((message): FoundHit => {
				const at = message.text.toLowerCase().indexOf(words);
				const end = at + words.length;
				return {
					message,
					authorName: message.authorName,
					place: { time: message.time, id: message.id },
					snippet: [
						{ text: (at > 30 ? '…' : '') + message.text.slice(Math.max(0, at - 30), at), hit: false },
						{ text: message.text.slice(at, end), hit: true },
						{ text: message.text.slice(end, end + 60), hit: false }
					]
				};
			});
		return Promise.resolve({ hits, complete: true });
	}
	say(conversation: string, text: string): Promise<Result<void, Problem>> {
		const data = this.#data.find(({ id }) => id === conversation);
		if (data) this.add(data, self, text);
		return Promise.resolve(ok(undefined));
	}
	listen(listener: AttentionListener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}
	async *exportConversation(): AsyncGenerator<ExportPart> {
		for (const messages of [0, 500, 812]) yield { text: await Promise.resolve('…'), messages };
	}
	applyUpdate(): void {
		location.reload();
	}
	diagnostics(): Promise<DiagnosticsReport> {
		return Promise.resolve({
			version: '0.1.0-preview',
			account: 'qL7v0pQ3hZr1mO9sXb2cVd',
			device: 'w8Jk2LmN5tYu7iOp',
			storage: {
				usedBytes: 48_300_000,
				quotaBytes: 10_700_000_000,
				persisted: false,
				readModel: 'opfs, schema 3',
				messages: 5_164
			},
			conversations: this.#data.slice(0, 2).map(({ id, name }) => ({
				id,
				name,
				hot: true,
				relay: 'connected',
				quarantinedLanes: 0,
				forks: 0,
				waiting: 1,
				segments: [{ segment: 0, entries: 5_017, lanes: 4, inMemory: true }],
				peers: [
					{
						name: 'Tomás Ibarra',
						account: 'acc-tomas',
						state: 'open',
						sentBytes: 120_400,
						receivedBytes: 2_400_000
					}
				]
			})),
			rejections: [
				{ reason: 'entry-signature-wrong', count: 3 },
				{ reason: 'entry-too-large', count: 1 }
			],
			recentEvents: [
				{ atMs: Date.now() - 4_000, text: 'swarm: link to acc-tomas open after 212 ms' },
				{ atMs: Date.now() - 9_000, text: 'relay: connected' }
			]
		});
	}

	#take(isTaken: (message: TimelineMessage) => boolean): void {
		for (const { messages } of this.#data)
			messages.splice(0, messages.length, ...messages.filter((message) => !isTaken(message)));
		this.#version += 1;
		for (const view of this.views) view.timeline.changed(false);
	}

	readonly #foundDirect = (account: string, name: string, text: string, own: boolean): string => {
		const id = `conv-${account}`;
		const other: MemberView = { ...self, account, name, role: 'member', self: false };
		const data = { id, name, left: false, members: [self, other], messages: [], unread: 0, peer: account };
		this.#data = [data, ...this.#data];
		this.add(data, own ? self : other, text);
		return id;
	};

	add(
		data: PreviewConversation,
		author: MemberView,
		text: string,
		options: SendOptions = {},
		thread: string | null = null
	): void {
		const previous = data.messages[data.messages.length - 1];
		const atMs = Date.now();
		const index = data.messages.length + 1;
		const id = `${data.id}-${String(index).padStart(7, '0')}`;
		const quoted = data.messages.find((message) => message.id === options.reply);
		data.messages.push({
			...plainMessage(
				data.id,
				id,
				Math.max(atMs * 1024, (previous?.time ?? 0) + 1),
				index,
				author,
				text,
				atMs
			),
			delivery: author.self ? 'queued' : null,
			thread,
			reply: quoted
				? {
						id: quoted.id,
						position: { time: quoted.time, id: quoted.id },
						author: quoted.author,
						own: quoted.own,
						text: quoted.text,
						deleted: false,
						thread: quoted.thread
					}
				: null
		});
		const root = data.messages.find((message) => message.id === thread);
		if (root) {
			const { count, lastAuthors } = root.replies ?? { count: 0, lastAuthors: [] };
			const others = lastAuthors.filter((account) => account !== author.account);
			this.change(data, root.id, {
				replies: {
					count: count + 1,
					unread: 0,
					lastTime: atMs * 1024,
					lastAuthors: [author.account, ...others].slice(0, 3)
				}
			});
		}
		if (!author.self) this.#unread[data.id] = (this.#unread[data.id] ?? 0) + 1;
		this.#version += 1;
		for (const view of this.views) if (view.id === data.id) view.timeline.changed(true);
		for (const timeline of this.timelines) timeline.changed(true);
	}
	/** Somebody said something about a message. */
	change(data: PreviewConversation, id: string, over: Partial<TimelineMessage>): void {
		const index = data.messages.findIndex((message) => message.id === id);
		const before = data.messages[index];
		if (before) data.messages[index] = { ...before, ...over };
		for (const view of this.views) if (view.id === data.id) view.timeline.changed(false);
		for (const timeline of this.timelines) timeline.changed(false);
	}
	/** Somebody else reacts to a message of this text. */
	reactTo(conversation: string, text: string, emoji: string): void {
		const data = this.#data.find(({ id }) => id === conversation);
		const message = data?.messages.find((each) => each.text.includes(text));
		const author = data?.members.find((member) => !member.self);
		if (data && message && author)
			this.change(data, message.id, {
				reactions: [...message.reactions, { emoji, accounts: [author.account], own: false }]
			});
	}
	receive(conversation: string, text: string): void {
		const data = this.#data.find(({ id }) => id === conversation);
		const author = data?.members.find((member) => !member.self);
		if (!data || !author) return;
		this.add(data, author, text);
		const { account, name: authorName } = author;
		const news = { conversation, id: text, author: account, authorName, text, mentioned: false };
		for (const listener of this.#listeners) listener.said([news]);
	}
	markRead(conversation: string, position: Position): void {
		const data = this.#data.find(({ id }) => id === conversation);
		const after = data?.messages.filter((message) => !message.own && isAfter(message, position)).length ?? 0;
		this.#unread[conversation] = Math.min(after, this.#unread[conversation] ?? 0);
	}
}

const preview = new PreviewApp(new URLSearchParams(location.search));
Object.assign(window, { preview });

export const getApp = (): App => preview;
