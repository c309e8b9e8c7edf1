/** A device of the model: the app's own fold and feed over entries that the model carries, and the rows that come of it. */
import type { Authority } from '../../../src/lib/conversation/authority';
import { Deletions, lateWords, type NamedDeletion } from '../../../src/lib/conversation/content/deletions';
import { namesByMessage } from '../../../src/lib/conversation/content/said-again';
import { actIn } from '../../../src/lib/conversation/content/projected-content';
import { shownMessages, type ShownMessage } from '../../../src/lib/conversation/content/shown-message';
import { repetitionOf } from '../../../src/lib/conversation/forks';
import type { Loaded } from '../../../src/lib/conversation/loaded-segments';
import type {
	LaneCursor,
	ProjectedAct,
	ProjectedMessage,
	Projection
} from '../../../src/lib/conversation/ports';
import { ReadModelFeed } from '../../../src/lib/conversation/read-model-feed';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import { equalBytes } from '../../../src/lib/protocol/bytes';
import { HybridClock, clockToleranceMs, hlcOfMs } from '../../../src/lib/protocol/clock';
import type { Bytes } from '../../../src/lib/protocol/crypto';
import { isPlaceholder } from '../../../src/lib/protocol/guard/update';
import type { Dep, KnownRecord } from '../../../src/lib/protocol/records';
import { ModelLog, ModelSegment, type ModelEntry } from './model-segment';

/**
 * What a read model might get wrong. 'none' is the model that has to hold; with each of the others it has to be found
 * wrong, or it would see nothing.
 */
export const brokenRules = [
	'last-come',
	'targets-first',
	'keep-void',
	'deletes-last',
	'any-author',
	'late-words'
] as const;

/** What might go wrong with messages that last for a time, in the same way. */
export const brokenTimerRules = [
	'stays',
	'life-anew',
	'since-it-came',
	'words-come-back',
	'author-silent',
	'latest-clock'
] as const;
export type BrokenRule = (typeof brokenRules)[number] | (typeof brokenTimerRules)[number] | 'none';

/** What a delete names: an id, at a place in a lane of somebody's. */
export interface ModelDeletion extends NamedDeletion {
	readonly segment: number;
	readonly lane: number;
	readonly clock: number;
	readonly idBytes: Uint8Array;
}

/** An entry that words something, in whose lane it is said to stand, and whose place is that. */
export interface Words {
	readonly id: string;
	readonly lane: number;
	readonly at: string;
}

export interface ModelAccount {
	readonly id: string;
	readonly key: Uint8Array;
	readonly grant: Uint8Array;
}

const neverOpened = { subtle: crypto.subtle, conversation: new Uint8Array(32), keysOf: () => null };

export class ModelReplica {
	readonly segmentByNumber = new Map<number, Loaded>();
	readonly messageById = new Map<string, ProjectedMessage>();
	readonly actById = new Map<string, ProjectedAct>();
	/** What deletes have named, as far as this device has heard. */
	readonly deletions: NamedDeletion[] = [];
	readonly #gone = new Deletions();
	/** What has been dealt with. */
	readonly #heard = new Set<ModelDeletion>();
	/** Own words that this device knows of, with those of what is deleted. */
	readonly #ownActById = new Map<string, ProjectedAct>();
	readonly #cursorByLane = new Map<string, LaneCursor>();
	/** By segment: the lane in which it writes. */
	readonly laneBySegment = new Map<number, number>();
	readonly ownLanes = new Set<number>();
	readonly clock: HybridClock;
	authority: Authority;
	/** Hears of what has just become rows. */
	stored: (messages: readonly ProjectedMessage[]) => void = () => undefined;
	/** How often its read model was made anew. */
	losses = 0;
	/** Messages that are shown here no more, whatever comes of them. */
	readonly #erased = new Set<ProjectedMessage>();
	#feed: ReadModelFeed;
	#arrivals = 0;

	constructor(
		readonly account: ModelAccount,
		readonly conversation: Bytes,
		authority: Authority,
		readonly nowMs: () => number,
		readonly broken: BrokenRule
	) {
		this.clock = new HybridClock(nowMs);
		this.authority = authority;
		this.#feed = this.#newFeed();
	}

	async load(number: number): Promise<Loaded> {
		const known = this.segmentByNumber.get(number);
		if (known !== undefined) return known;
		const segment = new ModelSegment(this.conversation, number);
		const loaded: Loaded = { segment, log: this.#newLog(segment), lastUse: 0 };
		this.segmentByNumber.set(number, loaded);
		await this.#feed.load(loaded, false);
		return loaded;
	}

	/** Takes entries, in order within their lanes, as far as they continue what is held. */
	async receive(entries: readonly ModelEntry[]): Promise<void> {
		for (const entry of entries) {
			const loaded = await this.load(entry.segment);
			const { segment, lane, clock } = entry;
			const held = this.held(segment);
			if (!held.take(entry)) continue;
			if ([...this.#heard].some((each) => isNamed(each, entry))) held.erase(lane, clock);
			this.#feed.fold(loaded, [held.run(lane, clock, clock + 1)]);
		}
		await this.#feed.settled();
	}

	held(segment: number): ModelSegment {
		const loaded = this.segmentByNumber.get(segment);
		if (!(loaded?.segment instanceof ModelSegment)) throw new Error('the segment is not loaded');
		return loaded.segment;
	}

	/** As the fold of control and the forks do it: who counts, or what, is another thing now. */
	async learn(authority: Authority): Promise<void> {
		await this.#feed.settled();
		const before = this.authority.forkClockByLane;
		this.authority = authority;
		for (const loaded of this.segmentByNumber.values()) await this.#feed.reattribute(loaded);
		for (const [key, clock] of authority.forkClockByLane) {
			if ((before.get(key) ?? Infinity) <= clock) continue;
			const [segment, lane] = key.split('/').map(Number) as [number, number];
			const loaded = this.segmentByNumber.get(segment);
			if (loaded !== undefined) await this.#feed.refold(loaded, [{ lane, from: clock }]);
		}
	}

	/** Deletes take away what they name, wherever it is, and the bytes of what stands at its place. */
	async hearOfDeletes(deletions: Iterable<ModelDeletion>): Promise<void> {
		await this.#feed.settled();
		const redacted = new Set<Loaded>();
		for (const deletion of deletions) {
			if (this.#heard.has(deletion)) continue;
			this.#heard.add(deletion);
			const { id, segment, lane, clock, idBytes } = deletion;
			if (this.broken === 'deletes-last' && !this.messageById.has(id) && !this.actById.has(id)) continue;
			const author = this.broken === 'any-author' ? this.messageById.get(id)?.account : undefined;
			const named = { id, author: author ?? deletion.author };
			this.deletions.push(named);
			this.#gone.add(named);
			this.#forget();
			const loaded = this.segmentByNumber.get(segment);
			const held = loaded && this.held(segment).entryId(lane, clock);
			if (loaded === undefined || held === undefined || !equalBytes(held, idBytes)) continue;
			this.held(segment).erase(lane, clock);
			loaded.log?.forget([id]);
			redacted.add(loaded);
		}
		for (const loaded of redacted) await this.#feed.redacted(loaded);
	}

	/** What this account has said about what is deleted and no delete names, as far as this device knows. */
	lateWords(): readonly ProjectedAct[] {
		return this.broken === 'late-words'
			? []
			: lateWords([...this.#ownActById.values()], this.#gone, this.account.id);
	}

	/**
	 * The entries that hold the words of a message, as far as they are known here. Of a copy also what it is a copy of, as
	 * if that stood in its place.
	 */
	wordsOf(message: ProjectedMessage): Words[] {
		const acts = [...this.actById.values()];
		const names = namesByMessage(this.messageById.values(), acts)(message);
		const { id, origin, account, lane } = message;
		const isWording = (act: ProjectedAct): boolean =>
			act.account === account && (act.kind === 'edit' || act.kind === 'again') && names.has(act.target);
		return [
			{ id, lane, at: id },
			...(origin === null ? [] : [{ id: origin, lane, at: id }]),
			...acts.filter(isWording).map((act) => ({ id: act.id, lane: act.lane, at: act.id }))
		];
	}

	/** What is dead of an own lane and has not been said again. */
	unsaid(segment: number, lane: number, from: number): { record: KnownRecord; hlc: number }[] {
		const log = this.segmentByNumber.get(segment)?.log;
		return this.held(segment)
			.held(lane)
			.slice(from)
			.flatMap(({ id, bytes, envelope: { record, hlc } }) => {
				if (isPlaceholder(bytes)) return [];
				const again = repetitionOf(record, id);
				if (again === null || log === null || log === undefined) return [];
				const of = again.type === 'again' ? again.origin : again.type === 'edit' ? again.target : null;
				if (of !== null && this.#gone.has(toBase64url(of), this.account.id)) return [];
				const act = actIn(again);
				const isSaid =
					again.type === 'again'
						? log.isRepeated(this.account.id, toBase64url(again.origin))
						: act !== null && log.isOutdated(hlc, act);
				return isSaid ? [] : [{ record: again, hlc }];
			});
	}

	/** Up to four newest entries of others that are held, as a message stands upon them. */
	deps(segment: number): Dep[] {
		const log = this.segmentByNumber.get(segment)?.log;
		const held = this.held(segment);
		const latest = hlcOfMs(this.nowMs() + clockToleranceMs);
		return [...held.lanes]
			.flatMap((lane) => {
				const dead = this.authority.forkClockByLane.get(`${segment}/${lane}`) ?? Infinity;
				const last = held.held(lane)[Math.min(held.nextClock(lane), dead) - 1];
				const time = last === undefined ? undefined : log?.timeOf(lane, last.clock);
				if (last === undefined || time === undefined || time > latest || this.ownLanes.has(lane)) return [];
				return [{ lane, clock: last.clock, id: last.id.subarray(0, 8), time }];
			})
			.sort((a, b) => b.time - a.time)
			.slice(0, 4)
			.map(({ lane, clock, id }) => ({ lane, clock, id }));
	}

	/** Messages are shown here no more; nothing is left of what was said about them, before it comes and after. */
	erase(ids: readonly string[]): void {
		for (const id of ids) {
			const message = this.messageById.get(id);
			if (message !== undefined) this.#erased.add(message);
		}
		this.#eraseAll();
		if (this.broken === 'words-come-back') this.#erased.clear();
	}

	/** The app is started again. @param isLost its read model is gone, and made anew */
	async restart(isLost: boolean): Promise<void> {
		await this.#feed.settled();
		if (isLost) this.losses++;
		if (isLost)
			for (const rows of [
				...[this.messageById, this.actById, this.#ownActById, this.#cursorByLane],
				this.#erased
			])
				rows.clear();
		this.#feed = this.#newFeed();
		const newest = Math.max(...this.segmentByNumber.keys());
		for (const loaded of this.segmentByNumber.values()) {
			loaded.log = this.#newLog(loaded.segment);
			await this.#feed.load(loaded, loaded.segment.number < newest);
		}
	}

	/** Without those that are deleted: who comes late does not know of them. */
	get shown(): readonly ShownMessage[] {
		const rows = [[...this.messageById.values()], [...this.actById.values()]] as const;
		return shownMessages(...rows, this.deletions).filter(({ isDeleted }) => !isDeleted);
	}

	#newLog(segment: Loaded['segment']): ModelLog {
		return new ModelLog(
			segment,
			neverOpened,
			(lane) => this.ownLanes.has(lane),
			this.account.id,
			(reason) => {
				throw new Error(`an entry of the model is refused: ${reason}`);
			}
		);
	}

	#newFeed(): ReadModelFeed {
		return new ReadModelFeed(
			{ clock: this.clock, projection: this.#projection(), yieldTurn: async () => undefined },
			() => this.authority,
			(segment) => this.#newLog(segment),
			[...this.#cursorByLane.values()]
		);
	}

	#projection(): Projection {
		return {
			messages: async (messages, cursors, acts) => {
				for (const message of messages)
					if (!this.#gone.has(message.id, message.account)) this.messageById.set(message.id, message);
				for (const act of acts) {
					if (act.account === this.account.id) this.#ownActById.set(act.id, act);
					if (!this.#gone.has(act.id, act.account)) this.#put(act);
				}
				for (const cursor of cursors) this.#cursorByLane.set(`${cursor.segment}/${cursor.lane}`, cursor);
				this.#eraseAll();
				this.stored(messages);
			},
			withdrawn: async (ids, from) => {
				for (const id of ids) this.messageById.delete(id);
				if (from === undefined) return;
				const isGone = (row: ProjectedMessage | ProjectedAct): boolean =>
					row.segment === from.segment && row.lane === from.lane && row.clock >= from.next;
				for (const rows of [this.messageById, this.#ownActById])
					for (const [id, row] of rows) if (isGone(row)) rows.delete(id);
				if (this.broken !== 'keep-void')
					for (const [id, row] of this.actById) if (isGone(row)) this.actById.delete(id);
				this.#cursorByLane.set(`${from.segment}/${from.lane}`, from);
			},
			// Told by the model itself: the fold of control, which is to find them, has one of its own.
			deleted: async () => undefined,
			authority: async () => undefined
		};
	}

	#forget(): void {
		for (const rows of [this.messageById, this.actById])
			for (const [id, { account }] of rows) if (this.#gone.has(id, account)) rows.delete(id);
	}

	#eraseAll(): void {
		if (this.#erased.size === 0) return;
		const namesOf = namesByMessage([...this.messageById.values(), ...this.#erased], this.actById.values());
		for (const erased of this.#erased) {
			const names = namesOf(erased);
			for (const id of names)
				if (this.messageById.get(id)?.account === erased.account) this.messageById.delete(id);
			// A copy holds no words here, and tells what else names it.
			for (const [id, { kind, target }] of this.actById)
				if (kind !== 'again' && names.has(target)) this.actById.delete(id);
		}
	}

	#put(act: ProjectedAct): void {
		if (this.broken === 'targets-first' && !this.messageById.has(act.target)) return;
		const time = this.broken === 'last-come' ? this.#arrivals++ : act.time;
		this.actById.set(act.id, { ...act, time });
	}
}

const isNamed = ({ segment, lane, clock, idBytes }: ModelDeletion, entry: ModelEntry): boolean =>
	segment === entry.segment && lane === entry.lane && clock === entry.clock && equalBytes(idBytes, entry.id);
