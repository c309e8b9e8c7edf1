/** What the engine needs of the app around it, and what it tells. */
import type { Authority } from '$lib/conversation/authority';
import type { DeviceDatabase, IdentityRow } from '$lib/identity/device-database';
import type { Timers } from '$lib/link/timers';
import type { CryptoPort } from '$lib/protocol/crypto';
import type { MessageRow, Store } from '$lib/store/types';
import type { ClockWatch } from '../clock-watch';
import type { ConsentSource } from '../consent.svelte';
import type { GroupGreetings } from '../contacts/people-contract';
import type { EventLog } from '../event-log';
import type { TypingPerson } from '../hot/hot-contract';

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

export interface EngineDeps {
	readonly crypto: CryptoPort;
	readonly database: DeviceDatabase;
	readonly identity: IdentityRow;
	readonly store: Store;
	readonly log: EventLog;
	readonly timers: Timers;
	readonly random: () => number;
	/** "wss://host/signal" and "wss://host/doc". */
	readonly signalling: string;
	readonly relay: string;
	readonly iceServers: readonly RTCIceServer[];
	readonly consent: ConsentSource;
	readonly clockWatch: Pick<ClockWatch, 'heard'>;
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
