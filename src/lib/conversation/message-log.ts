/**
 * The fold of one message segment, kept up as entries arrive: which entries are messages that count, by whom, at
 * which place on screen. Its memory per entry is a time; texts go to the read model and are not kept.
 */
import { toBase64url } from '../protocol/base64url';
import type { AdmittedRun } from '../protocol/guard/lanes';
import { accountIdOf } from '../protocol/ids';
import type { LaneRecord } from '../protocol/records';
import { accountOfLane, deadFrom, type Authority } from './authority';
import { EffectiveTimes } from './effective-times';
import { openRecord, timedEntry, type OpeningContext, type OpeningRejection } from './opening';
import type { LaneCursor, ProjectedMessage } from './ports';
import { RepeatedMessages } from './repeated-messages';
import type { Segment } from './segment';

/** Entries opened at once; WebCrypto works on them in parallel while the main thread stays free. */
const openingBatch = 128;

export interface FoldedBatch {
	readonly messages: readonly ProjectedMessage[];
	/** Empty while the lane's grant is not known: what has not been shown is not to be taken for shown. */
	readonly cursors: readonly LaneCursor[];
	/** Ids of what another copy has taken the place of. */
	readonly withdrawn: readonly string[];
}

export class MessageLog {
	readonly #times = new EffectiveTimes();
	readonly #recordByLane = new Map<number, LaneRecord>();
	/** As whose they were folded; null: nobody's. */
	readonly #accountByLane = new Map<number, string | null>();
	readonly #copies = new RepeatedMessages();
	/** Messages some of whose deps have not come, so that their time may still rise. */
	readonly #unsettledById = new Map<string, ProjectedMessage>();

	constructor(
		readonly segment: Segment,
		readonly opening: OpeningContext,
		/** Own messages are shown to their author even before the own join has been seen to count. */
		readonly isOwn: (lane: number) => boolean,
		readonly onRejected: (reason: OpeningRejection) => void
	) {}

	certificateOf(lane: number): LaneRecord | undefined {
		return this.#recordByLane.get(lane);
	}

	timeOf(lane: number, clock: number): number | undefined {
		return this.#times.timeOf(lane, clock);
	}

	/** Lanes that speak for somebody else now than when they were folded, with whom they spoke for then. */
	outdatedLanes(authority: Authority): { readonly lane: number; readonly before: string | null }[] {
		return [...this.#accountByLane].flatMap(([lane, before]) => {
			const record = this.#recordByLane.get(lane);
			const now = record === undefined ? null : this.#accountOf(lane, record, authority);
			return now === before ? [] : [{ lane, before }];
		});
	}

	/** Lanes of which nobody knows whose they are. */
	unattributedLanes(): readonly number[] {
		return [...this.#accountByLane].flatMap(([lane, account]) => (account === null ? [lane] : []));
	}

	/** Whether the author has said again what stood in this entry. @param origin id of the entry, base64url */
	isRepeated(account: string, origin: string): boolean {
		return this.#copies.has(account, origin);
	}

	/**
	 * Folds entries that have just been added to the segment, or all of them after it was loaded. In slices: yields
	 * what is ready, so that the read model and the screen follow while the rest is opened.
	 * @param projected next clock by lane that the read model has; nothing below is yielded again
	 */
	async *fold(
		runs: Iterable<Pick<AdmittedRun, 'lane' | 'start' | 'entries'>>,
		authority: () => Authority,
		projected: ReadonlyMap<number, number>
	): AsyncGenerator<FoldedBatch> {
		for (const run of runs) {
			for (let from = 0; from < run.entries.length; from += openingBatch) {
				const slice = run.entries.slice(from, from + openingBatch);
				yield await this.#foldSlice(
					run.lane,
					run.start + from,
					slice,
					authority(),
					projected.get(run.lane) ?? 0
				);
			}
		}
	}

	async #foldSlice(
		lane: number,
		start: number,
		entries: readonly Uint8Array[],
		authority: Authority,
		projectedNext: number
	): Promise<FoldedBatch> {
		const { context, number: segment } = this.segment;
		const opened = await Promise.all(
			entries.map((bytes, i) => openRecord(this.opening, context, lane, start + i, bytes))
		);
		const dead = deadFrom(authority, segment, lane);
		const messageById = new Map<string, ProjectedMessage>();
		const withdrawn = new Set<string>();
		let known = false;
		for (const [i, envelope] of opened.entries()) {
			const clock = start + i;
			if (!envelope.ok) {
				this.onRejected(envelope.reason);
				continue;
			}
			const { record } = envelope.value;
			if (record.type === 'lane') this.#recordByLane.set(lane, record);
			if (clock >= dead) continue;
			const idBytes = this.segment.entryId(lane, clock);
			if (idBytes === undefined) throw new Error('an entry to fold is not in its segment');
			const id = toBase64url(idBytes);
			const certificate = this.#recordByLane.get(lane);
			const account = certificate === undefined ? null : this.#accountOf(lane, certificate, authority);
			const changed = this.#times.add(timedEntry(lane, clock, id, envelope.value));
			for (const [changedId, time] of changed) this.#retime(changedId, time, messageById);
			this.#accountByLane.set(lane, account);
			known ||= account !== null;
			if ((record.type !== 'message' && record.type !== 'again') || account === null) continue;
			const time = changed.get(id) ?? envelope.value.hlc;
			const message = { segment, lane, clock, id, account, text: record.text, hlc: envelope.value.hlc, time };
			if (record.type === 'again') {
				const loser = this.#copies.add(account, toBase64url(record.origin), id);
				if (loser !== null) {
					withdrawn.add(loser);
					this.#unsettledById.delete(loser);
				}
				if (loser === id) continue;
			}
			if (this.#times.isOpen(lane, clock)) this.#unsettledById.set(id, message);
			if (clock >= projectedNext) messageById.set(id, message);
		}
		for (const id of withdrawn) messageById.delete(id);
		return {
			messages: [...messageById.values()],
			cursors: known ? [{ segment, lane, next: start + entries.length }] : [],
			withdrawn: [...withdrawn]
		};
	}

	#accountOf(lane: number, certificate: LaneRecord, authority: Authority): string | null {
		return (
			accountOfLane(authority, certificate) ?? (this.isOwn(lane) ? accountIdOf(certificate.account) : null)
		);
	}

	#retime(id: string, time: number, messageById: Map<string, ProjectedMessage>): void {
		const unsettled = this.#unsettledById.get(id) ?? messageById.get(id);
		if (unsettled === undefined || unsettled.time === time) return;
		const message = { ...unsettled, time };
		if (this.#unsettledById.has(id)) this.#unsettledById.set(id, message);
		messageById.set(id, message);
	}
}
