import { builtInCommands, type BuiltInCommand } from '$lib/app/commands/built-in';
import type { Command } from '$lib/app/commands/command';
import { m } from '../paraglide/messages';

const wordsByName: Record<BuiltInCommand, () => string> = {
	me: m.command_me,
	shrug: m.command_shrug,
	tableflip: m.command_tableflip,
	code: m.command_code,
	poll: m.command_poll,
	later: m.command_later
};

const isBuiltIn = (name: string): name is BuiltInCommand =>
	builtInCommands.some((command) => command.name === name);

/** What a command does, in a few words. */
export function commandText({ name, description }: Command): string {
	if (description !== undefined) return description;
	return isBuiltIn(name) ? wordsByName[name]() : '';
}
