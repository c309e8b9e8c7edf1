/** What deletes name, by place: kept up with the fold of authority, which says which of them count. */
import { toBase64url } from '../protocol/base64url';
import { ByteWriter, equalBytes } from '../protocol/bytes';
import { sha256, type Bytes } from '../protocol/crypto';
import { controlSegment } from '../protocol/ids';
import { countsAt, powerOf, type Authority } from './authority';
import {
	deleteCounts,
	deleteMayHaveCounted,
	saidDeletes,
	type SaidDelete,
	type SaidTarget
} from './authority/deletes';
import type { ControlLog } from './control-log';
import type { NamedEntries } from './segment';

/** One target of one delete. */
export interface NamedEntry extends SaidTarget {
	readonly said: SaidDelete;
}

const nothing: readonly NamedEntry[] = [];

export class NamedDeletes {
	#authority: Authority | null = null;
	readonly #byLaneBySegment = new Map<number, Map<number, NamedEntry[]>>();

	constructor(readonly control: Pick<ControlLog, 'authority' | 'entries'>) {}

	/** Segments of which deletes name something. */
	get segments(): readonly number[] {
		return [...this.#lanesBySegment().keys()];
	}

	/** Lanes of a segment of which deletes name something. */
	lanesOf(segment: number): readonly number[] {
		return [...(this.#lanesBySegment().get(segment)?.keys() ?? [])];
	}

	/** What deletes name in a lane, whether or not they count. */
	inLane(segment: number, lane: number): readonly NamedEntry[] {
		return this.#lanesBySegment().get(segment)?.get(lane) ?? nothing;
	}

	/** Whether a delete names this entry, anywhere, that counts if it is this account's. */
	names(id: Uint8Array, account: string): boolean {
		for (const byLane of this.#lanesBySegment().values())
			for (const named of byLane.values())
				if (named.some((each) => equalBytes(each.id, id) && this.counts(each, account))) return true;
		return false;
	}

	/** @param author account whose the lane is */
	counts({ said }: NamedEntry, author: string): boolean {
		return deleteCounts(this.control.authority, said, author);
	}

	/** For the guard of one segment. */
	of(segment: number): NamedEntries {
		return {
			idsAt: (lane, clock, author) => {
				const named = this.inLane(segment, lane).filter((each) => each.clock === clock);
				if (author === null) return distinct(named);
				const { authority } = this.control;
				const believed = named.filter(({ said }) => deleteMayHaveCounted(authority, said, author));
				const counts = (each: NamedEntry): number => Number(this.counts(each, author));
				return distinct([...believed].sort((a, b) => counts(b) - counts(a)));
			}
		};
	}

	/**
	 * Stands for all that is said about a segment, and for what it is worth: a segment that was looked through for it need
	 * not be again. Empty if nothing is.
	 */
	digestOf(segment: number): Bytes {
		const writer = new ByteWriter();
		const { authority } = this.control;
		for (const lane of [...this.lanesOf(segment)].sort((a, b) => a - b))
			for (const { said, clock, id } of this.inLane(segment, lane)) {
				const power = powerOf(authority, said.auth, controlSegment, said.lane, said.clock, said.by);
				const counts = countsAt(authority, controlSegment, said.lane, said.clock, said.by);
				const over = power === 'moderator' ? authority.trustedGrants.size : 0;
				writer.u64(lane).u32(clock).raw(id).label(`${said.id} ${power} ${counts} ${over};`);
			}
		return writer.length === 0 ? new Uint8Array(0) : (sha256(writer.done()).slice(0, 8) as Bytes);
	}

	#lanesBySegment(): ReadonlyMap<number, ReadonlyMap<number, readonly NamedEntry[]>> {
		const { authority, entries } = this.control;
		if (this.#authority === authority) return this.#byLaneBySegment;
		this.#authority = authority;
		this.#byLaneBySegment.clear();
		for (const said of saidDeletes(authority, entries))
			for (const target of said.targets) {
				const byLane = this.#byLaneBySegment.get(target.segment) ?? new Map<number, NamedEntry[]>();
				this.#byLaneBySegment.set(target.segment, byLane);
				const named = byLane.get(target.lane);
				if (named === undefined) byLane.set(target.lane, [{ ...target, said }]);
				else named.push({ ...target, said });
			}
		return this.#byLaneBySegment;
	}
}

function distinct(named: readonly NamedEntry[]): readonly Uint8Array[] {
	const ids: Uint8Array[] = [];
	for (const { id } of named) if (!ids.some((known) => equalBytes(known, id))) ids.push(id);
	return ids;
}

/** Tells one target of one delete from all others. */
export const nameOf = ({ said, segment, lane, clock, id }: NamedEntry): string =>
	`${said.id}/${segment}/${lane}/${clock}/${toBase64url(id)}`;

/** Base64url. */
export const idOfNamed = ({ id }: NamedEntry): string => toBase64url(id);
