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
import type { EpochGraph } from './epoch-graph';

export interface PlannedSeal {
	/** X25519 public key. */
	readonly agreement: Uint8Array;
	readonly kind: SealedKind;
}

export interface EpochPlan {
	/** Ids; the parents are linked as far as the maker holds them. */
	readonly parents: readonly string[];
	readonly newcomers: NewcomerTerms;
	readonly seals: readonly PlannedSeal[];
}

/**
 * @param graph of the facts as they will be: for a removal, without whom it removes
 * @param holdsControl what its maker can link to
 * @param nowMs expired invitations get no seal
 * @returns null if its maker holds no epoch to begin from, or the group is too large for one record
 */
export function planEpoch(
	graph: EpochGraph,
	holdsControl: (id: string) => boolean,
	nowMs: number
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
	return { parents: parents.map(({ id }) => id), newcomers, seals: [...members, ...invites] };
}
