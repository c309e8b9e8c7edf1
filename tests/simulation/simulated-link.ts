/**
 * A link between two devices: the app's own PeerSync at both ends of an ordered channel that is slow, congested at
 * times, and can be cut at any moment. An unruly one also repeats, delays and drops single frames, which a real data
 * channel never does: nothing may depend on that.
 */
import { decodeUpdate } from '../../src/lib/protocol/guard/update';
import type { AdmittedRun } from '../../src/lib/protocol/guard/lanes';
import { decodeSyncFrame } from '../../src/lib/protocol/sync-frames';
import { PeerSync } from '../../src/lib/replicas/peer-sync';
import type { SeededRandom } from './seeded-random';
import type { SimulatedDevice } from './simulated-device';
import type { VirtualTime } from './virtual-time';

export interface LinkWorld {
	readonly time: VirtualTime;
	readonly random: SeededRandom;
	readonly longestDelayMs: number;
	readonly unruly: boolean;
	/** An update on its way from one device to another, as bytes on the wire. */
	carried(to: SimulatedDevice, segment: number, update: Uint8Array): void;
	ownReject(reason: string): void;
	honestViolation(reason: string): void;
	exception(error: unknown): void;
}

const tickMs = 30_000;
const congestionBytes = 1024 * 1024;

class End {
	readonly sync: PeerSync;
	received: Promise<void> = Promise.resolve();
	/** Of the newest frame on its way, so that frames stay in order. */
	arrivesAtMs = 0;
	readonly generation: number;
	congested = false;
	readonly #waiting: (() => void)[] = [];

	constructor(
		readonly device: SimulatedDevice,
		readonly send: (frame: Uint8Array) => boolean,
		readonly world: LinkWorld
	) {
		if (device.conversation === null) throw new Error('a device that is off has no link');
		this.generation = device.generation;
		this.sync = new PeerSync(device.conversation, {
			send: (frame) => send(frame),
			queuedBytes: () => (this.congested ? congestionBytes : 0),
			drained: () =>
				new Promise((resolve) => void (this.congested ? this.#waiting.push(resolve) : resolve())),
			violation: (reason) => world.honestViolation(reason),
			heard: () => undefined,
			progress: () => undefined
		});
	}

	congest(durationMs: number): void {
		this.congested = true;
		this.world.time.after(durationMs, () => this.relieve());
	}

	relieve(): void {
		this.congested = false;
		for (const resolve of this.#waiting.splice(0)) resolve();
	}

	get isLive(): boolean {
		return this.device.isUp && this.device.generation === this.generation;
	}
}

export class SimulatedLink {
	readonly ends: readonly [End, End];
	#open = true;

	constructor(
		readonly a: SimulatedDevice,
		readonly b: SimulatedDevice,
		readonly world: LinkWorld
	) {
		const endA: End = new End(a, (frame) => this.#carry(frame, endA, endB), world);
		const endB: End = new End(b, (frame) => this.#carry(frame, endB, endA), world);
		this.ends = [endA, endB];
		for (const end of this.ends) {
			end.sync.announce();
			this.#tick(end);
		}
	}

	get isOpen(): boolean {
		return this.#open && this.ends.every((end) => end.isLive);
	}

	joins(a: SimulatedDevice, b: SimulatedDevice): boolean {
		return (this.a === a && this.b === b) || (this.a === b && this.b === a);
	}

	cut(): void {
		this.#open = false;
		for (const end of this.ends) {
			end.sync.close();
			end.relieve();
		}
	}

	/** What has entered a document of `device` goes to the peer, unless it came from there. */
	pass(device: SimulatedDevice, segment: number, runs: readonly AdmittedRun[], origin: unknown): void {
		const end = this.#endOf(device);
		if (this.isOpen && origin !== end.sync) end.sync.pass(segment, runs);
	}

	sendFrontier(device: SimulatedDevice, frontier: Uint8Array): void {
		if (this.isOpen) this.#endOf(device).sync.sendFrontier(frontier);
	}

	#endOf(device: SimulatedDevice): End {
		return this.ends[0].device === device ? this.ends[0] : this.ends[1];
	}

	#tick(end: End): void {
		this.world.time.after(tickMs * (0.8 + 0.4 * this.world.random.unit()), () => {
			if (!this.isOpen) return;
			end.sync.retry();
			end.sync.announce();
			this.#tick(end);
		});
	}

	#carry(frame: Uint8Array, from: End, to: End): boolean {
		if (!this.isOpen) return false;
		const { time, random, longestDelayMs, unruly } = this.world;
		const bytes = frame.slice();
		this.#check(bytes);
		if (random.chance(0.02)) from.congest(random.below(2_000));
		if (unruly && random.chance(0.1)) return true;
		const inOrder = Math.max(time.nowMs + 1 + random.below(longestDelayMs), to.arrivesAtMs);
		if (!unruly) to.arrivesAtMs = inOrder;
		const delayMs = unruly ? 1 + random.below(longestDelayMs * 4) : inOrder - time.nowMs;
		time.after(delayMs, () => this.#arrive(bytes, to));
		if (unruly && random.chance(0.1)) time.after(delayMs + random.below(500), () => this.#arrive(bytes, to));
		return true;
	}

	#check(bytes: Uint8Array): void {
		const frame = decodeSyncFrame(bytes);
		if (!frame.ok) return this.world.ownReject(`frame-${frame.reason}`);
		if (frame.value.type !== 'update') return;
		const update = decodeUpdate(frame.value.update);
		if (!update.ok) this.world.ownReject(update.reason);
	}

	#arrive(bytes: Uint8Array, to: End): void {
		if (!this.isOpen) return;
		const frame = decodeSyncFrame(bytes);
		if (frame.ok && frame.value.type === 'update')
			this.world.carried(to.device, frame.value.segment, frame.value.update);
		to.received = to.received.then(async () => {
			if (!this.isOpen) return;
			try {
				await to.sync.receive(bytes);
			} catch (error) {
				this.world.exception(error);
			}
		});
	}
}
