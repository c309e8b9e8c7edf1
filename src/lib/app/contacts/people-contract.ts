/** What the acts on people need of the app around them. */
import type { JournalFailure } from '$lib/conversation/ports';
import type { DeviceDatabase, IdentityRow } from '$lib/identity/device-database';
import type { Timers } from '$lib/link/timers';
import type { Greeting } from '$lib/conversation/greetings';
import type { DeviceCertificate } from '$lib/protocol/certificates';
import type { CryptoPort } from '$lib/protocol/crypto';
import type { Result } from '$lib/protocol/result';
import type { PageMoments } from '$lib/replicas/swarm/page-moments';
import type { Topics } from '$lib/replicas/swarm/signalling-topics';
import type { Store } from '$lib/store/types';
import type { EventLog } from '../event-log';
import type { RequestView } from '../contract';
import type { Companion } from './companions';
import type { ShownPeople } from './contacts.svelte';

/** A member of a group to whom one wants to write; both ids base64url. */
export interface MemberAddress {
	readonly group: string;
	readonly account: string;
}

/** First words that a group holds for whomever they open. */
export interface GroupGreetings {
	/** Id of the group, 32 bytes. */
	readonly group: Uint8Array;
	readonly greetings: readonly Greeting[];
}

/** What people need of the conversations. */
export interface DirectConversations {
	/** The direct conversation with the holder of a certificate that has been checked; made if it is not there. */
	direct(other: DeviceCertificate, name: string): Promise<Result<string, JournalFailure | 'agreement-key'>>;
	/** Somebody who is in a group that is open here, or waits to be let into it. */
	companion(account: string): Companion | null;
	/** Where first words to a member of a group go, and what they call themselves; null if they, or it, are not there. */
	member(
		group: string,
		account: string
	): Promise<{ readonly certificate: DeviceCertificate; readonly name: string } | null>;
	/**
	 * Says first words to a member of a group within it.
	 * @param text 1 … greetingTextLimitBytes
	 * @param draft key of the draft that this says; taken out in the same transaction
	 */
	greet(
		group: string,
		to: DeviceCertificate,
		text: string,
		draft: string
	): Promise<Result<unknown, JournalFailure | 'agreement-key'>>;
	/** @param draft see `greet` */
	say(conversation: string, text: string, draft: string): Promise<Result<unknown, JournalFailure>>;
	/** Whether it is to be silent has changed. */
	silenced(conversation: string): Promise<void>;
}

export interface PeopleDeps {
	readonly crypto: CryptoPort;
	readonly database: DeviceDatabase;
	readonly identity: IdentityRow;
	readonly store: Pick<Store, 'members'>;
	readonly log: EventLog;
	readonly timers: Timers;
	readonly random: () => number;
	/** "https://host/inbox" */
	readonly inboxUrl: string;
	readonly fetch: typeof fetch;
	readonly moments: PageMoments;
	/** Of the signalling server; asked for once there are conversations. */
	topics(): Topics;
	conversations(): DirectConversations;
	show(people: ShownPeople): void;
	/** Somebody who is not known here has written first; it has been kept. */
	asked(request: Pick<RequestView, 'name' | 'text'>): void;
}
