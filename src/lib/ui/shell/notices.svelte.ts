import type { Problem } from '$lib/app/contract';
import { m } from '../paraglide/messages';

/** One line that asks for attention and goes away when dismissed or replaced. */
export interface Notice {
	readonly id: number;
	readonly text: string;
	readonly tone: 'info' | 'problem';
	readonly action: { readonly label: string; readonly run: () => void } | null;
	/** What it is about: another one about the same replaces it. */
	readonly about: string;
}

/** At most this many at once; the oldest makes room. More would cover the conversation. */
const shownLimit = 3;
/** Long enough to be read twice. What such a notice tells is to be seen elsewhere too. */
const passingMs = 8_000;

export interface NoticesDeps {
	/** Runs `task` once after `delayMs`. */
	after(delayMs: number, task: () => void): void;
}

/** The toasts on screen. Saying the same thing twice shows it once. */
export class Notices {
	#next = 1;
	#shown = $state.raw<readonly Notice[]>([]);

	constructor(readonly deps: NoticesDeps) {}

	get shown(): readonly Notice[] {
		return this.#shown;
	}

	/** Shows a notice and gives its id. It stays until dismissed: nobody has to read against a clock. */
	say(text: string, tone: Notice['tone'] = 'info', action: Notice['action'] = null): number {
		return this.#show({ text, tone, action, about: text });
	}

	/** Says why something came to nothing. The words for it are loaded when there is something to say. */
	tell(problem: Problem): void {
		import('../words/problem').then(
			({ problemText }) => this.say(problemText(problem), 'problem'),
			// Offline, and not stored: it came to nothing all the same.
			() => this.say(m.part_failed(), 'problem')
		);
	}

	/** Shows what is to be seen elsewhere too, and so goes by itself. @param about the next about the same replaces it */
	pass(text: string, about: string, action: Notice['action']): void {
		const id = this.#show({ text, tone: 'info', action, about });
		this.deps.after(passingMs, () => this.dismiss(id));
	}

	dismiss(id: number): void {
		this.#shown = this.#shown.filter((notice) => notice.id !== id);
	}

	/** What it was about has been seen. */
	dismissAbout(about: string): void {
		if (this.#shown.some((notice) => notice.about === about))
			this.#shown = this.#shown.filter((notice) => notice.about !== about);
	}

	#show(notice: Omit<Notice, 'id'>): number {
		const id = this.#next++;
		const others = this.#shown.filter(({ about }) => about !== notice.about);
		this.#shown = [...others, { id, ...notice }].slice(-shownLimit);
		return id;
	}
}
