import type { Link, LinkChannel, LinkPeer } from './contract';
import { encodeControlMessage } from './control-message';
import type { FrameSender } from './frame-sender';
import { controlMessageLimitBytes } from './limits';

/** What the session tells its link. */
export interface SessionLinkPort {
	readonly isOpen: () => boolean;
	readonly receivedBytes: () => number;
	readonly end: (reason: string, pauseMs?: number) => void;
}

/** A session as its owner sees it, from authentication on. */
export class SessionLink implements Link {
	readonly #senders: Readonly<Record<'document' | LinkChannel, FrameSender>>;
	readonly #port: SessionLinkPort;

	constructor(
		readonly id: number,
		readonly peer: LinkPeer,
		senders: Readonly<Record<'document' | LinkChannel, FrameSender>>,
		port: SessionLinkPort
	) {
		this.#senders = senders;
		this.#port = port;
	}

	get queuedBytes(): number {
		return this.#sum((sender) => sender.queuedBytes);
	}

	get sentBytes(): number {
		return this.#sum((sender) => sender.sentBytes);
	}

	get receivedBytes(): number {
		return this.#port.receivedBytes();
	}

	send(channel: LinkChannel, message: Uint8Array): boolean {
		if (!this.#port.isOpen()) return false;
		if (channel === 'sync') return this.#senders.sync.send(message);
		if (message.length >= controlMessageLimitBytes) throw new RangeError('control message length');
		return this.#senders.control.send(encodeControlMessage({ kind: 'message', body: message }));
	}

	close(reason: string, pauseMs?: number): void {
		this.#port.end(reason, pauseMs);
	}

	#sum(of: (sender: FrameSender) => number): number {
		return Object.values(this.#senders).reduce((sum, sender) => sum + of(sender), 0);
	}
}
