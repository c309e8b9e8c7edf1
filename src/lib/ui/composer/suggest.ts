/** Where suggestions come from: the registry of commands, the members of a conversation. Emoji are in suggest-emoji. */
import type { CommandRegistry } from '$lib/app/commands/registry';
import { wordsForEveryone } from '../text/mention';
import { clipName } from '../words/name';
import { beginsSo, folded, suggestionLimit, type Suggestion } from './completion';
import type { Mentionable } from './mentions';

/** Somebody to choose from a list. */
export interface SuggestedPerson extends Mentionable {
	/** What tells them apart from others of their name; '' if there are none. */
	readonly tag: string;
}

export function suggestCommands(registry: CommandRegistry, query: string): readonly Suggestion[] {
	return registry.beginningWith(query).map((command) => ({
		key: `command-${command.name}`,
		text: `/${command.name}`,
		label: `/${command.name}`,
		detail: '',
		emoji: null,
		account: null,
		command,
		isWhole: command.name === query && command.argument !== 'needed'
	}));
}

/**
 * @param people everybody else in the conversation
 * @param everyone what mentioning all of them is called; null where that makes no sense
 */
export function suggestPeople(
	people: readonly SuggestedPerson[],
	query: string,
	everyone: { readonly word: (typeof wordsForEveryone)[number]; readonly detail: string } | null
): readonly Suggestion[] {
	const named = people
		.filter(({ name }) => beginsSo(name, query))
		.map(({ account, name, tag }) => ({
			key: `person-${account}`,
			text: `@${name}`,
			label: clipName(name),
			detail: tag,
			emoji: null,
			account,
			command: null,
			isWhole: folded(name) === folded(query)
		}));
	const all = everyone !== null && query !== '' && beginsSo(everyone.word, query) ? [everyone] : [];
	return [
		...named,
		...all.map(({ word, detail }) => ({
			key: 'everyone',
			text: `@${word}`,
			label: `@${word}`,
			detail,
			emoji: null,
			account: null,
			command: null,
			isWhole: word === query
		}))
	].slice(0, suggestionLimit);
}
