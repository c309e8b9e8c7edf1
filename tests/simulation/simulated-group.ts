/**
 * The devices of one group, their links and their relay: who exists, who is connected to whom, and what happens when
 * one is switched on, loses power, is restored from a backup or copied.
 */
import {
	foundGroup,
	invite,
	joiningIdentity,
	writeFounding,
	writeJoin
} from '../../src/lib/conversation/founding';
import type { ConversationEvents } from '../../src/lib/conversation/conversation';
import type { ConversationIdentity } from '../../src/lib/conversation/ports';
import type { CryptoPort } from '../../src/lib/protocol/crypto';
import { encodeUpdate, type LaneRun } from '../../src/lib/protocol/guard/update';
import { accountIdOf } from '../../src/lib/protocol/ids';
import { decodeInviteLink, encodeInviteLink } from '../../src/lib/protocol/invite-link';
import { newAccount } from '../new-account';
import { BlindReplica } from './blind-replica';
import { fakeSealPort } from './keys/fake-seals';
import { Ledger } from './ledger';
import { RelayConnection } from './relay-connection';
import { seededCryptoPort } from './seeded-crypto';
import { SeededRandom } from './seeded-random';
import { SimulatedDevice, type DeviceWorld } from './simulated-device';
import { SimulatedLink, type LinkWorld } from './simulated-link';
import type { Trace } from './trace';
import { UnguardedMirrors } from './unguarded-mirrors';
import { VirtualTime } from './virtual-time';

const startMs = 1_800_000_000_000;

export class SimulatedGroup {
	readonly time = new VirtualTime(startMs);
	readonly crypto: CryptoPort;
	readonly ledger = new Ledger();
	readonly mirrors = new UnguardedMirrors<SimulatedDevice>();
	readonly devices: SimulatedDevice[] = [];
	readonly links: SimulatedLink[] = [];
	readonly connections: RelayConnection[] = [];
	readonly world: LinkWorld;
	readonly rejections = new Map<string, number>();
	readonly ownRejects: string[] = [];
	readonly honestViolations: string[] = [];
	readonly exceptions: unknown[] = [];
	/** Names of the sides that cannot reach each other; null: all can. */
	partition: ReadonlySet<SimulatedDevice> | null = null;
	#replica: BlindReplica | null = null;
	#links: readonly string[] = [];
	#frontiers = 0;
	#deviceWorld: DeviceWorld;

	constructor(
		readonly random: SeededRandom,
		seed: number,
		readonly trace: Trace
	) {
		this.crypto = seededCryptoPort(new SeededRandom(seed ^ 0x5eed));
		this.#deviceWorld = {
			time: this.time,
			random,
			crypto: this.crypto,
			seals: fakeSealPort(new SeededRandom(seed ^ 0x5ea1)),
			limits: { entries: 12 + random.below(20), bytes: 1024 * 1024 },
			slowDisk: random.pick([0, 0.2, 0.6]),
			events: (device) => this.#events(device)
		};
		this.world = {
			time: this.time,
			random,
			longestDelayMs: random.pick([10, 100, 2_000]),
			unruly: random.chance(0.25),
			carried: (to, segment, update) => {
				if (segment > 0) this.mirrors.apply(to, segment, update);
			},
			ownReject: (reason) => void this.ownRejects.push(reason),
			honestViolation: (reason) => {
				this.trace.note(`violation ${reason}`);
				this.honestViolations.push(reason);
			},
			exception: (error) => void this.exceptions.push(error)
		};
	}

	get replica(): BlindReplica {
		if (this.#replica === null) throw new Error('no group has been founded');
		return this.#replica;
	}

	get up(): SimulatedDevice[] {
		return this.devices.filter((device) => device.isUp);
	}

	/** Lets time go by until the promise is settled. */
	async until<T>(promise: Promise<T>): Promise<T> {
		let settled = false;
		const watched = promise.finally(() => void (settled = true));
		watched.catch((error: unknown) => this.exceptions.push(error));
		for (let i = 0; i < 200 && !settled; i++) await this.time.pass(20);
		if (!settled) throw new Error('nothing settles it');
		return watched;
	}

	async found(): Promise<void> {
		const founding = await foundGroup(this.crypto, (await newAccount(this.crypto)).author);
		this.#replica = new BlindReplica(founding.identity.conversation, this.crypto.subtle);
		const device = this.#add('d0', founding.identity);
		device.disk.commit(founding.controlLane, []);
		await this.until(device.start());
		await this.until(writeFounding(this.#conversationOf(device), founding.genesis, 'Group', 'd0'));
		const link = await this.until(invite(this.crypto, this.#conversationOf(device), this.time.nowMs));
		if (!link.ok) throw new Error(link.reason);
		this.#links = [encodeInviteLink(link.value)];
		device.disk.flush();
	}

	/** Somebody opens the link. */
	async join(): Promise<void> {
		const link = decodeInviteLink('#' + this.random.pick(this.#links));
		if (!link.ok) throw new Error(link.reason);
		const identity = await joiningIdentity(this.crypto, (await newAccount(this.crypto)).author, link.value);
		const device = this.#add(`d${this.devices.length}`, identity, link.value.segment);
		await this.until(device.start());
		await this.until(writeJoin(this.crypto, this.#conversationOf(device), link.value, device.name));
	}

	async startDevice(device: SimulatedDevice): Promise<void> {
		this.trace.note(`start ${device.name}`);
		await this.until(device.start());
	}

	crash(device: SimulatedDevice): void {
		this.trace.note(`crash ${device.name}`);
		device.crash();
		this.#forgetClosed();
	}

	restore(device: SimulatedDevice, disk: SimulatedDevice['disk']): void {
		this.trace.note(`restore ${device.name}`);
		device.restore(disk.copied());
		this.ledger.writeOff(this.devices, this.replica);
		this.#forgetClosed();
	}

	/** The same profile on a second machine. */
	async copy(device: SimulatedDevice, disk: SimulatedDevice['disk']): Promise<void> {
		this.trace.note(`copy ${device.name}`);
		const copy = this.#add(`${device.name}'`, device.identity, 1, disk.copied());
		await this.startDevice(copy);
	}

	connect(a: SimulatedDevice, b: SimulatedDevice): void {
		if (a === b || !a.isUp || !b.isUp || !this.#canReach(a, b)) return;
		if (this.links.some((link) => link.isOpen && link.joins(a, b))) return;
		this.trace.note(`link ${a.name} ${b.name}`);
		this.links.push(new SimulatedLink(a, b, this.world));
	}

	connectToRelay(device: SimulatedDevice): void {
		if (!device.isUp || this.connections.some((each) => each.isOpen && each.device === device)) return;
		this.trace.note(`relay ${device.name}`);
		const stored = (segment: number, runs: readonly LaneRun[], by: RelayConnection): void => {
			const update = encodeUpdate(runs);
			for (const each of this.connections) if (each !== by && each.isOpen) each.deliver(segment, update);
		};
		this.connections.push(new RelayConnection(device, this.replica, this.world, { stored }));
	}

	separate(side: ReadonlySet<SimulatedDevice>): void {
		this.partition = side;
		for (const link of this.links) if (!this.#canReach(link.a, link.b)) link.cut();
		this.#forgetClosed();
	}

	/** Flushes a device's disk and tells the others what it holds. */
	async giveFrontier(device: SimulatedDevice): Promise<void> {
		const { conversation } = device;
		if (conversation === null) return;
		const { generation } = device;
		device.read();
		device.disk.flush();
		this.ledger.vouch(device);
		const frontier = await conversation.frontier(this.time.nowMs * 16 + (this.#frontiers++ % 16));
		if (frontier === null || generation !== device.generation) return;
		for (const link of this.links)
			if (link.a === device || link.b === device) link.sendFrontier(device, frontier);
	}

	#canReach(a: SimulatedDevice, b: SimulatedDevice): boolean {
		return this.partition === null || this.partition.has(a) === this.partition.has(b);
	}

	#forgetClosed(): void {
		for (const list of [this.links, this.connections] as { isOpen: boolean }[][]) {
			for (let i = list.length - 1; i >= 0; i--) if (!list[i]?.isOpen) list.splice(i, 1);
		}
	}

	#conversationOf(device: SimulatedDevice): NonNullable<SimulatedDevice['conversation']> {
		if (device.conversation === null) throw new Error(`${device.name} is off`);
		return device.conversation;
	}

	#add(
		name: string,
		identity: ConversationIdentity,
		hint = 1,
		disk?: SimulatedDevice['disk']
	): SimulatedDevice {
		const account = accountIdOf(identity.certificate.account);
		const device = new SimulatedDevice(name, account, identity, this.#deviceWorld, disk, hint);
		this.devices.push(device);
		return device;
	}

	#events(device: SimulatedDevice): ConversationEvents {
		const generation = device.generation;
		return {
			admitted: (segment, runs, origin) => {
				if (generation !== device.generation) return;
				for (const { lane, start, entries } of runs) {
					this.trace.note(`admit ${device.name} ${segment} ${lane.toString(36)} ${start}+${entries.length}`);
				}
				if (origin === device.conversation && segment > 0)
					this.mirrors.apply(device, segment, encodeUpdate(runs));
				for (const link of this.links) {
					if (link.a === device || link.b === device) link.pass(device, segment, runs, origin);
				}
				for (const each of this.connections) if (each.device === device) each.pass(segment, runs, origin);
			},
			authorityChanged: () => device.lookAtEpochs(),
			epochsChanged: () => device.lookAtEpochs(),
			deliveryChanged: () => {
				if (generation === device.generation) device.disk.delivery = device.conversation?.delivery;
			},
			rejected: (reason) => void this.rejections.set(reason, (this.rejections.get(reason) ?? 0) + 1)
		};
	}
}
