/**
 * A message crosses a data channel as frames, in order:
 *
 *     header   u8: 0 = more follows, 1 = last frame of its message
 *     payload  exactly 16 383 bytes in all frames but the last, 1 … 16 383 in the last
 *
 * The fixed size leaves one way to cut a message, bounds the number of frames by the bytes, and denies a peer
 * the trick of keeping a message open with single bytes.
 */
import { fail, ok, type Result } from '../protocol/result';
import { frameLimitBytes } from './limits';

export const frameHeaderBytes = 1;
export const fragmentBytes = frameLimitBytes - frameHeaderBytes;

const moreFollows = 0;
const lastOfMessage = 1;

export type FrameRefusal = 'frame-malformed' | 'message-too-long';

/** Bytes on the wire of a message of `messageBytes` (at least 1). */
export function wireBytes(messageBytes: number): number {
	return messageBytes + Math.ceil(messageBytes / fragmentBytes) * frameHeaderBytes;
}

/** The frame that carries `message` from `offset` on. Give it the offsets 0, 16 383, 2 × 16 383, … */
export function frameAt(message: Uint8Array, offset: number): Uint8Array<ArrayBuffer> {
	const end = Math.min(message.length, offset + fragmentBytes);
	const frame = new Uint8Array(frameHeaderBytes + end - offset);
	frame[0] = end === message.length ? lastOfMessage : moreFollows;
	frame.set(message.subarray(offset, end), frameHeaderBytes);
	return frame;
}

/** Puts frames together again. Holds at most `limitBytes`, allocated as frames arrive. */
export class Reassembly {
	readonly #limitBytes: number;
	#fragments: Uint8Array[] = [];
	#heldBytes = 0;

	constructor(limitBytes: number) {
		this.#limitBytes = limitBytes;
	}

	/** True between the first and the last frame of a message. */
	get unfinished(): boolean {
		return this.#fragments.length > 0;
	}

	/** Takes the next frame; gives the message if it was the last one, else null. A refusal ends the link. */
	take(frame: Uint8Array): Result<Uint8Array<ArrayBuffer> | null, FrameRefusal> {
		const payloadBytes = frame.length - frameHeaderBytes;
		const header = frame[0];
		if (payloadBytes < 1 || payloadBytes > fragmentBytes) return fail('frame-malformed');
		if (header !== moreFollows && header !== lastOfMessage) return fail('frame-malformed');
		if (header === moreFollows && payloadBytes !== fragmentBytes) return fail('frame-malformed');
		if (this.#heldBytes + payloadBytes > this.#limitBytes) return fail('message-too-long');

		this.#fragments.push(frame.subarray(frameHeaderBytes));
		this.#heldBytes += payloadBytes;
		if (header === moreFollows) return ok(null);

		const message = new Uint8Array(this.#heldBytes);
		let offset = 0;
		for (const fragment of this.#fragments) {
			message.set(fragment, offset);
			offset += fragment.length;
		}
		this.clear();
		return ok(message);
	}

	clear(): void {
		this.#fragments = [];
		this.#heldBytes = 0;
	}
}
