import type { Indexable } from './search-index';

/** What a write touched. */
export interface Touched {
	/** Numbers of the conversations whose summary may have changed. */
	readonly conversations: ReadonlySet<number>;
	/** True if content was taken away, so that old bytes may lie in the journal. */
	readonly erased: boolean;
}

/** What one transaction has gathered. */
export class Write implements Touched {
	readonly conversations = new Set<number>();
	readonly messageCountByRef = new Map<number, number>();
	readonly added: Indexable[] = [];
	readonly removed: Indexable[] = [];
	/** Ids that acts, copies and deletions name: what is shown of messages with these names may have changed. */
	readonly namedByRef = new Map<number, Set<string>>();
	erased = false;

	count(ref: number, more: number): void {
		this.messageCountByRef.set(ref, (this.messageCountByRef.get(ref) ?? 0) + more);
		this.conversations.add(ref);
	}

	name(ref: number, id: string): void {
		const named = this.namedByRef.get(ref) ?? new Set<string>();
		this.namedByRef.set(ref, named.add(id));
	}

	unindex(message: Indexable): void {
		this.erased = true;
		const waiting = this.added.findIndex(({ key }) => key === message.key);
		if (waiting >= 0) this.added.splice(waiting, 1);
		else this.removed.push(message);
	}
}
