/** Where messages are read and written, a conversation or a thread: its window, its draft, and sending. */
import type { JournalFailure } from '$lib/conversation/ports';
import type { DeviceDatabase } from '$lib/identity/device-database';
import { utf8Length } from '$lib/protocol/bytes';
import type { MessageRecord } from '$lib/protocol/records';
import { fail, ok, type Result } from '$lib/protocol/result';
import { textLimitBytes } from '$lib/protocol/text-limits';
import type { Problem, SendOptions, TalkView } from './contract';
import type { HotConversation } from './hot/hot-conversation';
import { idBytes, idSet } from './id-bytes';
import type { Timeline } from './timeline.svelte';

const draftDelayMs = 300;

export interface TalkDeps {
	readonly database: DeviceDatabase;
	readonly account: string;
	/** Of the conversation, or of the thread in it (`threadDraftKey`). */
	readonly draftKey: string;
	/** Root of the thread; null: the conversation itself. */
	readonly thread: string | null;
	/** Why nothing may be said here, or null. */
	refusal(): Problem | null;
	/** The loaded conversation, if it is. */
	loaded(): HotConversation | null;
	engaged(): Promise<HotConversation>;
}

/** Drafts of threads are kept beside those of their conversation. @param root id */
export const threadDraftKey = (conversation: string, root: string): string => `${conversation}/${root}`;

export const problemOfFailure = (reason: JournalFailure): Problem =>
	reason === 'storage-full' ? { code: 'storage-full' } : { code: 'not-saved', detail: reason };

export class Talk implements TalkView {
	#draft = $state('');
	#draftTimer: ReturnType<typeof setTimeout> | undefined;
	/** Sent before there was an engine to say it. */
	#unsaid: readonly string[] = [];

	constructor(
		readonly timeline: Timeline,
		readonly deps: TalkDeps
	) {}

	get draft(): string {
		return this.#draft;
	}

	set draft(text: string) {
		const presence = this.deps.loaded()?.presence;
		if (text === '') presence?.typedNoMore();
		else if (text !== this.#draft) presence?.typed();
		this.#draft = text;
		clearTimeout(this.#draftTimer);
		this.#draftTimer = setTimeout(() => void this.#keepDraft(this.#draft), draftDelayMs);
	}

	async send(text: string, options: SendOptions = {}): Promise<Result<void, Problem>> {
		if (text.trim().length === 0) return fail({ code: 'text-empty' });
		if (utf8Length(text) > textLimitBytes) return fail({ code: 'text-too-long' });
		const refusal = this.deps.refusal();
		if (refusal !== null) return fail(refusal);
		const { account, thread, draftKey: draft } = this.deps;
		const record = messageRecord(text, options, thread);
		if (!record.ok) return record;
		const sending = this.timeline.send(text, account, options);
		this.deps.loaded()?.presence.typedNoMore();
		// Kept now, it would be kept behind the commit that deletes it.
		this.#forgetTimer();
		this.#unsaid = [...this.#unsaid, text];
		try {
			const hot = await this.deps.engaged();
			this.#unsaid = this.#unsaid.filter((each) => each !== text);
			const written = await hot.conversation.write(
				record.value,
				(place) => {
					sending.placed(place);
					this.#said(text);
				},
				{ draft }
			);
			if (written.ok) return ok(undefined);
			sending.failed();
			return fail(problemOfFailure(written.reason));
		} catch (error) {
			this.#unsaid = this.#unsaid.filter((each) => each !== text);
			sending.failed();
			throw error;
		}
	}

	/** What was written before comes back, unless something has been written meanwhile. */
	async restoreDraft(): Promise<void> {
		const { database, draftKey } = this.deps;
		const draft = await database.db.get('drafts', draftKey);
		if (draft !== undefined && this.#draft === '') this.#draft = draft;
	}

	/** The page may go away. @returns what was written and not said, for the field of the next start; null: as kept */
	unkeptWords(): readonly (readonly [key: string, text: string])[] {
		if (this.#unsaid.length === 0 && this.#draftTimer === undefined) return [];
		this.#forgetTimer();
		return [[this.deps.draftKey, this.#wordsHere()]];
	}

	close(): void {
		this.#forgetTimer();
		void this.#keepDraft(this.#wordsHere());
	}

	/** The field keeps what is being sent until it has been said. */
	#wordsHere(): string {
		return [...this.#unsaid.filter((text) => text !== this.#draft), this.#draft].join('\n').trimEnd();
	}

	/** The journal has deleted the draft with its commit; nothing may write it again. */
	#said(text: string): void {
		if (this.#draft !== text) return;
		this.#draft = '';
		this.#forgetTimer();
	}

	#forgetTimer(): void {
		clearTimeout(this.#draftTimer);
		this.#draftTimer = undefined;
	}

	async #keepDraft(text: string): Promise<void> {
		this.#draftTimer = undefined;
		const { database, draftKey } = this.deps;
		await database.strictWrite(['drafts'], (tx) => {
			const drafts = tx.objectStore('drafts');
			return [text === '' ? drafts.delete(draftKey) : drafts.put(text, draftKey)];
		});
	}
}

/** What is written for a message. @param thread id of its root, or null */
function messageRecord(
	text: string,
	{ reply, mentions = [], mentionsEveryone, poll }: SendOptions,
	thread: string | null
): Result<MessageRecord, Problem> {
	const replyId = reply === undefined ? ok(undefined) : idBytes(reply);
	const threadId = thread === null ? ok(undefined) : idBytes(thread);
	const mentioned = idSet(mentions);
	if (!replyId.ok) return replyId;
	if (!threadId.ok) return threadId;
	if (!mentioned.ok) return mentioned;
	return ok({
		type: 'message',
		text,
		...(replyId.value && { reply: replyId.value }),
		...(threadId.value && { thread: threadId.value }),
		...(mentioned.value.length > 0 && { mentions: mentioned.value }),
		...(mentionsEveryone && { everyone: true }),
		...(poll && { poll: { options: poll.options, several: poll.multiple } })
	});
}
