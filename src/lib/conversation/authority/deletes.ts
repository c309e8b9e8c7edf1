/**
 * Which deletes count, and which have to be reckoned with (docs/decisions/0027). Whose the target is says the certificate
 * of its lane, which stands in its segment: so these are questions about one delete and one author, asked where that is
 * known.
 */
import { toBase64url } from '../../protocol/base64url';
import { controlSegment } from '../../protocol/ids';
import {
	countsAt,
	mayDelete,
	powerOf,
	type Authority,
	type ControlEntry,
	type ControlLane
} from '../authority';

/** A delete in a lane of somebody who is, or was, let in. */
export interface SaidDelete {
	/** Of its entry. */
	readonly id: string;
	readonly lane: number;
	readonly clock: number;
	readonly hlc: number;
	/** Who says so. */
	readonly by: ControlLane;
	/** Base64url. */
	readonly auth: string;
	readonly targets: readonly SaidTarget[];
}

export interface SaidTarget {
	readonly segment: number;
	readonly lane: number;
	readonly clock: number;
	readonly id: Uint8Array;
	/** The message itself, and not an edit or a copy of it. */
	readonly isMessage: boolean;
}

/** The deletes among control entries, in one order for everybody, whether or not they count. */
export function saidDeletes(authority: Authority, entries: readonly ControlEntry[]): readonly SaidDelete[] {
	const deletes = entries.flatMap(({ id, lane, clock, hlc, record }): SaidDelete[] => {
		if (record.type !== 'delete') return [];
		const by = authority.controlLaneByNumber.get(lane);
		if (by === undefined) return [];
		const targets = record.targets.map((target, i) => ({ ...target, isMessage: i === 0 }));
		return [{ id, lane, clock, hlc, by, auth: toBase64url(record.auth), targets }];
	});
	return deletes.sort((a, b) => a.lane - b.lane || a.clock - b.clock);
}

type Saying = Pick<SaidDelete, 'lane' | 'clock' | 'by' | 'auth'>;

/**
 * Whether a delete takes away what this author has said: its own author's word as far as it counts, or that of somebody
 * with power over them.
 * @param author account id
 */
export function deleteCounts(
	authority: Authority,
	{ lane, clock, by, auth }: Saying,
	author: string
): boolean {
	const power = powerOf(authority, auth, controlSegment, lane, clock, by);
	if (power === null && !countsAt(authority, controlSegment, lane, clock, by)) return false;
	return mayDelete(authority, author, by.account, power);
}

/**
 * Whether a delete may have counted where somebody has let the bytes go for it. What counts can change: a removal comes
 * that had not seen it, or somebody who was a plain member then moderates now. Bytes do not come back, and a lane must
 * not end for newcomers where they are missing: the author's own word is enough here, however far their lane counts, and
 * so is power over others, whoever these are now.
 */
export function deleteMayHaveCounted(
	authority: Authority,
	{ lane, clock, by, auth }: Saying,
	author: string
): boolean {
	return author === by.account || powerOf(authority, auth, controlSegment, lane, clock, by) !== null;
}
