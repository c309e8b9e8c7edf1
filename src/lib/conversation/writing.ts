/** How own records get into the conversation: committed, at their place in this device's lane, with what they stand on. */
import { toBase64url } from '../protocol/base64url';
import { clockToleranceMs, hlcOfMs } from '../protocol/clock';
import type { AdmittedRun } from '../protocol/guard/lanes';
import { controlSegment } from '../protocol/ids';
import {
	classOf,
	depIdLength,
	isMessage,
	type Dep,
	type KnownRecord,
	type RemoveRecord
} from '../protocol/records';
import { fail, ok, type Result } from '../protocol/result';
import { deadFrom, type Authority } from './authority';
import { inTime } from './content/lifetime';
import type { ConversationEvents } from './conversation-events';
import type { ConversationTasks } from './conversation-tasks';
import type { Appending } from './forks';
import type { ConversationKeys } from './keys/conversation-keys';
import type { EpochActs } from './keys/epoch-acts';
import type { Loaded, LoadedSegments } from './loaded-segments';
import type { OwnLanes } from './own-lanes';
import type { ConversationPorts, JournalFailure } from './ports';
import type { ReadModelFeed } from './read-model-feed';
import type { Place, UnsettledEntries } from './unsettled-entries';
import type { WaitingEntries } from './waiting-entries';

export type Written = Result<Place, JournalFailure>;

export type WritingHow = Pick<Appending, 'under' | 'draft'>;

export interface WritingParts {
	readonly ports: ConversationPorts;
	readonly events: ConversationEvents;
	readonly tasks: ConversationTasks;
	readonly segments: LoadedSegments;
	readonly own: OwnLanes;
	readonly waiting: WaitingEntries;
	readonly unsettled: UnsettledEntries;
	readonly keys: ConversationKeys;
	readonly epochs: EpochActs;
	readonly feed: ReadModelFeed;
	authority(): Authority;
	/** Adds own entries, see Intake.add. */
	add(loaded: Loaded, runs: readonly AdmittedRun[]): Promise<void>;
}

export class Writing {
	readonly #parts: WritingParts;

	constructor(parts: WritingParts) {
		this.#parts = parts;
	}

	/** See `Conversation.write`. */
	async write(
		record: KnownRecord,
		placed: ((place: Place) => void) | undefined,
		how: WritingHow
	): Promise<Written> {
		const { ports, tasks, epochs, segments, unsettled, authority } = this.#parts;
		const written = await tasks.run(async (): Promise<Written> => {
			if (tasks.isClosed) return fail('not-saved');
			if (this.#removes(record)) {
				const removed = await epochs.remove([record], (each) => this.#removes(each));
				return removed.ok ? ok(removed.value[0] as Place) : removed;
			}
			const clean = await epochs.ensureClean();
			if (!clean.ok) return clean;
			const inMessages = classOf(record.type) === 'message';
			const loaded = await (inMessages ? segments.forWriting() : segments.load(controlSegment));
			return this.append(loaded, inTime(record, authority().timer.afterS, ports.ownTimerS?.()), how, placed);
		}, 'urgent');
		if (written.ok) await unsettled.settled(written.value);
		return written;
	}

	/** See `Conversation.act`. */
	async act(records: readonly KnownRecord[]): Promise<Result<void, JournalFailure>> {
		const { tasks, epochs, segments, keys, unsettled } = this.#parts;
		const places: Place[] = [];
		const acted = await tasks.run(async (): Promise<Result<void, JournalFailure>> => {
			if (tasks.isClosed) return fail('not-saved');
			if (records.some((record) => this.#removes(record))) {
				const removed = await epochs.remove(records, (each) => this.#removes(each));
				if (removed.ok) places.push(...removed.value);
				return removed.ok ? ok(undefined) : removed;
			}
			const clean = await epochs.ensureClean();
			if (!clean.ok) return clean;
			const under = await keys.toWriteUnder('control');
			const loaded = await segments.load(controlSegment);
			for (const record of records) {
				const written = await this.append(loaded, record, under === null ? {} : { under });
				if (!written.ok) return written;
				places.push(written.value);
			}
			return ok(undefined);
		}, 'urgent');
		for (const place of places) await unsettled.settled(place);
		return acted;
	}

	/** Commits a record to a segment, within the conversation's queue. @param placed see `Conversation.write` */
	async append(
		loaded: Loaded,
		record: KnownRecord,
		{ under, ...how }: Appending = {},
		placed?: (place: Place) => void
	): Promise<Written> {
		const { feed, keys, events, own, unsettled, waiting, add } = this.#parts;
		const { segment } = loaded;
		await feed.catchUp(loaded);
		const epoch = under ?? (await keys.toWriteUnder(classOf(record.type)));
		const epochKeys = epoch === null ? null : await keys.ring.keysOf(epoch);
		if (epochKeys === null) {
			events.rejected('no-epoch');
			return fail('not-saved');
		}
		const run = await own.append(segment, record, {
			keys: epochKeys,
			deps: this.#newestSeen(loaded),
			...how
		});
		if (!run.ok) return run;
		const { lane, start, entries } = run.value;
		const place = { segment: segment.number, lane, clock: start + entries.length - 1 };
		unsettled.add(place);
		placed?.(place);
		waiting.add(
			entries.map((bytes, i) => ({
				...{ segment: segment.number, lane, clock: start + i, bytes },
				// A certificate may stand before the record.
				...((start + i < place.clock || !isMessage(record)) && { isAct: true })
			}))
		);
		await add(loaded, [run.value]);
		return ok(place);
	}

	/** Whether it takes somebody out who is in, and has no epoch yet. */
	#removes(record: KnownRecord): record is RemoveRecord {
		if (record.type !== 'remove' || record.epoch !== null) return false;
		return record.grants.some((grant) => this.#parts.authority().accountByGrant.has(toBase64url(grant)));
	}

	/** Up to four newest entries of others; none from the future, none that is dead. */
	#newestSeen({ segment, log }: Loaded): readonly Dep[] {
		if (log === null) return [];
		const { ports, own, authority } = this.#parts;
		const latest = hlcOfMs(ports.clock.nowMs() + clockToleranceMs);
		const heads: { lane: number; clock: number; time: number }[] = [];
		for (const lane of segment.lanes) {
			const clock = Math.min(segment.nextClock(lane), deadFrom(authority(), segment.number, lane)) - 1;
			const time = log.timeOf(lane, clock);
			if (time !== undefined && time <= latest && !own.isOwn(lane)) heads.push({ lane, clock, time });
		}
		heads.sort((a, b) => b.time - a.time);
		return heads.slice(0, 4).flatMap(({ lane, clock }) => {
			const id = segment.entryId(lane, clock);
			return id ? [{ lane, clock, id: id.subarray(0, depIdLength) }] : [];
		});
	}
}
