/** A lane of twelve sound entries, for tests of what the guard makes of it and of what is spoilt in it. */
import { createEntry, type EntryClass } from '../../../src/lib/protocol/entry';
import type { LaneRun } from '../../../src/lib/protocol/guard/update';
import { LaneWriter, crypto, newSegment } from '../relay/lane-writer';

const segment = await newSegment();
export const writer = await LaneWriter.create(segment);
await writer.write(12);

export const { context } = segment;
export const entries: readonly Uint8Array[] = writer.entries;
export const { publicKey } = writer.signing;
/** No point of the curve that every engine takes. */
export const unsoundKey = new Uint8Array(32);

/** Another lane of the same segment. */
export const otherWriter = (): Promise<LaneWriter> => LaneWriter.create(segment);

/** With another signature, which nobody has made. */
export function spoilt(bytes: Uint8Array): Uint8Array {
	const copy = bytes.slice();
	copy[copy.length - 1]! ^= 1;
	return copy;
}

export const run = (of: readonly Uint8Array[], start = 0): LaneRun => ({
	lane: writer.lane,
	start,
	entries: of
});

/** Signed by the lane, whatever it stands upon. */
export async function entryAt(clock: number, prev: Uint8Array, entryClass: EntryClass): Promise<Uint8Array> {
	const { bytes } = await createEntry(crypto, segment.keys, {
		place: { context, lane: writer.lane, clock },
		class: entryClass,
		prev,
		record: crypto.randomBytes(9),
		lanePublicKey: publicKey,
		lanePrivateKey: writer.signing.privateKey
	});
	return bytes;
}
