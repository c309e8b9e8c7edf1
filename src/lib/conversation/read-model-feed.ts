/**
 * Feeds the read model from the folds of message segments, and takes back what turns out not to count. Folding goes on
 * beside the admission of what comes next; whatever changes who counts, or what, first waits until it has `settled`.
 */
import { toBase64url } from '../protocol/base64url';
import type { LaneRun } from '../protocol/guard/update';
import { deadFrom, type Authority } from './authority';
import { FoldQueue, type Slice } from './fold-queue';
import type { Loaded } from './loaded-segments';
import type { MessageLog } from './message-log';
import type { ConversationPorts, LaneCursor } from './ports';
import { ProjectionOutbox } from './projection-outbox';
import type { Segment } from './segment';

/** Entries that are folded in one go: WebCrypto opens them in parallel, the rest is some milliseconds of this thread. */
const sliceEntries = 256;
/** Admitted, but not folded: with more of them whoever brings entries waits. */
const backlogEntries = 2048;

export class ReadModelFeed {
	/** What the read model has, or is about to get; next clock by lane. */
	readonly #projectedBySegment = new Map<number, Map<number, number>>();
	readonly #queue = new FoldQueue();
	readonly #outbox: ProjectionOutbox;
	#folding: Promise<void> | null = null;
	#inWork: Loaded | null = null;
	#waitingForRoom: (() => void)[] = [];
	readonly #unreadSegments = new Set<number>();

	constructor(
		readonly ports: Pick<ConversationPorts, 'clock' | 'projection' | 'yieldTurn'>,
		readonly authority: () => Authority,
		readonly newLog: (segment: Segment) => MessageLog,
		cursors: readonly LaneCursor[]
	) {
		this.#outbox = new ProjectionOutbox(ports.projection);
		for (const { segment, lane, next } of cursors) this.#projected(segment).set(lane, next);
	}

	/**
	 * Folds a segment that has just been loaded.
	 * @param mayWait nobody writes to it: if the read model has all of it, its entries are not opened before more come
	 * @param isRedacted bytes of it have just been let go, which the read model has: see `redacted`
	 */
	async load(loaded: Loaded, mayWait: boolean, isRedacted = false): Promise<void> {
		await this.settled();
		await this.#withdrawVoid(loaded);
		if (isRedacted) this.#projectedBySegment.set(loaded.segment.number, new Map());
		else if (mayWait && this.#isComplete(loaded)) {
			const log = this.#logOf(loaded);
			await log.skim(this.authority());
			const isWhole = log.limits().every(([lane, until]) => loaded.segment.nextClock(lane) <= until);
			if (isWhole && log.unattributedLanes().length === 0) return;
			loaded.log = this.newLog(loaded.segment);
		}
		await this.#foldAll(loaded);
	}

	/**
	 * Queues runs that have just been added to a segment.
	 * @param urgent before what waits already
	 */
	fold(loaded: Loaded, runs: readonly LaneRun[], urgent = false): void {
		this.#unskim(loaded);
		for (const run of runs) this.#queue.add(loaded, run, urgent);
		this.#folding ??= this.#work();
	}

	/** Resolves when not too much waits to be folded. */
	async room(): Promise<void> {
		while (this.#queue.entries > backlogEntries)
			await new Promise<void>((resolve) => this.#waitingForRoom.push(resolve));
	}

	/** Resolves when nothing waits to be folded, and the read model has it all. */
	async settled(): Promise<void> {
		while (this.#folding !== null) await this.#folding;
		await this.#outbox.empty();
	}

	/** More waits to be folded than what a talk brings. */
	get isBehind(): boolean {
		return this.#queue.entries > sliceEntries;
	}

	/** Whether entries of a segment still have to be folded. */
	isBusy(loaded: Loaded): boolean {
		return this.#inWork === loaded || this.#queue.has(loaded);
	}

	/** Folds what was left out when the segment was loaded. */
	async catchUp(loaded: Loaded): Promise<void> {
		if (loaded.log?.isSkimmed !== true) return;
		this.fold(loaded, []);
		await this.settled();
	}

	/** Takes a lane back from a clock on, and folds the segment anew: who counts, or what, has changed. */
	async refold(
		loaded: Loaded,
		void_: readonly { readonly lane: number; readonly from: number }[]
	): Promise<void> {
		await this.settled();
		for (const { lane, from } of void_) await this.#withdraw(loaded.segment, lane, from);
		loaded.log = this.newLog(loaded.segment);
		this.#projectedBySegment.set(loaded.segment.number, new Map());
		await this.#foldAll(loaded);
	}

	/**
	 * Bytes of it have been let go. They tell no time any more: what they have lifted comes down again, as it stands for
	 * whoever comes later and never had them.
	 */
	async redacted(loaded: Loaded): Promise<void> {
		const log = this.#logOf(loaded);
		if (log.isSkimmed || log.hasLifts) await this.refold(loaded, []);
	}

	/** Lanes that speak for somebody else than before, or for nobody any more, or whose end has been set anew. */
	async reattribute(loaded: Loaded): Promise<void> {
		await this.settled();
		const outdated = loaded.log?.outdatedLanes(this.authority()) ?? [];
		if (outdated.length === 0) return;
		await this.refold(
			loaded,
			outdated.flatMap(({ lane, voidFrom }) => (voidFrom === null ? [] : [{ lane, from: voidFrom }]))
		);
	}

	/** Segments with entries that could not be opened when they were folded. */
	get unreadSegments(): ReadonlySet<number> {
		return this.#unreadSegments;
	}

	/** Other epochs are held than before: folds anew what could not be opened. */
	async reread(loaded: Loaded): Promise<void> {
		await this.settled();
		if (loaded.log?.hasUnread !== true) return;
		this.#unreadSegments.delete(loaded.segment.number);
		await this.refold(loaded, []);
	}

	async #work(): Promise<void> {
		// Begins in a later microtask: whoever queues goes on first.
		await Promise.resolve();
		try {
			for (let slice = this.#queue.take(sliceEntries); slice; slice = this.#queue.take(sliceEntries)) {
				this.#inWork = slice.loaded;
				await this.#foldSlice(slice);
				this.#inWork = null;
				this.#makeRoom();
				await this.#outbox.room();
				await this.ports.yieldTurn();
			}
		} finally {
			this.#folding = this.#inWork = null;
			this.#makeRoom();
		}
	}

	#makeRoom(): void {
		for (const resolve of this.#waitingForRoom.splice(0)) resolve();
	}

	async #foldSlice({ loaded, runs }: Slice): Promise<void> {
		const log = this.#logOf(loaded);
		const projected = this.#projected(loaded.segment.number);
		const folded = log.fold(await log.open(runs), this.authority(), projected);
		const { messages, acts, cursors, withdrawn } = folded;
		if (log.hasUnread) this.#unreadSegments.add(loaded.segment.number);
		// Not only when it was said: what is said next stands below it, and takes its place, in other segments too.
		for (const { time } of [...messages, ...acts]) this.ports.clock.observe(time);
		const ahead = cursors.filter(({ lane, next }) => next > (projected.get(lane) ?? 0));
		for (const { lane, next } of ahead) projected.set(lane, next);
		if (withdrawn.length > 0) await this.#outbox.withdraw(withdrawn);
		if (messages.length + acts.length + ahead.length > 0) this.#outbox.add({ messages, acts }, ahead);
	}

	#logOf({ log }: Loaded): MessageLog {
		if (log === null) throw new Error('the control segment has no messages');
		return log;
	}

	#projected(segment: number): Map<number, number> {
		const known = this.#projectedBySegment.get(segment) ?? new Map<number, number>();
		this.#projectedBySegment.set(segment, known);
		return known;
	}

	#isComplete({ segment }: Loaded): boolean {
		const projected = this.#projected(segment.number);
		return [...segment.lanes].every((lane) => projected.get(lane) === segment.nextClock(lane));
	}

	/** What the read model had when the segment was loaded is folded first, so that it stands as it is there. */
	#unskim(loaded: Loaded): void {
		if (!this.#logOf(loaded).isSkimmed) return;
		loaded.log = this.newLog(loaded.segment);
		for (const run of this.#known(loaded)) this.#queue.add(loaded, run);
	}

	#known({ segment }: Loaded): LaneRun[] {
		const projected = this.#projected(segment.number);
		return [...segment.lanes].map((lane) =>
			segment.run(lane, 0, Math.min(projected.get(lane) ?? 0, segment.nextClock(lane)))
		);
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
		await this.#outbox.withdraw(ids, { segment: segment.number, lane, next: from });
		const projected = this.#projected(segment.number);
		if ((projected.get(lane) ?? 0) > from) projected.set(lane, from);
	}

	/**
	 * What the read model has comes first, so that times stand as it knows them; what is new then lifts them, and the
	 * read model hears of it.
	 */
	async #foldAll(loaded: Loaded): Promise<void> {
		const { segment } = loaded;
		const known = this.#known(loaded);
		const news = [...segment.runsAbove(new Map(known.map((run) => [run.lane, run.entries.length])))];
		this.fold(loaded, [...known, ...news]);
		await this.settled();
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
