/**
 * Takes away what this person has said about what is deleted already, as an edit that was made before this device heard
 * of the delete (docs/decisions/0026): nobody shows it, and its bytes go when a delete names it too.
 */
import type { Result } from '$lib/protocol/result';
import type { SaidPlace, Store } from '$lib/store/types';

export interface LateWordsDeps {
	readonly store: Pick<Store, 'lateWords'>;
	readonly conversation: string;
	/** Whether this person may say anything there now: who may not deletes nothing either. */
	maySay(): boolean;
	/** Deletes own entries for everyone. */
	remove(entries: readonly SaidPlace[]): Promise<Result<unknown, string>>;
	note(text: string): void;
}

export class LateWords {
	/** Named once in a session: a delete that does not count is not said again and again. */
	readonly #namedIds = new Set<string>();
	#looking: Promise<void> | null = null;
	#mayBeMore = false;

	constructor(readonly deps: LateWordsDeps) {}

	/** There may be some. Resolves when they are named; never rejects. */
	look(): Promise<void> {
		this.#mayBeMore = true;
		this.#looking ??= this.#look()
			.catch((error: unknown) => this.deps.note(`late words were not looked for: ${String(error)}`))
			.finally(() => (this.#looking = null));
		return this.#looking;
	}

	async #look(): Promise<void> {
		const { store, conversation, maySay, remove, note } = this.deps;
		while (this.#mayBeMore && maySay()) {
			this.#mayBeMore = false;
			const late = await store.lateWords({ conversation });
			const entries = late.filter(({ id }) => !this.#namedIds.has(id));
			if (entries.length === 0) continue;
			for (const { id } of entries) this.#namedIds.add(id);
			const removed = await remove(entries);
			if (!removed.ok) note(`late words are not deleted: ${removed.reason}`);
		}
	}
}
