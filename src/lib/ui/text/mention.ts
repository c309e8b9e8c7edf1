/** Mentions in a text: `@Name`, where the record says of which accounts, and the text where they stand. */
export interface Mentioned {
	/** As it is shown; compared without regard to case. */
	readonly name: string;
	/** It is this person, or everybody. */
	readonly self: boolean;
}

const wordCharacter = /[\p{L}\p{N}_]/u;

/**
 * How long the mention is that begins with the `@` at `position`, with the `@`; 0 if there is none. The longest name
 * counts, so that "Anna" does not take what was meant for "Anna Maria".
 */
export function mentionAt<T extends { readonly name: string }>(
	text: string,
	position: number,
	mentioned: readonly T[]
): { readonly length: number; readonly who: T } | null {
	if (text[position] !== '@' || wordCharacter.test(text[position - 1] ?? ' ')) return null;
	let found: { readonly length: number; readonly who: T } | null = null;
	for (const who of mentioned) {
		const length = who.name.length + 1;
		if (who.name === '' || (found !== null && length <= found.length)) continue;
		const written = text.slice(position + 1, position + length);
		if (!isSameName(written, who.name) || wordCharacter.test(text[position + length] ?? ' ')) continue;
		found = { length, who };
	}
	return found;
}

const isSameName = (a: string, b: string): boolean =>
	a === b || a.localeCompare(b, undefined, { sensitivity: 'accent' }) === 0;

/** Words for everybody: each is understood by all, whatever language they read. */
export const wordsForEveryone = ['all', 'everyone', 'alle'] as const;

/**
 * Who is mentioned in a message, as its text names them.
 * @param nameOf what an account is called here; '' if that is not known
 */
export function mentionedBy(
	message: { readonly mentions: readonly string[]; readonly mentionsEveryone: boolean },
	nameOf: (account: string) => string,
	self: string
): readonly Mentioned[] {
	return [
		...message.mentions.map((account) => ({ name: nameOf(account), self: account === self })),
		...(message.mentionsEveryone ? wordsForEveryone.map((name) => ({ name, self: true })) : [])
	];
}
