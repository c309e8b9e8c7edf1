/**
 * What a new epoch is made of: its parents, to whom it is sealed, and what newcomers get. Pure; drawing the secret and
 * sealing it is make-epoch.ts.
 */
import {
	kindForInvites,
	parentsLimit,
	sealsLimit,
	type NewcomerTerms,
	type SealedKind
} from '../../protocol/epoch-records';
import { segmentNumberLimit } from '../../protocol/sync-frames';
import type { Epoch, EpochGraph } from './epoch-graph';

export interface PlannedSeal {
	/** X25519 public key. */
	readonly agreement: Uint8Array;
	readonly kind: SealedKind;
}

export interface EpochPlan {
	/** Ids; the parents are linked as far as the maker holds them. */
	readonly parents: readonly string[];
	readonly newcomers: NewcomerTerms;
	/** See EpochPart. */
	readonly firstSegment?: number;
	readonly seals: readonly PlannedSeal[];
}

/**
 * @param graph of the facts as they will be: for a removal, without whom it removes
 * @param holdsControl what its maker can link to
 * @param nowMs expired invitations get no seal
 * @param unusedSegment the first message segment of which nothing is known
 * @returns null if its maker holds no epoch to begin from, or the group is too large for one record
 */
export function planEpoch(
	graph: EpochGraph,
	holdsControl: (id: string) => boolean,
	nowMs: number,
	unusedSegment: number
): EpochPlan | null {
	const { newcomers } = graph.facts;
	const parents = graph.frontier(holdsControl).slice(0, parentsLimit);
	const members = [...graph.members()].map(([, agreement]) => ({ agreement, kind: 'secret' as const }));
	if (parents.length === 0 || members.length === 0 || members.length > sealsLimit) return null;
	const invites = [...graph.facts.invites]
		.filter(([recipient, { expiresAtMs }]) => expiresAtMs > nowMs && graph.isInviteOpen(recipient))
		.sort(([, a], [, b]) => b.expiresAtMs - a.expiresAtMs)
		.slice(0, sealsLimit - members.length)

		.map(([, { agreement, kind }]) => ({
			agreement,
			kind: kind === 'control' ? kind : kindForInvites(newcomers)
		}));
	return {
		parents: parents.map(({ id }) => id),
		newcomers,
		...(newcomers === 'none' ? { firstSegment: firstSegmentOf(graph, parents, unusedSegment) } : {}),
		seals: [...members, ...invites]
	};
}

/**
 * Where what is said under a new epoch begins: in the newest segment, or, with somebody new, beyond it
 * (docs/decisions/0034). Whoever does not know all segments knows at least what other epochs say of them.
 */
function firstSegmentOf(graph: EpochGraph, parents: readonly Epoch[], unusedSegment: number): number {
	const begun = Math.max(...parents.map(({ firstSegment }) => firstSegment));
	const isForAll = [...graph.members().keys()].every((recipient) =>
		parents.every(({ id }) => graph.rightTo(id, recipient) === 'secret')
	);
	if (isForAll) return Math.max(begun, unusedSegment - 1);
	return Math.min(Math.max(unusedSegment, 1 + Math.max(...graph.firstSegments)), segmentNumberLimit);
}
