/** Whom a text mentions, as it would be shown: a name in code or behind a backslash mentions nobody. */
import { parseBlocks, type Block, type Inline } from '../text/blocks';
import { wordsForEveryone, type Mentioned } from '../text/mention';

/** Somebody who can be mentioned. */
export interface Mentionable {
	readonly account: string;
	readonly name: string;
}

export interface Mentions {
	/** Accounts, each once, in the order of their first mention. */
	readonly accounts: readonly string[];
	readonly everyone: boolean;
}

/** More cannot be said in one message (protocol: mentions). */
export const mentionLimit = 32;

/**
 * @param people who is there
 * @param picked of namesakes, whom the person meant: account by name in lower case
 */
export function mentionsIn(
	text: string,
	people: readonly Mentionable[],
	picked: ReadonlyMap<string, string>
): Mentions {
	if (!text.includes('@')) return { accounts: [], everyone: false };
	const names: readonly Mentioned[] = [
		...people.map(({ name }) => ({ name, self: false })),
		...wordsForEveryone.map((name) => ({ name, self: true }))
	];
	const accounts = new Set<string>();
	let everyone = false;
	for (const mention of mentionTexts(parseBlocks(text, names))) {
		const name = mention.text.slice(1).toLocaleLowerCase();
		const same = people.filter((person) => person.name.toLocaleLowerCase() === name);
		const meant = picked.get(name);
		if (same.length === 0) everyone ||= mention.self;
		for (const { account } of same) if (meant === undefined || meant === account) accounts.add(account);
	}
	return { accounts: [...accounts].slice(0, mentionLimit), everyone };
}

type MentionNode = Extract<Inline, { kind: 'mention' }>;

function mentionTexts(blocks: readonly Block[]): readonly MentionNode[] {
	const inInline = (nodes: readonly Inline[]): readonly MentionNode[] =>
		nodes.flatMap((node) =>
			node.kind === 'mention' ? [node] : 'children' in node ? inInline(node.children) : []
		);
	return blocks.flatMap((block) => {
		if (block.kind === 'paragraph') return inInline(block.children);
		if (block.kind === 'quote') return mentionTexts(block.children);
		if (block.kind === 'list') return block.items.flatMap((item) => inInline(item.children));
		if (block.kind === 'table') return [block.head, ...block.rows].flat().flatMap(inInline);
		return [];
	});
}
