/** Searching the fixtures as they are: no index, no pages. */
import type { Finding, FoundHit, FoundLink, SearchFilters, SearchResult } from '../../src/lib/app/contract';
import type { PreviewConversation } from './fixtures';

export const findingIn = (all: () => readonly PreviewConversation[]): Finding => ({
	search: (text, filters) => Promise.resolve(searchIn(all(), text, filters)),
	links: (conversation) => Promise.resolve({ links: linksIn(all(), conversation), next: null }),
	placeAt: (conversation, atMs) => {
		const messages = all().find(({ id }) => id === conversation)?.messages ?? [];
		const found = messages.find(({ sentAtMs }) => sentAtMs >= atMs) ?? messages.at(-1);
		return Promise.resolve(found ? { time: found.time, id: found.id } : null);
	}
});

function linksIn(all: readonly PreviewConversation[], conversation: string): FoundLink[] {
	return (all.find(({ id }) => id === conversation)?.messages ?? [])
		.flatMap((message) => {
			const url = /https:\/\/\S+/.exec(message.text)?.[0];
			const { time, id, authorName } = message;
			return url === undefined ? [] : [{ url, message, authorName, place: { time, id } }];
		})
		.reverse();
}

function searchIn(
	all: readonly PreviewConversation[],
	text: string,
	filters: SearchFilters = {}
): SearchResult {
	const words = text.toLowerCase();
	const hits = all
		.flatMap(({ messages }) => messages)
		.filter(
			(message) =>
				message.text.toLowerCase().includes(words) &&
				(filters.conversation ?? message.conversation) === message.conversation &&
				(filters.from ?? message.author) === message.author &&
				(filters.hasLink !== true || message.text.includes('https://'))
		)
		.sort((a, b) => b.time - a.time)
		.slice(0, 50)
		.map((message): FoundHit => {
			const at = message.text.toLowerCase().indexOf(words);
			const end = at + words.length;
			return {
				message,
				authorName: message.authorName,
				place: { time: message.time, id: message.id },
				snippet: [
					{ text: (at > 30 ? '…' : '') + message.text.slice(Math.max(0, at - 30), at), hit: false },
					{ text: message.text.slice(at, end), hit: true },
					{ text: message.text.slice(end, end + 60), hit: false }
				]
			};
		});
	return { hits, complete: true };
}
