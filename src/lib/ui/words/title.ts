import type { ConversationSummary } from '$lib/app/contract';

/** The browser's title: what waits to be read (all conversations), where one is, and the app. */
export function pageTitle(place: string | null, conversations: readonly ConversationSummary[]): string {
	const unread = conversations.reduce((sum, conversation) => sum + conversation.unread, 0);
	return `${unread > 0 ? `(${unread}) ` : ''}${place ? `${place} – ` : ''}Skein`;
}
