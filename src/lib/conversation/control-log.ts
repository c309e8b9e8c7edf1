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
import type { Result } from '../protocol/result';
import { deadFrom, foldAuthority, forkKey, type Authority, type Statements } from './authority';
import {
	openControlEntry,
	unread,
	type OpenedEntry,
	type OpeningContext,
	type OpeningRejection
} from './opening';
import type { Segment } from './segment';

export class ControlLog {
	readonly #entries: OpenedEntry[] = [];
	readonly #waitingByLane = new Map<number, OpenedEntry[]>();
	/** Of entries that do not open yet, how to try again. */
	readonly #openAgain = new WeakMap<OpenedEntry, () => Promise<OpenedEntry>>();
	#authority: Authority;

	constructor(
		readonly opening: OpeningContext,
		readonly statements: Statements,
		readonly onRejected: (reason: OpeningRejection) => void
	) {
		this.#authority = foldAuthority(opening.conversation, [], this.statements);
	}

	get authority(): Authority {
		return this.#authority;
	}

	/** What `authority` follows from. */
	get entries(): readonly OpenedEntry[] {
		return this.#entries;
	}

	/** Those of lanes whose grant is not known. */
	get waiting(): readonly OpenedEntry[] {
		return [...this.#waitingByLane.values()].flat();
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
	async open(segment: Segment, run: AdmittedRun): Promise<OpenedEntry[]> {
		const opened: OpenedEntry[] = [];
		for (const [i, bytes] of run.entries.entries()) {
			const place = { lane: run.lane, clock: run.start + i };
			const id = run.ids[i] as Uint8Array;
			const open = () => openControlEntry(this.opening, segment.context, run.publicKey, place, bytes, id);
			const entry = await open();
			if (!entry.ok) {
				this.onRejected(entry.reason);
				continue;
			}
			opened.push(entry.value);
			if (entry.value.record === unread) this.#rememberUnread(entry.value, open);
		}
		return opened;
	}

	#rememberUnread(entry: OpenedEntry, open: () => Promise<Result<OpenedEntry, OpeningRejection>>): void {
		this.#openAgain.set(entry, async () => {
			const again = await open();
			if (again.ok) {
				if (again.value.record === unread) this.#rememberUnread(again.value, open);
				return again.value;
			}
			this.onRejected(again.reason);
			return entry;
		});
	}

	/**
	 * Other epochs are held than before: opens what stands under them.
	 * @param epochs ids, base64url
	 * @returns what opens now
	 */
	async reopen(epochs: ReadonlySet<string>): Promise<readonly OpenedEntry[]> {
		const opened: OpenedEntry[] = [];
		for (const list of [this.#entries, ...this.#waitingByLane.values()]) {
			for (const [i, entry] of list.entries()) {
				if (entry.record !== unread || !epochs.has(entry.epoch)) continue;
				const again = await this.#openAgain.get(entry)?.();
				if (again === undefined || again.record === unread) continue;
				list[i] = again;
				opened.push(again);
			}
		}
		if (opened.length > 0) this.#fold();
		return opened;
	}

	/** The authority if some more entries stood in the control segment. */
	authorityWith(more: readonly OpenedEntry[]): Authority {
		return foldAuthority(this.opening.conversation, [...this.#entries, ...more], this.statements);
	}

	#fold(): void {
		this.#authority = foldAuthority(this.opening.conversation, this.#entries, this.statements);
	}

	/** Entries that are in the document. */
	add(entries: readonly OpenedEntry[]): void {
		this.#entries.push(...entries);
		this.#fold();
	}

	/** Entries of a lane whose grant is not known. */
	hold(lane: number, entries: readonly OpenedEntry[]): void {
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
			this.statements
		);
		const pending = new Set(pendingJoins.map(({ grant }) => grant));
		return [...this.#waitingByLane].flatMap(([lane, entries]) => {
			const [first] = entries;
			const asks = first?.record.type === 'lane' && pending.has(toBase64url(first.record.grant));
			return asks || controlLaneByNumber.has(lane) ? [lane] : [];
		});
	}
}
