/**
 * The opened control entries of a conversation, and the authority that follows from them. Lanes whose grant is not
 * known yet wait in quarantine; whether they would count is asked of the same fold, with them in it.
 */
import type { AdmittedRun } from '../protocol/guard/lanes';
import { toBase64url } from '../protocol/base64url';
import { equalBytes } from '../protocol/bytes';
import { laneOfFork } from '../protocol/certificates';
import { controlSegment } from '../protocol/ids';
import { encodeRecord, type KnownRecord } from '../protocol/records';
import { Statements, deadFrom, foldAuthority, forkKey, type Authority, type ControlEntry } from './authority';
import { openControlEntry, type OpeningContext, type OpeningRejection } from './opening';
import type { Segment } from './segment';

export class ControlLog {
	readonly #entries: ControlEntry[] = [];
	readonly #waitingByLane = new Map<number, ControlEntry[]>();
	readonly #statements: Statements;
	#authority: Authority;

	constructor(
		readonly opening: OpeningContext,
		readonly onRejected: (reason: OpeningRejection) => void
	) {
		this.#statements = new Statements(opening.conversation);
		this.#authority = foldAuthority(opening.conversation, [], this.#statements);
	}

	get authority(): Authority {
		return this.#authority;
	}

	/** What `authority` follows from. */
	get entries(): readonly ControlEntry[] {
		return this.#entries;
	}

	/**
	 * Forks that are known from dead entries alone, or from none. Replicas differ in what is dead, and a fork is to be
	 * known by all: somebody who knows of one has to say it where it stays.
	 */
	unspokenForks(): readonly Extract<KnownRecord, { type: 'fork' }>[] {
		const spoken = new Set<string>();
		const known = new Map<string, Extract<KnownRecord, { type: 'fork' }>>();
		for (const { record, sound, lane, clock } of this.#entries) {
			if (record.type !== 'fork' || !sound) continue;
			const key = forkKey(record.segment, laneOfFork(record));
			if (this.#authority.forkClockByLane.get(key) !== record.clock) continue;
			known.set(key, record);
			if (clock < deadFrom(this.#authority, controlSegment, lane)) spoken.add(key);
		}
		return [...known].flatMap(([key, record]) => (spoken.has(key) ? [] : [record]));
	}

	/** Whether an account has said this at this time where it counts. */
	isSaid(account: string, hlc: number, record: KnownRecord): boolean {
		const encoded = encodeRecord({ hlc, deps: [], record });
		return this.#entries.some(
			(entry) =>
				entry.hlc === hlc &&
				entry.record.type === record.type &&
				entry.clock < deadFrom(this.#authority, controlSegment, entry.lane) &&
				this.#authority.controlLaneByNumber.get(entry.lane)?.account === account &&
				equalBytes(encodeRecord({ hlc, deps: [], record: entry.record as KnownRecord }), encoded)
		);
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
		this.#authority = foldAuthority(this.opening.conversation, this.#entries, this.#statements);
	}

	/** Entries of a lane whose grant is not known. */
	hold(lane: number, entries: readonly ControlEntry[]): void {
		this.#waitingByLane.set(lane, [...(this.#waitingByLane.get(lane) ?? []), ...entries]);
	}

	drop(lane: number): void {
		this.#waitingByLane.delete(lane);
	}

	/** Forgets waiting lanes that have been dropped from quarantine. */
	keepWaiting(isHeld: (lane: number) => boolean): void {
		for (const lane of this.#waitingByLane.keys()) if (!isHeld(lane)) this.#waitingByLane.delete(lane);
	}

	/**
	 * Waiting lanes that would count if all that waits were admitted; and those of joins that only want somebody's
	 * approval, so that all who may approve learn of them, whomever the newcomer has met.
	 */
	admissible(): readonly number[] {
		if (this.#waitingByLane.size === 0) return [];
		const all = [...this.#entries, ...[...this.#waitingByLane.values()].flat()];
		const { controlLaneByNumber, pendingJoins } = foldAuthority(
			this.opening.conversation,
			all,
			this.#statements
		);
		const pending = new Set(pendingJoins.map(({ grant }) => grant));
		return [...this.#waitingByLane].flatMap(([lane, entries]) => {
			const [first] = entries;
			const asks = first?.record.type === 'lane' && pending.has(toBase64url(first.record.grant));
			return asks || controlLaneByNumber.has(lane) ? [lane] : [];
		});
	}
}
