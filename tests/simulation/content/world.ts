/**
 * A random history of people who talk, and of what they say about what was said: devices with wrong clocks that hear of
 * each other late and in any order, profiles that are copied, people who are removed and sometimes let back in.
 */
import { foldAuthority, type Authority } from '../../../src/lib/conversation/authority';
import { LaneCaps } from '../../../src/lib/conversation/authority/lane-caps';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import type { ProjectedMessage } from '../../../src/lib/conversation/ports';
import type { Bytes } from '../../../src/lib/protocol/crypto';
import { accountIdOf } from '../../../src/lib/protocol/ids';
import type { ContentRecord, KnownRecord } from '../../../src/lib/protocol/records';
import type { SeededRandom } from '../seeded-random';
import { ModelReplica, type BrokenRule, type ModelAccount, type ModelDeletion } from './model-replica';
import { makeEntry, type ModelEntry } from './model-segment';

/** What somebody said with a device, in the order in which they said it. */
export interface Saying {
	readonly replica: ModelReplica;
	readonly record: ContentRecord;
	readonly id: string;
}

const beganMs = 1_800_000_000_000;
const emojis = ['👍', '❤️', '🎉'];

export class ModelWorld {
	readonly replicas: ModelReplica[] = [];
	readonly sayings: Saying[] = [];
	/** By "segment/lane/clock/id"; branches of forked lanes are beside each other. */
	readonly entryById = new Map<string, ModelEntry>();
	readonly accountByLane = new Map<number, ModelAccount>();
	/** What deletes name: they stand in the control segment, and everybody hears of them some time. */
	readonly deleted = new Map<string, ModelDeletion>();
	readonly counts = {
		messages: 0,
		acts: 0,
		deletes: 0,
		late: 0,
		lies: 0,
		forks: 0,
		removals: 0,
		returns: 0,
		restarts: 0
	};
	/** Copied, or of an account that was removed: of these no last word is promised to hold. */
	readonly unsteady = new Set<string>();
	truth: Authority;
	protected nowMs = beganMs;
	/** All clocks have been set right. */
	protected isClockRight = false;
	#newest = 1;
	#ticks = 0;
	readonly #conversation: Bytes;

	constructor(
		readonly random: SeededRandom,
		/** For what came to the model later, so that histories of before stay what they were. */
		readonly moreRandom: SeededRandom,
		broken: BrokenRule
	) {
		this.#conversation = random.bytes(32);
		const accounts = Array.from({ length: 2 + random.below(3) }, (): ModelAccount => {
			const key = random.bytes(32);
			return { key, id: accountIdOf(key), grant: random.bytes(32) };
		});
		const accountByGrant = new Map(accounts.map(({ grant, id }) => [toBase64url(grant), id]));
		this.truth = { ...foldAuthority(this.#conversation, []), accountByGrant };
		for (const account of accounts) {
			for (let devices = random.chance(0.25) ? 2 : 1; devices > 0; devices--) {
				const errorMs = random.pick([0, 0, 0, -3_000, 2_000, 9 * 60_000]);
				const now = (): number => this.nowMs + (this.isClockRight ? 0 : errorMs);
				this.replicas.push(new ModelReplica(account, this.#conversation, this.truth, now, broken));
			}
		}
	}

	async step(): Promise<void> {
		const { random } = this;
		this.nowMs += random.below(random.pick([2, 2, 50, 5_000]));
		const replica = random.pick(this.replicas);
		const dice = random.unit();
		if (dice < 0.57) return this.#write(replica, this.#record(replica));
		if (dice < 0.6) return this.#delete(replica);
		if (dice < 0.88) return this.deliver(random.pick(this.replicas), replica, random.pick([0.3, 0.7, 1]));
		if (dice < 0.93) return this.learn(replica);
		if (dice < 0.96) {
			this.counts.restarts++;
			return replica.restart(random.chance(0.3));
		}
		if (dice < 0.975) return this.#copy(replica);
		if (dice < 0.99) return this.#remove(replica);
		if (random.chance(0.3)) this.#newest++;
	}

	/** Tells everybody everything, and who counts, until nothing is new. */
	async heal(rounds = 8): Promise<void> {
		for (let round = 0; round < rounds; round++) {
			for (const replica of this.random.shuffled(this.replicas)) await this.learn(replica);
			for (const from of this.random.shuffled(this.replicas))
				for (const to of this.random.shuffled(this.replicas)) await this.deliver(from, to, 1);
		}
	}

	/** What one device has another hears, some of it. @param share of the lanes */
	async deliver(from: ModelReplica, to: ModelReplica, share: number): Promise<void> {
		if (from === to) return;
		const news: ModelEntry[] = [];
		for (const number of from.segmentByNumber.keys()) {
			await to.load(number);
			const held = from.held(number);
			for (const lane of held.lanes) {
				if (!this.random.chance(share)) continue;
				const next = to.held(number).nextClock(lane);
				this.#findFork(number, lane, from, to);
				const dead = this.truth.forkClockByLane.get(`${number}/${lane}`) ?? Infinity;
				const lacking = held.held(lane).slice(next, dead);
				news.push(...lacking.slice(0, share < 1 ? this.random.below(lacking.length + 1) : Infinity));
			}
		}
		// In the order of their lanes, and in no other.
		const byLane = new Map<string, ModelEntry[]>();
		for (const entry of news) {
			const key = `${entry.segment}/${entry.lane}`;
			byLane.set(key, [...(byLane.get(key) ?? []), entry]);
		}
		const lanes = [...byLane.values()];
		const mixed: ModelEntry[] = [];
		while (lanes.some((lane) => lane.length > 0)) {
			const lane = this.random.pick(lanes.filter((each) => each.length > 0));
			mixed.push(lane.shift() as ModelEntry);
		}
		await to.receive(mixed);
	}

	/** A device hears who counts now, and says again what a fork has killed of its own. */
	async learn(replica: ModelReplica): Promise<void> {
		await replica.learn(this.truth);
		await replica.hearOfDeletes(this.deleted.values());
		for (const { id, lane } of replica.lateWords()) {
			this.counts.late++;
			this.name(id, lane);
		}
		for (const [key, from] of this.truth.forkClockByLane) {
			const [segment, lane] = key.split('/').map(Number) as [number, number];
			if (!replica.ownLanes.has(lane)) continue;
			await replica.load(segment);
			if (replica.laneBySegment.get(segment) === lane) replica.laneBySegment.delete(segment);
			for (const { record, hlc } of replica.unsaid(segment, lane, from))
				await this.#append(replica, segment, record, hlc);
		}
	}

	/** What a device says, as it writes it down. */
	protected written(_by: ModelReplica, record: ContentRecord): ContentRecord {
		return record;
	}

	async #write(replica: ModelReplica, said: ContentRecord): Promise<void> {
		const record = this.written(replica, said);
		this.counts[record.type === 'message' ? 'messages' : 'acts']++;
		await replica.load(this.#newest);
		const id = await this.#append(replica, this.#newest, record, replica.clock.tick());
		this.sayings.push({ replica, record, id });
	}

	async #append(replica: ModelReplica, segment: number, record: KnownRecord, hlc: number): Promise<string> {
		const deps = replica.deps(segment);
		const lane = replica.laneBySegment.get(segment) ?? (await this.#beginLane(replica, segment));
		const held = replica.held(segment).held(lane);
		const prev = held.at(-1)?.id ?? new Uint8Array();
		const entry = makeEntry({ segment, lane, clock: held.length, prev }, { hlc, deps, record });
		const id = toBase64url(entry.id);
		this.entryById.set(id, entry);
		await replica.receive([entry]);
		return id;
	}

	async #beginLane(replica: ModelReplica, segment: number): Promise<number> {
		const lane = 1 + this.random.below(2 ** 48);
		const { account } = replica;
		replica.laneBySegment.set(segment, lane);
		replica.ownLanes.add(lane);
		this.accountByLane.set(lane, account);
		const empty = (length: number): Uint8Array => new Uint8Array(length);
		const record: KnownRecord = {
			type: 'lane',
			grant: account.grant,
			account: account.key,
			device: empty(32),
			agreement: empty(32),
			deviceNumber: 0,
			deviceSignature: empty(64),
			laneSignature: empty(64)
		};
		const place = { segment, lane, clock: 0, prev: new Uint8Array() };
		const entry = makeEntry(place, { hlc: replica.clock.tick(), deps: [], record });
		this.entryById.set(toBase64url(entry.id), entry);
		await replica.receive([entry]);
		return lane;
	}

	#record(replica: ModelReplica): ContentRecord {
		const { random } = this;
		const known = [...replica.messageById.values()];
		const mine = known.filter(({ account }) => account === replica.account.id);
		const anything = [...this.entryById.values()].map(({ id }) => id);
		const one = (from: typeof known): Uint8Array => {
			const shown = from.length === 0 ? undefined : this.entryById.get(random.pick(from).id)?.id;
			if (shown !== undefined && random.chance(0.85)) return shown;
			return anything.length > 0 && random.chance(0.9) ? random.pick(anything) : random.bytes(32);
		};
		const kind = known.length === 0 ? 0 : random.unit();
		if (kind < 0.3) {
			const text = `m${this.#ticks++}`;
			const poll = { options: ['a', 'b', 'c'].slice(0, 2 + random.below(2)), several: random.chance(0.5) };
			return {
				type: 'message',
				text,
				...(known.length > 0 && random.chance(0.3) && { reply: one(known) }),
				...(known.length > 0 && random.chance(0.2) && { thread: one(known) }),
				...(random.chance(0.3) && { poll })
			};
		}
		if (kind < 0.52) {
			const target = one(random.chance(0.8) && mine.length > 0 ? mine : known);
			return { type: 'edit', target, text: `e${this.#ticks++}`, mentions: [] };
		}
		const target = one(known);
		if (kind < 0.77) return { type: 'reaction', target, emoji: random.pick(emojis), on: random.chance(0.6) };
		if (kind < 0.87) return { type: 'pin', target, on: random.chance(0.6) };
		const polls = known.filter(({ poll }) => poll !== null);
		const choices = [0, 1, 2].filter(() => random.chance(0.4));
		return { type: 'vote', target: polls.length > 0 ? one(polls) : target, choices };
	}

	/** Somebody takes back what they said; or whoever has the power, what somebody else said. */
	async #delete(replica: ModelReplica): Promise<void> {
		const { random } = this;
		const known = [...replica.messageById.values()];
		const mine = known.filter(({ account }) => account === replica.account.id);
		const from = mine.length > 0 && random.chance(0.7) ? mine : known;
		if (from.length === 0) return;
		this.counts.deletes++;
		const message = random.pick(from);
		this.#nameAll(replica, message);
		if (this.moreRandom.chance(0.2)) this.#lie(this.moreRandom.pick(known));
		await replica.hearOfDeletes(this.deleted.values());
	}

	/** A message, with that of which it is a copy, and the edits and copies of it that are known here. */
	#nameAll(replica: ModelReplica, message: ProjectedMessage): void {
		for (const { id, lane, at } of replica.wordsOf(message)) this.name(id, lane, at);
	}

	/** @param at whose place is named, if not its own */
	protected name(id: string, lane: number, at = id): void {
		const place = this.entryById.get(at);
		const named = this.entryById.get(id);
		const author = this.accountByLane.get(lane);
		if (place === undefined || named === undefined || author === undefined) return;
		const { segment, clock } = place;
		const deletion = { id, author: author.id, segment, lane, clock, idBytes: named.id };
		const key = `${author.id}/${id}/${at}`;
		if (!this.deleted.has(key)) this.deleted.set(key, deletion);
	}

	/** Somebody names what somebody else has said, as if it stood in a lane of theirs. */
	#lie({ id, account }: ProjectedMessage): void {
		const lanes = [...this.accountByLane].filter(([, author]) => author.id !== account);
		const theirs = [...this.entryById.values()].filter(({ lane }) => lanes.some(([other]) => other === lane));
		if (theirs.length === 0) return;
		this.counts.lies++;
		const { lane, id: at } = this.moreRandom.pick(theirs);
		this.name(id, lane, toBase64url(at));
	}

	/** The profile of a device on another machine: both write on in the same lanes. */
	#copy(replica: ModelReplica): Promise<void> {
		const { account, nowMs, broken } = replica;
		if (this.replicas.length > 6) return Promise.resolve();
		const copy = new ModelReplica(account, this.#conversation, replica.authority, nowMs, broken);
		for (const [segment, lane] of replica.laneBySegment) copy.laneBySegment.set(segment, lane);
		for (const lane of replica.ownLanes) copy.ownLanes.add(lane);
		this.unsteady.add(account.id);
		this.replicas.push(copy);
		return this.deliver(replica, copy, 1);
	}

	/** Two who hold the same lane look whether they hold the same of it. */
	#findFork(segment: number, lane: number, a: ModelReplica, b: ModelReplica): void {
		const [one, other] = [a.held(segment).held(lane), b.held(segment).held(lane)];
		const clock = one.findIndex((entry, i) => other[i] !== undefined && other[i]?.id !== entry.id);
		const key = `${segment}/${lane}`;
		if (clock < 0 || clock >= (this.truth.forkClockByLane.get(key) ?? Infinity)) return;
		this.counts.forks++;
		const forkClockByLane = new Map(this.truth.forkClockByLane).set(key, clock);
		this.truth = { ...this.truth, forkClockByLane };
	}

	/** Somebody is removed, as far as another has heard them; or it turns out that the removal was void. */
	#remove(by: ModelReplica): Promise<void> {
		const { random } = this;
		const capsByGrant = new Map(this.truth.capsByGrant);
		const [removed] = capsByGrant.keys();
		if (removed !== undefined && random.chance(0.5)) {
			this.counts.returns++;
			capsByGrant.delete(removed);
		} else {
			const whom = random.pick(this.replicas).account;
			this.unsteady.add(whom.id);
			this.counts.removals++;
			capsByGrant.set(
				toBase64url(whom.grant),
				LaneCaps.of(this.#claims(by, whom), () => true)
			);
		}
		this.truth = { ...this.truth, capsByGrant };
		return Promise.resolve();
	}

	#claims(by: ModelReplica, whom: ModelAccount) {
		return [...by.segmentByNumber.keys()].flatMap((segment) => {
			const held = by.held(segment);
			return [...held.lanes].flatMap((lane) => {
				const last = held.held(lane).at(-1);
				if (last === undefined || this.accountByLane.get(lane) !== whom) return [];
				return [{ segment, lane, clock: last.clock, idPrefix: toBase64url(last.id).slice(0, 21) }];
			});
		});
	}
}
