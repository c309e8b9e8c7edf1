import type { CommandRegistry } from '$lib/app/commands/registry';
import { m } from '../paraglide/messages';
import { getLocale } from '../paraglide/runtime';
import { chosen, completionAt, type Completion, type Suggestion } from './completion';
import type { FieldEdit } from './field-edit';
import { suggestCommands, suggestPeople, type SuggestedPerson } from './suggest';
import type { EmojiNames } from './suggest-emoji';

export interface CompletingDeps {
	readonly commands: CommandRegistry;
	/** Everybody else in the conversation. */
	people(): readonly SuggestedPerson[];
	/** Whether all can be mentioned at once. */
	readonly hasEveryone: () => boolean;
	/** Loads the names of emoji. */
	readonly emoji: () => Promise<EmojiNames>;
	edit(edit: FieldEdit): void;
	/** Somebody was chosen from the list: of namesakes, this one is meant. */
	picked(name: string, account: string): void;
}

/** The list over the field: what is typed after `/`, `@` or `:`, completed. The focus stays in the field. */
export class Completing {
	suggestions = $state.raw<readonly Suggestion[]>([]);
	/** Of the suggestion that Enter takes. */
	active = $state(0);
	#completion: Completion | null = null;
	/** Closed by Escape: stays so until something else is typed there. */
	#dismissedFrom: number | null = null;
	#emoji: Promise<EmojiNames> | null = null;
	/** Changes with what is typed: an answer that comes late is to another question. */
	#question = 0;

	constructor(readonly deps: CompletingDeps) {}

	get open(): boolean {
		return this.suggestions.length > 0;
	}

	get current(): Suggestion | null {
		return this.suggestions[this.active] ?? null;
	}

	/** The text or the caret has changed. */
	look(text: string, from: number, to: number): void {
		const completion = from === to ? completionAt(text, to) : null;
		const isSame =
			completion?.from === this.#completion?.from &&
			completion?.kind === this.#completion?.kind &&
			completion?.query === this.#completion?.query;
		if (isSame) return;
		this.#completion = completion;
		this.#question += 1;
		if (completion === null) return this.#clear();
		if (completion.from === this.#dismissedFrom) return;
		if (completion.kind === 'emoji') return void this.#askEmoji(completion, this.#question);
		this.#show(
			completion.kind === 'command'
				? suggestCommands(this.deps.commands, completion.query)
				: suggestPeople(this.deps.people(), completion.query, this.#everyone())
		);
	}

	/** @returns whether the key was meant for the list, and is used up */
	key({ key, shiftKey, ctrlKey, metaKey, altKey }: KeyboardEvent, text: string): boolean {
		if (!this.open || ctrlKey || metaKey || altKey || shiftKey) return false;
		if (key === 'ArrowDown' || key === 'ArrowUp') {
			const count = this.suggestions.length;
			this.active = (this.active + (key === 'ArrowDown' ? 1 : count - 1)) % count;
			return true;
		}
		if (key === 'Escape') {
			this.#dismissedFrom = this.#completion?.from ?? null;
			this.suggestions = [];
			return true;
		}
		if (key !== 'Tab' && key !== 'Enter') return false;
		if (key === 'Enter' && this.current?.isWhole && this.#completion?.kind === 'command') return false;
		if (this.current !== null) this.choose(this.current, text);
		return true;
	}

	choose(suggestion: Suggestion, text: string): void {
		if (this.#completion === null) return;
		const edit = chosen(text, this.#completion, suggestion);
		if (suggestion.account !== null) this.deps.picked(suggestion.text.slice(1), suggestion.account);
		this.#clear();
		this.deps.edit(edit);
	}

	/** The field is no longer being written in. */
	close(): void {
		this.#completion = null;
		this.#question += 1;
		this.#clear();
	}

	#clear(): void {
		this.#dismissedFrom = null;
		this.suggestions = [];
	}

	#show(suggestions: readonly Suggestion[]): void {
		this.active = 0;
		this.suggestions = suggestions;
	}

	#everyone(): Parameters<typeof suggestPeople>[2] {
		if (!this.deps.hasEveryone()) return null;
		return { word: getLocale() === 'de' ? 'alle' : 'all', detail: m.mention_everyone() };
	}

	async #askEmoji({ query }: Completion, question: number): Promise<void> {
		this.#emoji ??= this.deps.emoji();
		let found: readonly Suggestion[];
		try {
			found = await (await this.#emoji).suggest(query);
		} catch {
			// Not to be had now (offline, and not stored): the name stays as it is typed, and is looked for again later.
			this.#emoji = null;
			found = [];
		}
		if (question === this.#question) this.#show(found);
	}
}
