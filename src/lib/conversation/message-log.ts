/**
 * The fold of one message segment, kept up as entries arrive: which entries are messages that count, by whom, at
 * which place on screen. Its memory per entry is a time; texts go to the read model and are not kept.
 */
import { toBase64url } from '../protocol/base64url';
import type { AdmittedRun } from '../protocol/guard/lanes';
import type { LaneRecord } from '../protocol/records';
import { certifiedBy, countsUntil, deadFrom, type Authority, type ControlLane } from './authority';
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

interface FoldedLane {
	/** As whose; null: nobody's. */
	readonly account: string | null;
	/** First clock that did not count. */
	readonly until: number;
}

type Opened = Awaited<ReturnType<typeof openRecord>>;

export class MessageLog {
	readonly #times = new EffectiveTimes();
	readonly #recordByLane = new Map<number, LaneRecord>();
	readonly #certifiedByLane = new Map<number, ControlLane>();
	/** How lanes were folded. */
	readonly #foldedByLane = new Map<number, FoldedLane>();
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

	/**
	 * Lanes that speak for somebody else now than when they were folded, or count up to another place.
	 * @returns with the clock from which what was folded is void; null if none of it is
	 */
	outdatedLanes(authority: Authority): { readonly lane: number; readonly voidFrom: number | null }[] {
		return [...this.#foldedByLane].flatMap(([lane, before]) => {
			const { account, until } = this.#standingOf(lane, authority);
			if (account !== before.account) return [{ lane, voidFrom: before.account === null ? null : 0 }];
			if (until === before.until) return [];
			return [{ lane, voidFrom: until < before.until ? until : null }];
		});
	}

	/** First clock that did not count when lanes were folded, of those that have one. */
	limits(): readonly (readonly [lane: number, until: number])[] {
		return [...this.#foldedByLane].flatMap(([lane, { until }]) =>
			until === Infinity ? [] : [[lane, until] as const]
		);
	}

	/** Lanes of which nobody knows whose they are. */
	unattributedLanes(): readonly number[] {
		return [...this.#foldedByLane].flatMap(([lane, { account }]) => (account === null ? [lane] : []));
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
		this.#noteCertificate(lane, start, opened[0]);
		const { account, until } = this.#standingOf(lane, authority);
		this.#foldedByLane.set(lane, { account, until });
		const messageById = new Map<string, ProjectedMessage>();
		const withdrawn = new Set<string>();
		for (const [i, envelope] of opened.entries()) {
			const clock = start + i;
			if (!envelope.ok) {
				this.onRejected(envelope.reason);
				continue;
			}
			const { record } = envelope.value;
			if (clock >= until) continue;
			const idBytes = this.segment.entryId(lane, clock);
			if (idBytes === undefined) throw new Error('an entry to fold is not in its segment');
			const id = toBase64url(idBytes);
			const changed = this.#times.add(timedEntry(lane, clock, id, envelope.value));
			for (const [changedId, time] of changed) this.#retime(changedId, time, messageById);
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
			// What is void now may count one day, when the removal that made it so turns out to be void itself.
			cursors: account === null ? [] : [{ segment, lane, next: Math.min(until, start + entries.length) }],
			withdrawn: [...withdrawn]
		};
	}

	#noteCertificate(lane: number, start: number, first: Opened | undefined): void {
		if (start > 0 || first?.ok !== true || first.value.record.type !== 'lane') return;
		this.#recordByLane.set(lane, first.value.record);
		this.#certifiedByLane.set(lane, certifiedBy(first.value.record));
	}

	/** Whose a lane is, and how far it counts. */
	#standingOf(lane: number, authority: Authority): FoldedLane {
		const { number: segment } = this.segment;
		const of = this.#certifiedByLane.get(lane);
		if (of === undefined) return { account: null, until: deadFrom(authority, segment, lane) };
		const isKnown = authority.accountByGrant.get(of.grant) === of.account;
		const account = isKnown || this.isOwn(lane) ? of.account : null;
		const { until, lastIdPrefix } = countsUntil(authority, segment, lane, of);
		if (lastIdPrefix === null) return { account, until };
		const held = this.segment.entryId(lane, until - 1);
		// Another entry than the one that the removal names: this is another branch of the lane.
		const isOther = held !== undefined && !toBase64url(held).startsWith(lastIdPrefix);
		return { account, until: isOther ? 0 : until };
	}

	#retime(id: string, time: number, messageById: Map<string, ProjectedMessage>): void {
		const unsettled = this.#unsettledById.get(id) ?? messageById.get(id);
		if (unsettled === undefined || unsettled.time === time) return;
		const message = { ...unsettled, time };
		if (this.#unsettledById.has(id)) this.#unsettledById.set(id, message);
		messageById.set(id, message);
	}
}
