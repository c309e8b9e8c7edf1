import type { MessageActs, SendOptions, TalkView, TimelineMessage } from '$lib/app/contract';
import type { Outcome } from '../words/problem';

/** What the field of a conversation or a thread is for at the moment: a new message, an answer to one, or another wording. */
export class Composing {
	/** The message that is answered with a quotation. */
	reply = $state.raw<TimelineMessage | null>(null);
	/** The own message that gets another wording. */
	editing = $state.raw<TimelineMessage | null>(null);
	/** Grows each time the field is to take the focus. */
	wanted = $state(0);

	constructor(
		readonly talk: TalkView,
		readonly acts: MessageActs
	) {}

	get isPlain(): boolean {
		return this.reply === null && this.editing === null;
	}

	answer(message: TimelineMessage): void {
		this.editing = null;
		this.reply = message;
		this.wanted += 1;
	}

	edit(message: TimelineMessage): void {
		this.reply = null;
		this.editing = message;
		this.wanted += 1;
	}

	/** @returns false if there is no own message on screen to edit */
	editLast(): boolean {
		const last = this.talk.timeline.messages.findLast(isEditable);
		if (last === undefined) return false;
		this.edit(last);
		return true;
	}

	cancel(): void {
		this.reply = null;
		this.editing = null;
		this.wanted += 1;
	}

	/** Sends a message, an answer or another wording, whichever it is; on failure the field is for what it was before. */
	async send(text: string, options: SendOptions = {}): Promise<Outcome> {
		const { reply, editing } = this;
		this.reply = null;
		this.editing = null;
		const said =
			editing !== null
				? await this.acts.edit(editing, text, options.mentions)
				: await this.talk.send(text, reply === null ? options : { ...options, reply: reply.id });
		if (!said.ok && this.isPlain) {
			this.reply = reply;
			this.editing = editing;
		}
		return said;
	}
}

/** One's own that have been saved, are not gone and are no question of a poll, which people have voted on as it stood. */
export const isEditable = (message: TimelineMessage): boolean =>
	message.own && message.delivery !== 'saving' && message.deleted === null && message.poll === null;
