/** Hands messages on one at a time and in order, and holds no more than a limit while it waits. */

export interface MessageQueueOptions<M extends Uint8Array> {
	readonly limitBytes: number;
	/** The next message waits until the promise has settled. A rejection is a bug of the handler. */
	readonly handle: (message: M) => Promise<void>;
	/** The handler has thrown; nothing more is handed on. */
	readonly broken: (error: unknown) => void;
}

export class MessageQueue<M extends Uint8Array = Uint8Array> {
	readonly #options: MessageQueueOptions<M>;
	#messages: M[] = [];
	#waitingBytes = 0;
	#handling = false;
	#closed = false;

	constructor(options: MessageQueueOptions<M>) {
		this.#options = options;
	}

	/** False if it is full: the message was not taken then. */
	add(message: M): boolean {
		if (this.#waitingBytes + message.length > this.#options.limitBytes) return false;
		this.#messages.push(message);
		this.#waitingBytes += message.length;
		if (!this.#handling) void this.#handleAll();
		return true;
	}

	close(): void {
		this.#closed = true;
		this.#messages = [];
	}

	async #handleAll(): Promise<void> {
		this.#handling = true;
		for (let message = this.#messages.shift(); message !== undefined; message = this.#messages.shift()) {
			try {
				await this.#options.handle(message);
			} catch (error) {
				this.close();
				this.#options.broken(error);
			}
			if (this.#closed) break;
			this.#waitingBytes -= message.length;
		}
		this.#handling = false;
	}
}
