/** Feeds the read model from the folds of message segments, and takes back what turns out not to count. */
import { toBase64url } from '../protocol/base64url';
import type { AdmittedRun } from '../protocol/guard/lanes';
import { deadFrom, type Authority } from './authority';
import type { Loaded } from './loaded-segments';
import type { MessageLog } from './message-log';
import type { ConversationPorts, LaneCursor } from './ports';
import type { Segment } from './segment';

export class ReadModelFeed {
	/** What the read model has, next clock by lane. */
	readonly #projectedBySegment = new Map<number, Map<number, number>>();

	constructor(
		readonly ports: ConversationPorts,
		readonly authority: () => Authority,
		readonly newLog: (segment: Segment) => MessageLog,
		cursors: readonly LaneCursor[]
	) {
		for (const { segment, lane, next } of cursors) this.#projected(segment).set(lane, next);
	}

	/** Folds a segment that has just been loaded. */
	async load(loaded: Loaded): Promise<void> {
		await this.#withdrawVoid(loaded);
		await this.#foldAll(loaded);
	}

	/** Folds runs that have just been added to a segment. */
	async fold(
		{ segment, log }: Loaded,
		runs: Iterable<Pick<AdmittedRun, 'lane' | 'start' | 'entries'>>
	): Promise<void> {
		if (log === null) throw new Error('the control segment has no messages');
		const projected = this.#projected(segment.number);
		for await (const batch of log.fold(runs, this.authority, projected)) {
			for (const message of batch.messages) this.ports.clock.observe(message.hlc);
			const ahead = batch.cursors.filter(({ lane, next }) => next > (projected.get(lane) ?? 0));
			if (batch.withdrawn.length > 0) await this.ports.projection.withdrawn(batch.withdrawn);
			if (batch.messages.length > 0 || ahead.length > 0)
				await this.ports.projection.messages(batch.messages, ahead);
			for (const { lane, next } of ahead) projected.set(lane, next);
			await this.ports.yieldTurn();
		}
	}

	/** Takes a lane back from a clock on, and folds the segment anew: who counts, or what, has changed. */
	async refold(
		loaded: Loaded,
		void_: readonly { readonly lane: number; readonly from: number }[]
	): Promise<void> {
		for (const { lane, from } of void_) await this.#withdraw(loaded.segment, lane, from);
		loaded.log = this.newLog(loaded.segment);
		this.#projectedBySegment.set(loaded.segment.number, new Map());
		await this.#foldAll(loaded);
	}

	/** Lanes that speak for somebody else than before, or for nobody any more, or whose end has been set anew. */
	async reattribute(loaded: Loaded): Promise<void> {
		const outdated = loaded.log?.outdatedLanes(this.authority()) ?? [];
		if (outdated.length === 0) return;
		await this.refold(
			loaded,
			outdated.flatMap(({ lane, voidFrom }) => (voidFrom === null ? [] : [{ lane, from: voidFrom }]))
		);
	}

	#projected(segment: number): Map<number, number> {
		const known = this.#projectedBySegment.get(segment) ?? new Map<number, number>();
		this.#projectedBySegment.set(segment, known);
		return known;
	}

	/**
	 * What the read model has of lanes that were found dead while their segment was not loaded, and what it has beyond
	 * the document, which a crash may have set back: nobody else may have that, or another branch of it. What others do
	 * have comes again.
	 */
	async #withdrawVoid({ segment }: Loaded): Promise<void> {
		for (const [lane, next] of [...this.#projected(segment.number)]) {
			const counts = Math.min(deadFrom(this.authority(), segment.number, lane), segment.nextClock(lane));
			if (counts < next) await this.#withdraw(segment, lane, counts);
		}
	}

	async #withdraw(segment: Segment, lane: number, from: number): Promise<void> {
		const ids: string[] = [];
		for (let clock = from; clock < segment.nextClock(lane); clock++) {
			const id = segment.entryId(lane, clock);
			if (id !== undefined) ids.push(toBase64url(id));
		}
		await this.ports.projection.withdrawn(ids, { segment: segment.number, lane, next: from });
		const projected = this.#projected(segment.number);
		if ((projected.get(lane) ?? 0) > from) projected.set(lane, from);
	}

	/**
	 * What the read model has comes first, so that times stand as it knows them; what is new then lifts them, and the
	 * read model hears of it.
	 */
	async #foldAll(loaded: Loaded): Promise<void> {
		const { segment } = loaded;
		const projected = this.#projected(segment.number);
		const known = [...segment.lanes].map((lane) =>
			segment.run(lane, 0, Math.min(projected.get(lane) ?? 0, segment.nextClock(lane)))
		);
		const news = [...segment.runsAbove(new Map(known.map((run) => [run.lane, run.entries.length])))];
		await this.fold(loaded, [...known.filter((run) => run.entries.length > 0), ...news]);
		await this.#forgetVoid(loaded);
	}

	/**
	 * Shown as somebody's whose grant is not known (any more), or beyond what a removal has left of a lane: such messages
	 * go until that changes.
	 */
	async #forgetVoid({ segment, log }: Loaded): Promise<void> {
		if (log === null) return;
		const unattributed = log.unattributedLanes().map((lane) => [lane, 0] as const);
		for (const [lane, until] of [...log.limits(), ...unattributed]) {
			if ((this.#projected(segment.number).get(lane) ?? 0) > until)
				await this.#withdraw(segment, lane, until);
		}
	}
}
