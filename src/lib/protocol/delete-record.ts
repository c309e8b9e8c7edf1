/**
 * `delete`: takes away what was said, for everyone (docs/decisions/0026, 0027). It names positions and ids, so that it
 * takes away what its author has seen and nothing else; the first is the message, the others are what its author knows of
 * edits and copies of it. A control entry: whoever is to let bytes go, or does without them, must be able to check it.
 */
import { Malformed } from './bytes';
import { hashLength } from './crypto';
import { readList, writeList, type Codec } from './record-codec';

/** A message and the 64 edits of it that are kept. */
export const deleteTargetBounds = { least: 1, most: 65 };
/** As of sync frames. */
const newestSegment = 65_535;
const latestClock = 2 ** 31 - 1;

/** An entry of a message segment. Never a lane's first, which says whose the lane is. */
export interface DeleteTarget {
	/** 1 … 65 535 */
	readonly segment: number;
	readonly lane: number;
	/** 1 … 2^31 - 1 */
	readonly clock: number;
	/** 32 bytes. */
	readonly id: Uint8Array;
}

export interface DeleteRecord {
	readonly type: 'delete';
	/** A seat or a role record; zeros for what is one's own. */
	readonly auth: Uint8Array;
	/** The message first. Each place once. */
	readonly targets: readonly DeleteTarget[];
}

/** Null if a target is one that no reader would take. */
function problemOf(targets: readonly DeleteTarget[]): string | null {
	const places = new Set<string>();
	for (const { segment, lane, clock, id } of targets) {
		if (segment < 1 || segment > newestSegment) return `segment ${segment}`;
		if (clock < 1 || clock > latestClock) return `clock ${clock}`;
		if (id.length !== hashLength) return `an id of ${id.length} bytes`;
		places.add(`${segment}/${lane}/${clock}`);
	}
	return places.size === targets.length ? null : 'a place named twice';
}

export const deleteCodec: Codec<DeleteRecord> = {
	number: 49,
	class: 'control',
	write: (writer, { auth, targets }) => {
		const problem = problemOf(targets);
		if (problem !== null) throw new RangeError(`nobody can delete that: ${problem}`);
		writeList(
			writer.raw(auth),
			targets,
			deleteTargetBounds,
			({ segment, lane, clock, id }) => void writer.varuint(segment).varuint(lane).varuint(clock).raw(id)
		);
	},
	read: (reader) => {
		const auth = reader.take(hashLength);
		const targets = readList(reader, deleteTargetBounds, () => ({
			segment: reader.varuint(),
			lane: reader.varuint(),
			clock: reader.varuint(),
			id: reader.take(hashLength)
		}));
		if (problemOf(targets) !== null) throw new Malformed('range');
		return { type: 'delete', auth, targets };
	}
};
