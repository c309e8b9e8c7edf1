/**
 * The same history where what is said lasts for a time: members set and unset the conversation's timer at once, some have
 * what they say go sooner, and devices whose clocks differ take it away when their own says so, or when they are
 * opened again.
 */
import { inTime } from '../../../src/lib/conversation/content/lifetime';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import { expiryBoundsS } from '../../../src/lib/protocol/content-records';
import type { ContentRecord } from '../../../src/lib/protocol/records';
import type { SaidPlace } from '../../../src/lib/store/types';
import { SeededRandom } from '../seeded-random';
import { ModelExpiry } from './model-expiry';
import type { BrokenRule, ModelReplica } from './model-replica';
import { ModelTimers } from './model-timers';
import { ModelWorld } from './world';

/** 0: off. Some are over before the history is, some are not when it is first looked at. */
const timersS = [0, expiryBoundsS.least, 20, 60, 24 * 3600];
const worstClockMs = 9 * 60_000;
/** So many in which nothing is new: then nothing will be. */
const quietRounds = 3;

export class TimedWorld extends ModelWorld {
	readonly timers: ModelTimers;
	readonly timerCounts = { settings: 0, claims: 0, expired: 0 };
	/** What own devices have taken away because it had run out, by id. */
	readonly over = new Set<string>();
	/** Ids of what words something anew that a device had taken away already, and stood in its rows all the same. */
	readonly back = new Set<string>();
	readonly #random: SeededRandom;
	readonly #expiryByReplica = new Map<ModelReplica, ModelExpiry>();
	readonly #ownS = new Map<ModelReplica, number>();

	constructor(seed: number, broken: BrokenRule) {
		super(new SeededRandom(seed), new SeededRandom(seed ^ 0xdead), broken);
		this.#random = new SeededRandom(seed ^ 0x71e5);
		this.timers = new ModelTimers(this.replicas);
		for (const replica of this.replicas)
			if (this.#random.chance(0.5)) this.#ownS.set(replica, this.#random.pick(timersS));
	}

	get now(): number {
		return this.nowMs;
	}

	override async step(): Promise<void> {
		const random = this.#random;
		await this.#watch();
		await super.step();
		const replica = random.pick(this.replicas);
		const dice = random.unit();
		if (dice < 0.12) this.#set(replica);
		else if (dice < 0.2) this.#ownS.set(replica, random.pick(timersS));
		else if (dice < 0.3) this.nowMs += random.below(random.pick([5_000, 30_000]));
		// Some are closed meanwhile.
		for (const each of this.replicas) {
			if (random.chance(0.7)) await this.#ring(each);
			for (const id of this.#expiryByReplica.get(each)?.back ?? []) this.back.add(id);
		}
	}

	override async deliver(from: ModelReplica, to: ModelReplica, share: number): Promise<void> {
		await super.deliver(from, to, share);
		if (from !== to) this.timers.deliver(from, to, share, this.#random);
	}

	/** Clocks are set right; everybody hears everything and looks at it at one time. */
	async settle(): Promise<void> {
		this.isClockRight = true;
		// What some clock has passed already every clock has passed now.
		this.nowMs += worstClockMs;
		await this.#lookTogether();
	}

	/** All of whose time was told is over. */
	async outlive(): Promise<void> {
		this.nowMs += 2 * 1000 * Math.max(...timersS);
		await this.#lookTogether();
	}

	protected override written(by: ModelReplica, record: ContentRecord): ContentRecord {
		if (record.type !== 'message') return record;
		return inTime(record, this.timers.timer(by).afterS, this.#ownS.get(by));
	}

	async #lookTogether(): Promise<void> {
		await this.#watch();
		for (let quiet = 0; quiet < quietRounds;) {
			const told = this.#told;
			await this.heal(1);
			// Timers ring a tick later at the soonest.
			this.nowMs++;
			for (const replica of this.replicas) await this.#expiryByReplica.get(replica)?.ring();
			quiet = told === this.#told ? quiet + 1 : 0;
		}
	}

	/** Not how many entries: who is removed says again, time and again, what of theirs a fork has killed. */
	get #told(): string {
		return `${this.deleted.size} ${this.truth.forkClockByLane.size}`;
	}

	#set(replica: ModelReplica): void {
		const random = this.#random;
		const afterS = random.pick(timersS);
		if (random.chance(0.1)) {
			this.timerCounts.claims++;
			this.timers.claim(replica, afterS, random);
		} else if (this.timers.set(replica, afterS)) this.timerCounts.settings++;
	}

	async #ring(replica: ModelReplica): Promise<void> {
		const expiry = this.#expiryByReplica.get(replica);
		if (this.#random.chance(0.05)) await expiry?.restart();
		else await expiry?.ring();
	}

	/** Copies have come. */
	async #watch(): Promise<void> {
		for (const replica of this.replicas) {
			if (this.#expiryByReplica.has(replica)) continue;
			const expiry = new ModelExpiry(replica, {
				ownGone: (by, entries) => this.#ownGone(by, entries),
				timerS: (of) => this.timers.timer(of).afterS
			});
			this.#expiryByReplica.set(replica, expiry);
			await expiry.restart();
		}
	}

	#ownGone(by: ModelReplica, entries: readonly SaidPlace[]): void {
		if (by.broken === 'author-silent') return;
		for (const { id, segment, lane, clock } of entries) {
			this.timerCounts.expired++;
			this.over.add(id);
			const at = by.held(segment).entryId(lane, clock);
			if (at !== undefined) this.name(id, lane, toBase64url(at));
		}
	}
}
