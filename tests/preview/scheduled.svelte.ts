import type {
	NewScheduledMessage,
	Problem,
	ScheduledMessage,
	ScheduledView
} from '../../src/lib/app/contract';
import { ok, type Result } from '../../src/lib/protocol/result';

/** What waits to be sent, in memory; nothing is ever sent. */
export class PreviewScheduled implements ScheduledView {
	messages = $state.raw<readonly ScheduledMessage[]>([]);
	#count = 0;

	add({ conversation, thread, text, dueAtMs }: NewScheduledMessage): Promise<Result<void, Problem>> {
		this.#count += 1;
		const added = {
			id: `later-${this.#count}`,
			conversation,
			...(thread !== undefined && { thread }),
			text,
			dueAtMs,
			state: 'waiting',
			problem: null
		} as const;
		this.messages = [...this.messages, added].sort((a, b) => a.dueAtMs - b.dueAtMs);
		return Promise.resolve(ok(undefined));
	}

	postpone(id: string, dueAtMs: number): Promise<Result<void, Problem>> {
		this.messages = this.messages.map((message) => (message.id === id ? { ...message, dueAtMs } : message));
		return Promise.resolve(ok(undefined));
	}

	async sendNow(id: string): Promise<Result<void, Problem>> {
		await this.cancel(id);
		return ok(undefined);
	}

	cancel(id: string): Promise<Result<string, Problem>> {
		const text = this.messages.find((message) => message.id === id)?.text ?? '';
		this.messages = this.messages.filter((message) => message.id !== id);
		return Promise.resolve(ok(text));
	}
}
