/** Yjs V1 state vector, strictly: varint count, then count × (varint lane · varint next clock). */
import { ByteWriter, Malformed, decodeWith, type MalformedReason } from './bytes';
import type { Result } from './result';

export const stateVectorLanesLimit = 10_000;

/** next clock by lane */
export type StateVector = ReadonlyMap<number, number>;

export function decodeStateVector(bytes: Uint8Array): Result<StateVector, MalformedReason> {
	return decodeWith(bytes, (reader) => {
		const count = reader.varuint();
		if (count > stateVectorLanesLimit || count > reader.left) throw new Malformed('length');
		const nextByLane = new Map<number, number>();
		for (let i = 0; i < count; i++) {
			const lane = reader.varuint();
			if (nextByLane.has(lane)) throw new Malformed('range');
			nextByLane.set(lane, reader.varuint());
		}
		return nextByLane;
	});
}

export function encodeStateVector(nextByLane: StateVector): Uint8Array<ArrayBuffer> {
	const writer = new ByteWriter(8 + nextByLane.size * 12).varuint(nextByLane.size);
	for (const [lane, next] of nextByLane) writer.varuint(lane).varuint(next);
	return writer.done();
}
