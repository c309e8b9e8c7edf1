import { hlcOfMs } from '../protocol/clock';
import type { FoundMessage, Position, Store } from '../store/types';
import type { Finding, LinkPage, SearchFilters, SearchResult } from './finding-contract';

const hitsLimit = 50;
const linkMessagesLimit = 60;

export interface FindingDeps {
	store(): Store;
	/** Later than this nothing is shown (an HLC number). */
	dueTime(): number;
	/** As somebody is called here. @param claimed what they call themselves */
	nameOf(account: string, claimed: string): string;
}

/** Search, links and dates over the read model. */
export class ReadModelFinding implements Finding {
	constructor(readonly deps: FindingDeps) {}

	async search(text: string, filters: SearchFilters = {}): Promise<SearchResult> {
		const store = this.deps.store();
		const { conversation, from, hasLink, sinceMs, beforeMs } = filters;
		const found = await store.search({
			text,
			limit: hitsLimit,
			dueTime: this.deps.dueTime(),
			...(conversation === undefined ? {} : { conversation }),
			...(from === undefined ? {} : { from }),
			...(hasLink === true ? { has: 'link' as const } : {}),
			...(sinceMs === undefined ? {} : { since: hlcOfMs(sinceMs) }),
			...(beforeMs === undefined ? {} : { before: hlcOfMs(beforeMs) })
		});
		const placeOf = await this.#places(found.map(({ message }) => message));
		const hits = found.map((hit) => ({
			...hit,
			authorName: this.deps.nameOf(hit.message.author, hit.authorName),
			place: placeOf(hit.message)
		}));
		return { hits, complete: (await store.stats()).unsearchable === 0 };
	}

	async links(conversation: string, before?: Position): Promise<LinkPage> {
		const store = this.deps.store();
		const found = await store.links({
			conversation,
			limit: linkMessagesLimit,
			dueTime: this.deps.dueTime(),
			...(before === undefined ? {} : { before })
		});
		const members = await store.members(conversation);
		const nameByAccount = new Map(members.map(({ account, name }) => [account, name]));
		const placeOf = await this.#places(found.map(({ message }) => message));
		const links = found.map((link) => ({
			...link,
			authorName: this.deps.nameOf(link.message.author, nameByAccount.get(link.message.author) ?? ''),
			place: placeOf(link.message)
		}));
		const last = found.at(-1)?.message;
		const isFull = new Set(found.map(({ message }) => message.id)).size >= linkMessagesLimit;
		return { links, next: last && isFull ? { time: last.time, id: last.id } : null };
	}

	placeAt(conversation: string, atMs: number): Promise<Position | null> {
		return this.deps.store().placeAt({ conversation, time: hlcOfMs(atMs), dueTime: this.deps.dueTime() });
	}

	/** Where messages stand in the timeline: those in threads at their root. */
	async #places(found: readonly FoundMessage[]): Promise<(message: FoundMessage) => Position | null> {
		const rootsByConversation = new Map<string, Set<string>>();
		for (const { conversation, thread } of found)
			if (thread !== null)
				rootsByConversation.set(
					conversation,
					(rootsByConversation.get(conversation) ?? new Set()).add(thread)
				);
		const placeByRoot = new Map<string, Position>();
		for (const [conversation, roots] of rootsByConversation)
			for (const root of roots) {
				const query = { conversation, ids: [root], dueTime: this.deps.dueTime() };
				const [row] = await this.deps.store().messages(query);
				if (row) placeByRoot.set(root, { time: row.time, id: row.id });
			}
		return ({ thread, time, id }) => (thread === null ? { time, id } : (placeByRoot.get(thread) ?? null));
	}
}
