/**
 * A conversation that is connected: its core, its disk, its swarm, its relay, and what flows between them. Made when
 * a conversation is opened or rung, closed when others have been used more recently.
 */
import { Conversation } from '$lib/conversation/conversation';
import type { Authority } from '$lib/conversation/authority';
import { EpochCourtesy } from '$lib/conversation/keys/epoch-courtesy';
import type { ConversationIdentity } from '$lib/conversation/ports';
import type { ReadPlace } from '$lib/conversation/reading';
import type { ConversationRecord, DeviceDatabase } from '$lib/identity/device-database';
import type { Link, LinkOwner } from '$lib/link/contract';
import { jittered, type Timers } from '$lib/link/timers';
import { toBase64url } from '$lib/protocol/base64url';
import { HybridClock } from '$lib/protocol/clock';
import type { CryptoPort } from '$lib/protocol/crypto';
import { PeerHandshake } from '$lib/protocol/handshake';
import { accountIdOf, controlSegment } from '$lib/protocol/ids';
import { meetingOf, type Meeting } from '$lib/protocol/meeting';
import { fail, ok } from '$lib/protocol/result';
import { hpkeSealPort } from '$lib/protocol/seal';
import { DiskDocuments } from '$lib/replicas/disk';
import { DeviceJournal } from '$lib/replicas/journal';
import { KeptEpochs } from '$lib/replicas/kept-epochs';
import { Budget, Pauses } from '$lib/replicas/peer-budget';
import { PeerSync } from '$lib/replicas/peer-sync';
import { RelayReplica } from '$lib/replicas/relay/relay-replica';
import { openSwarm, pageSwarmDeps, type Swarm } from '$lib/replicas/swarm/swarm';
import { emptyAnswer, largestSyncFrameBytes, outboundFrames, readYjsFrame } from '$lib/replicas/yjs-frames';
import type { CursorRow } from '$lib/store/types';
import type { EventLog } from './event-log';
import { Farewells } from './farewells';
import type { ConsentSource } from './consent.svelte';
import { ConversationPresence, isInnocent } from './presence';
import type { Projector } from './projector';
import { yieldTurn } from './yield-turn';

const maxPeers = 10;
const webrtcUpdateBytes = 128 * 1024;
const frontierEveryMs = 2_000;
/** Lets a burst of entries settle before the first frontier after it. */
const frontierDelayMs = 50;
const compareEveryMs = 30_000;
/** A relay that refused is asked again about every ten minutes. */
const refusedEveryComparisons = 20;
/** No word from anybody for this long after opening: say that we wait rather than that we connect. */
const connectingMs = 8_000;
const violationsLimit = 5;
const drainPollMs = 20;
const saveEveryMs = 1_000;

export interface HotConversationDeps {
	readonly crypto: CryptoPort;
	readonly database: DeviceDatabase;
	readonly log: EventLog;
	readonly timers: Timers;
	readonly random: () => number;
	readonly signalling: string;
	readonly relay: string;
	readonly iceServers: readonly RTCIceServer[];
	readonly consent: ConsentSource;
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
}

export interface TypingPerson {
	readonly account: string;
	/** As they call themselves. */
	readonly name: string;
}

interface Peer {
	readonly link: Link;
	readonly sync: PeerSync;
	/** For frames, by their bytes: those that bring something new are paid back. */
	readonly bytes: Budget;
	violations: number;
}

const budgetBytes = 32 * 1024 * 1024;
const budgetBytesPerSecond = 2 * 1024 * 1024;

export class HotConversation implements LinkOwner {
	readonly peerByLink = new Map<number, Peer>();
	readonly #pauses = new Pauses();
	readonly #openedAtMs: number;
	readonly #compared: Map<number, number>;
	#conversation!: Conversation;
	#farewells!: Farewells;
	#presence!: ConversationPresence;
	/** Asked for before what stands there was loaded, it is asked for again. */
	#readPlace: ReadPlace | null = null;
	#courtesy: EpochCourtesy | null = null;
	readonly #meeting: Meeting;
	#swarm: Swarm | null = null;
	#relay: RelayReplica | null = null;
	#frontierCounter = 0;
	#frontierDueMs: number | null = null;
	#sentFrontierMs = 0;
	#cancelFrontier: () => void = () => undefined;
	#cancelCompare: () => void = () => undefined;
	#cancelSave: (() => void) | null = null;
	#cancelConnecting: () => void = () => undefined;
	#rangAtMs = 0;
	/** Of the newest update of the control segment's document. */
	#controlOrigin: unknown = null;
	#comparisons = 0;
	#quiet: Promise<void> = Promise.resolve();
	#closing: Promise<void> | null = null;

	private constructor(
		readonly record: ConversationRecord,
		readonly identity: ConversationIdentity,
		readonly documents: DiskDocuments,
		readonly deps: HotConversationDeps,
		readonly projector: Projector,
		readonly events: HotConversationEvents
	) {
		this.#openedAtMs = deps.timers.now();
		this.#compared = new Map(record.relayComparedAtMs);
		this.#meeting = meetingOf(identity.conversation, identity.meeting);
	}

	/** Loads the conversation from disk; nothing is connected before `connect`. */
	static async open(
		record: ConversationRecord,
		identity: ConversationIdentity,
		cursors: readonly CursorRow[],
		deps: HotConversationDeps,
		projector: Projector,
		events: HotConversationEvents
	): Promise<HotConversation> {
		const { crypto, database, log, timers } = deps;
		const documents = new DiskDocuments(
			database,
			identity.conversation,
			record.id,
			crypto.subtle,
			(segment, rows) => log.note(`${rows} damaged rows of segment ${segment} were set aside`),
			database.onLost,
			yieldTurn
		);
		const hot = new HotConversation(record, identity, documents, deps, projector, events);
		hot.#conversation = await Conversation.open(
			identity,
			{
				crypto,
				clock: new HybridClock(timers.now),
				seals: hpkeSealPort(),
				journal: new DeviceJournal(database, record.id),
				epochs: new KeptEpochs(database, record.id),
				documents,
				projection: projector,
				yieldTurn,
				sharing: () => deps.consent.consentIn(record.id)
			},
			{
				cursors,
				delivery: record.delivery ?? undefined,
				reading: record.reading,
				newestSegmentHint: record.newestSegmentHint
			},
			{
				admitted: (segment, runs, origin) => hot.#admitted(segment, runs, origin),
				authorityChanged: (authority) => {
					hot.#quietIfLeft();
					hot.#partWithRemoved();
					hot.#presence?.look();
					hot.#courtesy?.look();
					events.authority(authority);
					events.changed();
				},
				deliveryChanged: () => {
					hot.#quietIfLeft();
					hot.#saveSoon();
					events.changed();
				},
				epochsChanged: () => {
					hot.#relay?.keysChanged();
					hot.#courtesy?.look();
				},
				rejected: (reason) => log.reject(reason)
			}
		);
		hot.#farewells = new Farewells(hot.#conversation, timers);
		const { presences } = hot.#conversation;
		hot.#presence = new ConversationPresence(
			{
				timers,
				consent: () => deps.consent.consentIn(record.id),
				create: (state) => presences.create(state),
				receive: (bytes) => presences.receive(bytes),
				lastWords: () => hot.#conversation.lastWords,
				changed: () => {
					events.typing(hot.#typing);
					events.changed();
				}
			},
			record.seen
		);
		for (const frontier of record.frontiers) await hot.#conversation.receiveFrontier(frontier);
		return hot;
	}

	get conversation(): Conversation {
		return this.#conversation;
	}

	get presence(): ConversationPresence {
		return this.#presence;
	}

	get #typing(): readonly TypingPerson[] {
		const { memberByAccount } = this.#conversation.authority;
		const typing = this.#presence.typing.flatMap((account) => memberByAccount.get(account) ?? []);
		return typing.filter(({ left }) => !left);
	}

	/** What this person lets the others know has changed. */
	consentChanged(): void {
		this.#presence.look();
		this.#frontierSoon();
		this.events.changed();
	}

	/** All messages up to a place have been read. */
	markRead(place: ReadPlace): void {
		this.#readPlace = place;
		if (!this.#conversation.markRead(place)) return;
		this.#frontierSoon();
		this.#saveSoon();
	}

	/** Joins the swarm and the relay; not if this account has left and everybody can know. */
	connect(): void {
		if (this.#swarm !== null || this.#closing !== null || this.#isOver) return;
		if (this.#readPlace !== null) this.markRead(this.#readPlace);
		const { deps } = this;
		void this.#conversation.document(controlSegment).then((control) => {
			if (this.#swarm !== null || this.#closing !== null) return;
			this.#swarm = openSwarm({
				doc: control.doc,
				room: this.#meeting.room,
				password: this.#meeting.roomPassword,
				signalling: [deps.signalling],
				iceServers: deps.iceServers,
				owner: this,
				maxPeers,
				deps: pageSwarmDeps()
			});
			this.#relay = new RelayReplica({
				conversation: this.#conversation,
				url: deps.relay,
				longestRetryMs: jittered(10_000, 0.5, deps.random),
				nowMs: deps.timers.now,
				comparedAtMs: this.#compared,
				onChange: () => {
					this.#frontierSoon();
					this.events.changed();
				},
				onViolation: (reason) => deps.log.reject(`relay: ${reason}`)
			});
			this.#courtesy = new EpochCourtesy(this.#conversation, deps.timers, (reason) =>
				deps.log.note(`nothing was done about an epoch: ${reason}`)
			);
			this.#courtesy.look();
			this.#scheduleCompare();
			this.#cancelConnecting = deps.timers.after(connectingMs, () => this.events.changed());
		});
	}

	/** This account has been removed; or has left, and another replica holds that it has. */
	get #isOver(): boolean {
		if (this.deps.isSilent(this.record.id)) return true;
		const { authority, account } = this.#conversation;
		if (authority.capsByGrant.has(toBase64url(this.identity.grant))) return true;
		const member = authority.memberByAccount.get(account);
		// Removed under an earlier grant: whether this one counts, the others know.
		if (member === undefined || member.removed) return false;
		return member.left && this.#conversation.waiting().segments.size === 0;
	}

	/** Links to devices of people who have just been removed are for telling them so, and nothing else. */
	#partWithRemoved(): void {
		if (this.#swarm === null) return;
		for (const { link, sync } of [...this.peerByLink.values()]) {
			if (!this.#farewells.isRemoved(link.peer.account)) continue;
			sync.close();
			this.peerByLink.delete(link.id);
			this.#farewells.begin(link);
		}
		this.#farewells.look();
	}

	/** Whether it is to be silent may have changed. */
	lookWhetherOver(): void {
		this.#quietIfLeft();
		this.connect();
	}

	/** What the others say after one has left is theirs: nothing is fetched any more. `connect` begins again. */
	#quietIfLeft(): void {
		const [swarm, relay] = [this.#swarm, this.#relay];
		if (swarm === null || this.#closing !== null || !this.#isOver) return;
		this.#swarm = null;
		this.#relay = null;
		this.#courtesy?.close();
		this.#courtesy = null;
		this.#cancelCompare();
		this.#quiet = Promise.all([this.#quiet, swarm.close(), relay?.close()]).then(() => this.events.changed());
	}

	get relayConnected(): boolean {
		return this.#relay?.connected ?? false;
	}

	get relayState(): string {
		if (this.#relay === null) return 'closed';
		return this.#relay.refused ? 'refused' : this.#relay.connected ? 'connected' : 'connecting';
	}

	/** Still in the first seconds after opening, when nothing can be said yet. */
	get connecting(): boolean {
		return this.deps.timers.now() - this.#openedAtMs < connectingMs;
	}

	/** History that is known to be missing, and whether it is being fetched or made readable. */
	get history(): { readonly missing: number; readonly fetching: boolean } {
		let missing = 0;
		let fetching = this.#conversation.isFolding || (this.#relay?.comparing ?? false);
		for (const { sync } of this.peerByLink.values()) {
			missing = Math.max(missing, sync.missing);
			fetching ||= sync.pulling;
		}
		return { missing, fetching };
	}

	/** The network is back or the page awake: try everything at once. */
	wake(): void {
		this.#relay?.reconnect();
		this.#swarm?.reannounce();
		for (const { sync } of this.peerByLink.values()) sync.announce();
	}

	close(): Promise<void> {
		this.#closing ??= this.#close();
		return this.#closing;
	}

	async #close(): Promise<void> {
		this.#cancelFrontier();
		this.#cancelCompare();
		this.#cancelSave?.();
		this.#cancelConnecting();
		this.#presence.close();
		this.#courtesy?.close();
		for (const { sync } of this.peerByLink.values()) sync.close();
		await Promise.all([this.#quiet, this.#swarm?.close(), this.#relay?.close()]);
		await this.#save();
		await this.#conversation.close();
	}

	// --- links -------------------------------------------------------------------------------------------------

	newHandshake(): ReturnType<LinkOwner['newHandshake']> {
		const { conversation, certificate, devicePrivateKey } = this.identity;
		const run = new PeerHandshake({
			crypto: this.deps.crypto,
			conversation,
			epochs: this.#conversation.keys.handshakeEpochs,
			certificate,
			devicePrivateKey
		});
		return {
			hello: () => run.hello(),
			prove: (hello, transcript) => run.prove(hello, transcript),
			verify: async (proof) => {
				const peer = await run.verify(proof);
				if (!peer.ok) return peer;
				const device = toBase64url(peer.value.device);
				if (this.#pauses.isPaused(device, this.deps.timers.now())) return fail('peer-paused');
				return ok({ account: accountIdOf(peer.value.account), device });
			}
		};
	}

	onOpen(link: Link): void {
		if (this.#farewells.isRemoved(link.peer.account)) {
			this.deps.log.reject('peer: removed');
			return this.#farewells.begin(link);
		}
		const sync = new PeerSync(this.#conversation, {
			send: (frame) => link.send('sync', frame),
			queuedBytes: () => link.queuedBytes,
			drained: () => this.#drained(link),
			violation: (reason) => this.#violated(link, reason),
			heard: (frontier) => this.#passFrontier(frontier, link),
			progress: () => this.events.changed()
		});
		const bytes = new Budget(budgetBytes, budgetBytesPerSecond, this.deps.timers.now());
		this.peerByLink.set(link.id, { link, sync, bytes, violations: 0 });
		this.deps.log.note(`linked with ${link.peer.account.slice(0, 8)}`);
		sync.announce();
		for (const frontier of this.#conversation.frontiers) sync.sendFrontier(frontier);
		this.#presence.opened(link);
		this.#frontierSoon();
		this.events.changed();
	}

	async onMessage(link: Link, channel: 'control' | 'sync', message: Uint8Array): Promise<void> {
		const peer = this.peerByLink.get(link.id);
		if (peer === undefined) return;
		if (channel === 'control') return this.#heardPresence(link, message);
		const before = this.#conversation.entriesHeld;
		await peer.sync.receive(message);
		// What brought nothing new costs; a peer that only repeats itself is cut off.
		const useless = this.#conversation.entriesHeld === before;
		if (useless && !peer.bytes.take(message.length, this.deps.timers.now()))
			this.#violated(link, 'useless-bytes');
	}

	async #heardPresence(link: Link, message: Uint8Array): Promise<void> {
		const heard = await this.#presence.received(link, message);
		// What names somebody or an epoch that is not known here yet is early rather than wrong.
		if (heard.ok || heard.reason === 'presence-lane' || heard.reason === 'presence-epoch') return;
		if (isInnocent(heard.reason)) this.deps.log.reject(`peer: ${heard.reason}`);
		else this.#violated(link, heard.reason);
	}

	async guardInbound(link: Link, frame: Uint8Array): Promise<readonly Uint8Array[]> {
		const read = readYjsFrame(frame);
		if (!read.ok) {
			this.#violated(link, `webrtc-${read.reason}`);
			return [];
		}
		switch (read.value.type) {
			case 'state-vector':
				return [frame];
			case 'presence':
				return [];
			case 'other':
				this.#violated(link, 'webrtc-type');
				return [];
			default: {
				const { update } = read.value;
				const report = await this.#conversation.ingest(controlSegment, update, link, largestSyncFrameBytes);
				for (const reason of report.violations) this.#violated(link, reason);
				if (report.gap) this.peerByLink.get(link.id)?.sync.announce();
				return read.value.type === 'answer' ? [emptyAnswer()] : [];
			}
		}
	}

	guardOutbound(frame: Uint8Array, link: Link): readonly Uint8Array[] {
		const read = readYjsFrame(frame);
		// Who was removed is asked what they have, and given nothing: they may have joined again.
		if (this.#farewells.has(link)) return read.ok && read.value.type === 'state-vector' ? [frame] : [];
		// y-webrtc sends an update to everybody, also to whom it came from.
		if (read.ok && read.value.type === 'update' && this.#controlOrigin === link) return [];
		return outboundFrames(frame, webrtcUpdateBytes);
	}

	onClose(link: Link, reason: string): void {
		this.peerByLink.get(link.id)?.sync.close();
		this.peerByLink.delete(link.id);
		this.#farewells.end(link);
		this.#presence.linkClosed(link);
		this.deps.log.note(`link to ${link.peer.account.slice(0, 8)} closed: ${reason}`);
		this.events.changed();
	}

	onViolation(reason: string): void {
		this.deps.log.reject(`link: ${reason}`);
	}

	#violated(link: Link, reason: string): void {
		const peer = this.peerByLink.get(link.id);
		if (peer === undefined) return;
		peer.violations++;
		this.deps.log.reject(`peer: ${reason}`);
		if (peer.violations < violationsLimit) return;
		this.#pauses.add(link.peer.device, this.deps.timers.now());
		link.close('violations');
	}

	#drained(link: Link): Promise<void> {
		return new Promise((resolve) => {
			const look = (): void => {
				if (!this.peerByLink.has(link.id) || link.queuedBytes < webrtcUpdateBytes * 2) resolve();
				else this.deps.timers.after(drainPollMs, look);
			};
			look();
		});
	}

	// --- what flows --------------------------------------------------------------------------------------------

	#admitted(segment: number, runs: Parameters<PeerSync['pass']>[1], origin: unknown): void {
		// y-webrtc passes the control segment on by itself.
		if (segment !== controlSegment) {
			for (const { sync } of this.peerByLink.values()) if (sync !== origin) sync.pass(segment, runs);
		}
		this.#frontierSoon();
		this.#relay?.arrange();
		if (origin === this.#conversation) this.#ringSoon();
	}

	#ringSoon(): void {
		const now = this.deps.timers.now();
		if (now - this.#rangAtMs < frontierEveryMs) return;
		this.#rangAtMs = now;
		this.deps.ring(this.#meeting.bell);
	}

	#passFrontier(frontier: Uint8Array, from: Link): void {
		for (const { link, sync } of this.peerByLink.values()) if (link !== from) sync.sendFrontier(frontier);
		this.#saveSoon();
	}

	/** At most every two seconds; the first after a pause almost at once. */
	#frontierSoon(): void {
		if (this.#frontierDueMs !== null || this.#closing !== null) return;
		const { timers } = this.deps;
		const due = Math.max(timers.now() + frontierDelayMs, this.#sentFrontierMs + frontierEveryMs);
		this.#frontierDueMs = due;
		this.#cancelFrontier = timers.after(due - timers.now(), () => void this.#sendFrontier());
	}

	async #sendFrontier(): Promise<void> {
		this.#frontierDueMs = null;
		this.#sentFrontierMs = this.deps.timers.now();
		// What we say that we hold, the disk has to hold.
		const heads = this.#conversation.heldHeads();
		if (!(await this.documents.flush())) return this.#frontierSoon();
		this.#frontierCounter = Math.max(this.#frontierCounter + 1, this.#sentFrontierMs);
		const frontier = await this.#conversation.frontier(this.#frontierCounter, heads);
		if (frontier === null || this.#closing !== null) return;
		for (const { sync } of this.peerByLink.values()) sync.sendFrontier(frontier);
		this.#relay?.sendFrontier(frontier);
	}

	/** Nothing waits for an event alone: inventories are compared on a timer as well. */
	#scheduleCompare(): void {
		const { timers, random } = this.deps;
		this.#cancelCompare = timers.after(jittered(compareEveryMs, 0.2, random), () => {
			this.#scheduleCompare();
			for (const { sync } of this.peerByLink.values()) {
				sync.announce();
				sync.retry();
			}
			this.#relay?.arrange();
			if (++this.#comparisons % refusedEveryComparisons === 0) this.#relay?.retryRefused();
		});
	}

	// --- keeping -----------------------------------------------------------------------------------------------

	#saveSoon(): void {
		this.#cancelSave ??= this.deps.timers.after(saveEveryMs, () => {
			this.#cancelSave = null;
			void this.#save();
		});
	}

	async #save(): Promise<void> {
		const { database, log } = this.deps;
		const saved = await database.updateConversation(this.record.id, (record) => ({
			...record,
			name: this.#conversation.authority.name || record.name,
			newestSegmentHint: Math.max(record.newestSegmentHint, this.#conversation.newestSegment),
			delivery: this.#conversation.delivery,
			reading: this.#conversation.reading,
			frontiers: this.#conversation.frontiers,
			seen: this.#presence.seen,
			relayComparedAtMs: [...this.#compared]
		}));
		if (!saved.ok && saved.reason !== 'fenced')
			log.note(`the state of a conversation was not kept: ${saved.reason}`);
	}
}
