/**
 * One segment on one relay: y-websocket behind the guarded socket, plus what the relay says beyond Yjs, namely which
 * lane heads it holds on stable storage (type 100), devices' frontiers (type 101) and what it has erased (type 107).
 */
import { Awareness } from 'y-protocols/awareness';
import { WebsocketProvider } from 'y-websocket';
import type { Conversation } from '../../conversation/conversation';
import type { Segment } from '../../conversation/segment';
import {
	acknowledgementMessageType,
	decodeAcknowledgement,
	type AcknowledgedHead
} from '../../protocol/acknowledgement';
import { ByteWriter, equalBytes } from '../../protocol/bytes';
import {
	decodeErased,
	encodeErase,
	erasedMessageType,
	eraseMessageType,
	erasuresLimit
} from '../../protocol/erase';
import { frontierMessageType } from '../../protocol/frontier';
import { documentNameOf } from '../../protocol/ids';
import {
	emptyAnswer,
	emptyUpdate,
	largestSyncFrameBytes,
	outboundFrames,
	readYjsFrame,
	stateVectorFrame
} from '../yjs-frames';
import { DocumentTickets, type SegmentKeys } from './document-tickets';
import { guardedSocketClass, type GuardedSocketHandle, type SocketOwner } from './guarded-socket';

/** Updates that we send; the relay takes larger ones, but others get them as they are. */
const sentUpdateBytes = 256 * 1024;

/** 4400–4499 are the relay's last word (relay/close-codes.ts). */
const isRefusal = (code: number): boolean => code >= 4400 && code < 4500;

export type RelaySegmentState = 'connecting' | 'connected' | 'refused';

export interface RelaySegmentEvents {
	stateChanged(): void;
	/** The relay has answered to the end: all it had is here. */
	synced(): void;
	violation(reason: string): void;
}

export class RelaySegment implements SocketOwner {
	readonly #provider: WebsocketProvider;
	readonly #awareness: Awareness;
	readonly #tickets: DocumentTickets;
	#socket: GuardedSocketHandle | null = null;
	#state: RelaySegmentState = 'connecting';
	#synced = false;
	#fetching = false;
	/** Lanes for which the relay holds another branch, asked for once a connection. */
	readonly #askedBranches = new Set<number>();

	/**
	 * @param url of the relay's documents, "wss://…/doc"
	 * @param longestRetryMs drawn per device, so that a relay that comes back is not met by all at once
	 */
	constructor(
		readonly conversation: Conversation,
		readonly segment: Segment,
		url: string,
		longestRetryMs: number,
		keys: SegmentKeys,
		readonly events: RelaySegmentEvents
	) {
		this.#awareness = new Awareness(segment.doc);
		this.#awareness.setLocalState(null);
		this.#tickets = new DocumentTickets({
			subtle: conversation.ports.crypto.subtle,
			document: segment.context,
			host: new URL(url).host,
			...keys
		});
		this.#provider = new WebsocketProvider(url, documentNameOf(segment.context), segment.doc, {
			awareness: this.#awareness,
			disableBc: true,
			resyncInterval: 30_000,
			maxBackoffTime: longestRetryMs,
			shouldReconnect: ({ code }) => !isRefusal(code) || this.#tickets.hasAnotherWay,
			WebSocketPolyfill: guardedSocketClass(this)
		});
		this.#provider.messageHandlers[acknowledgementMessageType] = () => undefined;
		this.#provider.on('closed', () => this.#setState('refused'));
	}

	get state(): RelaySegmentState {
		return this.#state;
	}

	get synced(): boolean {
		return this.#synced;
	}

	/** The relay is answering what we lacked, and there was something. */
	get fetching(): boolean {
		return this.#fetching;
	}

	sendFrontier(frontier: Uint8Array): void {
		this.#socket?.sendRaw(
			new ByteWriter(frontier.length + 2).varuint(frontierMessageType).raw(frontier).done()
		);
	}

	/** Asks the relay to let go of what is deleted here, and has not been told that it has. */
	async erase(): Promise<void> {
		const kept = (await this.conversation.ports.redaction?.erasures(this.segment.number)) ?? [];
		for (let from = 0; from < kept.length; from += erasuresLimit) {
			const body = encodeErase(kept.slice(from, from + erasuresLimit));
			this.#socket?.sendRaw(new ByteWriter(body.length + 2).varuint(eraseMessageType).raw(body).done());
		}
	}

	/** Tries again after a refusal, in case the relay has changed its mind. */
	retryRefused(): void {
		if (this.#state !== 'refused') return;
		this.#setState('connecting');
		this.#provider.connect();
	}

	/** Dials at once instead of waiting for the next try. */
	reconnect(): void {
		if (this.#provider.wsconnected) return;
		this.#provider.disconnect();
		this.#provider.wsUnsuccessfulReconnects = 0;
		this.#provider.connect();
	}

	/** Other epochs are known here than before: comes back with their keys, whatever the relay said to the old ones. */
	keysChanged(): void {
		if (this.#state === 'refused') this.#setState('connecting');
		this.#provider.disconnect();
		this.#provider.wsUnsuccessfulReconnects = 0;
		this.#provider.connect();
	}

	close(): void {
		this.#provider.destroy();
		this.#awareness.destroy();
		this.#socket = null;
	}

	opened(socket: GuardedSocketHandle): void {
		this.#socket = socket;
		this.#askedBranches.clear();
		this.#setState('connected');
	}

	closed(socket: GuardedSocketHandle): void {
		// One that was given up already says nothing of the one that came after it.
		if (this.#socket !== null && this.#socket !== socket) return;
		this.#socket = null;
		this.#synced = this.#fetching = false;
		this.#setState('connecting');
	}

	async challenged(frame: Uint8Array): Promise<readonly Uint8Array[] | null> {
		const answer = await this.#tickets.answer(frame);
		if (answer.ok) return answer.value;
		this.events.violation(`relay-${answer.reason}`);
		return null;
	}

	outbound(frame: Uint8Array): readonly Uint8Array[] {
		return outboundFrames(frame, sentUpdateBytes);
	}

	async inbound(frame: Uint8Array, socket: GuardedSocketHandle): Promise<readonly Uint8Array[]> {
		// It says nothing but its challenge to whom it has not let in.
		this.#tickets.entered();
		const read = readYjsFrame(frame);
		if (!read.ok) {
			this.events.violation(`relay-${read.reason}`);
			return [];
		}
		switch (read.value.type) {
			case 'state-vector':
				return [frame];
			case 'answer':
				await this.#ingest(read.value.update, socket);
				this.#synced = true;
				this.#fetching = false;
				this.events.synced();
				await this.erase();
				return [emptyAnswer()];
			case 'update':
				this.#fetching = !this.#synced;
				await this.#ingest(read.value.update, socket);
				// Also keeps y-websocket from taking a long answer for silence.
				return [emptyUpdate()];
			case 'presence':
				return [];
			case 'other':
				await this.#extension(read.value.number, frame.subarray(1), socket);
				return [new Uint8Array([acknowledgementMessageType])];
		}
	}

	async #ingest(update: Uint8Array, socket: GuardedSocketHandle): Promise<void> {
		const report = await this.conversation.ingest(
			this.segment.number,
			update,
			this.#provider,
			largestSyncFrameBytes
		);
		for (const reason of report.violations) this.events.violation(reason);
		if (report.gap) socket.sendRaw(stateVectorFrame(this.segment.nextByLane()));
	}

	async #extension(number: number, body: Uint8Array, socket: GuardedSocketHandle): Promise<void> {
		if (number === frontierMessageType) {
			await this.conversation.receiveFrontier(body.slice());
		} else if (number === erasedMessageType) {
			const erased = decodeErased(body);
			if (!erased.ok) this.events.violation(`erased-${erased.reason}`);
			else await this.conversation.ports.redaction?.erased(this.segment.number, erased.value);
		} else if (number === acknowledgementMessageType) {
			const heads = decodeAcknowledgement(body);
			if (!heads.ok) this.events.violation(`acknowledgement-${heads.reason}`);
			else for (const head of heads.value) await this.#acknowledged(head, socket);
		}
	}

	async #acknowledged(head: AcknowledgedHead, socket: GuardedSocketHandle): Promise<void> {
		const { lane, clock, id } = head;
		const ours = this.segment.entryId(lane, clock);
		if (ours !== undefined && !equalBytes(ours.subarray(0, id.length), id)) {
			if (this.#askedBranches.has(lane) || this.conversation.isDead(this.segment.number, lane, clock)) return;
			// Two branches of one lane. Its whole run from there proves the fork, to the guard and then to everybody.
			this.#askedBranches.add(lane);
			const vector = this.segment.nextByLane();
			vector.delete(lane);
			socket.sendRaw(stateVectorFrame(vector));
			return;
		}
		await this.conversation.acknowledged(this.segment.number, lane, clock + 1, id);
	}

	#setState(state: RelaySegmentState): void {
		if (this.#state === state) return;
		this.#state = state;
		this.events.stateChanged();
	}
}
