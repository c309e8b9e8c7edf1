/**
 * A conversation that is connected: its core, its disk, its links, its relay, and what flows between them. Made when a
 * conversation is opened or rung, closed when others have been used more recently.
 */
import { Conversation } from '$lib/conversation/conversation';
import type { ConversationIdentity } from '$lib/conversation/ports';
import type { ReadPlace } from '$lib/conversation/reading';
import type { ConversationRecord } from '$lib/identity/device-database';
import { HybridClock } from '$lib/protocol/clock';
import { controlSegment } from '$lib/protocol/ids';
import { meetingOf, type Meeting } from '$lib/protocol/meeting';
import { hpkeSealPort } from '$lib/protocol/seal';
import { DiskDocuments } from '$lib/replicas/disk';
import { DeviceRedaction } from '$lib/replicas/disk-redaction';
import { DeviceJournal } from '$lib/replicas/journal';
import { KeptEpochs } from '$lib/replicas/kept-epochs';
import type { PeerSync } from '$lib/replicas/peer-sync';
import type { CursorRow } from '$lib/store/types';
import { ConversationPresence } from '../presence';
import type { Projector } from '../projector';
import { yieldTurn } from '../yield-turn';
import { Connections } from './connections';
import { FrontierSender } from './frontier-sender';
import type { HotConversationDeps, HotConversationEvents, TypingPerson } from './hot-contract';
import { PeerLinks, type Peer } from './peer-links';
import { RecordKeeper } from './record-keeper';

const ringEveryMs = 2_000;

export class HotConversation {
	readonly #compared: Map<number, number>;
	readonly #meeting: Meeting;
	readonly #keeper: RecordKeeper;
	#conversation!: Conversation;
	#presence!: ConversationPresence;
	#links!: PeerLinks;
	#connections!: Connections;
	#frontiers!: FrontierSender;
	/** Asked for before what stands there was loaded, it is asked for again. */
	#readPlace: ReadPlace | null = null;
	#rangAtMs = 0;
	#closing: Promise<void> | null = null;

	private constructor(
		readonly record: ConversationRecord,
		readonly identity: ConversationIdentity,
		readonly documents: DiskDocuments,
		readonly deps: HotConversationDeps,
		readonly projector: Projector,
		readonly events: HotConversationEvents
	) {
		this.#compared = new Map(record.relayComparedAtMs);
		this.#meeting = meetingOf(identity.conversation, identity.meeting);
		const { database, log, timers } = deps;
		this.#keeper = new RecordKeeper(record.id, {
			database,
			log,
			timers,
			current: (before) => this.#current(before)
		});
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
				redaction: new DeviceRedaction(database, documents, record.id),
				projection: projector,
				yieldTurn,
				sharing: () => deps.consent.consentIn(record.id),
				ownTimerS: () => deps.ownTimerS(record.id)
			},
			{
				cursors,
				delivery: record.delivery ?? undefined,
				reading: record.reading,
				newestSegmentHint: record.newestSegmentHint
			},
			{
				admitted: (segment, runs, origin) => hot.#admitted(segment, runs, origin),
				// The parts are made once the conversation is loaded; nothing is connected before.
				authorityChanged: (authority) => {
					hot.#connections?.quietIfOver();
					if (hot.#connections?.inSwarm === true) hot.#links.partWithRemoved();
					hot.#presence?.look();
					hot.#connections?.authorityChanged();
					hot.#keeper.saveSoon();
					events.authority(authority);
					events.changed();
				},
				deliveryChanged: () => {
					hot.#connections?.quietIfOver();
					hot.#keeper.saveSoon();
					events.changed();
				},
				epochsChanged: () => hot.#connections?.keysChanged(),
				copied: () => events.copied(),
				erasing: (segment) => void hot.#connections?.relay?.erase(segment),
				rejected: (reason) => log.reject(reason)
			}
		);
		hot.#assemble();
		for (const frontier of record.frontiers) await hot.#conversation.receiveFrontier(frontier);
		return hot;
	}

	#assemble(): void {
		const { deps, events, record, documents } = this;
		const { crypto, log, timers } = deps;
		const conversation = this.#conversation;
		const { presences } = conversation;
		this.#presence = new ConversationPresence(
			{
				timers,
				consent: () => deps.consent.consentIn(record.id),
				create: (state) => presences.create(state),
				receive: (bytes) => presences.receive(bytes),
				lastWords: () => conversation.lastWords,
				saidTime: (account, theirMs, isFirst) => void deps.clockWatch.heard(account, theirMs, isFirst),
				changed: () => {
					events.typing(this.#typing);
					events.changed();
				}
			},
			record.seen
		);
		this.#links = new PeerLinks({
			crypto,
			log,
			timers,
			conversation,
			presence: this.#presence,
			opened: () => this.#frontiers.soon(),
			heardFrontier: () => this.#keeper.saveSoon(),
			changed: () => events.changed()
		});
		this.#connections = new Connections({
			...deps,
			conversation,
			meeting: this.#meeting,
			links: this.#links,
			comparedAtMs: this.#compared,
			isSilent: () => deps.isSilent(record.id),
			changed: () => events.changed(),
			relayed: () => {
				this.#frontiers.soon();
				events.changed();
			}
		});
		this.#frontiers = new FrontierSender({
			timers,
			conversation,
			flush: () => documents.flush(),
			send: (frontier) => {
				for (const sync of this.#links.syncs) sync.sendFrontier(frontier);
				this.#connections.relay?.sendFrontier(frontier);
			}
		});
	}

	get conversation(): Conversation {
		return this.#conversation;
	}

	get presence(): ConversationPresence {
		return this.#presence;
	}

	get peers(): readonly Peer[] {
		return [...this.#links.peerByLink.values()];
	}

	get #typing(): readonly TypingPerson[] {
		const { memberByAccount } = this.#conversation.authority;
		const typing = this.#presence.typing.flatMap((account) => memberByAccount.get(account) ?? []);
		return typing.filter(({ left }) => !left);
	}

	/** What this person lets the others know has changed. */
	consentChanged(): void {
		this.#presence.look();
		this.#frontiers.soon();
		this.events.changed();
	}

	/** All messages up to a place have been read. */
	markRead(place: ReadPlace): void {
		this.#readPlace = place;
		if (!this.#conversation.markRead(place)) return;
		this.#frontiers.soon();
		this.#keeper.saveSoon();
	}

	/** Joins the swarm and the relay; not if this account has left and everybody can know. */
	connect(): void {
		if (!this.#connections.mayConnect) return;
		if (this.#readPlace !== null) this.markRead(this.#readPlace);
		this.#connections.connect();
	}

	/** Whether it is to be silent may have changed. */
	lookWhetherOver(): void {
		this.#connections.quietIfOver();
		this.connect();
	}

	get relayConnected(): boolean {
		return this.#connections.relay?.connected ?? false;
	}

	get relayState(): string {
		const { relay } = this.#connections;
		if (relay === null) return 'closed';
		return relay.refused ? 'refused' : relay.connected ? 'connected' : 'connecting';
	}

	/** Still in the first seconds after opening, when nothing can be said yet. */
	get connecting(): boolean {
		return this.#connections.connecting;
	}

	/** History that is known to be missing, and whether it is being fetched or made readable. */
	get history(): { readonly missing: number; readonly fetching: boolean } {
		let missing = 0;
		let fetching = this.#conversation.isFolding || (this.#connections.relay?.comparing ?? false);
		for (const sync of this.#links.syncs) {
			missing = Math.max(missing, sync.missing);
			fetching ||= sync.pulling;
		}
		return { missing, fetching };
	}

	/** The network is back or the page awake: try everything at once. */
	wake(): void {
		this.#connections.wake();
	}

	close(): Promise<void> {
		this.#closing ??= this.#close();
		return this.#closing;
	}

	async #close(): Promise<void> {
		this.#frontiers.close();
		this.#keeper.cancel();
		this.#presence.close();
		await this.#connections.close();
		await this.#keeper.save();
		await this.#conversation.close();
	}

	#admitted(segment: number, runs: Parameters<PeerSync['pass']>[1], origin: unknown): void {
		// y-webrtc passes the control segment on by itself.
		if (segment !== controlSegment) {
			for (const sync of this.#links?.syncs ?? []) if (sync !== origin) sync.pass(segment, runs);
		}
		this.#frontiers?.soon();
		this.#connections?.relay?.arrange();
		if (origin === this.#conversation) this.#ringSoon();
	}

	#ringSoon(): void {
		const now = this.deps.timers.now();
		if (now - this.#rangAtMs < ringEveryMs) return;
		this.#rangAtMs = now;
		this.deps.ring(this.#meeting.bell);
	}

	#current(before: ConversationRecord): ConversationRecord {
		const { authority, newestSegment, delivery, reading, frontiers } = this.#conversation;
		return {
			...before,
			name: authority.name || before.name,
			picture: authority.founded ? authority.picture : before.picture,
			newestSegmentHint: Math.max(before.newestSegmentHint, newestSegment),
			delivery,
			reading,
			frontiers,
			seen: this.#presence.seen,
			relayComparedAtMs: [...this.#compared]
		};
	}
}
