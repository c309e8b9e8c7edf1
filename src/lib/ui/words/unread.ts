import type { ConversationSummary, MarksView } from '$lib/app/contract';

type Marks = Pick<MarksView, 'of' | 'isMuted' | 'isArchived'>;
type Standing = Pick<ConversationSummary, 'id' | 'kind' | 'unread' | 'mentions' | 'last'>;

export type ListFilter = 'all' | 'unread' | 'groups' | 'people' | 'archived';
export const listFilters: readonly ListFilter[] = ['all', 'unread', 'groups', 'people', 'archived'];

export const isArchived = (marks: Marks, { id, last }: Standing): boolean =>
	marks.isArchived(id, last?.position.time ?? null);

/** Something there waits to be read, or was marked so. */
export const isUnread = (marks: Marks, { id, unread }: Standing): boolean =>
	unread > 0 || marks.of(id).unreadTime > 0;

/** What is put away stands under its own filter alone; what is pinned comes first, else the order stays. */
export function filtered<T extends Standing>(
	conversations: readonly T[],
	filter: ListFilter,
	marks: Marks,
	/** The conversation that is open: opened from what is unread, it must not go under one's hand. */
	current: string | null
): readonly T[] {
	const shown = conversations.filter((conversation) => {
		if (isArchived(marks, conversation)) return filter === 'archived';
		if (filter === 'unread') return conversation.id === current || isUnread(marks, conversation);
		if (filter === 'groups') return conversation.kind === 'group';
		return filter === 'all' || (filter === 'people' && conversation.kind === 'direct');
	});
	const isPinned = ({ id }: T): boolean => marks.of(id).pinnedAtMs > 0;
	return [...shown.filter(isPinned), ...shown.filter((each) => !isPinned(each))];
}

/** Of all conversations that may call for attention: what the title and the app's badge count. */
export function unreadTotal(conversations: readonly Standing[], marks: Marks): number {
	return conversations.reduce((sum, conversation) => {
		if (marks.isMuted(conversation.id)) return sum + conversation.mentions;
		if (isArchived(marks, conversation)) return sum;
		return sum + Math.max(conversation.unread, isUnread(marks, conversation) ? 1 : 0);
	}, 0);
}
