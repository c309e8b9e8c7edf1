/**
 * The lanes that this device writes. A lane is written only while there is no doubt that this device alone holds its
 * key and its newest state (protocol 3.8); otherwise it is retired and a new one begun.
 */
import { certifyLane } from '../protocol/certificates';
import { hashLength } from '../protocol/crypto';
import { createEntry, type HeldKeys } from '../protocol/entry';
import type { AdmittedRun } from '../protocol/guard/lanes';
import { controlSegment, laneOf } from '../protocol/ids';
import { classOf, encodeRecord, isMessage, type Dep, type KnownRecord } from '../protocol/records';
import { fail, ok, type Result } from '../protocol/result';
import type { ConversationIdentity, ConversationPorts, JournalEntry, JournalFailure, OwnLane } from './ports';
import type { Segment } from './segment';

/** How a record is said. */
export interface Saying {
	/** Of the epoch under which it is sealed. */
	readonly keys: HeldKeys;
	/** Newest entries seen in the segment. */
	readonly deps: readonly Dep[];
	/** When it was said, if it is said again; else now. */
	readonly hlc?: number;
	/** Now, but not before this. */
	readonly notBefore?: number;
	/** Key of the draft that is one no more once this is committed. */
	readonly draft?: string;
}

export class OwnLanes {
	readonly #laneByNumber = new Map<number, OwnLane>();
	readonly #suspended = new Set<number>();

	constructor(
		readonly identity: ConversationIdentity,
		readonly ports: ConversationPorts,
		lanes: readonly OwnLane[]
	) {
		for (const lane of lanes) this.#laneByNumber.set(lane.lane, lane);
	}

	isOwn(lane: number): boolean {
		return this.#laneByNumber.has(lane);
	}

	get(lane: number): OwnLane | undefined {
		return this.#laneByNumber.get(lane);
	}

	/** The lane to write to in a segment, if one has been begun and is beyond doubt. */
	active(segment: number): OwnLane | undefined {
		for (const lane of this.#laneByNumber.values()) {
			if (lane.segment === segment && !lane.retired && !this.#suspended.has(lane.lane)) return lane;
		}
		return undefined;
	}

	/** Segments in which this device has written. */
	get segments(): ReadonlySet<number> {
		return new Set([...this.#laneByNumber.values()].map((lane) => lane.segment));
	}

	/** Several if one was suspended in an earlier session. */
	unretired(segment: number): readonly OwnLane[] {
		return [...this.#laneByNumber.values()].filter((lane) => lane.segment === segment && !lane.retired);
	}

	/** Not written to any more in this session; a restart asks again. */
	suspend(lane: number): void {
		this.#suspended.add(lane);
	}

	/** Never to be written again: restored, copied or forked. */
	async retire(lane: number): Promise<Result<void, JournalFailure>> {
		const own = this.#laneByNumber.get(lane);
		if (own === undefined || own.retired) return ok(undefined);
		const retired = { ...own, retired: true };
		// In memory first: even if the disk refuses now, this session writes to it no more.
		this.#laneByNumber.set(lane, retired);
		return this.ports.journal.commit(retired, []);
	}

	/**
	 * Seals, signs and commits one record as the next entry of this device's lane in a segment.
	 * @returns the run to apply; nothing has been inserted yet. On failure nothing has happened.
	 */
	async append(
		segment: Segment,
		record: KnownRecord,
		{ keys, deps, hlc, notBefore = 0, draft }: Saying
	): Promise<Result<AdmittedRun, JournalFailure>> {
		const started = this.active(segment.number);
		const lane = started ?? (await this.#begin(segment));
		const records = lane.next === 0 ? [await this.#certificate(segment, lane), record] : [record];
		const { crypto, clock, journal } = this.ports;
		const entries: JournalEntry[] = [];
		const ids: Uint8Array[] = [];
		let prev = lane.head;
		for (const [i, each] of records.entries()) {
			const place = { context: segment.context, lane: lane.lane, clock: lane.next + i };
			const entry = await createEntry(crypto, keys, {
				place,
				class: classOf(each.type),
				prev,
				record: encodeRecord({
					hlc: each === record ? (hlc ?? Math.max(clock.tick(), notBefore)) : clock.tick(),
					deps: each === record ? deps : [],
					record: each
				}),
				lanePublicKey: lane.publicKey,
				lanePrivateKey: lane.privateKey
			});
			entries.push({
				...{ segment: segment.number, lane: lane.lane, clock: place.clock, bytes: entry.bytes },
				...(!isMessage(each) && { isAct: true })
			});
			ids.push(entry.id);
			prev = entry.id;
		}
		const written: OwnLane = { ...lane, next: lane.next + entries.length, head: prev };
		const committed = await journal.commit(written, entries, draft);
		if (!committed.ok) return fail(committed.reason);
		this.#laneByNumber.set(lane.lane, written);
		return ok({
			lane: lane.lane,
			start: lane.next,
			entries: entries.map((entry) => entry.bytes),
			ids,
			publicKey: lane.publicKey
		});
	}

	async #begin(segment: Segment): Promise<OwnLane> {
		const { publicKey, privateKey } = await this.ports.crypto.generateSigningKeys();
		return {
			segment: segment.number,
			lane: laneOf(publicKey),
			publicKey,
			privateKey,
			next: 0,
			head: this.#headBefore(segment.number),
			retired: false
		};
	}

	/** A lane of a later segment continues the writer's chain; zeros for the first. */
	#headBefore(segment: number): Uint8Array {
		let before: OwnLane | undefined;
		for (const lane of this.#laneByNumber.values()) {
			if (lane.segment === controlSegment || lane.segment >= segment || lane.next === 0) continue;
			if (before === undefined || lane.segment > before.segment) before = lane;
		}
		return before?.head ?? new Uint8Array(hashLength);
	}

	#certificate(segment: Segment, lane: OwnLane): Promise<KnownRecord> {
		const { certificate, devicePrivateKey, grant } = this.identity;
		return certifyLane(
			this.ports.crypto,
			certificate,
			devicePrivateKey,
			segment.context,
			lane.publicKey,
			grant
		);
	}
}
