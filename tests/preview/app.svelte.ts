/**
 * An `App` for the screens alone: fixture data in memory, no keys, no network, no storage.
 *
 * The address that the page was loaded with says what to show: `phase`, `connection` (direct, relay, connecting,
 * waiting, offline), `empty` (no conversations), `marks` (muted, pinned, starred …), `rebuild`, `notices`, `update`, `sync`, `problem=<code>`, `fail=<code>` (every
 * intent fails with it). `window.preview.receive(conversation, text)` lets somebody write.
 */
import type {
	App,
	AppPhase,
	AttentionListener,
	ConversationSummary,
	ConversationView,
	DeviceNotice,
	DiagnosticsReport,
	ExportPart,
	Finding,
	InvitePreview,
	MemberView,
	Position,
	Problem,
	ProblemCode,
	SendOptions,
	TimelineMessage
} from '../../src/lib/app/contract';
import { Marks } from '../../src/lib/app/marks/marks.svelte';
import { pageTimers } from '../../src/lib/link/timers';
import { fail, ok, type Result } from '../../src/lib/protocol/result';
import { PreviewContacts } from './contacts.svelte';
import { PreviewConversationView, type PreviewHost } from './conversation.svelte';
import { diagnosticsOf } from './diagnostics';
import { findingIn } from './finding';
import { PreviewScheduled } from './scheduled.svelte';
import { previewMarks } from './marks';
import { isAfter, type PreviewTimeline } from './timeline.svelte';
import { plainMessage, previewConversations, self, summaryOf, type PreviewConversation } from './fixtures';

class PreviewApp implements App, PreviewHost {
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
	readonly finding: Finding = findingIn(() => this.#data);
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
		return Promise.resolve(diagnosticsOf(this.#data));
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
