/** What the engine needs of the app around it, and what it tells. */
import type { Authority } from '$lib/conversation/authority';
import type { IdentityRow } from '$lib/identity/device-database';
import type { MessageRow, Store } from '$lib/store/types';
import type { GroupGreetings } from '../contacts/people-contract';
import type { ConversationSurroundings, TypingPerson } from '../hot/hot-contract';

export interface EngineEvents {
	/** Something in the list of conversations may look different. */
	listed(): void;
	changed(conversation: string): void;
	/** Name, members or own membership. */
	described(conversation: string): void;
	/** The picture of a group as its members have set it; not looked at yet. */
	pictured(conversation: string, picture: Uint8Array | null): void;
	/** Whether this account is, or was, a member as far as is known here. */
	standing(conversation: string, isIn: boolean): void;
	arrived(conversation: string, messages: readonly MessageRow[]): void;
	stored(conversation: string, messages: readonly MessageRow[]): void;
	/** What is shown of messages may be different: something was said about them. */
	touched(conversation: string): void;
	/** Messages of this conversation are about to be withdrawn. */
	withdrawing(conversation: string): Promise<void>;
	withdrawn(conversation: string, ids: readonly string[]): void;
	typing(conversation: string, people: readonly TypingPerson[]): void;
	/** Somewhere another device has written as this one. */
	copied(): void;
	rebuilding(progress: { readonly done: number; readonly total: number } | null): void;
}

export interface EngineDeps extends ConversationSurroundings {
	readonly identity: IdentityRow;
	readonly store: Store;
	/** The read model is empty: `rebuild` will be called. */
	readonly rebuilds: boolean;
	readonly people: PeopleOfEngine;
	readonly events: EngineEvents;
}

/** What conversations have to do with people. */
export interface PeopleOfEngine {
	/** With somebody who is blocked: it is not connected. */
	isSilent(conversation: string): boolean;
	described(conversation: string, authority: Authority): void;
	/** A group holds first words to whomever they open. */
	greeted(greetings: GroupGreetings): void;
}
