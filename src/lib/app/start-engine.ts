/** Puts the engine and what is done about people together. Loads their script: as much again as the first paint needs. */
import type { DeviceDatabase, IdentityRow } from '$lib/identity/device-database';
import { pageTimers } from '$lib/link/timers';
import type { CryptoPort } from '$lib/protocol/crypto';
import { pageMoments } from '$lib/replicas/swarm/page-moments';
import type { OpenOutcome, Store } from '$lib/store/types';
import type { RequestView } from './contract';
import type { ClockWatch } from './clock-watch';
import type { ConsentSource } from './consent.svelte';
import type { ShownPeople } from './contacts/contacts.svelte';
import type { People } from './contacts/people';
import type { Engine } from './engine/engine';
import type { EngineEvents } from './engine/engine-contract';
import { ownRelay } from './environment';
import type { EventLog } from './event-log';

export interface EngineSurroundings {
	readonly crypto: CryptoPort;
	readonly database: DeviceDatabase;
	readonly identity: IdentityRow;
	readonly store: Store;
	readonly log: EventLog;
	readonly consent: ConsentSource;
	readonly clockWatch: ClockWatch;
	/** After how many seconds what this person says there goes, as they want it; 0: it stays. */
	ownTimerS(conversation: string): number;
	readonly events: EngineEvents;
	/** What there is to see of people has changed. */
	show(people: ShownPeople): void;
	/** Somebody who is not known here has written first. */
	asked(request: Pick<RequestView, 'name' | 'text'>): void;
}

export interface StartedEngine {
	readonly engine: Engine;
	readonly people: People;
}

/**
 * Makes the engine; nothing is connected yet.
 * @param opening of the read model; awaited beside the loading of the script
 */
export async function makeEngine(
	{ consent, events, show, asked, ...shared }: EngineSurroundings,
	opening: Promise<OpenOutcome>
): Promise<StartedEngine> {
	const [opened, { Engine }, { People }] = await Promise.all([
		opening,
		import('./engine/engine'),
		import('./contacts/people')
	]);
	const { inbox, ...relay } = ownRelay(location);
	const people = new People({
		...shared,
		timers: pageTimers,
		random: Math.random,
		inboxUrl: inbox,
		fetch: (...request) => fetch(...request),
		moments: pageMoments,
		topics: () => engine.topics,
		conversations: () => engine,
		show,
		asked
	});
	await people.load();
	const engine: Engine = new Engine({
		...shared,
		timers: pageTimers,
		random: Math.random,
		...relay,
		iceServers: [],
		consent,
		rebuilds: opened.state !== 'ready',
		people: {
			isSilent: (id) => people.isSilent(id),
			described: (id, authority) => people.described(id, authority),
			greeted: (greetings) => people.greeted(greetings)
		},
		events
	});
	return { engine, people };
}
