/** A device in the model of keys: what it has, what it can read of that, and what it does. */
import {
	dutiesOf,
	epochToAnnounceUnder,
	epochToAskUnder,
	epochToWriteUnder,
	turnOf,
	type Duty,
	type Holdings
} from '../../../src/lib/conversation/epochs/epoch-duties';
import { EpochGraph } from '../../../src/lib/conversation/epochs/epoch-graph';
import { EpochKeyring } from '../../../src/lib/conversation/epochs/epoch-keyring';
import { planEpoch } from '../../../src/lib/conversation/epochs/epoch-plan';
import { makeEpoch, makePast, makeSeals } from '../../../src/lib/conversation/epochs/make-epoch';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import type { SigningKeys } from '../../../src/lib/protocol/crypto';
import { epochIdOf } from '../../../src/lib/protocol/epoch';
import {
	revealsPast,
	type EpochPart,
	type PastRecord,
	type SealedKind
} from '../../../src/lib/protocol/epoch-records';
import { recipientOf } from '../../../src/lib/protocol/seal';
import type { ModelEntry, ModelInvite, ModelMessage, Says } from './model-entry';
import { factsOf, type ModelFacts, type Waiting } from './model-facts';
import type { KeysWorld } from './world';

export class ModelDevice {
	readonly recipient: string;
	keyring: EpochKeyring;
	readonly entries = new Map<string, ModelEntry>();
	readonly messages = new Map<string, ModelMessage>();
	/** Links that it has made or come by. */
	readonly links: ModelInvite[] = [];
	/** Those by which it has come. */
	readonly comeBy: ModelInvite[] = [];
	readonly given: { readonly secret: Uint8Array; readonly kind: SealedKind }[] = [];
	graph: EpochGraph;
	/** Somebody has told it that it was removed, and serves it no more. */
	isToldOff = false;
	#visible: readonly ModelEntry[] = [];
	#clock = 0;
	#seen = -1;

	constructor(
		readonly world: KeysWorld,
		readonly account: string,
		readonly keys: SigningKeys,
		readonly lane: number,
		readonly isFirst: boolean
	) {
		this.recipient = toBase64url(recipientOf(keys.publicKey));
		this.keyring = new EpochKeyring(world.ports, world.conversation, keys);
		this.graph = new EpochGraph(factsOf([], [], 0));
	}

	get facts(): ModelFacts {
		return this.graph.facts as ModelFacts;
	}

	get isMember(): boolean {
		return this.facts.devices.get(this.recipient)?.isMember === true;
	}

	get visible(): readonly ModelEntry[] {
		return this.#visible;
	}

	readonly holdings: Holdings = {
		recipient: '',
		holds: (id, kind) => this.keyring.holds(id, kind),
		named: new Set()
	};

	/** What came by hand: in a link, or from one's other device. @returns the epoch's id */
	give(secret: Uint8Array, kind: SealedKind): string {
		this.given.push({ secret, kind });
		return this.keyring.learn(secret, kind);
	}

	/** Reads what there is to read, again and again until there is nothing new. */
	async refresh(): Promise<void> {
		if (this.#seen === this.entries.size + this.messages.size) return;
		this.#seen = this.entries.size + this.messages.size;
		const all = [...this.entries.values(), ...this.messages.values()];
		for (let before = -1; ;) {
			this.#visible = [...this.entries.values()].filter(({ under }) => this.keyring.holds(under, 'control'));
			this.graph = this.world.graphs.graphOf(this.#visible, all, this.world.nowHlc);
			const opened = await this.keyring.open(this.graph);
			if (opened.length === 0 && this.#visible.length === before) break;
			before = this.#visible.length;
		}
		Object.assign(this.holdings, {
			recipient: this.recipient,
			named: new Set(all.map(({ under }) => under))
		});
	}

	/** Stops, and starts with what it keeps. */
	async restart(): Promise<void> {
		const { held } = this.keyring;
		this.world.restarts++;
		this.keyring = new EpochKeyring(this.world.ports, this.world.conversation, this.keys, held);
		for (const { keys } of this.comeBy) this.keyring.addInvite(keys);
		this.#seen = -1;
		await this.refresh();
	}

	/** Lets somebody in, and gives them what they are to read. */
	async admit({ invite, account }: Waiting): Promise<void> {
		const under = await this.cleanEpoch();
		if (under === null) return;
		await this.say({ type: 'add', invite, account }, under);
		for (const duty of this.duties())
			if (duty.kind === 'seal' || duty.kind === 'begin') await this.fulfil(duty);
	}

	async say(says: Says, under: string): Promise<ModelEntry> {
		const entry: ModelEntry = {
			id: this.world.name('e'),
			device: this.recipient,
			account: this.account,
			lane: this.lane,
			clock: this.#clock++,
			hlc: this.world.nowHlc,
			under,
			knew: this.#known(),
			says
		};
		this.entries.set(entry.id, entry);
		await this.refresh();
		return entry;
	}

	/** @returns false if it cannot write now */
	async write(): Promise<boolean> {
		const under = await this.cleanEpoch();
		if (under === null) return false;
		const id = this.world.name('m');
		const begins = this.world.broken === 'stay-in-segment' ? 1 : this.graph.byId.get(under)?.firstSegment;
		const segment = Math.max(begins ?? 1, this.#newestSegment);
		const knew = new Set(this.#visible.map((entry) => entry.id));
		const readers = new Set(this.graph.members().keys());
		const { recipient, account } = this;
		this.messages.set(id, { id, device: recipient, account, under, segment, knew, readers });
		return true;
	}

	get #newestSegment(): number {
		return Math.max(1, ...[...this.messages.values()].map(({ segment }) => segment));
	}

	/** What caps would list. */
	#known(): ReadonlySet<string> {
		return new Set([...this.#visible.map(({ id }) => id), ...this.messages.keys()]);
	}

	/** The epoch to write under; begins one if there is none. */
	async cleanEpoch(): Promise<string | null> {
		const current = epochToWriteUnder(this.graph, this.holdings);
		if (current !== null) return current.id;
		await this.begin();
		return epochToWriteUnder(this.graph, this.holdings)?.id ?? null;
	}

	async begin(): Promise<void> {
		const epoch = await this.#draw(this.graph);
		if (epoch !== null) await this.#announce({ type: 'epoch', epoch: epoch.part }, epoch.past);
	}

	/** A removal and the epoch that begins with it. */
	async remove(account: string): Promise<void> {
		const without: ModelEntry = {
			id: 'without',
			device: this.recipient,
			account: this.account,
			lane: this.lane,
			clock: this.#clock,
			hlc: this.world.nowHlc,
			under: '',
			knew: this.#known(),
			says: { type: 'remove', account, epoch: null }
		};
		const all = [...this.entries.values(), ...this.messages.values()];
		const facts = factsOf([...this.#visible, without], all, this.world.nowHlc);
		const epoch = await this.#draw(new EpochGraph(this.world.tamper(facts)));
		await this.#announce({ type: 'remove', account, epoch: epoch?.part ?? null }, epoch?.past ?? null);
	}

	async #announce(says: Says, past: PastRecord | null): Promise<void> {
		const under = epochToAnnounceUnder(this.graph, this.holdings);
		if (under === null) throw new Error('a member who holds no epoch');
		await this.say(says, under.id);
		if (past === null) return;
		// The device may stop between the two; what it has drawn is kept.
		if (this.world.random.chance(0.05)) return this.restart();
		await this.say({ type: 'past', record: past }, toBase64url(past.epoch));
	}

	async #draw(graph: EpochGraph): Promise<{ readonly part: EpochPart; readonly past: PastRecord } | null> {
		const unusedSegment = this.messages.size === 0 ? 1 : this.#newestSegment + 1;
		const holdsControl = (id: string): boolean => this.keyring.holds(id, 'control');
		const plan = planEpoch(graph, holdsControl, this.world.nowMs, unusedSegment);
		if (plan === null) return null;
		const drawn = await makeEpoch(this.keyring, plan, (length) => this.world.random.bytes(length));
		this.world.noteEpoch(
			toBase64url(epochIdOf(drawn.part.commitment)),
			this,
			new Set(this.#visible.map(({ id }) => id)),
			new Set(this.messages.keys())
		);
		return this.world.spoil(drawn);
	}

	duties(): readonly Duty[] {
		if (this.isToldOff) return [];
		return dutiesOf(this.graph, this.holdings, this.world.nowMs);
	}

	turn(duty: Duty): number {
		return turnOf(this.graph, this.holdings, duty);
	}

	async fulfil(duty: Duty): Promise<void> {
		switch (duty.kind) {
			case 'begin':
				return this.begin();
			case 'say-unopened': {
				const under = epochToAskUnder(this.graph, this.holdings);
				for (const epoch of duty.epochs)
					if (under !== null) await this.say({ type: 'unopened', epoch }, under);
				return;
			}
			case 'say-past': {
				const { epoch, parents } = duty;
				const reveals = revealsPast(this.graph.byId.get(epoch)?.newcomers ?? 'control');
				const record = await makePast(this.keyring, epoch, parents, reveals);
				if (record !== null) await this.say({ type: 'past', record }, epoch);
				return;
			}
			case 'seal':
				return this.seal(duty);
		}
	}

	/** One record for each epoch under which its recipients are known to read. */
	async seal({ epoch, sealed, to }: Extract<Duty, { kind: 'seal' }>): Promise<void> {
		const toByUnder = new Map<string, string[]>();
		for (const device of to) {
			const under = this.#readBy(device) ?? epoch;
			toByUnder.set(under, [...(toByUnder.get(under) ?? []), device]);
		}
		for (const [under, devices] of toByUnder) {
			const record = await makeSeals(this.keyring, this.graph, epoch, sealed, devices);
			if (record !== null) await this.say({ type: 'seal', record: this.world.spoilSeals(record) }, under);
		}
	}

	/** An epoch that a device is known to hold: of its newest word, or of the word by which it came. */
	#readBy(device: string): string | undefined {
		const own = this.#visible.filter((entry) => entry.device === device);
		const newest = own
			.sort((a, b) => b.clock - a.clock)
			.find(({ under }) => this.keyring.holds(under, 'control'));
		const linked = this.#visible.find(({ says }) => says.type === 'device' && says.device === device);
		return (newest ?? linked)?.under;
	}
}
