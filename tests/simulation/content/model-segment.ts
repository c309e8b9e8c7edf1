/** A message segment and its log without seals and signatures: an entry is its record, its id a hash over its place. */
import * as Y from 'yjs';
import { MessageLog, type OpenedRun } from '../../../src/lib/conversation/message-log';
import { Segment } from '../../../src/lib/conversation/segment';
import { ByteWriter } from '../../../src/lib/protocol/bytes';
import { sha256, type Bytes } from '../../../src/lib/protocol/crypto';
import { isPlaceholder, placeholder, type LaneRun } from '../../../src/lib/protocol/guard/update';
import {
	decodeRecord,
	encodeRecord,
	type Envelope,
	type KnownRecord
} from '../../../src/lib/protocol/records';
import { fail } from '../../../src/lib/protocol/result';

export interface ModelEntry {
	readonly segment: number;
	readonly lane: number;
	readonly clock: number;
	/** Id of the entry before in the lane; empty for the first. */
	readonly prev: Uint8Array;
	readonly id: Uint8Array;
	readonly bytes: Uint8Array;
	readonly envelope: Envelope<KnownRecord>;
}

export function makeEntry(
	place: Pick<ModelEntry, 'segment' | 'lane' | 'clock' | 'prev'>,
	envelope: Envelope<KnownRecord>
): ModelEntry {
	const bytes = encodeRecord(envelope);
	const { segment, lane, clock, prev } = place;
	const named = new ByteWriter().varuint(segment).varuint(lane).varuint(clock).raw(prev).raw(bytes);
	return { ...place, id: sha256(named.done()), bytes, envelope };
}

export class ModelSegment extends Segment {
	readonly #entriesByLane = new Map<number, ModelEntry[]>();

	constructor(conversation: Bytes, number: number) {
		super(conversation, number, new Y.Doc());
	}

	/** @returns false if it does not continue what is held of its lane */
	take(entry: ModelEntry): boolean {
		const known = this.#entriesByLane.get(entry.lane) ?? [];
		if (known.length !== entry.clock) return false;
		if (entry.clock > 0 && known.at(-1)?.id !== entry.prev) return false;
		this.#entriesByLane.set(entry.lane, known);
		known.push(entry);
		return true;
	}

	/** Lets the bytes of an entry go. */
	erase(lane: number, clock: number): void {
		const held = this.#entriesByLane.get(lane);
		const entry = held?.[clock];
		if (held !== undefined && entry !== undefined) held[clock] = { ...entry, bytes: placeholder };
	}

	held(lane: number): readonly ModelEntry[] {
		return this.#entriesByLane.get(lane) ?? [];
	}

	override get lanes(): MapIterator<number> {
		return this.#entriesByLane.keys();
	}

	override nextClock(lane: number): number {
		return this.held(lane).length;
	}

	override entryId(lane: number, clock: number): Uint8Array | undefined {
		return this.held(lane)[clock]?.id;
	}

	override run(lane: number, start: number, end: number): LaneRun {
		return {
			lane,
			start,
			entries: this.held(lane)
				.slice(start, end)
				.map(({ bytes }) => bytes)
		};
	}

	override *runsAbove(nextByLane: ReadonlyMap<number, number>): Generator<LaneRun> {
		for (const [lane, held] of this.#entriesByLane) {
			const run = this.run(lane, nextByLane.get(lane) ?? 0, held.length);
			if (run.entries.length > 0) yield run;
		}
	}
}

export class ModelLog extends MessageLog {
	override async open(runs: readonly LaneRun[]): Promise<readonly OpenedRun[]> {
		return runs.map(({ lane, start, entries }) => ({
			lane,
			start,
			envelopes: entries.map((bytes, i) =>
				isPlaceholder(bytes)
					? fail('entry-redacted')
					: decodeRecord(bytes, start + i === 0 ? 'lane' : 'message')
			)
		}));
	}
}
