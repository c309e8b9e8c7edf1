/**
 * The life of one link over three data channels: watchdog, handshake, frames, liveness, end.
 *
 *     connecting → handshaking → authenticated → open → closed
 *
 * Guarantees: no frame of a document goes in or out before the peer has proven who it is; every refusal closes
 * the link and is counted once; `onClose` follows `onOpen` exactly once.
 */
import type { Result } from '../protocol/result';
import { Authentication } from './authentication';
import type { Link, LinkChannel, LinkOwner, LinkPeer, LinkTranscript } from './contract';
import {
	decodeControlMessage,
	encodeControlMessage,
	type ControlMessage,
	type WindowedChannel
} from './control-message';
import { DocumentChannel } from './document-channel';
import { FrameReceiver } from './frame-receiver';
import { FrameSender, type SendWindow } from './frame-sender';
import { controlMessageLimitBytes, messageLimitBytes, windowBytes, type LinkTiming } from './limits';
import { Liveness } from './liveness';
import { MessageQueue } from './message-queue';
import { SessionLink } from './session-link';
import type { Timers } from './timers';

/** The negotiated data channels of the connection. */
export interface LinkEnds {
	readonly document: RTCDataChannel;
	readonly control: RTCDataChannel;
	readonly sync: RTCDataChannel;
}

export interface LinkSessionOptions {
	readonly id: number;
	readonly ends: LinkEnds;
	readonly owner: LinkOwner;
	readonly timers: Timers;
	readonly random: () => number;
	readonly timing: LinkTiming;
	/** How long this attempt may take until something shows progress. */
	readonly connectMs: number;
	/** Resolves once the descriptions that are being set are known. */
	readonly transcript: () => Promise<Result<LinkTranscript, string>>;
	/** Descriptions are exchanged and ICE is at work: the attempt deserves a second deadline. */
	readonly progressing: () => boolean;
	readonly opened: () => void;
	/** Asked once, when the link is over, whatever the cause. */
	readonly ended: (end: LinkEnd) => void;
}

export interface LinkEnd {
	readonly reason: string;
	/** A refusal: something the peer did, or did not do, that is worth counting. */
	readonly refused: boolean;
	readonly peer: LinkPeer | null;
	/** Asked for by the owner; 0 if not. */
	readonly pauseMs: number;
}

type Stage = 'connecting' | 'handshaking' | 'authenticated' | 'open' | 'closed';

/** Owner's control messages that wait for their turn; control has no window, so there is a plain limit. */
const waitingControlLimitBytes = 4 * 1024 * 1024;

export class LinkSession {
	readonly documentChannel: DocumentChannel;
	readonly #options: LinkSessionOptions;
	readonly #senders: Record<'document' | LinkChannel, FrameSender>;
	readonly #windows: Record<WindowedChannel, SendWindow>;
	readonly #receivers: Record<'document' | LinkChannel, FrameReceiver>;
	readonly #authentication: Authentication;
	readonly #liveness: Liveness;
	readonly #ownerControl: MessageQueue;
	#stage: Stage = 'connecting';
	#link: Link | null = null;
	#cancelDeadline: () => void;
	#receivedBytes = 0;

	constructor(options: LinkSessionOptions) {
		this.#options = options;
		const { ends, timers, random, timing, owner } = options;
		this.#windows = { document: { remainingBytes: windowBytes }, sync: { remainingBytes: windowBytes } };
		this.#senders = {
			document: new FrameSender(ends.document, this.#windows.document),
			sync: new FrameSender(ends.sync, this.#windows.sync),
			control: new FrameSender(ends.control)
		};
		this.#receivers = {
			document: this.#receiver('document', (message) => this.#takeDocument(message)),
			sync: this.#receiver('sync', (message) => this.#takeSync(message)),
			control: this.#receiver('control', (message) => this.#takeControl(message))
		};
		this.#authentication = new Authentication({
			handshake: owner.newHandshake(),
			transcript: options.transcript,
			send: (message) => this.#sendControl(message),
			authenticated: (peer) => this.#authenticated(peer),
			accepted: () => this.#open(),
			refuse: (reason) => this.refuse(reason)
		});
		this.#liveness = new Liveness({
			timers,
			random,
			timing,
			ping: () => this.#sendControl({ kind: 'ping' }),
			silent: () => this.refuse('silent')
		});
		this.#ownerControl = new MessageQueue({
			limitBytes: waitingControlLimitBytes,
			handle: async (body) => {
				if (this.#link !== null) await owner.onMessage(this.#link, 'control', body);
			},
			broken: (error) => this.#broken(error)
		});
		this.documentChannel = new DocumentChannel(this);
		this.#senders.document.onDrained = () => this.documentChannel.drained();
		this.#wire('document');
		this.#wire('sync');
		this.#wire('control');
		this.#cancelDeadline = timers.after(options.connectMs, () => this.#connectDeadline(true));
	}

	/** The open link; null before and after. */
	get link(): Link | null {
		return this.#stage === 'open' ? this.#link : null;
	}

	/** Descriptions may still change: the transport is not up. */
	get connecting(): boolean {
		return this.#stage === 'connecting';
	}

	get closed(): boolean {
		return this.#stage === 'closed';
	}

	get queuedBytes(): number {
		return this.#senders.document.queuedBytes;
	}

	/** Asks the peer for a sign of life, with the short deadline. */
	probe(): void {
		if (this.#stage === 'open') this.#liveness.probe();
	}

	/** A frame that y-webrtc wants to send. */
	send(frame: Uint8Array): void {
		const link = this.#link;
		if (this.#stage !== 'open' || link === null) return;
		for (const part of this.#options.owner.guardOutbound(frame, link)) {
			if (part.length > messageLimitBytes) {
				this.#options.owner.onViolation('outbound-too-long', link.peer);
				continue;
			}
			// A lost update would stay lost until somebody compares heads. A new link begins with a comparison.
			if (!this.#senders.document.send(part)) return this.end('queue-full');
		}
	}

	close(): void {
		this.end('closed-here');
	}

	/** Ends the link for something the peer did, and counts it. */
	refuse(reason: string): void {
		if (this.#stage === 'closed') return;
		const peer = this.#link?.peer ?? null;
		this.#end({ reason, refused: true, peer, pauseMs: 0 });
	}

	end(reason: string, pauseMs = 0): void {
		if (this.#stage === 'closed') return;
		this.#end({ reason, refused: false, peer: this.#link?.peer ?? null, pauseMs });
	}

	#wire(name: 'document' | LinkChannel): void {
		const end = this.#options.ends[name];
		end.binaryType = 'arraybuffer';
		end.onopen = () => (name === 'control' ? this.#startHandshake() : this.#senders[name].pump());
		end.onmessage = (event: MessageEvent<unknown>) => {
			if (event.data instanceof ArrayBuffer) this.#receivedBytes += event.data.byteLength;
			this.#liveness.heard();
			if (name === 'control' || this.#stage === 'open') this.#receivers[name].take(event.data);
			else this.#takeBeforeAccept(name, event.data);
		};
		// An "error" is always followed by "close", and says nothing but that the peer has closed.
		end.onclose = () => this.end('closed-by-peer');
	}

	#receiver(
		name: 'document' | LinkChannel,
		handle: (message: Uint8Array<ArrayBuffer>) => Promise<void>
	): FrameReceiver {
		return new FrameReceiver({
			messageLimitBytes: name === 'control' ? controlMessageLimitBytes : messageLimitBytes,
			windowBytes: name === 'control' ? Infinity : windowBytes,
			unfinishedMs: this.#options.timing.unfinishedMs,
			timers: this.#options.timers,
			handle,
			report: (bytes) => {
				if (name !== 'control') this.#sendControl({ kind: 'consumed', channel: name, bytes });
			},
			refuse: (reason) => this.refuse(reason),
			broken: (error) => this.#broken(error)
		});
	}

	#connectDeadline(first: boolean): void {
		if (this.#stage !== 'connecting') return;
		if (!first || !this.#options.progressing()) return this.refuse('not-connected');
		const { timers, connectMs } = this.#options;
		this.#cancelDeadline = timers.after(connectMs, () => this.#connectDeadline(false));
	}

	#startHandshake(): void {
		if (this.#stage !== 'connecting') return;
		this.#stage = 'handshaking';
		const { timers, timing } = this.#options;
		this.#cancelDeadline();
		this.#cancelDeadline = timers.after(timing.handshakeMs, () => this.refuse('handshake-timeout'));
		this.#authentication.start();
	}

	#authenticated(peer: LinkPeer): void {
		this.#stage = 'authenticated';
		this.#link = new SessionLink(this.#options.id, peer, this.#senders, {
			isOpen: () => this.#stage === 'open',
			receivedBytes: () => this.#receivedBytes,
			end: (reason, pauseMs) => this.end(reason, pauseMs)
		});
	}

	#open(): void {
		if (this.#stage !== 'authenticated' || this.#link === null) return;
		this.#stage = 'open';
		this.#cancelDeadline();
		this.#liveness.start();
		this.#options.owner.onOpen(this.#link);
		// The owner may have closed it at once: TypeScript cannot see that `#stage` has changed meanwhile.
		if (this.closed) return;
		this.#options.opened();
		this.documentChannel.open();
	}

	/** Channels have no order among each other: the peer's accept may arrive after the frames that it allows. */
	#takeBeforeAccept(name: WindowedChannel, data: unknown): void {
		if (this.#stage !== 'authenticated') return this.refuse('early-frame');
		this.#open();
		this.#receivers[name].take(data);
	}

	async #takeDocument(message: Uint8Array): Promise<void> {
		if (this.#link === null) return;
		const frames = await this.#options.owner.guardInbound(this.#link, message);
		for (const frame of frames) this.documentChannel.deliver(frame);
	}

	async #takeSync(message: Uint8Array): Promise<void> {
		if (this.#link !== null) await this.#options.owner.onMessage(this.#link, 'sync', message);
	}

	async #takeControl(bytes: Uint8Array): Promise<void> {
		const decoded = decodeControlMessage(bytes);
		if (!decoded.ok) return this.refuse(decoded.reason);
		const message = decoded.value;
		switch (message.kind) {
			case 'hello':
			case 'proof':
			case 'accept':
				// Before our own `onopen` a peer's hello may be here already.
				if (this.#stage === 'connecting') this.#startHandshake();
				return this.#authentication.take(message);
			case 'ping':
				return this.#sendControl({ kind: 'pong' });
			case 'pong':
				return;
			case 'consumed':
				return this.#widen(message.channel, message.bytes);
			case 'message':
				return this.#queueOwnerControl(message.body);
		}
	}

	#widen(channel: WindowedChannel, bytes: number): void {
		const window = this.#windows[channel];
		if (window.remainingBytes + bytes > windowBytes) return this.refuse('control-malformed');
		window.remainingBytes += bytes;
		this.#senders[channel].pump();
	}

	#queueOwnerControl(body: Uint8Array): void {
		if (this.#stage !== 'open') return this.refuse('early-frame');
		// Not awaited by the receiver: pings and window reports must not wait for the owner.
		if (!this.#ownerControl.add(body)) this.refuse('control-flood');
	}

	#sendControl(message: ControlMessage): void {
		if (!this.#senders.control.send(encodeControlMessage(message))) this.end('queue-full');
	}

	#end(end: LinkEnd): void {
		const wasOpen = this.#stage === 'open';
		this.#stage = 'closed';
		this.#cancelDeadline();
		this.#liveness.stop();
		this.#authentication.stop();
		this.#ownerControl.close();
		for (const name of ['document', 'sync', 'control'] as const) {
			this.#senders[name].close();
			this.#receivers[name].close();
			const channel = this.#options.ends[name];
			channel.onopen = channel.onmessage = channel.onclose = null;
		}
		this.documentChannel.closed();
		this.#options.ended(end);
		if (end.refused) this.#options.owner.onViolation(end.reason, end.peer);
		if (wasOpen && this.#link !== null) this.#options.owner.onClose(this.#link, end.reason);
	}

	/** A handler has thrown: the link cannot go on, and the bug must not stay unseen. */
	#broken(error: unknown): void {
		this.end('internal-error');
		queueMicrotask(() => {
			throw error;
		});
	}
}
