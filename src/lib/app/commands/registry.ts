import type { Command } from './command';

/** The commands that there are: those of the app, and what is added to them. */
export class CommandRegistry {
	readonly #commandByName = new Map<string, Command>();

	constructor(commands: readonly Command[]) {
		for (const command of commands) this.#commandByName.set(command.name, command);
	}

	/**
	 * Adds one.
	 * @returns takes it away again; null if the name is taken, and nothing is changed
	 */
	add(command: Command): (() => void) | null {
		const { name } = command;
		if (this.#commandByName.has(name)) return null;
		this.#commandByName.set(name, command);
		return () => void this.#commandByName.delete(name);
	}

	named(name: string): Command | null {
		return this.#commandByName.get(name) ?? null;
	}

	/** Those whose names begin so, in the order of their names. */
	beginningWith(prefix: string): readonly Command[] {
		const wanted = prefix.toLowerCase();
		return [...this.#commandByName.values()]
			.filter(({ name }) => name.startsWith(wanted))
			.sort((a, b) => (a.name < b.name ? -1 : 1));
	}
}
