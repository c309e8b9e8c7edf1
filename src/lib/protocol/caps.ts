/**
 * Caps: how far somebody's lanes count (protocol 4). A cap names the last entry that its author accepts of a lane, by
 * the first bytes of its id, and with it, through `prev`, every entry before: it chooses a branch.
 *
 *   caps   count ≤ 1 000, then ascending by (segment, lane): varint segment · varint lane · varint clock · 16 bytes of
 *          the id
 */
import { Malformed, type ByteReader, type ByteWriter } from './bytes';
import { readList, writeList } from './record-codec';

/** 128 bits: nobody finds a second entry with the same beginning. */
export const capIdLength = 16;
/** One lane a device and segment written; a thousand of them fit into an entry beside the seals of an epoch. */
const capBounds = { least: 0, most: 1_000 };

export interface Cap {
	readonly segment: number;
	readonly lane: number;
	/** Of the last entry that counts. */
	readonly clock: number;
	/** First bytes of that entry's id. */
	readonly id: Uint8Array;
}

const order = (a: Cap, b: Cap): number => a.segment - b.segment || a.lane - b.lane;

/** @throws RangeError if there are too many, or a lane is named twice */
export function writeCaps(writer: ByteWriter, caps: readonly Cap[]): ByteWriter {
	const sorted = [...caps].sort(order);
	if (sorted.some((cap, i) => i > 0 && order(sorted[i - 1] as Cap, cap) === 0))
		throw new RangeError('a lane with two caps');
	writeList(writer, sorted, capBounds, ({ segment, lane, clock, id }) => {
		if (id.length < capIdLength) throw new RangeError(`an id of ${id.length} bytes`);
		writer.varuint(segment).varuint(lane).varuint(clock).raw(id.subarray(0, capIdLength));
	});
	return writer;
}

export function readCaps(reader: ByteReader): readonly Cap[] {
	const caps = readList(reader, capBounds, () => ({
		segment: reader.varuint(),
		lane: reader.varuint(),
		clock: reader.varuint(),
		id: reader.take(capIdLength)
	}));
	for (let i = 1; i < caps.length; i++)
		if (order(caps[i - 1] as Cap, caps[i] as Cap) >= 0) throw new Malformed('range');
	return caps;
}
