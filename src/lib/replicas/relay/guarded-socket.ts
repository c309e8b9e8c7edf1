/**
 * The WebSocket that y-websocket is given (`WebSocketPolyfill`): between it and the wire stands the guard. What comes
 * in is handed to the owner, in order; only what the owner lets through reaches y-websocket. What goes out is
 * filtered likewise. The relay speaks first, with a challenge; nothing leaves before that is answered.
 */
export interface SocketOwner {
	/** Frames that y-websocket may see instead of this one. The next frame waits for the promise. */
	inbound(frame: Uint8Array, socket: GuardedSocketHandle): Promise<readonly Uint8Array[]>;
	outbound(frame: Uint8Array): readonly Uint8Array[];
	/** The relay's first frame. @returns what to send before all else, or null if that was no challenge */
	challenged(frame: Uint8Array): Promise<readonly Uint8Array[] | null>;
	/** The challenge is answered: frames go out from now on. */
	opened(socket: GuardedSocketHandle): void;
	closed(socket: GuardedSocketHandle, code: number, reason: string): void;
}

export interface GuardedSocketHandle {
	/** Past y-websocket and its filters. False if the socket is not open. */
	sendRaw(frame: Uint8Array): boolean;
}

type MessageHandler = ((this: WebSocket, event: MessageEvent) => unknown) | null;

/** A WebSocket class whose instances belong to `owner`. */
export function guardedSocketClass(
	owner: SocketOwner,
	Native: typeof WebSocket = WebSocket
): typeof WebSocket {
	return class GuardedSocket extends Native implements GuardedSocketHandle {
		#handler: MessageHandler = null;
		#order: Promise<void> = Promise.resolve();
		/** What is to go out once the challenge is answered; null from then on. */
		#held: Uint8Array[] | null = [];

		constructor(url: string | URL, protocols?: string | string[]) {
			super(url, protocols);
			this.binaryType = 'arraybuffer';
			super.addEventListener('close', (event) => owner.closed(this, event.code, event.reason));
			super.addEventListener('message', (event) => this.#receive(event));
		}

		override get onmessage(): MessageHandler {
			return this.#handler;
		}

		override set onmessage(handler: MessageHandler) {
			this.#handler = handler;
		}

		override send(data: string | ArrayBufferLike | Blob | ArrayBufferView<ArrayBuffer>): void {
			if (!(data instanceof Uint8Array)) throw new TypeError('y-websocket sends bytes only');
			// y-websocket answers after we have looked at a frame; the socket may be gone by then, and a new one resyncs.
			if (this.readyState !== this.OPEN) return;
			for (const frame of owner.outbound(data)) {
				if (this.#held === null) super.send(frame as Uint8Array<ArrayBuffer>);
				else this.#held.push(frame);
			}
		}

		sendRaw(frame: Uint8Array): boolean {
			if (this.readyState !== this.OPEN || this.#held !== null) return false;
			super.send(frame as Uint8Array<ArrayBuffer>);
			return true;
		}

		async #enter(challenge: Uint8Array): Promise<void> {
			const answer = await owner.challenged(challenge);
			if (answer === null || this.#held === null || this.readyState !== this.OPEN) return;
			for (const frame of [...answer, ...this.#held]) super.send(frame as Uint8Array<ArrayBuffer>);
			this.#held = null;
			owner.opened(this);
		}

		#receive(event: MessageEvent): void {
			const { data } = event as MessageEvent<unknown>;
			if (!(data instanceof ArrayBuffer)) return;
			this.#order = this.#order.then(async () => {
				if (this.#held !== null) return this.#enter(new Uint8Array(data));
				for (const frame of await owner.inbound(new Uint8Array(data), this)) {
					const copy = frame.slice();
					this.#handler?.call(this, new MessageEvent('message', { data: copy.buffer }));
				}
			});
		}
	};
}
