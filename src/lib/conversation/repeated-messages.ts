/**
 * Which of several copies of a message counts: the one with the lowest id, whoever comes first. Copies are made when a
 * lane is forked, by each of the author's devices that knows what stood in it.
 */
export class RepeatedMessages {
	readonly #idByOrigin = new Map<string, string>();

	/** @param origin id of the entry in which it was said first */
	has(account: string, origin: string): boolean {
		return this.#idByOrigin.has(`${account}/${origin}`);
	}

	/** @returns the id of the copy that does not count (any more), or null if there is no other */
	add(account: string, origin: string, id: string): string | null {
		const key = `${account}/${origin}`;
		const known = this.#idByOrigin.get(key);
		if (known === id) return null;
		if (known !== undefined && known < id) return id;
		this.#idByOrigin.set(key, id);
		return known ?? null;
	}
}
