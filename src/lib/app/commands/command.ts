/**
 * Commands: what stands after a slash at the beginning of a message. A command is data; it does nothing itself but says
 * what is to be done, so that the field, a menu or a bot can carry it out.
 */

/** What a command comes to. */
export type CommandOutcome =
	/** To be sent as a message. */
	| { readonly kind: 'send'; readonly text: string }
	/** To be put into the field instead of the command, the caret between the two parts. */
	| { readonly kind: 'write'; readonly before: string; readonly after: string }
	/** Something is to be asked first; `text` is where it begins from. */
	| { readonly kind: 'ask'; readonly what: 'poll' | 'later'; readonly text: string }
	/** It needs words after it. */
	| { readonly kind: 'incomplete' };

export interface Command {
	/** Letters and digits, lower case, without the slash. */
	readonly name: string;
	/** What follows it. */
	readonly argument: 'none' | 'optional' | 'needed';
	/** What it does, in the language of whoever brought it; those of the app are in its catalogues. */
	readonly description?: string;
	/** @param argument what stands after the name, trimmed */
	run(argument: string): CommandOutcome;
}

/** A text that is a command, taken apart. */
export interface CommandLine {
	readonly name: string;
	readonly argument: string;
}

const commandLine = /^\/([\p{L}\p{N}_-]{1,32})(?:\s+([\s\S]*))?$/u;

/** Takes a command apart; null if the text is none. A path such as `/usr/bin` is none. */
export function readCommandLine(text: string): CommandLine | null {
	const match = commandLine.exec(text.trimEnd());
	return match?.[1] === undefined
		? null
		: { name: match[1].toLowerCase(), argument: (match[2] ?? '').trim() };
}

/** `//name` is how one says something that begins with a slash: the text without the first of the two; else null. */
export const slashedText = (text: string): string | null => (text.startsWith('//') ? text.slice(1) : null);
