/** One line that asks for attention and goes away when dismissed or replaced. */
export interface Notice {
	readonly id: number;
	readonly text: string;
	readonly tone: 'info' | 'problem';
	readonly action: { readonly label: string; readonly run: () => void } | null;
}

/** At most this many at once; the oldest makes room. More would cover the conversation. */
const shownLimit = 3;

/** The toasts on screen. Saying the same thing twice shows it once. */
export class Notices {
	#next = 1;
	#shown = $state.raw<readonly Notice[]>([]);

	get shown(): readonly Notice[] {
		return this.#shown;
	}

	/** Shows a notice and gives its id. It stays until dismissed: nobody has to read against a clock. */
	say(text: string, tone: Notice['tone'] = 'info', action: Notice['action'] = null): number {
		const id = this.#next++;
		const others = this.#shown.filter((notice) => notice.text !== text);
		this.#shown = [...others, { id, text, tone, action }].slice(-shownLimit);
		return id;
	}

	dismiss(id: number): void {
		this.#shown = this.#shown.filter((notice) => notice.id !== id);
	}
}
