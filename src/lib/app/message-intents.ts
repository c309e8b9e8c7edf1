/** What a person does about messages, from an intent to a record in this device's lane. */
import { clockToleranceMs, hlcOfMs } from '$lib/protocol/clock';
import { utf8Length } from '$lib/protocol/bytes';
import type { KnownRecord } from '$lib/protocol/records';
import { fail, ok, type Result } from '$lib/protocol/result';
import { textLimitBytes } from '$lib/protocol/text-limits';
import type { Store } from '$lib/store/types';
import type { MessageActs, MessagePlace, Problem, TimelineMessage, Wording } from './contract';
import type { GroupIntents } from './group-intents';
import type { HotConversation } from './hot/hot-conversation';
import { idBytes, idSet } from './id-bytes';
import { problemOfAct } from './problem-of-act';
import { problemOfFailure } from './talk.svelte';

type Done = Promise<Result<void, Problem>>;

export interface MessageIntentsDeps {
	readonly store: Store;
	readonly conversation: string;
	readonly account: string;
	readonly nowMs: () => number;
	/** Why nothing may be said here, or null. */
	refusal(): Problem | null;
	/** What may be done in the loaded conversation, if it is. */
	intents(): Pick<GroupIntents, 'mayDelete'> | null;
	engaged(): Promise<HotConversation>;
	/** Says a text in another conversation. */
	sayIn(conversation: string, text: string): Done;
}

export class MessageIntents implements MessageActs {
	constructor(readonly deps: MessageIntentsDeps) {}

	edit(message: TimelineMessage, text: string, mentions: readonly string[] = message.mentions): Done {
		if (text.trim().length === 0) return refused('text-empty');
		if (utf8Length(text) > textLimitBytes) return refused('text-too-long');
		if (!message.own) return refused('not-allowed');
		if (text === message.text) return Promise.resolve(ok(undefined));
		const mentioned = idSet(mentions);
		if (!mentioned.ok) return Promise.resolve(mentioned);
		return this.#say(message, (target) => ({ type: 'edit', target, text, mentions: mentioned.value }));
	}

	async deleteForAll({ author, id }: TimelineMessage): Done {
		const { store, conversation, engaged } = this.deps;
		const hot = await engaged();
		// All its wordings and copies hold words of it.
		const entries = await store.entries({ conversation, id });
		if (entries.length === 0) return fail({ code: 'message-gone' });
		const deleted = await hot.conversation.delete(author, entries);
		return deleted.ok ? ok(undefined) : fail(problemOfAct(deleted.reason));
	}

	mayDelete({ author }: TimelineMessage): boolean {
		return this.deps.intents()?.mayDelete(author) ?? false;
	}

	react(message: TimelineMessage, emoji: string, on: boolean): Done {
		return this.#say(message, (target) => ({ type: 'reaction', target, emoji, on }));
	}

	pin(message: TimelineMessage, on: boolean): Done {
		return this.#say(message, (target) => ({ type: 'pin', target, on }));
	}

	vote(message: TimelineMessage, choices: readonly number[]): Done {
		return this.#say(message, (target) => ({ type: 'vote', target, choices }));
	}

	forward(message: TimelineMessage, to: string): Done {
		if (message.deleted !== null) return refused('message-gone');
		return this.deps.sayIn(to, message.text);
	}

	async wordingsOf({ id }: TimelineMessage): Promise<readonly Wording[]> {
		const { store, conversation } = this.deps;
		const versions = await store.versions({ conversation, id });
		return versions.map(({ text, sentAtMs }) => ({ text, sentAtMs }));
	}

	async missingBelow(message: TimelineMessage): Promise<number> {
		return (await this.deps.engaged()).conversation.missingBelow(message);
	}

	async placeOf(id: string): Promise<MessagePlace | null> {
		const { store, conversation, nowMs } = this.deps;
		const dueTime = hlcOfMs(nowMs() + clockToleranceMs);
		const [row] = await store.messages({ conversation, ids: [id], dueTime });
		return row ? { position: { time: row.time, id: row.id }, thread: row.thread } : null;
	}

	/** Something about a message that is there. */
	async #say(message: TimelineMessage, record: (target: Uint8Array) => KnownRecord): Done {
		const refusal = this.deps.refusal();
		if (refusal !== null) return fail(refusal);
		if (message.deleted !== null) return fail({ code: 'message-gone' });
		const target = idBytes(message.id);
		if (!target.ok) return target;
		const hot = await this.deps.engaged();
		const written = await hot.conversation.write(record(target.value));
		return written.ok ? ok(undefined) : fail(problemOfFailure(written.reason));
	}
}

const refused = (code: Problem['code']): Done => Promise.resolve(fail({ code }));
