/** Where a conversation is connected: its swarm and its relay, while there is something to say or to hear there. */
import type { Conversation } from '$lib/conversation/conversation';
import { EpochCourtesy } from '$lib/conversation/keys/epoch-courtesy';
import { jittered, type Timers } from '$lib/link/timers';
import { toBase64url } from '$lib/protocol/base64url';
import { controlSegment } from '$lib/protocol/ids';
import type { Meeting } from '$lib/protocol/meeting';
import { RelayReplica } from '$lib/replicas/relay/relay-replica';
import { openSwarm, pageSwarmDeps, type Swarm } from '$lib/replicas/swarm/swarm';
import type { EventLog } from '../event-log';
import type { PeerLinks } from './peer-links';

const maxPeers = 10;
const compareEveryMs = 30_000;
/** A relay that refused is asked again about every ten minutes. */
const refusedEveryComparisons = 20;
/** No word from anybody for this long after opening: say that we wait rather than that we connect. */
const connectingMs = 8_000;

export interface ConnectionsDeps {
	readonly timers: Timers;
	readonly random: () => number;
	readonly log: EventLog;
	/** "wss://host/signal" and "wss://host/doc". */
	readonly signalling: string;
	readonly relay: string;
	readonly iceServers: readonly RTCIceServer[];
	readonly meeting: Meeting;
	readonly conversation: Conversation;
	readonly links: PeerLinks;
	/** When (ms) older segments were last compared with the relay to the end. */
	readonly comparedAtMs: Map<number, number>;
	/** Nothing is to be sent or taken in this conversation. */
	isSilent(): boolean;
	/** Of the relay, or of whether there is any connection at all. */
	changed(): void;
	/** The relay has taken or brought something. */
	relayed(): void;
}

export class Connections {
	readonly #openedAtMs: number;
	#swarm: Swarm | null = null;
	#relay: RelayReplica | null = null;
	#courtesy: EpochCourtesy | null = null;
	#cancelCompare: () => void = () => undefined;
	#cancelConnecting: () => void = () => undefined;
	#comparisons = 0;
	#quiet: Promise<void> = Promise.resolve();
	#closed = false;

	constructor(readonly deps: ConnectionsDeps) {
		this.#openedAtMs = deps.timers.now();
	}

	/** Not connected yet, and there is something to say or to hear: not once this account has left and others know. */
	get mayConnect(): boolean {
		return this.#swarm === null && !this.#closed && !this.#isOver;
	}

	/** Joins the swarm and the relay, if it may. */
	connect(): void {
		if (!this.mayConnect) return;
		const { conversation, meeting, signalling, iceServers, links, timers, random, log } = this.deps;
		void conversation.document(controlSegment).then((control) => {
			if (this.#swarm !== null || this.#closed) return;
			links.follow(control.doc);
			this.#swarm = openSwarm({
				doc: control.doc,
				room: meeting.room,
				password: meeting.roomPassword,
				signalling: [signalling],
				iceServers,
				owner: links,
				maxPeers,
				deps: pageSwarmDeps()
			});
			this.#relay = new RelayReplica({
				conversation,
				url: this.deps.relay,
				longestRetryMs: jittered(10_000, 0.5, random),
				nowMs: timers.now,
				comparedAtMs: this.deps.comparedAtMs,
				onChange: () => this.deps.relayed(),
				onViolation: (reason) => log.reject(`relay: ${reason}`)
			});
			this.#courtesy = new EpochCourtesy(conversation, timers, (reason) =>
				log.note(`nothing was done about an epoch: ${reason}`)
			);
			this.#courtesy.look();
			this.#scheduleCompare();
			this.#cancelConnecting = timers.after(connectingMs, () => this.deps.changed());
		});
	}

	/**
	 * What the others say after one has left is theirs: nothing is fetched any more once that is known to another
	 * replica. `connect` begins again.
	 */
	quietIfOver(): void {
		const [swarm, relay] = [this.#swarm, this.#relay];
		if (swarm === null || this.#closed || !this.#isOver) return;
		this.#swarm = null;
		this.#relay = null;
		this.#courtesy?.close();
		this.#courtesy = null;
		this.#cancelCompare();
		this.#quiet = Promise.all([this.#quiet, swarm.close(), relay?.close()]).then(() => this.deps.changed());
	}

	/** The swarm is joined, or being joined. */
	get inSwarm(): boolean {
		return this.#swarm !== null;
	}

	/** Null while there is no connection to it. */
	get relay(): RelayReplica | null {
		return this.#relay;
	}

	/** Still in the first seconds after opening, when nothing can be said yet. */
	get connecting(): boolean {
		return this.deps.timers.now() - this.#openedAtMs < connectingMs;
	}

	/** The network is back or the page awake: try everything at once. */
	wake(): void {
		this.#relay?.reconnect();
		this.#swarm?.reannounce();
		for (const sync of this.deps.links.syncs) sync.announce();
	}

	/** The fold has changed: an epoch may be wanting. */
	authorityChanged(): void {
		this.#relay?.rulesChanged();
		this.#courtesy?.look();
	}

	/** Other epochs are held, or another one is written under. */
	keysChanged(): void {
		this.#relay?.keysChanged();
		this.#relay?.rulesChanged();
		this.deps.links.epochsChanged();
		this.#courtesy?.look();
	}

	/** Resolves when the swarm and the relay are left. */
	async close(): Promise<void> {
		this.#closed = true;
		this.#cancelCompare();
		this.#cancelConnecting();
		this.#courtesy?.close();
		this.deps.links.close();
		await Promise.all([this.#quiet, this.#swarm?.close(), this.#relay?.close()]);
	}

	/** This account has been removed; or has left, and another replica holds that it has. */
	get #isOver(): boolean {
		if (this.deps.isSilent()) return true;
		const { conversation } = this.deps;
		const { authority, account, identity } = conversation;
		if (authority.capsByGrant.has(toBase64url(identity.grant))) return true;
		const member = authority.memberByAccount.get(account);
		// Removed under an earlier grant: whether this one counts, the others know.
		if (member === undefined || member.removed) return false;
		return member.left && conversation.waiting().segments.size === 0;
	}

	/** Nothing waits for an event alone: inventories are compared on a timer as well. */
	#scheduleCompare(): void {
		const { timers, random } = this.deps;
		this.#cancelCompare = timers.after(jittered(compareEveryMs, 0.2, random), () => {
			this.#scheduleCompare();
			for (const sync of this.deps.links.syncs) {
				sync.announce();
				sync.retry();
			}
			this.#relay?.arrange();
			if (++this.#comparisons % refusedEveryComparisons === 0) this.#relay?.retryRefused();
		});
	}
}
