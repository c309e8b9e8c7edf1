/**
 * What the relay keeps of inboxes. Guarantee of every implementation: when the promise of `put` or `delete` resolves,
 * what it says survives `kill -9` and loss of power; limits hold however many calls are under way.
 */
import type { InboxItem } from '../src/lib/protocol/inbox';
import type { Result } from '../src/lib/protocol/result';
import type { RelaySettings } from './settings';

export type InboxLimits = Pick<
	RelaySettings,
	'inboxItems' | 'inboxBytes' | 'inboxItemsPerSender' | 'inboxTotalBytes'
>;

/** inbox-share: this sender has left enough here until it is read or expires. */
export type InboxRefusal = 'inbox-full' | 'inbox-share' | 'relay-full';

export interface NewInboxItem {
	readonly id: Uint8Array;
	/** 8 bytes that are the same for one sender at one topic, in one run of the relay. */
	readonly sender: Uint8Array;
	readonly receivedSeconds: number;
	readonly expiresSeconds: number;
	readonly blob: Uint8Array;
}

export interface InboxStorage {
	/**
	 * Nothing that lies there is ever given up for something new.
	 * @returns the item as it is kept: of an id that is there already, the one that is there
	 */
	put(
		topic: Uint8Array,
		item: NewInboxItem,
		limits: InboxLimits
	): Promise<Result<{ readonly item: InboxItem; readonly isNew: boolean }, InboxRefusal>>;
	/** Oldest first, without what has expired. */
	list(topic: Uint8Array, nowSeconds: number): readonly InboxItem[];
	/** null if there is no such item, or no longer. */
	blob(topic: Uint8Array, id: Uint8Array, nowSeconds: number): Uint8Array | null;
	/** @returns false if there was no such item */
	delete(topic: Uint8Array, id: Uint8Array): Promise<boolean>;
	/** Drops what has expired, at most `limit` of it. @returns how many */
	sweep(nowSeconds: number, limit: number): Promise<number>;
	/** Of all items, as last committed. */
	readonly totals: { readonly items: number; readonly bytes: number };
	/** Waits for writes under way. */
	close(): Promise<void>;
}
