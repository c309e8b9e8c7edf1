/**
 * The fold of one message segment, kept up as entries arrive: which entries are messages, or acts about messages, that
 * count, by whom, at which place on screen. Whether what an act is about is here does not matter. Its memory per entry is
 * a time; texts go to the read model and are not kept.
 */
import { toBase64url } from '../protocol/base64url';
import type { LaneRun } from '../protocol/guard/update';
import type { Envelope, LaneRecord } from '../protocol/records';
import type { Result } from '../protocol/result';
import { certifiedBy, countsUntil, deadFrom, type Authority, type ControlLane } from './authority';
import { LatestActs, type SaidAct } from './content/latest-acts';
import { actIn, messageIn } from './content/projected-content';
import { EffectiveTimes } from './effective-times';
import { openRecord, timedEntry, type OpeningContext, type OpeningRejection } from './opening';
import type { LaneCursor, ProjectedAct, ProjectedEntry, ProjectedMessage } from './ports';
import { RepeatedMessages } from './repeated-messages';
import type { Segment } from './segment';

/** A run whose entries have been opened, or have turned out not to open. */
export interface OpenedRun {
	readonly lane: number;
	readonly start: number;
	readonly envelopes: readonly Result<Envelope, OpeningRejection>[];
}

export interface FoldedBatch {
	readonly messages: readonly ProjectedMessage[];
	readonly acts: readonly ProjectedAct[];
	/** Empty while the lane's grant is not known: what has not been shown is not to be taken for shown. */
	readonly cursors: readonly LaneCursor[];
	/** Ids of messages that another copy has taken the place of. */
	readonly withdrawn: readonly string[];
}

/** What an entry says that counts; a message said again is both. */
interface Said {
	readonly message: ProjectedMessage | null;
	readonly act: ProjectedAct | null;
}

interface FoldedLane {
	/** As whose; null: nobody's. */
	readonly account: string | null;
	/** First clock that did not count. */
	readonly until: number;
}

export class MessageLog {
	readonly #times = new EffectiveTimes();
	readonly #recordByLane = new Map<number, LaneRecord>();
	readonly #certifiedByLane = new Map<number, ControlLane>();
	/** How lanes were folded. */
	readonly #foldedByLane = new Map<number, FoldedLane>();
	readonly #copies = new RepeatedMessages();
	readonly #latestActs: LatestActs;
	/** First entry of lanes of which not all opens yet. */
	readonly #unreadFromByLane = new Map<number, number>();
	/** What was said some of whose deps have not come, so that its time may still rise. */
	readonly #unsettledById = new Map<string, Said>();
	#isSkimmed = false;

	constructor(
		readonly segment: Segment,
		readonly opening: OpeningContext,
		/** Own messages are shown to their author even before the own join has been seen to count. */
		readonly isOwn: (lane: number) => boolean,
		/** This device's account. */
		account: string,
		readonly onRejected: (reason: OpeningRejection) => void
	) {
		this.#latestActs = new LatestActs(account);
	}

	certificateOf(lane: number): LaneRecord | undefined {
		return this.#recordByLane.get(lane);
	}

	timeOf(lane: number, clock: number): number | undefined {
		return this.#times.timeOf(lane, clock);
	}

	/** What is deleted may have lifted what stands upon it: see EffectiveTimes. */
	get hasLifts(): boolean {
		return this.#times.hasLifts;
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

	/** Whether this account has said this act in a lane that counts, or something since that takes its place. */
	isOutdated(hlc: number, act: SaidAct): boolean {
		return this.#latestActs.isOutdated(hlc, act);
	}

	/** Only whose the lanes are is known: nothing has been folded. */
	get isSkimmed(): boolean {
		return this.#isSkimmed;
	}

	/** Instead of a fold, for a segment of which nothing new is to be shown: looks at its lanes' certificates alone. */
	async skim(authority: Authority): Promise<void> {
		this.#isSkimmed = true;
		const firsts = [...this.segment.lanes].map((lane) => this.segment.run(lane, 0, 1));
		for (const { lane, envelopes } of await this.open(firsts)) {
			this.#noteCertificate(lane, envelopes[0]);
			this.#foldedByLane.set(lane, this.#standingOf(lane, authority));
		}
	}

	/** Opens entries that stand in the segment. WebCrypto works on them in parallel while this thread is free. */
	async open(runs: readonly LaneRun[]): Promise<readonly OpenedRun[]> {
		const { context } = this.segment;
		const opened = await Promise.all(
			runs.flatMap(({ lane, start, entries }) =>
				entries.map((bytes, i) => openRecord(this.opening, context, lane, start + i, bytes))
			)
		);
		let from = 0;
		return runs.map(({ lane, start, entries }) => {
			from += entries.length;
			return { lane, start, envelopes: opened.slice(from - entries.length, from) };
		});
	}

	/**
	 * Folds entries that have just been added to the segment, or of those that it was loaded with. In the order of
	 * their lanes' clocks.
	 * @param projected next clock by lane that the read model has; nothing below is given again unless it has changed
	 */
	fold(
		opened: readonly OpenedRun[],
		authority: Authority,
		projected: ReadonlyMap<number, number>
	): FoldedBatch {
		const saidById = new Map<string, Said>();
		const withdrawn = new Set<string>();
		const cursors: LaneCursor[] = [];
		for (const run of opened) {
			const projectedNext = projected.get(run.lane) ?? 0;
			const cursor = this.#foldRun(run, authority, projectedNext, saidById, withdrawn);
			if (cursor !== null) cursors.push(cursor);
		}
		for (const id of withdrawn) forgetMessage(saidById, id);
		const said = [...saidById.values()];
		return {
			messages: said.flatMap(({ message }) => message ?? []),
			acts: said.flatMap(({ act }) => act ?? []),
			cursors,
			withdrawn: [...withdrawn]
		};
	}

	/** @returns how far the lane can be taken for shown; null if nobody knows whose it is */
	#foldRun(
		{ lane, start, envelopes }: OpenedRun,
		authority: Authority,
		projectedNext: number,
		saidById: Map<string, Said>,
		withdrawn: Set<string>
	): LaneCursor | null {
		const { number: segment } = this.segment;
		if (start === 0) this.#noteCertificate(lane, envelopes[0]);
		const { account, until } = this.#standingOf(lane, authority);
		this.#foldedByLane.set(lane, { account, until });
		for (const [i, envelope] of envelopes.entries()) {
			const clock = start + i;
			if (!envelope.ok) {
				if (envelope.reason === 'entry-epoch') this.#noteUnread(lane, clock);
				else if (envelope.reason === 'entry-redacted') this.#standIn(lane, clock, saidById);
				else this.onRejected(envelope.reason);
				continue;
			}
			const { record } = envelope.value;
			if (clock >= until) continue;
			const idBytes = this.segment.entryId(lane, clock);
			if (idBytes === undefined) throw new Error('an entry to fold is not in its segment');
			const id = toBase64url(idBytes);
			const changed = this.#times.add(timedEntry(lane, clock, id, envelope.value));
			for (const [changedId, time] of changed) this.#retime(changedId, time, saidById);
			if (account === null) continue;
			const { hlc } = envelope.value;
			const entry = { segment, lane, clock, id, account, hlc, time: changed.get(id) ?? hlc };
			const said = this.#saidIn(record, entry, withdrawn);
			if (said === null) continue;
			if (this.#times.isOpen(lane, clock)) this.#unsettledById.set(id, said);
			if (clock >= projectedNext) saidById.set(id, said);
		}
		// What is void now may count one day, when the removal that made it so turns out to be void itself.
		const shownUntil = Math.min(until, this.#unreadFromByLane.get(lane) ?? Infinity);
		return account === null ? null : { segment, lane, next: Math.min(shownUntil, start + envelopes.length) };
	}

	/** @returns null for a record that says nothing here */
	#saidIn(record: Envelope['record'], entry: ProjectedEntry, withdrawn: Set<string>): Said | null {
		const content = messageIn(record);
		const about = actIn(record);
		if (content === null && about === null) return null;
		if (about !== null) this.#latestActs.add(entry.account, entry.hlc, about);
		const said = {
			message: content === null ? null : { ...entry, ...content },
			act: about === null ? null : { ...entry, ...about }
		};
		if (record.type !== 'again') return said;
		const loser = this.#copies.add(entry.account, toBase64url(record.origin), entry.id);
		if (loser === entry.id) return { ...said, message: null };
		if (loser !== null) {
			withdrawn.add(loser);
			forgetMessage(this.#unsettledById, loser);
		}
		return said;
	}

	/** Some of it is sealed under epochs that this device does not hold: to be folded anew when it does. */
	get hasUnread(): boolean {
		return this.#unreadFromByLane.size > 0;
	}

	/** Nobody knows any more when it was said; what stands upon it does not wait for that. */
	#standIn(lane: number, clock: number, saidById: Map<string, Said>): void {
		const id = this.segment.entryId(lane, clock);
		if (id === undefined) return;
		const changed = this.#times.add({ lane, clock, id: toBase64url(id), hlc: 0, deps: [] });
		for (const [changedId, time] of changed) this.#retime(changedId, time, saidById);
	}

	/** These are deleted: nothing of them is kept. @param ids base64url */
	forget(ids: readonly string[]): void {
		for (const id of ids) this.#unsettledById.delete(id);
	}

	#noteUnread(lane: number, clock: number): void {
		this.#unreadFromByLane.set(lane, Math.min(this.#unreadFromByLane.get(lane) ?? Infinity, clock));
	}

	#noteCertificate(lane: number, first: OpenedRun['envelopes'][number] | undefined): void {
		if (first?.ok !== true || first.value.record.type !== 'lane') return;
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

	#retime(id: string, time: number, saidById: Map<string, Said>): void {
		const before = this.#unsettledById.get(id) ?? saidById.get(id);
		if (before === undefined || (before.message ?? before.act)?.time === time) return;
		const { message, act } = before;
		const said = { message: message && { ...message, time }, act: act && { ...act, time } };
		if (this.#unsettledById.has(id)) this.#unsettledById.set(id, said);
		saidById.set(id, said);
	}
}

/** Another copy has taken its place; that it was one is still to be known. */
function forgetMessage(saidById: Map<string, Said>, id: string): void {
	const said = saidById.get(id);
	if (said !== undefined) saidById.set(id, { ...said, message: null });
}
