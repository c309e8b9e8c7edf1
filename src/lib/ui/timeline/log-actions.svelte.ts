import type { ConversationView, MarksView, Position, TimelineMessage } from '$lib/app/contract';
import { isEditable, type Composing } from '../conversation/composing.svelte';
import { m } from '../paraglide/messages';
import type { Notices } from '../shell/notices.svelte';
import type { Outcome } from '../words/problem';

/** What can be done about a message from its toolbar and its menu. The order is that of the menu. */
export const actionIds = [
	'react',
	'reply',
	'thread',
	'copy',
	'forward',
	'pin',
	'star',
	'edit',
	'reactions',
	'details',
	'unread',
	'hide',
	'delete'
] as const;
export type ActionId = (typeof actionIds)[number];

/** Something that lies above the log and belongs to one message. */
export interface Layer {
	readonly kind:
		| 'menu'
		| 'react'
		| 'hide'
		| 'delete'
		| 'forward'
		| 'wordings'
		| 'reactions'
		| 'details'
		| 'receipts'
		| 'voters';
	readonly message: TimelineMessage;
	/** Row of the log, so that its toolbar stays as long as something hangs from it. */
	readonly key: string;
	/** What it hangs from, and what gets the focus back. */
	readonly anchor: HTMLElement | null;
	/** Where the pointer was, if a menu was asked for there. */
	readonly at: { readonly x: number; readonly y: number } | null;
}

export interface LogActionsDeps {
	readonly conversation: ConversationView;
	/** Null where nothing can be written. */
	composing(): Composing | null;
	readonly notices: Notices;
	/** Own marks: stars, and what is read again or seen no more. */
	readonly marks: MarksView;
	/** Goes where nothing is read by being on screen. */
	leave(): Promise<void>;
	/** Absent in a thread: threads are one level deep. */
	readonly openThread?: (root: string) => void;
	/** Brings a message of this log on screen. */
	jump(to: Position): void;
	/** Brings a message on screen that may stand in another log of the conversation. */
	show(id: string): void;
}

/** The actions on the messages of one log, and what of them is open. */
export class LogActions {
	layer = $state.raw<Layer | null>(null);
	/** Row that a mouse is over. */
	pointed = $state<string | null>(null);
	/** Row that holds the focus, or a part of which does. */
	focused = $state<string | null>(null);
	/** Row that Tab stops at; null: the newest. */
	stop = $state<string | null>(null);

	constructor(readonly deps: LogActionsDeps) {}

	/** Whether this row shows its toolbar. */
	isActive(key: string): boolean {
		if (this.layer !== null) return this.layer.key === key;
		return this.pointed === null ? this.focused === key : this.pointed === key;
	}

	/** What may be done about a message, in the order of the menu. */
	actionsOn(message: TimelineMessage): readonly ActionId[] {
		const { conversation, openThread, composing } = this.deps;
		if (message.delivery === 'saving') return [];
		const isThere = message.deleted === null;
		const writes = composing() !== null;
		const may: Record<ActionId, boolean> = {
			react: writes && isThere,
			reply: writes && isThere,
			thread: openThread !== undefined && (writes || message.replies !== null),
			copy: isThere,
			forward: isThere && message.poll === null,
			pin: writes && isThere,
			star: isThere,
			edit: writes && isEditable(message),
			reactions: message.reactions.length > 0,
			details: isThere,
			unread: openThread !== undefined,
			hide: true,
			delete: isThere && conversation.mayDelete(message)
		};
		return actionIds.filter((id) => may[id]);
	}

	run(id: ActionId, message: TimelineMessage, key: string, anchor: HTMLElement | null): void {
		const { composing, openThread } = this.deps;
		switch (id) {
			case 'reply':
				return composing()?.answer(message);
			case 'edit':
				return composing()?.edit(message);
			case 'thread':
				return openThread?.(message.id);
			case 'copy':
				return void this.#copy(message.text);
			case 'pin':
				return void this.#told(this.deps.conversation.pin(message, !message.pinned));
			case 'star': {
				const { marks } = this.deps;
				return void this.#told(marks.star(message, !marks.isStarred(message)));
			}
			case 'unread':
				return void this.#markUnread(message);
			default:
				return this.open(id, message, key, anchor);
		}
	}

	open(
		kind: Layer['kind'],
		message: TimelineMessage,
		key: string,
		anchor: HTMLElement | null,
		at: Layer['at'] = null
	): void {
		this.layer = { kind, message, key, anchor, at };
	}

	close(): void {
		this.layer = null;
	}

	/** Sets a reaction, or takes one's own back. */
	toggle(message: TimelineMessage, emoji: string): void {
		const own = message.reactions.find((each) => each.emoji === emoji)?.own ?? false;
		void this.#told(this.deps.conversation.react(message, emoji, !own));
	}

	/** @returns whether it was taken; if not, the person has been told */
	vote(message: TimelineMessage, choices: readonly number[]): Promise<boolean> {
		return this.#told(this.deps.conversation.vote(message, choices));
	}

	/** On screen it would be read again at once. */
	async #markUnread(message: TimelineMessage): Promise<void> {
		const { marks, conversation, leave } = this.deps;
		await this.#told(marks.markUnread(conversation.id, message));
		await leave();
	}

	async #told(act: Promise<Outcome>): Promise<boolean> {
		const done = await act;
		if (!done.ok) this.deps.notices.tell(done.reason);
		return done.ok;
	}

	async #copy(text: string): Promise<void> {
		try {
			await navigator.clipboard.writeText(text);
			this.deps.notices.say(m.copied());
		} catch {
			// The browser refuses without a reason that would help anybody.
			this.deps.notices.say(m.copy_failed(), 'problem');
		}
	}
}
