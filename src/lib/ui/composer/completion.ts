/** What a person is about to write at the caret, and what it could be completed to. Pure. */
import type { Command } from '$lib/app/commands/command';
import type { FieldEdit } from './field-edit';

export type CompletionKind = 'command' | 'mention' | 'emoji';

export interface Completion {
	readonly kind: CompletionKind;
	/** What was typed after the sign. */
	readonly query: string;
	/** The sign and what follows: what a choice replaces. */
	readonly from: number;
	readonly to: number;
}

/** One choice. */
export interface Suggestion {
	readonly key: string;
	/** Replaces what was typed, with its sign. */
	readonly text: string;
	readonly label: string;
	readonly detail: string;
	/** Shown in front: an emoji, or who it is. */
	readonly emoji: string | null;
	readonly account: string | null;
	/** What it does is said where it is shown. */
	readonly command: Command | null;
	/** Typed in full already: Enter does what it does without a list. */
	readonly isWhole: boolean;
}

export const suggestionLimit = 8;
const nameLengthLimit = 40;

const command = /^\/([\p{L}\p{N}_-]{0,32})$/u;
const mention = new RegExp(`(?:^|[\\s(])@([^@\\n]{0,${nameLengthLimit}})$`, 'u');
const emoji = /(?:^|[\s(])(:([\p{L}\p{N}_+-]{2,30}))$/u;

/** What is being typed before the caret; null if nothing of it can be completed. */
export function completionAt(text: string, caret: number): Completion | null {
	const before = text.slice(0, caret);
	const typed = (kind: CompletionKind, query: string): Completion => ({
		kind,
		query,
		from: caret - query.length - 1,
		to: caret
	});
	const asCommand = command.exec(before)?.[1];
	if (asCommand !== undefined) return typed('command', asCommand);
	// The last line alone: patterns that look back from the end walk all that is before them.
	const line = before.slice(Math.max(before.lastIndexOf('\n') + 1, caret - nameLengthLimit - 2));
	const asMention = mention.exec(line)?.[1];
	if (asMention !== undefined) return typed('mention', asMention);
	const asEmoji = emoji.exec(line)?.[2];
	return asEmoji === undefined ? null : typed('emoji', asEmoji);
}

/** What a choice does to the field: the text, and a space behind it unless there is one. */
export function chosen(text: string, { from, to }: Completion, suggestion: Suggestion): FieldEdit {
	const space = /^\s/u.test(text.slice(to)) ? '' : ' ';
	return { from, to, text: suggestion.text + space };
}

/** Letters without regard to case and accents. */
export const folded = (text: string): string =>
	text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();

/** Whether a name, or a word of it, begins with what was typed. */
export function beginsSo(name: string, query: string): boolean {
	const [whole, wanted] = [folded(name), folded(query)];
	return whole.startsWith(wanted) || whole.split(/[\s-]+/u).some((word) => word.startsWith(wanted));
}
