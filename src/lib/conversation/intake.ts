/**
 * How entries get into a segment's document: those of the journal when it is loaded, those that the guard admits, own
 * ones. What is in it is told to the network, and folded.
 */
import { entryIdOf } from '../protocol/entry';
import type { AdmittedRun } from '../protocol/guard/lanes';
import { decodeUpdate, isPlaceholder, splitRuns, type LaneRun } from '../protocol/guard/update';
import type { Admission } from './admission';
import { deadFrom } from './authority';
import type { ControlFold } from './control-fold';
import type { ControlLog } from './control-log';
import type { ConversationEvents } from './conversation-events';
import type { ConversationTasks } from './conversation-tasks';
import type { Forks } from './forks';
import type { Loaded, LoadedSegments } from './loaded-segments';
import type { OwnLanes } from './own-lanes';
import type { ConversationPorts } from './ports';
import type { ReadModelFeed } from './read-model-feed';
import type { Redactions } from './redactions';
import type { Segment } from './segment';
import type { WaitingEntries } from './waiting-entries';

/**
 * Of an update that is admitted in one go: some milliseconds, some tens on a slow device. It becomes one row on disk, and
 * rows of 64 KiB and more are files of their own in Chromium.
 */
const ingestPieceBytes = 56 * 1024;

export interface IngestReport {
	readonly admitted: number;
	/** Entries before these, or another branch of a lane, are missing here: ask for the segment. */
	readonly gap: boolean;
	readonly violations: readonly string[];
}

const nothingIngested: IngestReport = { admitted: 0, gap: false, violations: [] };

export interface IntakeParts {
	readonly ports: ConversationPorts;
	readonly events: ConversationEvents;
	readonly tasks: ConversationTasks;
	readonly segments: LoadedSegments;
	readonly own: OwnLanes;
	readonly waiting: WaitingEntries;
	readonly control: ControlLog;
	readonly controlFold: ControlFold;
	readonly admission: Admission;
	readonly feed: ReadModelFeed;
	readonly forks: Forks;
	/** See ConversationEvents.copied. */
	readonly copied: () => void;
	readonly redactions: Redactions;
}

export class Intake {
	readonly #parts: IntakeParts;

	constructor(parts: IntakeParts) {
		this.#parts = parts;
	}

	/** See `Conversation.ingest`. */
	async ingest(
		segment: number,
		update: Uint8Array,
		origin: unknown,
		limitBytes: number
	): Promise<IngestReport> {
		const { tasks, segments, feed, ports } = this.#parts;
		if (!segments.isPlausible(segment)) return this.#refuse('segment');
		const runs = decodeUpdate(update, limitBytes);
		if (!runs.ok) return this.#refuse(runs.reason);
		if (runs.value.length === 0) return nothingIngested;
		const reports: IngestReport[] = [];
		// One task a piece: what a person writes meanwhile does not wait for all of it.
		for (const piece of splitRuns(runs.value, ingestPieceBytes)) {
			const admitted = tasks.run(async () => {
				if (tasks.isClosed) return nothingIngested;
				return this.#admit(await segments.load(segment), piece, origin);
			});
			reports.push(await admitted);
			await feed.room();
			await ports.yieldTurn();
		}
		return {
			admitted: reports.reduce((sum, report) => sum + report.admitted, 0),
			gap: reports.some((report) => report.gap),
			violations: reports.flatMap((report) => report.violations)
		};
	}

	/** A segment has been loaded from disk: takes back what that lacks, and folds it. */
	async loaded(loaded: Loaded): Promise<void> {
		const { segments, feed, controlFold, own, forks, redactions } = this.#parts;
		const { segment, log } = loaded;
		for (const run of this.#takeBack(segment)) segment.apply([run], null);
		await this.#checkOwnLanes(segment);
		if (log !== null) {
			redactions.forgetTold(segment.number);
			const isRedacted = await redactions.apply(loaded);
			await feed.load(loaded, segment.number < segments.newest, isRedacted);
		} else
			await controlFold.fold(
				loaded,
				[...segment.runsAbove(new Map())].map((run) => asAdmitted(segment, run))
			);
		// A crash may have come between a fork and what had to follow from it.
		for (const lane of [...segment.lanes]) if (own.isOwn(lane)) await forks.sayAgainOwn(loaded, lane);
	}

	/**
	 * Adds sound, counting runs to the document, tells the network, folds.
	 * @param urgent before what waits to be folded already
	 */
	async add(loaded: Loaded, runs: readonly AdmittedRun[], origin: unknown, urgent = false): Promise<void> {
		if (runs.length === 0) return;
		const { segments, events, controlFold, feed, redactions } = this.#parts;
		const { segment, log } = loaded;
		await redactions.prepare(loaded, runs);
		const kept = redactions.without(loaded, runs);
		for (const run of runs) {
			const own = this.#parts.own.get(run.lane);
			if (own === undefined || run.start + run.entries.length <= own.next) continue;
			if (!own.retired) this.#parts.copied();
			await this.#parts.own.retire(run.lane);
		}
		segment.apply(kept, origin);
		segments.noteEntries(segment.number);
		events.admitted(segment.number, kept, origin);
		if (log === null) return controlFold.fold(loaded, kept);
		feed.fold(loaded, kept, urgent);
		await redactions.cameLate(loaded, runs, kept);
	}

	/** What the journal has and the document lacks (replicas, y-indexeddb), as far as it continues what is there. */
	*#takeBack(segment: Segment): Generator<AdmittedRun> {
		for (const { lane, clock, bytes } of [...this.#parts.waiting.of(segment.number)]) {
			const own = this.#parts.own.get(lane);
			if (own === undefined || clock !== segment.nextClock(lane)) continue;
			const [id] = isPlaceholder(bytes) ? segment.named.idsAt(lane, clock, null) : [entryIdOf(bytes)];
			if (id === undefined || (!isPlaceholder(bytes) && !segment.continues(lane, clock, bytes))) continue;
			yield { lane, start: clock, entries: [bytes], ids: [id], publicKey: own.publicKey };
		}
	}

	/** Committed further than the document goes, or less far: this profile has been restored or copied. */
	async #checkOwnLanes(segment: Segment): Promise<void> {
		const { own } = this.#parts;
		for (const { lane, next } of own.unretired(segment.number))
			if (next !== segment.nextClock(lane)) await own.retire(lane);
	}

	async #admit(loaded: Loaded, runs: readonly LaneRun[], origin: unknown): Promise<IngestReport> {
		const { control, controlFold, admission, own, forks, events, redactions } = this.#parts;
		const { segment } = loaded;
		const waited = control.waiting.length;
		await redactions.prepare(loaded, runs);
		const sorted = await admission.sort(loaded, runs, origin);
		const { counted, gap, violations, dropped } = sorted;
		await this.add(loaded, counted, origin);
		const ownRuns = counted.filter((run) => own.isOwn(run.lane));
		if (ownRuns.length > 0) {
			// Own entries come back that a disk had lost; those that only the journal has follow them.
			for (const run of this.#takeBack(segment)) await this.add(loaded, [run], null);
		}
		// The fork was known before what it kills came back.
		for (const { lane, start, entries } of ownRuns)
			if (start + entries.length > deadFrom(control.authority, segment.number, lane))
				await forks.sayAgainOwn(loaded, lane);
		if (loaded.log === null) {
			// What a lane that waits seals or links may be what opens it.
			if (control.waiting.length > waited) await controlFold.readWaiting();
			await this.#releaseControl(loaded);
		}
		for (const { proof, run } of sorted.forks) await forks.met(loaded, proof, run);
		for (const reason of [...violations, ...dropped]) events.rejected(reason);
		return { admitted: counted.reduce((sum, run) => sum + run.entries.length, 0), gap, violations };
	}

	/** What others had brought before: whoever brought what it waited for may not have it. */
	async #releaseControl(loaded: Loaded): Promise<void> {
		const { admission } = this.#parts;
		for (
			let runs = admission.releaseControl(loaded);
			runs.length > 0;
			runs = admission.releaseControl(loaded)
		) {
			await this.add(loaded, runs, null);
		}
	}

	#refuse(reason: string): IngestReport {
		this.#parts.events.rejected(reason);
		return { ...nothingIngested, violations: [reason] };
	}
}

function asAdmitted(segment: Segment, run: LaneRun): AdmittedRun {
	const ids = run.entries.map((_, i) => segment.entryId(run.lane, run.start + i) as Uint8Array);
	return { ...run, ids, publicKey: segment.publicKeyOf(run.lane) as Uint8Array };
}
