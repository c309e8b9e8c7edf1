/** What pressing Send comes to: a message, a command carried out, or a word on why not. Pure. */
import { readCommandLine, slashedText } from '$lib/app/commands/command';
import type { CommandRegistry } from '$lib/app/commands/registry';

export type Outgoing =
	| { readonly kind: 'message'; readonly text: string }
	| { readonly kind: 'write'; readonly before: string; readonly after: string }
	| { readonly kind: 'ask'; readonly what: 'poll' | 'later'; readonly text: string }
	| { readonly kind: 'no-such-command' | 'incomplete'; readonly name: string };

export function outgoing(text: string, commands: CommandRegistry): Outgoing {
	const slashed = slashedText(text);
	// A deed that was escaped is said as it stands: the backslash is taken away where it is shown.
	if (slashed !== null)
		return { kind: 'message', text: slashed.startsWith('/me') ? `\\${slashed}` : slashed };
	const line = readCommandLine(text);
	if (line === null) return { kind: 'message', text };
	const command = commands.named(line.name);
	if (command === null) return { kind: 'no-such-command', name: line.name };
	const outcome = command.run(line.argument);
	if (outcome.kind === 'send') return { kind: 'message', text: outcome.text };
	return outcome.kind === 'incomplete' ? { kind: 'incomplete', name: line.name } : outcome;
}
