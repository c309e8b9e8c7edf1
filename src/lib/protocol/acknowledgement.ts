/**
 * Relay message 100: which lane heads a replica holds on stable storage. The first bytes of the newest entry's id
 * go along, so that a device sees at once when the relay holds another branch of its lane than its own.
 *
 *   varint count, then count × (varint lane · varint newest clock · 8 bytes of that entry's id)
 */
import { ByteWriter, Malformed, decodeWith, type MalformedReason } from './bytes';
import type { Result } from './result';

export const acknowledgementMessageType = 100;
export const acknowledgedIdLength = 8;
/** Keeps a frame below 64 KiB. */
export const acknowledgedLanesLimit = 2_000;

export interface AcknowledgedHead {
	readonly lane: number;
	/** Newest clock held. */
	readonly clock: number;
	readonly id: Uint8Array;
}

/** The body after the message type. At most `acknowledgedLanesLimit` heads. */
export function encodeAcknowledgement(heads: readonly AcknowledgedHead[]): Uint8Array<ArrayBuffer> {
	const writer = new ByteWriter(8 + heads.length * 24).varuint(heads.length);
	for (const head of heads) {
		writer.varuint(head.lane).varuint(head.clock).raw(head.id.subarray(0, acknowledgedIdLength));
	}
	return writer.done();
}

export function decodeAcknowledgement(
	body: Uint8Array
): Result<readonly AcknowledgedHead[], MalformedReason> {
	return decodeWith(body, (reader) => {
		const count = reader.varuint();
		if (count > acknowledgedLanesLimit) throw new Malformed('length');
		const heads: AcknowledgedHead[] = [];
		for (let i = 0; i < count; i++) {
			heads.push({ lane: reader.varuint(), clock: reader.varuint(), id: reader.take(acknowledgedIdLength) });
		}
		return heads;
	});
}
