/** What is exported, as it is read from the read model page by page. */
import type { MessagePage, MessageRow, Position, Store } from '../../store/types';
import type { ConversationKind } from '../contract';

export interface ExportedConversation {
	readonly id: string;
	readonly name: string;
	readonly kind: ConversationKind;
	readonly members: readonly ExportedMember[];
	readonly exportedAtMs: number;
}

export interface ExportedMember {
	readonly account: string;
	/** As they are called here. */
	readonly name: string;
	readonly role: 'owner' | 'moderator' | 'member';
	readonly left: boolean;
}

export type ExportedMessage = MessageRow & { readonly authorName: string };

const pageLength = 500;

/** All messages that are due and shown, oldest first; the answers in a thread stand after its root. */
export async function* exportedPages(
	store: Pick<Store, 'page'>,
	conversation: string,
	dueTime: number,
	nameOf: (account: string) => string
): AsyncGenerator<readonly ExportedMessage[]> {
	const named = (message: MessageRow): ExportedMessage => ({
		...message,
		authorName: nameOf(message.author)
	});
	for await (const page of pagesOf(store, { conversation, dueTime })) {
		let messages: ExportedMessage[] = [];
		for (const message of page) {
			messages.push(named(message));
			if (message.replies === null) continue;
			for await (const answers of pagesOf(store, { conversation, dueTime, thread: message.id })) {
				yield [...messages, ...answers.map(named)];
				messages = [];
			}
		}
		if (messages.length > 0) yield messages;
	}
}

async function* pagesOf(
	store: Pick<Store, 'page'>,
	of: { readonly conversation: string; readonly dueTime: number; readonly thread?: string }
): AsyncGenerator<readonly MessageRow[]> {
	let position: Position | null = { time: -1, id: '' };
	while (position !== null) {
		const page: MessagePage = await store.page({
			...of,
			anchor: { at: 'after', position },
			limit: pageLength
		});
		if (page.messages.length > 0) yield page.messages;
		position = page.hasNewer ? (page.messages.at(-1) ?? null) : null;
	}
}
