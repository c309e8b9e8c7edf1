/**
 * After how long what is said disappears, for everybody (docs/decisions/0035). Set by the owner and by moderators, in a
 * direct conversation by both. What a setting that counts has replaced holds no more; of several that were set at once
 * the latest by (hlc, id) does. So a clock that runs ahead has the last word only until somebody has heard it.
 */
import type { ControlIndex } from './control-index';
import type { Grants } from './grants';
import { later } from './members';

export interface TimerChange {
	/** Of the entry. */
	readonly id: string;
	/** Account. */
	readonly by: string;
	readonly afterS: number;
	/** As its author claims. */
	readonly hlc: number;
}

export interface Timer {
	/** Seconds from when a message is said; 0: it stays. */
	readonly afterS: number;
	/** Ids of what the next setting replaces, the one that holds first. */
	readonly standing: readonly string[];
	/** All that count, oldest first. */
	readonly changes: readonly TimerChange[];
}

export function foldTimer(index: ControlIndex, grants: Grants): Timer {
	const counting = index
		.ofType('timer')
		.filter((said) => {
			const standing = grants.standingOf(said, said.says.auth);
			return standing !== null && (standing !== 'member' || index.direct !== null);
		})
		.sort((a, b) => (later(a, b) ? 1 : -1));
	const replaced = new Set(counting.flatMap(({ says }) => says.replaces));
	const standing = counting.filter(({ id }) => !replaced.has(id)).reverse();
	return {
		afterS: standing[0]?.says.afterS ?? 0,
		standing: standing.map(({ id }) => id),
		changes: counting.map(({ id, lane, hlc, says }) => ({
			id,
			by: index.certificateByLane.get(lane)?.account ?? '',
			afterS: says.afterS,
			hlc
		}))
	};
}

/** The shorter of two times (s) after which something disappears. 0 and undefined: never. @returns 0: never */
export function shorterLife(a = 0, b = 0): number {
	return a === 0 || b === 0 ? Math.max(a, b) : Math.min(a, b);
}
