/**
 * The links of one conversation: whom we are linked with, what each may send, what they are sent. Violations are counted
 * here, and links to people who have been removed are only for telling them so (farewells.ts).
 */
import type { Doc } from 'yjs';
import type { Conversation } from '$lib/conversation/conversation';
import type { Link, LinkOwner } from '$lib/link/contract';
import type { Timers } from '$lib/link/timers';
import { toBase64url } from '$lib/protocol/base64url';
import type { CryptoPort } from '$lib/protocol/crypto';
import { PeerHandshake } from '$lib/protocol/handshake';
import { accountIdOf, controlSegment } from '$lib/protocol/ids';
import { fail, ok } from '$lib/protocol/result';
import { Budget, Pauses } from '$lib/replicas/peer-budget';
import { PeerSync } from '$lib/replicas/peer-sync';
import { emptyAnswer, largestSyncFrameBytes, outboundFrames, readYjsFrame } from '$lib/replicas/yjs-frames';
import type { EventLog } from '../event-log';
import { isInnocent, type ConversationPresence } from '../presence';
import { Farewells } from './farewells';

const webrtcUpdateBytes = 128 * 1024;
const violationsLimit = 5;
const drainPollMs = 20;
const budgetBytes = 32 * 1024 * 1024;
const budgetBytesPerSecond = 2 * 1024 * 1024;

export interface Peer {
	readonly link: Link;
	readonly sync: PeerSync;
	/** For frames, by their bytes: those that bring something new are paid back. */
	readonly bytes: Budget;
	violations: number;
}

export interface PeerLinksDeps {
	readonly crypto: CryptoPort;
	readonly log: EventLog;
	readonly timers: Timers;
	readonly conversation: Conversation;
	readonly presence: ConversationPresence;
	/** There is a new link, and it has been told what is known. */
	opened(): void;
	/** A peer has passed on a frontier that was not known here. */
	heardFrontier(): void;
	/** Links, or what is being fetched over them. */
	changed(): void;
}

export class PeerLinks implements LinkOwner {
	readonly peerByLink = new Map<number, Peer>();
	readonly #pauses = new Pauses();
	readonly #farewells: Farewells;
	/** Of the newest update of the control segment's document. */
	#controlOrigin: unknown = null;
	readonly #noteOrigin = (_update: Uint8Array, origin: unknown): void => void (this.#controlOrigin = origin);

	constructor(readonly deps: PeerLinksDeps) {
		this.#farewells = new Farewells(deps.conversation, deps.timers);
	}

	get syncs(): readonly PeerSync[] {
		return [...this.peerByLink.values()].map(({ sync }) => sync);
	}

	newHandshake(): ReturnType<LinkOwner['newHandshake']> {
		const { identity, keys } = this.deps.conversation;
		const { conversation, certificate, devicePrivateKey } = identity;
		const run = new PeerHandshake({
			crypto: this.deps.crypto,
			conversation,
			epochs: keys.handshakeEpochs,
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

	/** To be called with the control segment's document before y-webrtc has it: `guardOutbound` is asked within its updates. */
	follow(control: Doc): void {
		control.on('update', this.#noteOrigin);
	}

	onOpen(link: Link): void {
		const { conversation, presence, log, timers } = this.deps;
		if (this.#farewells.isRemoved(link.peer.account)) {
			log.reject('peer: removed');
			return this.#farewells.begin(link);
		}
		const sync = new PeerSync(conversation, {
			send: (frame) => link.send('sync', frame),
			queuedBytes: () => link.queuedBytes,
			drained: () => this.#drained(link),
			violation: (reason) => this.#violated(link, reason),
			mayHave: (segment) => conversation.isFor(link.peer.account, segment),
			withheld: () => log.reject('peer: asked for what is not passed on to them'),
			heard: (frontier) => this.#passFrontier(frontier, link),
			progress: () => this.deps.changed()
		});
		const bytes = new Budget(budgetBytes, budgetBytesPerSecond, timers.now());
		this.peerByLink.set(link.id, { link, sync, bytes, violations: 0 });
		log.note(`linked with ${link.peer.account.slice(0, 8)}`);
		sync.announce();
		for (const frontier of conversation.frontiers) sync.sendFrontier(frontier);
		presence.opened(link);
		this.deps.opened();
		this.deps.changed();
	}

	async onMessage(link: Link, channel: 'control' | 'sync', message: Uint8Array): Promise<void> {
		const { conversation, timers } = this.deps;
		const peer = this.peerByLink.get(link.id);
		if (peer === undefined) return;
		if (channel === 'control') return this.#heardPresence(link, message);
		const before = conversation.entriesHeld;
		await peer.sync.receive(message);
		// What brought nothing new costs; a peer that only repeats itself is cut off.
		const useless = conversation.entriesHeld === before;
		if (useless && !peer.bytes.take(message.length, timers.now())) this.#violated(link, 'useless-bytes');
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
				const { conversation } = this.deps;
				const report = await conversation.ingest(controlSegment, update, link, largestSyncFrameBytes);
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
		this.deps.presence.linkClosed(link);
		this.deps.log.note(`link to ${link.peer.account.slice(0, 8)} closed: ${reason}`);
		this.deps.changed();
	}

	onViolation(reason: string): void {
		this.deps.log.reject(`link: ${reason}`);
	}

	/** Links to devices of people who have just been removed are for telling them so, and nothing else. */
	partWithRemoved(): void {
		for (const { link, sync } of [...this.peerByLink.values()]) {
			if (!this.#farewells.isRemoved(link.peer.account)) continue;
			sync.close();
			this.peerByLink.delete(link.id);
			this.#farewells.begin(link);
		}
		this.#farewells.look();
	}

	/** Other epochs are known: where what was said before is not passed on, other segments are for whom. */
	epochsChanged(): void {
		if (this.deps.conversation.authority.history !== 'none') return;
		for (const { sync } of this.peerByLink.values()) sync.reconsider();
	}

	/** Nothing is fetched over these links any more. */
	close(): void {
		for (const { sync } of this.peerByLink.values()) sync.close();
	}

	async #heardPresence(link: Link, message: Uint8Array): Promise<void> {
		const heard = await this.deps.presence.received(link, message);
		// What names somebody or an epoch that is not known here yet is early rather than wrong.
		if (heard.ok || heard.reason === 'presence-lane' || heard.reason === 'presence-epoch') return;
		if (isInnocent(heard.reason)) this.deps.log.reject(`peer: ${heard.reason}`);
		else this.#violated(link, heard.reason);
	}

	#passFrontier(frontier: Uint8Array, from: Link): void {
		for (const { link, sync } of this.peerByLink.values()) if (link !== from) sync.sendFrontier(frontier);
		this.deps.heardFrontier();
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
}
