/**
 * The sending half of a channel: cuts messages into frames and keeps the browser's buffer filled to the high
 * water mark, never more. Guarantees order, and that a message is either sent whole or not at all while the
 * channel lives.
 */
import { frameAt, fragmentBytes } from './frame';
import { highWaterBytes, lowWaterBytes, messageLimitBytes, queueLimitBytes } from './limits';

/** The part of RTCDataChannel that sending needs. */
export interface SendPort {
	readonly readyState: RTCDataChannelState;
	readonly bufferedAmount: number;
	bufferedAmountLowThreshold: number;
	onbufferedamountlow: ((this: RTCDataChannel, event: Event) => unknown) | null;
	send(frame: Uint8Array<ArrayBuffer>): void;
}

/** What the receiver still takes, in wire bytes; Infinity where there is no window. */
export interface SendWindow {
	remainingBytes: number;
}

export class FrameSender {
	readonly #port: SendPort;
	readonly #window: SendWindow;
	#messages: Uint8Array[] = [];
	/** Bytes of the first message that are sent already. */
	#offset = 0;
	#waitingBytes = 0;
	#closed = false;
	#sentBytes = 0;
	/** Called whenever the queue has become empty. */
	onDrained: (() => void) | null = null;

	constructor(port: SendPort, window: SendWindow = { remainingBytes: Infinity }) {
		this.#port = port;
		this.#window = window;
		port.bufferedAmountLowThreshold = lowWaterBytes;
		port.onbufferedamountlow = () => this.pump();
	}

	/** Bytes that wait here and in the browser's buffer. */
	get queuedBytes(): number {
		return this.#waitingBytes + this.#port.bufferedAmount;
	}

	/** Wire bytes handed to the browser so far. */
	get sentBytes(): number {
		return this.#sentBytes;
	}

	/**
	 * Queues a message. False if the queue is full or closed: nothing was queued then.
	 * @throws RangeError for a message that no peer would take (empty, over 8 MiB)
	 */
	send(message: Uint8Array): boolean {
		if (message.length === 0 || message.length > messageLimitBytes) throw new RangeError('message length');
		if (this.#closed || this.#waitingBytes + message.length > queueLimitBytes) return false;
		this.#messages.push(message);
		this.#waitingBytes += message.length;
		this.pump();
		return true;
	}

	/** Sends as much as buffer and window take. Call it when either has grown. */
	pump(): void {
		if (this.#closed) return;
		let sentMessages = 0;
		while (this.#port.readyState === 'open' && this.#port.bufferedAmount < highWaterBytes) {
			const message = this.#messages[sentMessages];
			if (message === undefined) break;
			const frame = frameAt(message, this.#offset);
			if (frame.length > this.#window.remainingBytes) break;
			this.#port.send(frame);
			this.#window.remainingBytes -= frame.length;
			this.#sentBytes += frame.length;
			const payloadBytes = Math.min(fragmentBytes, message.length - this.#offset);
			this.#waitingBytes -= payloadBytes;
			this.#offset += payloadBytes;
			if (this.#offset === message.length) {
				this.#offset = 0;
				sentMessages++;
			}
		}
		if (sentMessages === 0) return;
		this.#messages = this.#messages.slice(sentMessages);
		if (this.#messages.length === 0) this.onDrained?.();
	}

	/** Drops what waits. */
	close(): void {
		this.#closed = true;
		this.#messages = [];
		this.#waitingBytes = 0;
		this.#offset = 0;
		this.#port.onbufferedamountlow = null;
	}
}
