/**
 * The opened control entries of a conversation, and the authority that follows from them. Lanes whose grant is not
 * known yet wait in quarantine; whether they would count is asked of the same fold, with them in it.
 */
import type { AdmittedRun } from '../protocol/guard/lanes';
import { foldAuthority, type Authority, type ControlEntry } from './authority';
import { openControlEntry, type OpeningContext, type OpeningRejection } from './opening';
import type { Segment } from './segment';

export class ControlLog {
	readonly #entries: ControlEntry[] = [];
	readonly #waitingByLane = new Map<number, ControlEntry[]>();
	#authority: Authority;

	constructor(
		readonly opening: OpeningContext,
		readonly onRejected: (reason: OpeningRejection) => void
	) {
		this.#authority = foldAuthority(opening.conversation, []);
	}

	get authority(): Authority {
		return this.#authority;
	}

	/** Opens entries of a run that stands (or may come to stand) in the control segment. */
	async open(segment: Segment, run: AdmittedRun): Promise<ControlEntry[]> {
		const opened: ControlEntry[] = [];
		for (const [i, bytes] of run.entries.entries()) {
			const place = { lane: run.lane, clock: run.start + i };
			const id = run.ids[i] as Uint8Array;
			const entry = await openControlEntry(this.opening, segment.context, run.publicKey, place, bytes, id);
			if (entry.ok) opened.push(entry.value);
			else this.onRejected(entry.reason);
		}
		return opened;
	}

	/** Entries that are in the document. @returns whether the authority is another one now */
	add(entries: readonly ControlEntry[]): void {
		this.#entries.push(...entries);
		this.#authority = foldAuthority(this.opening.conversation, this.#entries);
	}

	/** Entries of a lane whose grant is not known. */
	hold(lane: number, entries: readonly ControlEntry[]): void {
		this.#waitingByLane.set(lane, [...(this.#waitingByLane.get(lane) ?? []), ...entries]);
	}

	drop(lane: number): void {
		this.#waitingByLane.delete(lane);
	}

	/** Takes a lane's waiting entries out, to add them. */
	release(lane: number): readonly ControlEntry[] {
		const waiting = this.#waitingByLane.get(lane) ?? [];
		this.#waitingByLane.delete(lane);
		return waiting;
	}

	/** Waiting lanes that would count if all that waits were admitted. */
	admissible(): readonly number[] {
		if (this.#waitingByLane.size === 0) return [];
		const all = [...this.#entries, ...[...this.#waitingByLane.values()].flat()];
		const { controlLaneByNumber } = foldAuthority(this.opening.conversation, all);
		return [...this.#waitingByLane.keys()].filter((lane) => controlLaneByNumber.has(lane));
	}
}
