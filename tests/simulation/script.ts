/** What happens in a simulation, step by step: people write, machines fail, somebody attacks. */
import { firstSettings } from '../../src/lib/conversation/settings';
import { fromBase64url } from '../../src/lib/protocol/base64url';
import { controlSegment } from '../../src/lib/protocol/ids';
import { noAuthority, type ContentRecord } from '../../src/lib/protocol/records';
import { attacks, type Seen } from './hostile-updates';
import type { About } from './ledger';
import { SeededRandom } from './seeded-random';
import type { SimulatedDevice } from './simulated-device';
import type { SimulatedDisk } from './simulated-disk';
import type { SimulatedGroup } from './simulated-group';

export interface Counts {
	writes: number;
	/** What was said about messages. */
	acts: number;
	hostile: number;
	crashes: number;
	restores: number;
	copies: number;
	/** Invitations closed, each of which makes another epoch necessary. */
	rotations: number;
	deletions: number;
}

export class Script {
	readonly #snapshots: { device: SimulatedDevice; disk: SimulatedDisk }[] = [];
	readonly #joiners: number;
	readonly #relay: boolean;
	readonly #actions: readonly (readonly [number, () => Promise<void> | void])[];
	readonly #invites: { readonly device: SimulatedDevice; readonly key: Uint8Array }[] = [];
	readonly #isActing: boolean;
	/** For what came to the simulator later, so that histories of before stay what they were. */
	readonly #aboutRandom: SeededRandom;
	readonly #heard: { readonly segment: number; readonly update: Uint8Array }[] = [];

	constructor(
		readonly group: SimulatedGroup,
		readonly seed: number,
		readonly counts: Counts,
		isRotating: boolean,
		isDeleting: boolean,
		isActing: boolean
	) {
		const { random } = group;
		this.#joiners = 2 + random.below(4);
		this.#relay = random.chance(0.7);
		this.#isActing = isActing;
		this.#aboutRandom = new SeededRandom(seed ^ 0xab07);
		// Not every history has every trouble: those with few of them go deeper into each.
		const some = (weight: number, probability: number): number => (random.chance(probability) ? weight : 0);
		this.#actions = [
			[40, () => this.#write()],
			[3, () => this.#administer()],
			[12, () => this.#meet()],
			[6, () => this.#part()],
			[some(1, 0.5), () => this.#partition()],
			[some(22, 0.8), () => this.#attack()],
			[some(8, 0.5), () => this.#raw()],
			[some(5, 0.7), () => this.#crash()],
			[4, () => this.#startAll()],
			[6, () => this.#frontier()],
			[some(4, 0.6), () => this.#snapshot()],
			[some(2.5, 0.4), () => this.#restore()],
			[some(2, 0.4), () => this.#copy()],
			[some(1, 0.3), () => this.#setClock()],
			[isRotating ? 2 : 0, () => this.#invite()],
			[isRotating ? 2 : 0, () => this.#closeInvite()],
			[isDeleting ? 6 : 0, () => this.#delete()],
			[isDeleting ? 2 : 0, () => this.#deleteWrongly()],
			[isActing ? 14 : 0, () => this.#act()]
		];
	}

	async step(): Promise<void> {
		const { group } = this;
		if (group.devices.length <= this.#joiners && (group.devices.length < 3 || group.random.chance(0.1))) {
			await group.join();
			this.#meetEverybody(group.devices.at(-1));
			return;
		}
		let left = group.random.unit() * this.#actions.reduce((sum, [weight]) => sum + weight, 0);
		for (const [weight, act] of this.#actions) {
			left -= weight;
			if (left < 0) return act();
		}
	}

	#someone(): SimulatedDevice | undefined {
		const { up } = this.group;
		return up.length === 0 ? undefined : this.group.random.pick(up);
	}

	#meetEverybody(device: SimulatedDevice | undefined): void {
		if (device === undefined) return;
		for (const other of this.group.up) if (this.group.random.chance(0.6)) this.group.connect(device, other);
		if (this.#relay) this.group.connectToRelay(device);
	}

	#write(): void {
		const device = this.#someone();
		if (device === undefined) return;
		for (let i = 0; i <= this.group.random.below(3); i++) {
			const text = `${this.seed}:${device.name}:${this.counts.writes++}`;
			this.group.trace.note(`write ${text}`);
			this.group.ledger.say(device, text, this.#isActing ? this.#about(device) : {});
		}
	}

	/** What a message answers, hangs from and asks: mostly nothing, else of what is shown, or of what nobody knows. */
	#about(device: SimulatedDevice): About {
		const random = this.#aboutRandom;
		const known = [...device.readModel.messageById.keys()];
		const one = (): Uint8Array => {
			const id = known.length > 0 && random.chance(0.9) ? fromBase64url(random.pick(known)) : null;
			return id?.ok === true ? id.value : random.bytes(32);
		};
		const options = ['a', 'b', 'c'].slice(0, 2 + random.below(2));
		return {
			...(random.chance(0.25) && { reply: one() }),
			...(random.chance(0.2) && { thread: one() }),
			...(random.chance(0.3) && { poll: { options, several: random.chance(0.5) } })
		};
	}

	/** Says something about a message that is shown, or about one that nobody knows. */
	#act(): void {
		const device = this.#someone();
		const { random } = this.group;
		const known = [...(device?.readModel.messageById.values() ?? [])];
		if (device === undefined || known.length === 0) return;
		const own = known.filter(({ account }) => account === device.account);
		const message = random.pick(own.length > 0 && random.chance(0.5) ? own : known);
		const bytes = fromBase64url(message.id);
		const target = bytes.ok && random.chance(0.95) ? bytes.value : random.bytes(32);
		const on = random.chance(0.6);
		const polls = known.filter(({ poll }) => poll !== null);
		const poll = polls.length > 0 ? fromBase64url(this.#aboutRandom.pick(polls).id) : bytes;
		const choices = on ? [0, 2].slice(0, 1 + (this.counts.acts % 2)) : [];
		const record = random.pick<ContentRecord>([
			{ type: 'edit', target, text: `edit ${this.counts.acts}`, mentions: [] },
			{ type: 'reaction', target, emoji: random.pick(['👍', '🎉']), on },
			{ type: 'pin', target, on },
			{ type: 'vote', target: poll.ok ? poll.value : target, choices }
		]);
		this.counts.acts++;
		this.group.trace.note(`${record.type} ${device.name}`);
		void device.conversation?.write(record);
	}

	#administer(): void {
		const device = this.#someone();
		const { random } = this.group;
		const conversation = device?.conversation;
		if (device === undefined || !conversation) return;
		const name = `${device.name} ${random.below(1000)}`;
		void conversation.write(
			random.chance(0.5) ? { type: 'profile', name } : firstSettings(conversation.identity.conversation, name)
		);
	}

	#meet(): void {
		const { group } = this;
		if (group.partition !== null && group.random.chance(0.3)) group.partition = null;
		const device = this.#someone();
		const other = this.#someone();
		if (device === undefined || other === undefined) return;
		group.connect(device, other);
		if (this.#relay && group.random.chance(0.4)) group.connectToRelay(device);
	}

	#part(): void {
		const { links, connections, random } = this.group;
		if (links.length > 0) random.pick(links).cut();
		if (connections.length > 0 && random.chance(0.3)) random.pick(connections).close();
	}

	#partition(): void {
		this.group.separate(new Set(this.group.devices.filter(() => this.group.random.chance(0.5))));
	}

	/** Bytes that no honest device would send, at a device or at the relay; and what it says to that is its own affair. */
	async #attack(): Promise<void> {
		const { group } = this;
		const { random } = group;
		const device = this.#someone();
		if (device?.conversation == null) return;
		const seen = await this.#see(device);
		if (seen === null) return;
		const attack = random.pick(Object.keys(attacks));
		const update = await (attacks[attack] as NonNullable<(typeof attacks)[string]>)(
			seen,
			random,
			group.crypto
		);
		group.trace.note(`attack ${attack}`);
		this.counts.hostile++;
		const victim = this.#someone();
		if (this.#relay && random.chance(0.3)) await group.until(group.replica.receive(seen.segment, update));
		if (victim?.conversation == null) return;
		if (seen.segment > 0) group.mirrors.apply(victim, seen.segment, update);
		void victim.conversation.ingest(seen.segment, update, 'hostile');
	}

	async #see(device: SimulatedDevice): Promise<Seen | null> {
		const { conversation } = device;
		if (conversation === null) return null;
		const { random } = this.group;
		const segment = random.chance(0.25) ? controlSegment : 1 + random.below(conversation.newestSegment);
		const { generation } = device;
		const updates: Uint8Array[] = [];
		const collecting = (async () => {
			for await (const update of conversation.updatesFor(segment, [], 1024 * 1024)) updates.push(update);
		})();
		await this.group.until(collecting);
		const update = updates[0];
		if (update === undefined || generation !== device.generation) return null;
		const elsewhere = this.#heard.length > 0 ? random.pick(this.#heard).update : update;
		this.#heard.push({ segment: segment + 1, update });
		return {
			conversation: device.identity.conversation,
			segment,
			update,
			keys: await conversation.keys.keysToWrite(),
			elsewhere
		};
	}

	/** Sound updates of one device at another: twice, in pieces, late, out of order. */
	async #raw(): Promise<void> {
		const { random } = this.group;
		const from = this.#someone();
		const to = this.#someone();
		if (from?.conversation == null || to?.conversation == null || from === to) return;
		const segment = random.below(from.conversation.newestSegment + 1);
		const pieces: Uint8Array[] = [];
		const conversation = from.conversation;
		await this.group.until(
			(async () => {
				for await (const update of conversation.updatesFor(segment, [], 600)) pieces.push(update);
			})()
		);
		const chosen = random.shuffled(pieces).filter(() => random.chance(0.7));
		for (const piece of [...chosen, ...chosen.filter(() => random.chance(0.3))]) {
			if (segment > 0) this.group.mirrors.apply(to, segment, piece);
			void to.conversation?.ingest(segment, piece, 'raw');
		}
	}

	/** An invitation that nobody comes by: closing it makes another epoch necessary, on each side of a partition. */
	async #invite(): Promise<void> {
		const device = this.#someone();
		if (device?.conversation == null) return;
		const keys = await this.group.crypto.generateSigningKeys();
		const agreement = await this.group.crypto.generateAgreementKeys();
		void device.conversation.write({
			type: 'invite',
			auth: noAuthority,
			invitePublicKey: keys.publicKey,
			agreement: agreement.publicKey,
			kind: 'open',
			expiresAtMs: this.group.time.nowMs + 7 * 24 * 3_600_000,
			approval: false
		});
		this.#invites.push({ device, key: keys.publicKey });
	}

	#closeInvite(): void {
		const { random } = this.group;
		const open = this.#invites.filter(({ device }) => device.conversation !== null);
		if (open.length === 0) return;
		const invite = random.pick(open);
		this.#invites.splice(this.#invites.indexOf(invite), 1);
		this.counts.rotations++;
		this.group.trace.note(`close ${invite.device.name}`);
		const record = { type: 'invite-close', auth: noAuthority, joins: [] } as const;
		void invite.device.conversation?.write({ ...record, invitePublicKey: invite.key });
	}

	/** By whoever said it, on any of their devices. */
	#delete(): void {
		const device = this.#someone();
		if (device?.conversation == null) return;
		const own = this.group.ledger.saved.filter(
			({ account, place }) => account === device.account && place !== null
		);
		if (own.length === 0) return;
		const saying = this.group.random.pick(own);
		this.counts.deletions++;
		this.group.trace.note(`delete ${saying.text}`);
		this.group.ledger.delete(device, saying);
	}

	/** Somebody else's words, and words that are none: nothing is to come of either. */
	#deleteWrongly(): void {
		const device = this.#someone();
		const { random, ledger } = this.group;
		const others = ledger.saved.filter(({ account, place }) => account !== device?.account && place !== null);
		if (device?.conversation == null || others.length === 0) return;
		const { place } = random.pick(others);
		const id = fromBase64url(place?.id ?? '');
		if (place === null || !id.ok) return;
		this.group.trace.note(`delete wrongly ${place.id}`);
		const named = random.chance(0.5) ? id.value : random.bytes(32);
		const target = { segment: place.segment, lane: place.lane, clock: Math.max(1, place.clock), id: named };
		void device.conversation.write({ type: 'delete', auth: noAuthority, targets: [target] });
	}

	#crash(): void {
		const device = this.#someone();
		if (device === undefined) return;
		this.counts.crashes++;
		this.group.crash(device);
	}

	async #startAll(): Promise<void> {
		for (const device of this.group.devices) {
			if (device.isUp) continue;
			await this.group.startDevice(device);
			this.#meetEverybody(device);
		}
	}

	async #frontier(): Promise<void> {
		const device = this.#someone();
		if (device !== undefined) await this.group.giveFrontier(device);
	}

	#snapshot(): void {
		const device = this.group.random.pick(this.group.devices);
		this.#snapshots.push({ device, disk: device.disk.copied() });
	}

	async #restore(): Promise<void> {
		if (this.#snapshots.length === 0) return;
		const { device, disk } = this.group.random.pick(this.#snapshots);
		this.counts.restores++;
		this.group.restore(device, disk);
		await this.group.startDevice(device);
		if (this.group.random.chance(0.7)) this.#meetEverybody(device);
	}

	async #copy(): Promise<void> {
		if (this.#snapshots.length === 0 || this.counts.copies >= 2) return;
		const { device, disk } = this.group.random.pick(this.#snapshots);
		this.counts.copies++;
		await this.group.copy(device, disk);
		if (this.group.random.chance(0.7)) this.#meetEverybody(this.group.devices.at(-1));
	}

	#setClock(): void {
		const { random } = this.group;
		const device = random.pick(this.group.devices);
		device.clockErrorMs = random.pick([0, -365 * 24 * 3_600_000, -5_000, 5_000, 9 * 60_000]);
	}
}
