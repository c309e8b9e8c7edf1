/**
 * A device's connection to the blind replica, in the order of the app's: vectors both ways, what is missing both
 * ways, then what comes; acknowledgements of what is stored; a head that is none of ours is asked for whole, once.
 */
import { equalBytes } from '../../src/lib/protocol/bytes';
import type { AdmittedRun } from '../../src/lib/protocol/guard/lanes';
import { encodeUpdate, splitRuns } from '../../src/lib/protocol/guard/update';
import type { BlindReplica } from './blind-replica';
import type { LinkWorld } from './simulated-link';
import type { SimulatedDevice } from './simulated-device';

const updateBytes = 256 * 1024;
const syncEveryMs = 30_000;

export interface RelayConnectionEvents {
	/** The replica has stored these; other connections get them. */
	stored(segment: number, runs: readonly AdmittedRun[], by: RelayConnection): void;
}

export class RelayConnection {
	readonly #askedBranches = new Set<string>();
	readonly #generation: number;
	#ordered: Promise<void> = Promise.resolve();
	#open = true;

	constructor(
		readonly device: SimulatedDevice,
		readonly replica: BlindReplica,
		readonly world: LinkWorld,
		readonly events: RelayConnectionEvents
	) {
		this.#generation = device.generation;
		this.#everySoOften();
	}

	get isOpen(): boolean {
		return this.#open && this.device.isUp && this.device.generation === this.#generation;
	}

	close(): void {
		this.#open = false;
	}

	/** New entries in a document of the device. */
	pass(segment: number, runs: readonly AdmittedRun[], origin: unknown): void {
		if (!this.isOpen || origin === this) return;
		for (const batch of splitRuns(runs, updateBytes)) this.#toReplica(segment, encodeUpdate(batch));
	}

	/** The replica has something new from somebody else. */
	deliver(segment: number, update: Uint8Array): void {
		this.#later(async () => {
			// A device is connected to the documents that it knows of and the next one.
			if (segment > this.#conversation.newestSegment + 1) return;
			this.world.carried(this.device, segment, update);
			// What is refused is not held against the relay: it cannot see what it carries.
			const report = await this.#conversation.ingest(segment, update, this);
			if (report.gap) this.#fetch(segment);
		});
	}

	get #conversation(): NonNullable<SimulatedDevice['conversation']> {
		if (this.device.conversation === null) throw new Error('the device is off');
		return this.device.conversation;
	}

	/** In order, after a while, as long as the connection lasts. */
	#later(task: () => Promise<void>): void {
		const { time, random, longestDelayMs } = this.world;
		const arrives = time.pause(1 + random.below(longestDelayMs));
		this.#ordered = this.#ordered.then(async () => {
			await arrives;
			if (!this.isOpen) return;
			try {
				await task();
			} catch (error) {
				this.world.exception(error);
			}
		});
	}

	#everySoOften(): void {
		if (!this.isOpen) return;
		for (let segment = 0; segment <= this.#conversation.newestSegment + 1; segment++) this.#sync(segment);
		this.world.time.after(syncEveryMs, () => this.#everySoOften());
	}

	#sync(segment: number): void {
		this.#later(async () => {
			const loaded = await this.#conversation.document(segment);
			if (!this.isOpen) return;
			const runs = [...loaded.runsAbove(this.replica.nextByLane(segment))];
			for (const batch of splitRuns(runs, updateBytes)) this.#toReplica(segment, encodeUpdate(batch));
			for (const update of this.replica.updatesAbove(segment, loaded.nextByLane(), updateBytes))
				this.deliver(segment, update);
			await this.#acknowledge(segment, this.replica.heads(segment));
		});
	}

	#fetch(segment: number, withoutLane?: number): void {
		this.#later(async () => {
			const vector = new Map(await this.#conversation.stateVector(segment));
			if (withoutLane !== undefined) vector.delete(withoutLane);
			for (const update of this.replica.updatesAbove(segment, vector, updateBytes))
				this.deliver(segment, update);
		});
	}

	#toReplica(segment: number, update: Uint8Array): void {
		this.#later(async () => {
			const report = await this.replica.receive(segment, update);
			for (const reason of report.reasons) this.world.honestViolation(`at-relay-${reason}`);
			if (report.admitted.length > 0) this.events.stored(segment, report.admitted, this);
			if (this.isOpen)
				await this.#acknowledge(
					segment,
					this.replica.heads(
						segment,
						report.admitted.map((run) => run.lane)
					)
				);
		});
	}

	async #acknowledge(
		segment: number,
		heads: readonly { lane: number; clock: number; id: Uint8Array }[]
	): Promise<void> {
		const loaded = await this.#conversation.document(segment);
		for (const { lane, clock, id } of heads) {
			if (!this.isOpen) return;
			const ours = loaded.entryId(lane, clock);
			if (ours !== undefined && !equalBytes(ours.subarray(0, id.length), id)) {
				const branch = `${segment}/${lane}`;
				if (this.#askedBranches.has(branch) || this.#conversation.isDead(segment, lane, clock)) continue;
				this.#askedBranches.add(branch);
				this.#fetch(segment, lane);
				continue;
			}
			await this.#conversation.acknowledged(segment, lane, clock + 1, id);
		}
	}
}
