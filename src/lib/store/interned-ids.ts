import type { SqlDriver } from './sql-driver';

/** Ids are long and repeat in every row: rows hold small numbers instead. Remembers the numbers it has looked up. */
export class InternedIds {
	readonly #conversationRefById = new Map<string, number>();
	readonly #accountRefById = new Map<string, number>();

	constructor(readonly driver: SqlDriver) {}

	/** The number of a conversation, or null if nothing is known of it. */
	knownConversation(id: string): number | null {
		const cached = this.#conversationRefById.get(id);
		if (cached !== undefined) return cached;
		const ref = this.driver.rows('select ref from conversation where id = ?', [id])[0]?.[0];
		if (ref === undefined) return null;
		this.#conversationRefById.set(id, Number(ref));
		return Number(ref);
	}

	/** The number of a conversation; a new one if nothing was known of it. Inside a transaction. */
	conversation(id: string): number {
		const known = this.knownConversation(id);
		if (known !== null) return known;
		const ref = Number(
			this.driver.rows('insert into conversation (id) values (?) returning ref', [id])[0]?.[0]
		);
		this.#conversationRefById.set(id, ref);
		return ref;
	}

	/** The number of an account; a new one if it was not known. Inside a transaction. */
	account(id: string): number {
		const cached = this.#accountRefById.get(id);
		if (cached !== undefined) return cached;
		const found =
			this.driver.rows('select ref from account where id = ?', [id])[0]?.[0] ??
			this.driver.rows('insert into account (id) values (?) returning ref', [id])[0]?.[0];
		const ref = Number(found);
		this.#accountRefById.set(id, ref);
		return ref;
	}

	/** To be called when a transaction failed or a conversation was forgotten: numbers may have become void. */
	clear(): void {
		this.#conversationRefById.clear();
		this.#accountRefById.clear();
	}
}
