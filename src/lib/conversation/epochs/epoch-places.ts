/**
 * Where epochs stand: each by its records, at a height above its parents'. Those with a parent that nobody here knows
 * have no place yet.
 */
import { toBase64url } from '../../protocol/base64url';
import { epochIdOf } from '../../protocol/epoch';
import type { EpochPart, NewcomerTerms } from '../../protocol/epoch-records';
import type { EpochFacts, EpochStatement } from './epoch-facts';

export interface Epoch {
	/** Base64url. */
	readonly id: string;
	readonly commitment: Uint8Array;
	/** Null while a parent is unknown. */
	readonly height: number | null;
	readonly hlc: number;
	readonly counts: boolean;
	/** See EpochPart. */
	readonly newcomers: NewcomerTerms;
	/**
	 * Nothing that counts is said under it in a message segment before this one: what it says itself, and never before its
	 * parents' (docs/decisions/0034).
	 */
	readonly firstSegment: number;
	readonly parents: readonly string[];
	/** All records that say it: more than one if somebody says it again. */
	readonly parts: readonly EpochPart[];
	readonly recipients: ReadonlySet<string>;
}

/**
 * How far one epoch may lead ahead of its parents: ten million messages. Whoever names a segment far away is not to use
 * up all numbers at one stroke.
 */
export const segmentsAheadOfParents = 1_024;

/** The order in which epochs are written under: the greatest height, then the lowest id. */
export function highestFirst(a: Epoch, b: Epoch): number {
	return (b.height ?? -1) - (a.height ?? -1) || (a.id < b.id ? -1 : 1);
}

/** By id; the genesis first. */
export function placeEpochs(
	genesis: EpochFacts['genesis'],
	statementsById: ReadonlyMap<string, readonly EpochStatement[]>
): ReadonlyMap<string, Epoch> {
	const placed = new Map<string, Epoch>();
	if (genesis !== null) {
		const first = genesisOf(genesis);
		placed.set(first.id, first);
	}
	const unplaced = new Map([...statementsById].map(([id, statements]) => [id, epochOf(id, statements)]));
	for (let before = Infinity; unplaced.size < before;) {
		before = unplaced.size;
		for (const [id, epoch] of unplaced) {
			const parents = epoch.parents.flatMap((parent) => placed.get(parent) ?? []);
			if (parents.length < epoch.parents.length) continue;
			const height = 1 + Math.max(...parents.map((parent) => parent.height ?? 0));
			const least = Math.max(...parents.map((parent) => parent.firstSegment));
			const firstSegment = Math.min(Math.max(epoch.firstSegment, least), least + segmentsAheadOfParents);
			placed.set(id, { ...epoch, height, firstSegment });
			unplaced.delete(id);
		}
	}
	for (const [id, epoch] of unplaced) placed.set(id, epoch);
	return placed;
}

function genesisOf({ commitment, hlc, holder }: NonNullable<EpochFacts['genesis']>): Epoch {
	return {
		id: toBase64url(epochIdOf(commitment)),
		commitment,
		height: 0,
		hlc,
		counts: true,
		newcomers: 'secret',
		firstSegment: 1,
		parents: [],
		parts: [],
		recipients: new Set([holder])
	};
}

/** Of several records of one epoch the one with the lowest id is taken for its parents; seals are those of all. */
function epochOf(id: string, statements: readonly EpochStatement[]): Epoch {
	const inOrder = [...statements].sort(
		(a, b) => Number(b.counts) - Number(a.counts) || (a.entryId < b.entryId ? -1 : 1)
	);
	const [first] = inOrder as [EpochStatement];
	return {
		id,
		commitment: first.part.commitment,
		height: null,
		hlc: first.hlc,
		counts: first.counts,
		newcomers: first.part.newcomers,
		firstSegment: first.part.firstSegment ?? 1,
		parents: first.part.parents.map(toBase64url),
		parts: inOrder.map(({ part }) => part),
		recipients: new Set(inOrder.flatMap(({ part }) => part.seals.map((seal) => toBase64url(seal.recipient))))
	};
}
