/**
 * What the screens may know: observable state and intents. Components import types from here and get the one
 * instance through `getApp()`; everything below `app` is out of their sight (docs/architecture).
 * All properties are reactive (Svelte 5 runes in the implementing classes).
 */
import type { Result } from '../protocol/result';
import type {
	ConversationSummary as StoredSummary,
	MessageRow,
	PollResult,
	Position,
	Quotation,
	RepliesRow,
	SearchHit
} from '../store/types';
import type { AttentionListener } from './attention-contract';
import type { ContactsView } from './contacts-contract';
import type { DeviceNotice } from './device-contract';
import type { ExportForm, ExportPart, ExportWords } from './export-contract';
import type { Finding } from './finding-contract';
import type { GroupView, InvitationKind } from './group-contract';
import type { MarksView } from './marks-contract';
import type { MessageActs, TalkView, ThreadView } from './message-contract';
import type { ScheduledView } from './scheduled-contract';

export * from './attention-contract';
export * from './contacts-contract';
export * from './device-contract';
export * from './export-contract';
export * from './finding-contract';
export * from './group-contract';
export * from './marks-contract';
export * from './message-contract';
export { foreverMs } from '../identity/marks';
export { muteUntilMs, type MuteChoice } from './marks/mute-times';
export * from './scheduled-contract';
export type { MessageRow, PollResult, Position, Quotation, RepliesRow, SearchHit };

export type ConversationKind = 'group' | 'direct';

/** A conversation in the list. A direct one bears the name by which the other is known here. */
export interface ConversationSummary extends StoredSummary {
	readonly kind: ConversationKind;
	/** Account of the other in a direct conversation, else null. */
	readonly peer: string | null;
}

/** A failure that a person can act on. `code` is stable (catalogue key, tests); `detail` is for diagnostics. */
export interface Problem {
	readonly code: ProblemCode;
	readonly detail?: string;
}

export type ProblemCode =
	| 'name-empty'
	| 'name-too-long'
	| 'group-name-empty'
	| 'group-name-too-long'
	| 'text-empty'
	| 'text-too-long'
	| 'invite-broken'
	| 'invite-expired'
	| 'invite-other-version'
	| 'already-member'
	| 'not-saved'
	| 'storage-full'
	| 'storage-unavailable'
	| 'crypto-unavailable'
	| 'left-conversation'
	/** The rules of the group do not let this person do it. */
	| 'not-allowed'
	| 'may-not-post'
	/** The owner; for moderators: whoever has ever moderated. */
	| 'member-protected'
	/** They have been in the group longer, and it does not pass on what was written before somebody came. */
	| 'older-member'
	| 'member-gone'
	| 'already-so'
	/** More members or lanes than one act can name. */
	| 'too-many'
	| 'invite-closed'
	| 'request-gone'
	| 'offer-gone'
	/** It has been deleted, or is not here. */
	| 'message-gone'
	| 'contact-link-broken'
	| 'contact-link-other-version'
	/** It is this person's own link, or request. */
	| 'contact-self'
	/** Whoever is blocked is not written to before they are unblocked. */
	| 'contact-blocked'
	| 'contact-gone'
	/** What was scanned is no safety code, or one of other people. */
	| 'safety-code-broken'
	| 'safety-code-other-person'
	| 'unexpected';

/**
 * starting: loading keys and the read model · first-run: no account yet · ready · elsewhere: another tab is active
 * · unsupported: the browser lacks something we cannot do without · failed: see `problem`.
 */
export type AppPhase = 'starting' | 'first-run' | 'ready' | 'elsewhere' | 'unsupported' | 'failed';

export interface App {
	readonly phase: AppPhase;
	readonly problem: Problem | null;
	readonly profile: { readonly name: string; readonly account: string } | null;
	/** Newest activity first. */
	readonly conversations: readonly ConversationSummary[];
	readonly contacts: ContactsView;
	readonly marks: MarksView;
	/** Addresses of groups' pictures, by conversation; of those that have one. */
	readonly pictures: ReadonlyMap<string, string>;
	/** What is to be sent later. */
	readonly scheduled: ScheduledView;
	readonly finding: Finding;
	/** Names of those who are typing, by conversation; of those that are connected. */
	readonly typing: ReadonlyMap<string, readonly string[]>;
	/** The browser's word on whether there is a network at all. */
	readonly online: boolean;
	/** A new version is installed and waits: show "new version – reload". */
	readonly updateReady: boolean;
	/** Set while the read model is rebuilt from the documents. */
	readonly rebuild: { readonly done: number; readonly total: number } | null;
	/** What this person is to know about this device: each until it is dismissed, or is so no more. */
	readonly deviceNotices: readonly DeviceNotice[];

	/** First run: makes account and device keys. */
	start(name: string): Promise<Result<void, Problem>>;
	dismiss(notice: DeviceNotice['kind']): Promise<void>;
	/** In a second tab: takes over from the active one. */
	useHere(): Promise<void>;
	rename(name: string): Promise<Result<void, Problem>>;
	createGroup(name: string): Promise<Result<{ readonly conversation: string }, Problem>>;
	/** Reads the fragment of a join link (with or without '#'). Pure; contacts nobody. */
	readInvite(fragment: string): Result<InvitePreview, Problem>;
	join(invite: InvitePreview): Promise<Result<{ readonly conversation: string }, Problem>>;
	/** Opens a conversation for the screen. Call `close()` when it leaves the screen. */
	open(conversation: string): ConversationView;
	/** Says a message in a conversation that is not on screen, as `ConversationView.send` does. */
	say(conversation: string, text: string): Promise<Result<void, Problem>>;
	/** @returns what ends it */
	listen(listener: AttentionListener): () => void;
	/** All messages of a conversation that this device has, as a file. */
	exportConversation(conversation: string, form: ExportForm, words: ExportWords): AsyncIterable<ExportPart>;
	applyUpdate(): void;
	diagnostics(): Promise<DiagnosticsReport>;
}

export interface InvitePreview {
	readonly conversation: string;
	readonly groupName: string;
	readonly expiresAtMs: number;
	/** personal: for one person. */
	readonly kind: InvitationKind;
	/** Set if this device is already a member: go straight to the conversation. */
	readonly alreadyMember: boolean;
	/** The link itself as read; opaque to the screens. */
	readonly link: unknown;
}

export interface MemberView {
	readonly account: string;
	readonly name: string;
	readonly role: 'owner' | 'moderator' | 'member';
	readonly left: boolean;
	readonly self: boolean;
	/** A link to one of their devices is open right now, and they let it be shown. */
	readonly online: boolean;
	/** When (ms) this device last heard of them; null if it never did, or they do not let it be shown. */
	readonly seenAtMs: number | null;
	/** They do not want to be shown as online, nor when they were: say nothing of it. */
	readonly hidden: boolean;
}

/** Somebody who has an own message. */
export interface ReceiptView {
	readonly account: string;
	readonly name: string;
	readonly read: boolean;
	/** When (ms) this device learned that they have it, or that they have read it. Null: not known any more. */
	readonly learnedAtMs: number | null;
}

/** In the order in which the words get worse. Show plain words, never "peer disconnected". */
export type ConnectionState =
	/** Linked directly to at least one other device. `relay` tells if the relay is there too. */
	| { readonly kind: 'direct'; readonly peers: number; readonly relay: boolean }
	/** No direct link, the relay carries. */
	| { readonly kind: 'relay' }
	/** Trying; nothing reached yet. */
	| { readonly kind: 'connecting' }
	/** Nobody reachable: what is written waits here and goes out by itself. `waiting`: own messages that wait. */
	| { readonly kind: 'waiting'; readonly waiting: number }
	/** The browser says that there is no network. */
	| { readonly kind: 'offline'; readonly waiting: number };

/**
 * Facts, monotonic (protocol 7). 'saving' is on its way to this device's disk; 'queued' is saved on this device and held
 * by no other replica yet.
 */
export type DeliveryState =
	'saving' | 'queued' | 'sent' | 'delivered' | 'delivered-to-all' | 'read' | 'read-by-all';

export interface TimelineMessage extends MessageRow {
	readonly authorName: string;
	/** Own messages only, else null. */
	readonly delivery: DeliveryState | null;
	/** What the row was called before its message had an id; it stays, so that nothing on screen is drawn anew. */
	readonly key?: string;
}

/** A window onto the messages; grows at either end when asked to, and is trimmed at the other. */
export interface TimelineView {
	/** Oldest first. Replaced as a whole when something in the window changes; rows keep identity by `id`. */
	readonly messages: readonly TimelineMessage[];
	readonly hasOlder: boolean;
	readonly hasNewer: boolean;
	/** False until the first page is there. */
	readonly loaded: boolean;
	/** How many messages were sent while this window is open. */
	readonly sent: number;
	loadOlder(): Promise<void>;
	loadNewer(): Promise<void>;
	jumpToNewest(): Promise<void>;
	jumpTo(position: Position): Promise<void>;
}

export interface ConversationView extends TalkView, MessageActs {
	readonly id: string;
	readonly name: string;
	readonly kind: ConversationKind;
	/** Account of the other in a direct conversation, else null. */
	readonly peer: string | null;
	readonly left: boolean;
	/** There is no such conversation on this device. */
	readonly unknown: boolean;
	readonly self: MemberView | null;
	readonly members: readonly MemberView[];
	readonly connection: ConnectionState;
	/** How the group is run, and what this person may do about it. */
	readonly group: GroupView;
	/** Where reading stopped when this view was opened: the unread line stands after it. Null: no line. */
	readonly unreadAfter: Position | null;
	/** Older history is still coming in: messages received so far, and how many there will be if known. */
	readonly historySync: { readonly received: number; readonly total: number | null } | null;
	/** Seconds after which what this person says here disappears: the conversation's or their own, the shorter; 0: it stays. */
	readonly vanishingS: number;
	/** Newest pin first. */
	readonly pinned: readonly TimelineMessage[];
	/** Opens the thread under a message of the conversation itself. Call its `close()` when it leaves the screen. */
	openThread(root: string): ThreadView;
	/** What somebody is called here, also when they are no longer in the conversation; '' if that is not known. */
	nameOf(account: string): string;
	/** What tells somebody apart from others here whose names look the same; '' for all who have no namesake. */
	tagOf(account: string): string;
	/** Makes (or returns the still valid) open link of this group. Valid seven days. */
	inviteLink(): Promise<Result<{ readonly url: string; readonly expiresAtMs: number }, Problem>>;
	/** Makes a link by which one person comes in, once; valid for a day. Another one each time. */
	personalLink(): Promise<Result<{ readonly url: string; readonly expiresAtMs: number }, Problem>>;
	renameGroup(name: string): Promise<Result<void, Problem>>;
	leave(): Promise<Result<void, Problem>>;
	/** Names of those who are typing, in the order in which they began. */
	readonly typing: readonly string[];
	/** Of an own message: who has it, those who have read it first. */
	receiptsOf(message: TimelineMessage): readonly ReceiptView[];
	/** Call with the newest message that the person has seen on screen. */
	markRead(position: Position): void;
	close(): void;
}

export interface DiagnosticsReport {
	readonly version: string;
	readonly account: string;
	readonly device: string;
	readonly storage: {
		readonly usedBytes: number;
		readonly quotaBytes: number;
		readonly persisted: boolean;
		readonly readModel: string;
		readonly messages: number;
	};
	readonly conversations: readonly ConversationDiagnostics[];
	/** What the guard refused, by reason, since start. */
	readonly rejections: readonly { readonly reason: string; readonly count: number }[];
	readonly recentEvents: readonly { readonly atMs: number; readonly text: string }[];
}

export interface ConversationDiagnostics {
	readonly id: string;
	readonly name: string;
	readonly hot: boolean;
	readonly segments: readonly {
		readonly segment: number;
		readonly entries: number;
		readonly lanes: number;
		readonly inMemory: boolean;
	}[];
	readonly peers: readonly {
		readonly name: string;
		readonly account: string;
		readonly state: string;
		readonly sentBytes: number;
		readonly receivedBytes: number;
	}[];
	readonly relay: string;
	readonly quarantinedLanes: number;
	readonly forks: number;
	readonly waiting: number;
}
