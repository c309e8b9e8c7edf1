/** What others are told who compare what they hold with what is held here. */
import { equalBytes } from '../protocol/bytes';
import { interleavedRuns } from '../protocol/guard/interleaved-runs';
import { encodeUpdate, splitRuns, type LaneRun } from '../protocol/guard/update';
import { controlSegment } from '../protocol/ids';
import type { StateVector } from '../protocol/state-vector';
import { deadFrom } from './authority';
import type { ControlLog } from './control-log';
import { runsUntil } from './control-until';
import type { ConversationTasks } from './conversation-tasks';
import type { OwnLanes } from './own-lanes';
import type { ConversationPorts } from './ports';
import type { Segment } from './segment';

/** How far somebody holds a lane. */
export interface HeadClaim {
	readonly lane: number;
	readonly next: number;
	/** First bytes of the id of the entry at next - 1. */
	readonly id: Uint8Array;
}

export class Answers {
	constructor(
		readonly ports: ConversationPorts,
		readonly tasks: ConversationTasks,
		readonly own: OwnLanes,
		readonly control: ControlLog
	) {}

	/** See `Conversation.heads`. */
	heads(segment: number, branches: boolean): Promise<readonly HeadClaim[]> {
		const headsOf = (loaded: Segment): HeadClaim[] =>
			[...loaded.lanes].flatMap((lane) => {
				const dead = branches && this.own.isOwn(lane) ? this.#deadFrom(loaded, lane) : Infinity;
				const next = Math.min(loaded.nextClock(lane), dead);
				const id = loaded.entryId(lane, next - 1);
				return id === undefined ? [] : [{ lane, next, id }];
			});
		return this.tasks.reading(segment, headsOf, []);
	}

	/** See `Conversation.updatesFor`. */
	async *updatesFor(
		segment: number,
		heads: readonly HeadClaim[],
		limitBytes: number
	): AsyncGenerator<Uint8Array<ArrayBuffer>> {
		const runsFor = (loaded: Segment): LaneRun[] => [...loaded.runsAbove(this.#branchVector(loaded, heads))];
		for (const batch of interleavedRuns(await this.tasks.reading(segment, runsFor, []), limitBytes)) {
			yield encodeUpdate(batch);
			await this.ports.yieldTurn();
		}
	}

	/** See `Conversation.controlUntil`. */
	async *controlUntil(hlc: number, limitBytes: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
		const until = (loaded: Segment): readonly LaneRun[] => runsUntil(loaded, this.control.entries, hlc);
		for (const batch of splitRuns(await this.tasks.reading(controlSegment, until, []), limitBytes))
			yield encodeUpdate(batch);
	}

	#deadFrom({ number }: Segment, lane: number): number {
		return deadFrom(this.control.authority, number, lane);
	}

	/** The given heads as a state vector; 0 for a lane in which they and we have gone different ways unknown to all. */
	#branchVector(segment: Segment, heads: readonly HeadClaim[]): StateVector {
		const nextByLane = new Map<number, number>();
		for (const { lane, next, id } of heads) {
			const known = next > 0 && next <= segment.nextClock(lane) ? segment.entryId(lane, next - 1) : undefined;
			const other = known !== undefined && !equalBytes(known.subarray(0, id.length), id);
			const isKnownDead = next > this.#deadFrom(segment, lane);
			// Beyond a known fork everybody keeps their own branch: it counts for nobody.
			nextByLane.set(lane, isKnownDead ? Number.MAX_SAFE_INTEGER : other ? 0 : next);
		}
		return nextByLane;
	}
}
