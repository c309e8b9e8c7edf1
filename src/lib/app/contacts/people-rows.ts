/** The device's rows about people: read once, held in memory, written one change after the other. */
import type { JournalFailure } from '$lib/conversation/ports';
import { SerialQueue } from '$lib/conversation/serial-queue';
import {
	newContact,
	noReachability,
	type ContactRow,
	type IntroductionRow,
	type ReachabilityRow,
	type RequestRow
} from '$lib/identity/contacts';
import type { DeviceDatabase } from '$lib/identity/device-database';
import { ok, type Result } from '$lib/protocol/result';

/** What is to be written together; null deletes. */
export interface PeopleChange {
	readonly contacts?: readonly ContactRow[];
	readonly requests?: ReadonlyMap<string, RequestRow | null>;
	readonly introductions?: ReadonlyMap<string, IntroductionRow | null>;
	readonly reachability?: ReachabilityRow;
	/** By key: see unsaid-words.ts. */
	readonly drafts?: ReadonlyMap<string, string>;
}

export class PeopleRows {
	readonly #queue = new SerialQueue();
	readonly #contacts = new Map<string, ContactRow>();
	readonly #requests = new Map<string, RequestRow>();
	reachability: ReachabilityRow = noReachability;

	constructor(
		readonly database: DeviceDatabase,
		readonly changed: () => void
	) {}

	async load(): Promise<void> {
		const { db } = this.database;
		const [contacts, requests, reachability] = await Promise.all([
			db.getAll('contacts'),
			db.getAll('requests'),
			db.get('reachability', 'self')
		]);
		for (const row of contacts) this.#contacts.set(row.account, row);
		for (const row of requests) this.#requests.set(row.account, row);
		this.reachability = reachability ?? noReachability;
	}

	get contacts(): readonly ContactRow[] {
		return [...this.#contacts.values()];
	}

	get requests(): readonly RequestRow[] {
		return [...this.#requests.values()];
	}

	contact(account: string): ContactRow | undefined {
		return this.#contacts.get(account);
	}

	request(account: string): RequestRow | undefined {
		return this.#requests.get(account);
	}

	/**
	 * Works out a change from what stands now, and writes it as one; no other change comes in between.
	 * @param work gives null for nothing to do; what it reads of the database is as it stands too
	 */
	change(
		work: () => PeopleChange | null | Promise<PeopleChange | null>
	): Promise<Result<void, JournalFailure>> {
		return this.#queue.run(async () => {
			const change = await work();
			if (change === null) return ok(undefined);
			const written = await this.#write(change);
			if (!written.ok) return written;
			for (const row of change.contacts ?? []) this.#contacts.set(row.account, row);
			for (const [account, row] of change.requests ?? []) {
				if (row === null) this.#requests.delete(account);
				else this.#requests.set(account, row);
			}
			if (change.reachability !== undefined) this.reachability = change.reachability;
			this.changed();
			return written;
		});
	}

	/**
	 * Changes an introduction that is on its way, if it is still to be: it may have been answered or taken back meanwhile.
	 * @param work gives null if it is done with, or the same row if there is nothing to change
	 */
	changeIntroduction(
		conversation: string,
		work: (row: IntroductionRow) => IntroductionRow | null
	): Promise<Result<void, JournalFailure>> {
		return this.change(async () => {
			const row = await this.database.db.get('introductions', conversation);
			if (row === undefined) return null;
			const next = work(row);
			return next === row ? null : { introductions: new Map([[conversation, next]]) };
		});
	}

	/** One contact, made if they are not known. */
	changeContact(
		account: string,
		work: (row: ContactRow) => ContactRow
	): Promise<Result<void, JournalFailure>> {
		return this.change(() => {
			const row = this.#contacts.get(account) ?? newContact(account);
			const next = work(row);
			return next === row ? null : { contacts: [next] };
		});
	}

	/** Resolves when nothing is being written. */
	idle(): Promise<void> {
		return this.#queue.idle();
	}

	#write(change: PeopleChange): Promise<Result<void, JournalFailure>> {
		const { contacts = [], requests = new Map(), introductions = new Map(), reachability } = change;
		const stores = ['contacts', 'requests', 'introductions', 'reachability', 'drafts'] as const;
		return this.database.strictWrite(stores, (tx) => [
			...contacts.map((row) => tx.objectStore('contacts').put(row)),
			...[...requests].map(([account, row]) =>
				row === null ? tx.objectStore('requests').delete(account) : tx.objectStore('requests').put(row)
			),
			...[...introductions].map(([conversation, row]) =>
				row === null
					? tx.objectStore('introductions').delete(conversation)
					: tx.objectStore('introductions').put(row)
			),
			...[...(change.drafts ?? [])].map(([key, text]) => tx.objectStore('drafts').put(text, key)),
			...(reachability === undefined ? [] : [tx.objectStore('reachability').put(reachability, 'self')])
		]);
	}
}
