/**
 * The receiving half of a channel: reassembles frames, hands messages on one at a time and in order, and holds
 * the peer to its window. Everything it cannot accept is reported once, as a refusal that ends the link.
 */
import { Reassembly, wireBytes, type FrameRefusal } from './frame';
import { windowReportBytes } from './limits';
import { MessageQueue } from './message-queue';
import type { Timers } from './timers';

export type ReceiveRefusal = FrameRefusal | 'message-unfinished' | 'window-exceeded';

export interface FrameReceiverOptions {
	readonly messageLimitBytes: number;
	/** Wire bytes that may be unprocessed; Infinity where the messages are handled at once. */
	readonly windowBytes: number;
	readonly unfinishedMs: number;
	readonly timers: Timers;
	/** The next message waits until the promise has settled. A rejection is a bug of the handler. */
	readonly handle: (message: Uint8Array<ArrayBuffer>) => Promise<void>;
	/** Wire bytes processed since the last report: the peer may send as many again. */
	readonly report: (processedBytes: number) => void;
	readonly refuse: (reason: ReceiveRefusal) => void;
	/** The handler has thrown. */
	readonly broken: (error: unknown) => void;
}

export class FrameReceiver {
	readonly #options: FrameReceiverOptions;
	readonly #reassembly: Reassembly;
	/** The window holds it to its limit. */
	readonly #queue: MessageQueue<Uint8Array<ArrayBuffer>>;
	#closed = false;
	#heldBytes = 0;
	#unreportedBytes = 0;
	#cancelUnfinished: (() => void) | null = null;

	constructor(options: FrameReceiverOptions) {
		this.#options = options;
		this.#reassembly = new Reassembly(options.messageLimitBytes);
		this.#queue = new MessageQueue({
			limitBytes: Infinity,
			handle: async (message) => {
				// Whoever takes the message may take its buffer too.
				const messageWireBytes = wireBytes(message.length);
				await options.handle(message);
				if (!this.#closed) this.#release(messageWireBytes);
			},
			broken: (error) => {
				this.close();
				options.broken(error);
			}
		});
	}

	/** Takes what a data channel has delivered. Text is refused: nothing of ours is text. */
	take(data: unknown): void {
		if (this.#closed) return;
		if (!(data instanceof ArrayBuffer)) return this.#refuse('frame-malformed');
		this.#heldBytes += data.byteLength;
		if (this.#heldBytes > this.#options.windowBytes) return this.#refuse('window-exceeded');
		const taken = this.#reassembly.take(new Uint8Array(data));
		if (!taken.ok) return this.#refuse(taken.reason);
		this.#watchUnfinished();
		if (taken.value !== null) this.#queue.add(taken.value);
	}

	close(): void {
		this.#closed = true;
		this.#cancelUnfinished?.();
		this.#cancelUnfinished = null;
		this.#reassembly.clear();
		this.#queue.close();
	}

	#release(messageWireBytes: number): void {
		this.#heldBytes -= messageWireBytes;
		this.#unreportedBytes += messageWireBytes;
		if (this.#unreportedBytes < windowReportBytes) return;
		this.#options.report(this.#unreportedBytes);
		this.#unreportedBytes = 0;
	}

	#watchUnfinished(): void {
		this.#cancelUnfinished?.();
		this.#cancelUnfinished = this.#reassembly.unfinished
			? this.#options.timers.after(this.#options.unfinishedMs, () => this.#refuse('message-unfinished'))
			: null;
	}

	#refuse(reason: ReceiveRefusal): void {
		this.close();
		this.#options.refuse(reason);
	}
}
