/** What a person has to see, worked out from all rows at once: what the read model is compared with. */
import { Deletions, lateWords } from '../../../src/lib/conversation/content/deletions';
import { namesByMessage } from '../../../src/lib/conversation/content/said-again';
import { shownMessages } from '../../../src/lib/conversation/content/shown-message';
import type { ProjectedAct, ProjectedDeletion, ProjectedMessage } from '../../../src/lib/conversation/ports';

export interface Rows {
	readonly messages: readonly ProjectedMessage[];
	readonly acts: readonly ProjectedAct[];
	readonly deletions: readonly ProjectedDeletion[];
}

export interface SeenMessage {
	readonly id: string;
	readonly text: string;
	/** Newest first; none of what is deleted. */
	readonly wordings: readonly string[];
	readonly deleted: boolean;
	readonly reactions: readonly string[];
	readonly pinned: boolean;
	readonly votes: readonly (readonly string[])[];
	readonly replies: number;
	/** What is quoted: its text, '' if it is deleted; null if it is not known, undefined if nothing is. */
	readonly quoted: string | null | undefined;
}

export interface Seen {
	readonly timeline: readonly SeenMessage[];
	readonly threads: readonly (readonly string[])[];
	readonly pinned: readonly string[];
	readonly unread: number;
	readonly hits: readonly string[];
	/** Own words of what is deleted that no delete names. */
	readonly late: readonly string[];
}

/** @param self who looks @param readTime they have read up to there @param word that is searched for */
export function seenIn(rows: Rows, self: string, readTime: number, word: string): Seen {
	const { messages, acts, deletions } = rows;
	const messageById = new Map(messages.map((message) => [message.id, message]));
	const shown = shownMessages(messages, acts, deletions);
	const namesOf = namesByMessage(messages, acts);
	const seen = shown.map((each): SeenMessage & { readonly message: ProjectedMessage } => {
		const message = messageById.get(each.id);
		if (message === undefined) throw new Error('a message is shown that nobody said');
		const names = namesOf(message);
		const inThread = shown.filter(({ id, isDeleted }) => {
			const thread = messageById.get(id)?.thread ?? null;
			return !isDeleted && thread !== null && names.has(thread);
		});
		return {
			message,
			id: each.id,
			text: each.versions.at(-1)?.text ?? '',
			wordings: each.versions.map(({ text }) => text).reverse(),
			deleted: each.isDeleted,
			reactions: each.reactions.map(({ emoji, accounts }) => `${emoji} ${accounts.join()}`),
			pinned: each.pinned,
			votes: each.votes,
			replies: message.thread === null ? inThread.length : 0,
			quoted: each.isDeleted || message.reply === null ? undefined : quotedIn(rows, shown, message.reply)
		};
	});
	const ofTimeline = seen.filter(({ message }) => message.thread === null);
	return {
		timeline: ofTimeline.map(({ message: _, ...each }) => each),
		threads: ofTimeline.map(({ message }) =>
			seen
				.filter(({ message: { thread } }) => thread !== null && namesOf(message).has(thread))
				.map(({ id }) => id)
		),
		pinned: seen.flatMap(({ id, pinned }) => (pinned ? [id] : [])).sort(),
		unread: ofTimeline.filter(
			({ message, deleted }) => message.account !== self && !deleted && message.time > readTime
		).length,
		hits: seen.flatMap(({ id, text }) => (text.split(' ').includes(word) ? [id] : [])).sort(),
		late: lateWords(acts, new Deletions(deletions), self)
			.map(({ id }) => id)
			.sort()
	};
}

function quotedIn(
	{ messages, acts }: Rows,
	shown: ReturnType<typeof shownMessages>,
	id: string
): string | null {
	const copy = acts.find((act) => act.kind === 'again' && act.id === id);
	const named = [id, ...(copy === undefined ? [] : [copy.target])];
	const quoted =
		messages.find((each) => each.id === id) ??
		messages.find((each) => each.id === copy?.target) ??
		messages.find(({ origin }) => origin !== null && named.includes(origin));
	if (quoted === undefined) return null;
	return shown.find((each) => each.id === quoted.id)?.versions.at(-1)?.text ?? '';
}
