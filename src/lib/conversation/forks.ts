/**
 * Forked lanes (protocol 3.5): a lane of which two branches are known is dead from there on for everybody. Whoever
 * meets both says so; the device whose lane it was says again, in a new lane, what stood in either branch, so that
 * nothing that was saved is lost.
 */
import { toBase64url } from '../protocol/base64url';
import { entryIdOf } from '../protocol/entry';
import type { ForkProof } from '../protocol/guard/fork-proof';
import { signedFrom } from '../protocol/guard/lane-signatures';
import { isPlaceholder, type LaneRun } from '../protocol/guard/update';
import { controlSegment } from '../protocol/ids';
import { classOf, type KnownRecord } from '../protocol/records';
import type { Result } from '../protocol/result';
import { deadFrom, type Authority } from './authority';
import { actIn } from './content/projected-content';
import type { ControlLog } from './control-log';
import type { Loaded, LoadedSegments } from './loaded-segments';
import { epochNameOf, openRecord, type OpeningContext } from './opening';
import type { OwnLanes } from './own-lanes';
import type { JournalFailure } from './ports';
import type { ReadModelFeed } from './read-model-feed';
import type { Redactions } from './redactions';
import type { WaitingEntries } from './waiting-entries';

export interface Appending {
	/** When it was said, if it is said again. */
	readonly hlc?: number;
	/** Id of the epoch under which, if not the one that everything is written under. */
	readonly under?: string;
	/** Not before this (HLC). */
	readonly notBefore?: number;
	/** Key of the draft that is one no more once this is committed. */
	readonly draft?: string;
}

export interface ForkParts {
	readonly opening: OpeningContext;
	readonly segments: LoadedSegments;
	readonly own: OwnLanes;
	readonly control: ControlLog;
	readonly feed: ReadModelFeed;
	readonly waiting: WaitingEntries;
	readonly redactions: Redactions;
	/** This device's account. */
	readonly account: string;
	append(loaded: Loaded, record: KnownRecord, how?: Appending): Promise<Result<unknown, JournalFailure>>;
	rejected(reason: string): void;
	/** See ConversationEvents.copied. */
	copied(): void;
}

export class Forks {
	readonly #parts: ForkParts;

	constructor(parts: ForkParts) {
		this.#parts = parts;
	}

	/** Segments in which a lane of ours is forked: others may hold another branch of it. */
	get ownSegments(): readonly number[] {
		const { control, own } = this.#parts;
		return [...control.authority.forkClockByLane.keys()].flatMap((key) => {
			const [segment, lane] = placeOf(key);
			return own.isOwn(lane) ? [segment] : [];
		});
	}

	/** Both branches of a lane have been met. @param run that showed the other one */
	async met(loaded: Loaded, proof: ForkProof, run: LaneRun): Promise<void> {
		const { segment } = loaded;
		// Lanes of strangers are not worth a word: anybody can make and fork as many as they like.
		if (segment.nextClock(proof.lane) === 0) return;
		const { control, own, segments, append, rejected } = this.#parts;
		if (own.isOwn(proof.lane)) own.suspend(proof.lane);
		if (deadFrom(control.authority, segment.number, proof.lane) > proof.clock) {
			const { clock, publicKey, digests, signatures } = proof;
			const record: KnownRecord = {
				type: 'fork',
				segment: segment.number,
				clock,
				publicKey,
				digests,
				signatures
			};
			const written = await append(await segments.load(controlSegment), record);
			if (!written.ok) rejected(`fork-${written.reason}`);
		}
		if (own.isOwn(proof.lane)) await this.#sayAgainTheirs(loaded, proof, run);
	}

	/** Takes back what newly known forks kill; own entries among it are said again. */
	async apply(before: Authority): Promise<void> {
		const { control, own, segments, feed } = this.#parts;
		for (const [key, clock] of [...control.authority.forkClockByLane]) {
			if ((before.forkClockByLane.get(key) ?? Infinity) <= clock) continue;
			const [number, lane] = placeOf(key);
			// Of segments that are not loaded, the feed takes back what is dead when they are.
			const loaded = own.isOwn(lane) ? await segments.load(number) : segments.get(number);
			if (loaded === undefined) continue;
			if (loaded.log !== null) await feed.refold(loaded, [{ lane, from: clock }]);
			if (own.isOwn(lane)) await this.sayAgainOwn(loaded, lane);
		}
		for (const record of control.unspokenForks()) {
			const written = await this.#parts.append(await segments.load(controlSegment), record);
			if (!written.ok) this.#parts.rejected(`fork-${written.reason}`);
		}
	}

	/** Says again what is dead of an own lane, unless it has been said again already; then the lane is done with. */
	async sayAgainOwn(loaded: Loaded, lane: number): Promise<void> {
		const { control, own, waiting } = this.#parts;
		const { segment } = loaded;
		const dead = deadFrom(control.authority, segment.number, lane);
		if (dead === Infinity) return;
		own.suspend(lane);
		const next = segment.nextClock(lane);
		if (own.get(lane)?.retired === false) this.#parts.copied();
		await this.#sayAgain(loaded, segment.run(lane, dead, next));
		// What only the journal has: of a dead lane the entries between may never come back.
		for (const entry of [...waiting.of(segment.number)])
			if (entry.lane === lane && entry.clock >= Math.max(dead, next))
				await this.#sayEntryAgain(loaded, lane, entry.clock, entry.bytes);
		await own.retire(lane);
	}

	async #sayAgainTheirs(loaded: Loaded, proof: ForkProof, run: LaneRun): Promise<void> {
		const { subtle } = this.#parts.opening;
		const { segment } = loaded;
		const signed = await signedFrom(subtle, segment.context, segment.keys, proof.publicKey, run, proof.clock);
		await this.#sayAgain(loaded, signed);
	}

	async #sayAgain(loaded: Loaded, run: LaneRun): Promise<void> {
		await this.#parts.feed.catchUp(loaded);
		await this.#parts.feed.settled();
		for (const [i, bytes] of run.entries.entries())
			await this.#sayEntryAgain(loaded, run.lane, run.start + i, bytes);
	}

	/** In the same segment, where every replica can tell which of several copies counts. */
	async #sayEntryAgain(loaded: Loaded, lane: number, clock: number, bytes: Uint8Array): Promise<void> {
		const { opening, append, rejected, redactions } = this.#parts;
		if (isPlaceholder(bytes)) return;
		const origin = entryIdOf(bytes);
		// What is deleted is not said again; what stood at its place in another branch is.
		if (redactions.isDeleted(loaded.segment, lane, clock, origin)) return;
		const envelope = await openRecord(opening, loaded.segment.context, lane, clock, bytes);
		if (!envelope.ok) return rejected(envelope.reason);
		const { record, hlc } = envelope.value;
		const again = repetitionOf(record, origin);
		if (again === null || redactions.takes(again, this.#parts.account)) return;
		if (this.#isSaid(loaded, hlc, again)) return;
		// Who could open it then is to open it now: it may be what the newer epochs hang on.
		const under = classOf(again.type) === 'message' ? {} : { under: epochNameOf(bytes) };
		const written = await append(loaded, again, { hlc, ...under });
		if (!written.ok) rejected(`again-${written.reason}`);
	}

	/** Whether it counts already, or something that has taken its place. */
	#isSaid({ log }: Loaded, hlc: number, record: KnownRecord): boolean {
		const { account, control } = this.#parts;
		if (log === null) return control.isSaid(account, hlc, record);
		if (record.type === 'again') return log.isRepeated(account, toBase64url(record.origin));
		const act = actIn(record);
		return act !== null && log.isOutdated(hlc, act);
	}
}

function placeOf(key: string): readonly [number, number] {
	return key.split('/').map(Number) as [number, number];
}

/** How a record is said again, or null if it need not be: forks are facts, and a lane's certificate is its own. */
export function repetitionOf(
	record: KnownRecord | { readonly type: 'unknown' },
	id: Uint8Array
): KnownRecord | null {
	switch (record.type) {
		case 'message':
			return { ...record, type: 'again', origin: id };
		case 'unknown':
		case 'lane':
		case 'genesis':
		case 'fork':
			return null;
		default:
			return record;
	}
}
