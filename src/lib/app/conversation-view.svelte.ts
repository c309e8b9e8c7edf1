/** One conversation as a screen sees it. Shows what the read model has at once; the engine fills in the rest. */
import { shorterLife } from '$lib/conversation/authority/timer';
import { Delivery } from '$lib/conversation/delivery';
import { soundName } from '$lib/identity/account';
import type { DeviceDatabase } from '$lib/identity/device-database';
import { fail, ok, type Result } from '$lib/protocol/result';
import type { MemberRow, MessageRow, Position, Store } from '$lib/store/types';
import type {
	ConnectionState,
	ConversationKind,
	ConversationSummary,
	ConversationView,
	DeliveryState,
	MemberView,
	MessagePlace,
	Problem,
	ReceiptView,
	SendOptions,
	ThreadView,
	TimelineMessage,
	Wording
} from './contract';
import type { ConsentSource } from './consent.svelte';
import type { KnownPeople } from './contacts/contact-views';
import type { Engine } from './engine/engine';
import type { GroupIntents } from './group-intents';
import { OpenGroup } from './group-view.svelte';
import type { Marks } from './marks/marks.svelte';
import { MessageIntents } from './message-intents';
import { nameTags } from './name-tags';
import { problemOfAct } from './problem-of-act';
import { nextFrame } from './next-frame';
import { isSameSight, memberView, receiptViews, sameNames, typingNames } from './people-shown';
import type { HotConversation } from './hot/hot-conversation';
import type { Glance } from './snapshot';
import { PinnedMessages } from './pinned-messages.svelte';
import { problemOfFailure, Talk, threadDraftKey, type TalkDeps } from './talk.svelte';
import { OpenThread } from './thread-view.svelte';
import { Timeline, type TimelineSource } from './timeline.svelte';

export interface ConversationViewDeps {
	readonly store: Store;
	readonly database: DeviceDatabase;
	readonly engine: Promise<Engine>;
	readonly account: string;
	readonly summary: ConversationSummary | undefined;
	/** Shown until the read model has been asked. */
	readonly glance: Glance | undefined;
	readonly nowMs: () => number;
	readonly origin: string;
	readonly consent: ConsentSource;
	online(): boolean;
	/** What people are called here, and who is blocked. */
	known(): KnownPeople;
	/** What this person has taken away, and marked as unread. */
	readonly marks: Pick<Marks, 'of' | 'isTaken'>;
	/** The read position has moved. */
	read(): void;
	/** `glance` would give something else. */
	shown(): void;
	closed(view: OpenConversation): void;
}

export class OpenConversation implements ConversationView {
	name = $state('');
	kind = $state<ConversationKind>('group');
	peer = $state<string | null>(null);
	left = $state(false);
	unknown = $state(false);
	members = $state.raw<readonly MemberView[]>([]);
	connection = $state.raw<ConnectionState>({ kind: 'connecting' });
	typing = $state.raw<readonly string[]>([]);
	unreadAfter = $state.raw<Position | null>(null);
	historySync = $state.raw<{ readonly received: number; readonly total: number | null } | null>(null);
	readonly timeline: Timeline;
	readonly group: OpenGroup;
	readonly self = $derived(this.members.find((member) => member.self) ?? null);
	readonly #talk: Talk;
	readonly #acts: MessageIntents;
	readonly #pins: PinnedMessages;
	readonly #source: Omit<TimelineSource, 'thread' | 'first'>;
	readonly #threads = new Set<OpenThread>();
	#tagByAccount = $state.raw<ReadonlyMap<string, string>>(new Map());
	#hot: HotConversation | null = null;
	#intents: GroupIntents | null = null;
	#opening: Promise<HotConversation> | null = null;
	#memberRows: readonly MemberRow[] = [];
	#nameByAccount = new Map<string, string>();
	/** As of the last session, until the engine has loaded the conversation. */
	#keptDelivery = new Delivery();
	#closed = false;
	#updating = false;

	constructor(
		readonly id: string,
		readonly deps: ConversationViewDeps
	) {
		const { store, summary, glance, nowMs } = deps;
		if (summary !== undefined) this.summarised(summary);
		this.unreadAfter = unreadAfter(summary, deps.marks.of(id).unreadTime);
		this.#source = {
			store,
			conversation: id,
			nowMs,
			authorName: (account) => this.#nameNow(account),
			delivery: (row) => this.#deliveryOf(row)
		};
		this.timeline = new Timeline({ ...this.#source, thread: null, first: glance });
		this.#talk = new Talk(this.timeline, { ...this.#speaking, draftKey: id, thread: null });
		this.#acts = new MessageIntents({
			...this.#speaking,
			store,
			conversation: id,
			nowMs,
			intents: () => this.#intents,
			sayIn: (conversation, text) => this.#sayIn(conversation, text)
		});
		this.#pins = new PinnedMessages(this.#source);
		this.group = new OpenGroup(deps.account, nowMs, () => this.#engaged().then(() => this.#actable()));
		if (glance !== undefined) this.#nameMembers(glance.members);
		void this.#load();
	}

	get draft(): string {
		return this.#talk.draft;
	}

	set draft(text: string) {
		this.#talk.draft = text;
	}

	get vanishingS(): number {
		return shorterLife(this.deps.marks.of(this.id).vanishingS, this.group.timerS);
	}

	get pinned(): readonly TimelineMessage[] {
		return this.#pins.messages;
	}

	send(text: string, options?: SendOptions): Promise<Result<void, Problem>> {
		return this.#talk.send(text, options);
	}

	openThread(root: string): ThreadView {
		const { store, read } = this.deps;
		const thread = new OpenThread(root, {
			...this.#speaking,
			store,
			conversation: this.id,
			source: this.#source,
			draftKey: threadDraftKey(this.id, root),
			read,
			closed: (closed) => void this.#threads.delete(closed)
		});
		this.#threads.add(thread);
		return thread;
	}

	nameOf(account: string): string {
		// Asked of the members, so that whoever shows it hears of another name.
		const member = this.members.find((each) => each.account === account);
		return member?.name ?? this.#nameNow(account);
	}

	tagOf(account: string): string {
		return this.#tagByAccount.get(account) ?? '';
	}

	edit(message: TimelineMessage, text: string, mentions?: readonly string[]): Promise<Result<void, Problem>> {
		return this.#acts.edit(message, text, mentions);
	}

	deleteForAll(message: TimelineMessage): Promise<Result<void, Problem>> {
		return this.#acts.deleteForAll(message);
	}

	mayDelete(message: TimelineMessage): boolean {
		return this.#acts.mayDelete(message);
	}

	react(message: TimelineMessage, emoji: string, on: boolean): Promise<Result<void, Problem>> {
		return this.#acts.react(message, emoji, on);
	}

	pin(message: TimelineMessage, on: boolean): Promise<Result<void, Problem>> {
		return this.#acts.pin(message, on);
	}

	vote(message: TimelineMessage, choices: readonly number[]): Promise<Result<void, Problem>> {
		return this.#acts.vote(message, choices);
	}

	forward(message: TimelineMessage, to: string): Promise<Result<void, Problem>> {
		return this.#acts.forward(message, to);
	}

	wordingsOf(message: TimelineMessage): Promise<readonly Wording[]> {
		return this.#acts.wordingsOf(message);
	}

	missingBelow(message: TimelineMessage): Promise<number> {
		return this.#acts.missingBelow(message);
	}

	placeOf(id: string): Promise<MessagePlace | null> {
		return this.#acts.placeOf(id);
	}

	async inviteLink(): Promise<Result<{ readonly url: string; readonly expiresAtMs: number }, Problem>> {
		if (this.left) return fail({ code: 'left-conversation' });
		return this.#linked((engine) => engine.inviteLink(this.id));
	}

	async personalLink(): Promise<Result<{ readonly url: string; readonly expiresAtMs: number }, Problem>> {
		if (this.left) return fail({ code: 'left-conversation' });
		return this.#linked((engine) => engine.personalLink(this.id));
	}

	async #linked(
		make: (engine: Engine) => ReturnType<Engine['inviteLink']>
	): Promise<Result<{ readonly url: string; readonly expiresAtMs: number }, Problem>> {
		const link = await make(await this.deps.engine);
		if (!link.ok) return fail(problemOfAct(link.reason));
		const { fragment, expiresAtMs } = link.value;
		return ok({ url: `${this.deps.origin}/join#${fragment}`, expiresAtMs });
	}

	async renameGroup(raw: string): Promise<Result<void, Problem>> {
		const name = soundName(raw);
		if (!name.ok)
			return fail({ code: name.reason === 'name-empty' ? 'group-name-empty' : 'group-name-too-long' });
		return this.group.changeSettings({ name: name.value });
	}

	async leave(): Promise<Result<void, Problem>> {
		// It would be there again as soon as one of the two writes; who wants no more of it blocks.
		if (this.kind === 'direct') return fail({ code: 'not-allowed' });
		const left = await (await this.deps.engine).leave(this.id);
		if (!left.ok) return fail(problemOfFailure(left.reason));
		this.left = true;
		return ok(undefined);
	}

	markRead(position: Position): void {
		void this.deps.store.markRead(this.id, position).then(() => this.deps.read());
		void this.#engaged().then((hot) => hot.markRead(position));
	}

	receiptsOf({ segment, lane, clock }: TimelineMessage): readonly ReceiptView[] {
		const receipts = this.#hot?.conversation.receiptsOf(segment, lane, clock) ?? [];
		return receiptViews(receipts, this.members);
	}

	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#talk.close();
		for (const thread of this.#threads) thread.close();
		void this.#opening?.then(async () => (await this.deps.engine).release(this.id));
		this.deps.closed(this);
	}

	/** The conversation's row in the list has changed. */
	summarised(summary: ConversationSummary): void {
		this.name = summary.name;
		this.kind = summary.kind;
		this.peer = summary.peer;
		this.left = summary.left;
	}

	/** People are called otherwise, or others are blocked. */
	peopleChanged(): void {
		this.#setMembers(this.#memberRows);
		this.touched();
	}

	#shown(messages: readonly MessageRow[]): readonly MessageRow[] {
		const known = this.deps.known();
		const { marks } = this.deps;
		return messages.filter((message) => !known.isBlocked(message.author) && !marks.isTaken(message));
	}

	/** Its members have changed. */
	described(): void {
		void this.#loadMembers();
	}

	arrived(messages: readonly MessageRow[]): void {
		const shown = this.#shown(messages);
		for (const timeline of this.#timelines) timeline.arrived(shown);
	}

	stored(messages: readonly MessageRow[]): void {
		const shown = this.#shown(messages);
		for (const timeline of this.#timelines) timeline.stored(shown);
		// A root tells how many have answered.
		if (shown.some(({ thread }) => thread !== null)) this.touched();
		this.update();
		this.deps.shown();
	}

	/** Something was said about messages: what is shown of them is read again. */
	touched(): void {
		this.#keepAfter(this.#timelines.map((timeline) => timeline.reread()));
		for (const thread of this.#threads) thread.touched();
		this.#pins.look();
	}

	withdrawn(ids: readonly string[]): void {
		this.#keepAfter(this.#timelines.map((timeline) => timeline.withdrawn(ids)));
		for (const thread of this.#threads) thread.touched();
		this.#pins.look();
	}

	/** Kept for the next start is what stands there then: what is deleted must not be kept once more. */
	#keepAfter(reading: readonly Promise<void>[]): void {
		void Promise.all(reading).then(() => this.deps.shown());
	}

	/** For the next start. Null while it is not known, or the newest is out of sight. */
	glance(): Glance | null {
		const newest = this.timeline.newest();
		return newest === null ? null : { members: this.#memberRows, ...newest };
	}

	/** Links, delivery, history or the network have changed. Looked at once a frame, however often it is said. */
	update(): void {
		if (this.#updating) return;
		this.#updating = true;
		nextFrame(() => {
			this.#updating = false;
			if (!this.#closed) this.#describe();
		});
	}

	/** The page may go away. @returns what was written and not said, by key of its draft */
	unkeptWords(): readonly (readonly [key: string, text: string])[] {
		return [this.#talk, ...[...this.#threads].map(({ talk }) => talk)].flatMap((talk) => talk.unkeptWords());
	}

	get #timelines(): readonly Timeline[] {
		return [this.timeline, ...[...this.#threads].map(({ timeline }) => timeline)];
	}

	/** What it takes to say something here. */
	get #speaking(): Omit<TalkDeps, 'draftKey' | 'thread'> {
		return {
			database: this.deps.database,
			account: this.deps.account,
			refusal: () => this.#refusal(),
			loaded: () => this.#hot,
			engaged: () => this.#engaged()
		};
	}

	#refusal(): Problem | null {
		if (this.left) return { code: 'left-conversation' };
		return this.group.may.post ? null : { code: 'may-not-post' };
	}

	async #sayIn(conversation: string, text: string): Promise<Result<void, Problem>> {
		const engine = await this.deps.engine;
		const said = await engine.forward(conversation, text);
		if (said.ok) return said;
		return fail(said.reason === 'may-not-post' ? { code: said.reason } : problemOfFailure(said.reason));
	}

	#nameNow(account: string): string {
		return this.deps.known().nameOf(account, this.#nameByAccount.get(account) ?? '');
	}

	#describe(): void {
		const hot = this.#hot;
		if (hot === null) return;
		if (this.#intents !== null) this.group.update(this.#intents);
		this.#describeMembers();
		const { messages: waiting, entries } = hot.conversation.waiting();
		const peers = hot.peers.length;
		// With one other person, a link says that they are online: not to be shown unless they let it be.
		const isTold = this.kind === 'group' || hot.presence.showsLink || !hot.relayConnected;
		if (peers > 0 && isTold) this.connection = { kind: 'direct', peers, relay: hot.relayConnected };
		else if (hot.relayConnected) this.connection = { kind: 'relay' };
		else if (!this.deps.online()) this.connection = { kind: 'offline', waiting };
		else if (hot.connecting && entries === 0) this.connection = { kind: 'connecting' };
		else this.connection = { kind: 'waiting', waiting };
		const { missing, fetching } = hot.history;
		const received = hot.conversation.entriesHeld;
		this.historySync =
			missing > 0 || fetching ? { received, total: missing > 0 ? received + missing : null } : null;
		for (const timeline of this.#timelines) timeline.redraw();
	}

	async #load(): Promise<void> {
		const { database } = this.deps;
		const record = await database.db.get('conversations', this.id);
		if (record === undefined) {
			this.unknown = true;
			return;
		}
		this.#keptDelivery = new Delivery(record?.delivery ?? undefined);
		await this.#talk.restoreDraft();
		this.#pins.look();
		await Promise.all([this.#loadMembers(), this.timeline.confirm()]);
		if (this.#closed) return;
		this.deps.shown();
		await this.#engaged();
		this.#describe();
	}

	/** The connected conversation; opened once, released by `close`. */
	#engaged(): Promise<HotConversation> {
		this.#opening ??= this.deps.engine.then(async (engine) => {
			const hot = await engine.open(this.id);
			this.#intents = engine.intentsOn(hot.conversation);
			return (this.#hot = hot);
		});
		return this.#opening;
	}

	#actable(): GroupIntents {
		if (this.#intents === null) throw new Error('the conversation is not loaded');
		return this.#intents;
	}

	async #loadMembers(): Promise<void> {
		this.#setMembers(await this.deps.store.members(this.id));
	}

	#setMembers(rows: readonly MemberRow[]): void {
		this.#nameMembers(rows);
		for (const timeline of this.#timelines) timeline.redraw();
	}

	#nameMembers(rows: readonly MemberRow[]): void {
		this.#memberRows = rows;
		this.group.presume(rows.length > 0 && !rows.some(({ self }) => self) ? 'waiting' : 'member');
		this.#nameByAccount = new Map(rows.map((row) => [row.account, row.name]));
		this.members = this.#memberViews();
		// Of two people each knows who the other is.
		this.#tagByAccount = nameTags(this.kind === 'group' ? this.members : []);
	}

	#memberViews(): readonly MemberView[] {
		const presence = this.#hot?.presence ?? null;
		const known = this.deps.known();
		return this.#memberRows.map((row) =>
			memberView({ ...row, name: known.nameOf(row.account, row.name) }, presence)
		);
	}

	#describeMembers(): void {
		const members = this.#memberViews();
		const isSame = members.every((member, i) => isSameSight(member, this.members[i] ?? member));
		if (!isSame) this.members = members;
		const shown = members.filter(({ account }) => !this.deps.known().isBlocked(account));
		const typing = typingNames(this.#hot?.presence.typing ?? [], shown);
		if (!sameNames(typing, this.typing)) this.typing = typing;
	}

	#deliveryOf(row: MessageRow): DeliveryState | null {
		if (!row.own) return null;
		if (this.#hot !== null) return this.#hot.conversation.deliveryOf(row.segment, row.lane, row.clock);
		const others = this.members
			.filter((member) => !member.left && !member.self)
			.map((member) => member.account);
		const { receipts } = this.deps.consent.consentIn(this.id);
		return this.#keptDelivery.stateOf(row.segment, row.lane, row.clock, others, receipts);
	}
}

/** @param markedTime effective time from which on the person has marked it as unread; 0: they have not */
function unreadAfter(summary: ConversationSummary | undefined, markedTime: number): Position | null {
	const read = summary !== undefined && summary.unread > 0 ? summary.readPosition : null;
	if (markedTime === 0 || (read !== null && read.time < markedTime)) return read;
	return { time: markedTime, id: '' };
}
