/** What a connected conversation needs, and what it tells. */
import type { Authority } from '$lib/conversation/authority';
import type { DeviceDatabase } from '$lib/identity/device-database';
import type { Timers } from '$lib/link/timers';
import type { CryptoPort } from '$lib/protocol/crypto';
import type { ClockWatch } from '../clock-watch';
import type { ConsentSource } from '../consent.svelte';
import type { EventLog } from '../event-log';

/** Of the app, for all conversations. */
export interface ConversationSurroundings {
	readonly crypto: CryptoPort;
	readonly database: DeviceDatabase;
	readonly log: EventLog;
	readonly timers: Timers;
	readonly random: () => number;
	/** "wss://host/signal" and "wss://host/doc". */
	readonly signalling: string;
	readonly relay: string;
	readonly iceServers: readonly RTCIceServer[];
	readonly consent: ConsentSource;
	readonly clockWatch: Pick<ClockWatch, 'heard'>;
	/** After how many seconds what this person says there goes, as they want it; 0: it stays. */
	ownTimerS(conversation: string): number;
}

export interface HotConversationDeps extends ConversationSurroundings {
	/** Rings those whose devices keep this conversation cold. */
	ring(topic: string): void;
	/** Nothing is to be sent or taken in this conversation. */
	isSilent(conversation: string): boolean;
}

export interface HotConversationEvents {
	/** Connections, authority, delivery or history sync have changed. */
	changed(): void;
	authority(authority: Authority): void;
	typing(people: readonly TypingPerson[]): void;
	/** Another device writes as this one. */
	copied(): void;
}

export interface TypingPerson {
	readonly account: string;
	/** As they call themselves. */
	readonly name: string;
}
