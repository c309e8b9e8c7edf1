/**
 * The WebSocket that y-websocket is given (`WebSocketPolyfill`): between it and the wire stands the guard. What comes
 * in is handed to the owner, in order; only what the owner lets through reaches y-websocket. What goes out is
 * filtered likewise.
 */
export interface SocketOwner {
	/** Frames that y-websocket may see instead of this one. The next frame waits for the promise. */
	inbound(frame: Uint8Array, socket: GuardedSocketHandle): Promise<readonly Uint8Array[]>;
	outbound(frame: Uint8Array): readonly Uint8Array[];
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

		constructor(url: string | URL, protocols?: string | string[]) {
			super(url, protocols);
			this.binaryType = 'arraybuffer';
			super.addEventListener('open', () => owner.opened(this));
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
			if (this.readyState !== WebSocket.OPEN) return;
			for (const frame of owner.outbound(data)) super.send(frame as Uint8Array<ArrayBuffer>);
		}

		sendRaw(frame: Uint8Array): boolean {
			if (this.readyState !== WebSocket.OPEN) return false;
			super.send(frame as Uint8Array<ArrayBuffer>);
			return true;
		}

		#receive(event: MessageEvent): void {
			const { data } = event as MessageEvent<unknown>;
			if (!(data instanceof ArrayBuffer)) return;
			this.#order = this.#order.then(async () => {
				for (const frame of await owner.inbound(new Uint8Array(data), this)) {
					const copy = frame.slice();
					this.#handler?.call(this, new MessageEvent('message', { data: copy.buffer }));
				}
			});
		}
	};
}
