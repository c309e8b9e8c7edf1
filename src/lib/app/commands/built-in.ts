import type { Command } from './command';

/** Said with or without words before it. */
const withGesture =
	(gesture: string): Command['run'] =>
	(argument) => ({ kind: 'send', text: argument === '' ? gesture : `${argument} ${gesture}` });

/** The commands of the app. Their descriptions are in the message catalogues (`command_<name>`). */
export const builtInCommands = [
	{
		name: 'me',
		argument: 'needed',
		// As it was typed: it is shown as a deed by whoever reads it (ui/text/deed).
		run: (argument) => (argument === '' ? { kind: 'incomplete' } : { kind: 'send', text: `/me ${argument}` })
	},
	{ name: 'shrug', argument: 'optional', run: withGesture('¯\\_(ツ)_/¯') },
	{ name: 'tableflip', argument: 'optional', run: withGesture('(╯°□°)╯︵ ┻━┻') },
	{
		name: 'code',
		argument: 'optional',
		run: (language) => ({ kind: 'write', before: `\`\`\`${language}\n`, after: '\n```' })
	},
	{ name: 'poll', argument: 'optional', run: (question) => ({ kind: 'ask', what: 'poll', text: question }) },
	{ name: 'later', argument: 'optional', run: (text) => ({ kind: 'ask', what: 'later', text }) }
] as const satisfies readonly Command[];

export type BuiltInCommand = (typeof builtInCommands)[number]['name'];
