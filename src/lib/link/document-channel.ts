/**
 * What simple-peer takes for its data channel. Behind it are our frames and the owner's guard; before the peer
 * is authenticated it simply has not opened yet. Only the members that simple-peer 9.11 uses do something.
 */

export interface DocumentChannelBackend {
	/** @throws nothing: a frame that cannot be sent is the session's business */
	send(frame: Uint8Array): void;
	readonly queuedBytes: number;
	close(): void;
}

export class DocumentChannel extends EventTarget implements RTCDataChannel {
	readonly id = 0;
	readonly negotiated = true;
	readonly ordered = true;
	readonly protocol = '';
	readonly label = 'document';
	readonly maxPacketLifeTime = null;
	readonly maxRetransmits = null;
	binaryType: BinaryType = 'arraybuffer';
	bufferedAmountLowThreshold = 0;
	onbufferedamountlow: RTCDataChannel['onbufferedamountlow'] = null;
	onclose: RTCDataChannel['onclose'] = null;
	onclosing: RTCDataChannel['onclosing'] = null;
	onerror: RTCDataChannel['onerror'] = null;
	onmessage: RTCDataChannel['onmessage'] = null;
	onopen: RTCDataChannel['onopen'] = null;
	readonly #backend: DocumentChannelBackend;
	#readyState: RTCDataChannelState = 'connecting';

	constructor(backend: DocumentChannelBackend) {
		super();
		this.#backend = backend;
	}

	get readyState(): RTCDataChannelState {
		return this.#readyState;
	}

	get bufferedAmount(): number {
		return this.#backend.queuedBytes;
	}

	/** @throws InvalidStateError while not open, as a real channel does; TypeError for anything but bytes */
	send(data: string | Blob | ArrayBuffer | ArrayBufferView): void {
		if (this.#readyState !== 'open') throw new DOMException('the link is not open', 'InvalidStateError');
		if (data instanceof ArrayBuffer) this.#backend.send(new Uint8Array(data));
		else if (ArrayBuffer.isView(data))
			this.#backend.send(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
		else throw new TypeError('a document frame is bytes');
	}

	close(): void {
		this.#backend.close();
	}

	/** The session has authenticated its peer. */
	open(): void {
		if (this.#readyState !== 'connecting') return;
		this.#readyState = 'open';
		this.onopen?.(new Event('open'));
	}

	/** Hands a frame that has passed the guard to simple-peer. */
	deliver(frame: Uint8Array): void {
		if (this.#readyState === 'open')
			this.onmessage?.(new MessageEvent('message', { data: ownBuffer(frame) }));
	}

	drained(): void {
		this.onbufferedamountlow?.(new Event('bufferedamountlow'));
	}

	closed(): void {
		this.#readyState = 'closed';
	}
}

/** The bytes as an ArrayBuffer of their own: simple-peer takes the whole buffer for the frame. */
function ownBuffer(bytes: Uint8Array): ArrayBufferLike {
	const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
	return whole ? bytes.buffer : bytes.slice().buffer;
}
