import type { CommandRegistry } from '$lib/app/commands/registry';
import { m } from '../paraglide/messages';
import { Completing } from './completing.svelte';
import { applyEdit, type FieldEdit } from './field-edit';
import { formatEdit, formatOf } from './formatting';
import { mentionsIn, type Mentions } from './mentions';
import type { SuggestedPerson } from './suggest';
import { outgoing, type Outgoing } from './outgoing';

export interface WritingDeps {
	readonly commands: CommandRegistry;
	/** Null as long as it is not on screen. */
	field(): HTMLTextAreaElement | undefined;
	/** Everybody else in the conversation. */
	people(): readonly SuggestedPerson[];
	/** Whether there are enough of them to mention all at once. */
	hasEveryone(): boolean;
}

/** What a field offers beyond letters: completion, formats, what is pasted, commands. */
export class Writing {
	/** Set while something is asked before there is a message. */
	asking = $state.raw<{ readonly what: 'poll' | 'later' | 'scheduled'; readonly text: string } | null>(null);
	/** Why the command in the field does nothing. */
	fault = $state<string | null>(null);
	readonly completing: Completing;
	/** Whom a name means, where several have it. */
	readonly #accountByName = new Map<string, string>();

	constructor(readonly deps: WritingDeps) {
		this.completing = new Completing({
			commands: deps.commands,
			people: () => deps.people(),
			hasEveryone: () => deps.hasEveryone(),
			emoji: async () => new (await import('./suggest-emoji')).EmojiNames(),
			edit: (edit) => this.edit(edit),
			picked: (name, account) => void this.#accountByName.set(name.toLocaleLowerCase(), account)
		});
	}

	/** The field has changed, or its caret has moved. */
	look = (): void => {
		const field = this.deps.field();
		if (field) this.completing.look(field.value, field.selectionStart, field.selectionEnd);
	};

	/** @returns whether the key is used up */
	key(event: KeyboardEvent): boolean {
		const field = this.deps.field();
		if (field === undefined || event.isComposing) return false;
		const format = formatOf(event);
		const isUsed = format !== null || this.completing.key(event, field.value);
		if (isUsed) event.preventDefault();
		if (format !== null) this.edit(formatEdit(field.value, field.selectionStart, field.selectionEnd, format));
		return isUsed;
	}

	/** Text with formats, and tables, as they are written here; everything else the browser pastes. */
	paste = (event: ClipboardEvent): void => {
		const data = event.clipboardData;
		if (data === null || data.files.length > 0) return;
		const pasted = { plain: data.getData('text/plain'), html: data.getData('text/html') };
		if (pasted.html === '' && !pasted.plain.includes('\t')) return;
		// What a paste does has to be said before the module is there; so it is always done here.
		event.preventDefault();
		void this.#take(pasted);
	};

	edit(edit: FieldEdit): void {
		const field = this.deps.field();
		if (field) applyEdit(field, edit);
		this.look();
	}

	insert(text: string): void {
		const field = this.deps.field();
		if (field) this.edit({ from: field.selectionStart, to: field.selectionEnd, text });
	}

	/** What Send means now. Where it means no message, what it means is begun. @returns the message, or null */
	begin(text: string): { readonly text: string; readonly mentions: Mentions } | null {
		const next = outgoing(text, this.deps.commands);
		this.completing.close();
		this.fault = faultOf(next);
		if (next.kind === 'message') return { text: next.text, mentions: this.mentionsIn(next.text) };
		if (next.kind === 'ask') this.asking = next;
		if (next.kind === 'write') {
			const caret = next.before.length;
			this.edit({ from: 0, to: text.length, text: next.before + next.after, select: [caret, caret] });
		}
		return null;
	}

	/** Does what a command does to the text as it stands, as a menu has it. */
	run(name: string): void {
		const text = this.deps.field()?.value ?? '';
		const outcome = this.deps.commands.named(name)?.run(name === 'code' ? '' : text);
		if (outcome?.kind === 'ask') this.asking = outcome;
		if (outcome?.kind !== 'write') return;
		const field = this.deps.field();
		if (field) this.edit(formatEdit(text, field.selectionStart, field.selectionEnd, 'fence'));
	}

	mentionsIn(text: string): Mentions {
		return mentionsIn(text, this.deps.people(), this.#accountByName);
	}

	async #take(pasted: { readonly plain: string; readonly html: string }): Promise<void> {
		const { pastedText } = await import('./pasting');
		this.insert(pastedText(pasted) ?? pasted.plain);
	}
}

function faultOf(next: Outgoing): string | null {
	if (next.kind === 'no-such-command') return m.command_unknown({ name: next.name });
	return next.kind === 'incomplete' ? m.command_incomplete({ name: next.name }) : null;
}
