/** Everybody, and what chance makes them do. */
import type { EpochFacts } from '../../../src/lib/conversation/epochs/epoch-facts';
import type { KeyringPorts } from '../../../src/lib/conversation/epochs/epoch-keyring';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import { hlcOfMs } from '../../../src/lib/protocol/clock';
import { webCryptoPort, type SigningKeys } from '../../../src/lib/protocol/crypto';
import { epochCommitment } from '../../../src/lib/protocol/epoch';
import {
	kindForInvites,
	type EpochPart,
	type NewcomerTerms,
	type PastRecord,
	type SealRecord
} from '../../../src/lib/protocol/epoch-records';
import { hpkeSealPort, recipientOf } from '../../../src/lib/protocol/seal';
import { newSeededSubtle } from '../seeded-crypto';
import { SeededRandom } from '../seeded-random';
import { fakeAgreementKeys, fakeSealPort } from './fake-seals';
import { GraphCache } from './graph-cache';
import { ModelDevice } from './model-device';
import type { ModelInvite, Wants } from './model-entry';

/** Rules to break, to see that the checks see it. */
export type BrokenRule =
	'none' | 'forget-who-had-links' | 'always-reveal' | 'give-who-waits' | 'stay-in-segment';

const stepMs = 60_000;
const withheldSeeds = 1_000_000;

export interface MadeEpoch {
	readonly by: ModelDevice;
	readonly knew: ReadonlySet<string>;
	/** Ids of messages that its maker had. */
	readonly messages: ReadonlySet<string>;
}

export class KeysWorld {
	readonly random: SeededRandom;
	readonly conversation: Uint8Array;
	readonly devices: ModelDevice[] = [];
	readonly ports: KeyringPorts;
	readonly madeEpochs = new Map<string, MadeEpoch>();
	readonly invites: ModelInvite[] = [];
	readonly graphs = new GraphCache((facts) => this.tamper(facts));
	/** Whether settings were the same all the time. */
	readonly fixedHistory: NewcomerTerms | null;
	/** What makes a new epoch necessary. */
	causes = 0;
	spoiled = 0;
	restarts = 0;
	admitted = 0;
	nowMs = stepMs;
	#names = 0;
	#accounts = 0;

	constructor(
		readonly seed: number,
		readonly broken: BrokenRule,
		readonly isReal: boolean
	) {
		this.random = new SeededRandom(seed);
		this.conversation = this.random.bytes(32);
		const history = this.random.pick(['secret', 'approved', 'control', null] as const);
		// Drawn apart: histories go on as they did before there was another rule.
		const isWithheld = new SeededRandom(seed + withheldSeeds).chance(0.5);
		this.fixedHistory = history === 'control' && isWithheld ? 'none' : history;
		this.ports = isReal
			? { subtle: globalThis.crypto.subtle, seals: hpkeSealPort() }
			: { subtle: newSeededSubtle(), seals: fakeSealPort(this.random) };
	}

	get nowHlc(): number {
		return hlcOfMs(this.nowMs);
	}

	name(kind: string): string {
		return `${kind}${String(this.#names++).padStart(5, '0')}`;
	}

	agreementKeys(): Promise<SigningKeys> {
		if (this.isReal) return webCryptoPort(globalThis.crypto).generateAgreementKeys();
		return Promise.resolve(fakeAgreementKeys(this.random));
	}

	noteEpoch(id: string, by: ModelDevice, knew: ReadonlySet<string>, messages: ReadonlySet<string>): void {
		this.madeEpochs.set(id, { by, knew, messages });
	}

	tamper<F extends EpochFacts>(facts: F): F {
		if (this.broken === 'always-reveal') return { ...facts, newcomers: 'secret' };
		if (this.broken === 'give-who-waits') {
			const invites = [...facts.invites].map(([name, fact]) => [name, { ...fact, kind: 'secret' }] as const);
			const newcomers = facts.newcomers === 'approved' ? 'secret' : facts.newcomers;
			return { ...facts, newcomers, invites: new Map(invites) };
		}
		if (this.broken !== 'forget-who-had-links') return facts;
		const devices = new Map([...facts.devices].filter(([, { isMember }]) => isMember));
		return { ...facts, devices };
	}

	/** Now and then a seal or a link is garbage, by malice or by a fault. */
	spoil(drawn: { readonly part: EpochPart; readonly past: PastRecord }): {
		readonly part: EpochPart;
		readonly past: PastRecord;
	} {
		const { part, past } = drawn;
		const { random } = this;
		if (random.chance(0.92)) return drawn;
		this.spoiled++;
		const seals = part.seals.map((seal) =>
			random.chance(0.4) ? { ...seal, ciphertext: random.bytes(48) } : seal
		);
		const links = past.links.map((link) =>
			random.chance(0.3)
				? { ...link, control: random.bytes(48), secret: link.secret && random.bytes(48) }
				: link
		);
		return { part: { ...part, seals }, past: { ...past, links } };
	}

	spoilSeals(record: SealRecord): SealRecord {
		if (this.random.chance(0.95)) return record;
		this.spoiled++;
		return { ...record, seals: record.seals.map((seal) => ({ ...seal, ciphertext: this.random.bytes(48) })) };
	}

	async newDevice(account: string, isFirst: boolean): Promise<ModelDevice> {
		const device = new ModelDevice(this, account, await this.agreementKeys(), this.devices.length, isFirst);
		this.devices.push(device);
		return device;
	}

	async found(): Promise<void> {
		const founder = await this.newDevice(this.newAccount(), true);
		const secret = this.random.bytes(32);
		const id = founder.give(secret, 'secret');
		const agreement = founder.keys.publicKey;
		await founder.say({ type: 'genesis', commitment: epochCommitment(secret), agreement }, id);
		this.causes++;
		if (this.fixedHistory !== null && this.fixedHistory !== 'secret')
			await founder.say({ type: 'settings', newcomers: this.fixedHistory }, id);
	}

	newAccount(): string {
		return `account${this.#accounts++}`;
	}

	/**
	 * Two devices give each other what they have. Who knows that the other is gone tells them so, and nothing else; from
	 * who has left they still hear what there is to hear.
	 */
	async meet(a: ModelDevice, b: ModelDevice): Promise<void> {
		for (const [one, other] of [
			[a, b],
			[b, a]
		] as const) {
			if (!one.facts.gone.has(other.recipient)) continue;
			if (one.facts.left.has(other.recipient)) await this.#hand(other, one);
			if (one.facts.gone.has(other.recipient)) other.isToldOff = true;
		}
		if (a.isToldOff || b.isToldOff) return;
		await this.#hand(a, b);
		await this.#hand(b, a);
	}

	async #hand(from: ModelDevice, to: ModelDevice): Promise<void> {
		for (const [id, entry] of from.entries) to.entries.set(id, entry);
		for (const [id, message] of from.messages) to.messages.set(id, message);
		await to.refresh();
	}

	/**
	 * Everybody meets everybody, and the founder's word decides who is still to be told anything: they learn what the
	 * others know, and a removal may turn out to be void (whoever said it had lost the device by then).
	 */
	async meetAll(): Promise<void> {
		const [founder] = this.devices as [ModelDevice];
		for (let before = -1; ;) {
			const { gone, left } = founder.facts;
			const here = this.devices.filter(({ recipient }) => !gone.has(recipient));
			const heard = this.devices.filter(({ recipient }) => !gone.has(recipient) || left.has(recipient));
			const entries = new Map(heard.flatMap((device) => [...device.entries]));
			const messages = new Map(heard.flatMap((device) => [...device.messages]));
			if (entries.size === before) break;
			before = entries.size;
			for (const device of this.devices) device.isToldOff = !here.includes(device);
			for (const device of here) {
				for (const [id, entry] of entries) device.entries.set(id, entry);
				for (const [id, message] of messages) device.messages.set(id, message);
				await device.refresh();
			}
		}
	}

	async step(): Promise<void> {
		this.nowMs += stepMs;
		const { random } = this;
		const members = this.devices.filter((device) => device.isMember && !device.isToldOff);
		const device = random.pick(members);
		const roll = random.below(100);
		if (roll < 30) return this.meet(device, random.pick(this.devices));
		if (roll < 55) return void (await device.write());
		if (roll < 63) return this.#invite(device);
		if (roll < 73) return this.#join();
		if (roll < 78) return this.#admit(device);
		if (roll < 83) return this.#remove(device);
		if (roll < 86) return this.#role(device);
		if (roll < 89) return this.#link(device);
		if (roll < 91) return this.#depart(device);
		if (roll < 92) return this.#settle(device);
		if (roll < 94) return this.#close(device);
		if (roll < 95) return random.pick(this.devices).restart();
		const [duty] = random.shuffled(device.duties());
		if (duty !== undefined) await device.fulfil(duty);
	}

	async #invite(device: ModelDevice): Promise<void> {
		const under = await device.cleanEpoch();
		if (under === null) return;
		const keys = await this.agreementKeys();
		const name = toBase64url(recipientOf(keys.publicKey));
		const { newcomers } = device.facts;
		const wants: Wants =
			newcomers === 'approved' ? 'approval' : this.random.pick(['nothing', 'nothing', 'maker'] as const);
		const isGiven = wants === 'nothing' || this.broken === 'give-who-waits';
		const kind = isGiven ? kindForInvites(newcomers) : 'control';
		const secret = device.keyring.secretOf(under, kind);
		if (secret === null) throw new Error('a clean epoch that its writer does not hold');
		const link = { name, keys, secret, kind, under, wants };
		this.invites.push(link);
		device.links.push(link);
		await device.say({ type: 'invite', name, agreement: keys.publicKey, wants }, under);
	}

	async #join(): Promise<void> {
		if (this.invites.length === 0 || this.devices.length > 9) return;
		const link = this.random.pick(this.invites);
		const device = await this.newDevice(this.newAccount(), true);
		const under = device.give(link.secret, link.kind);
		device.keyring.addInvite(link.keys);
		device.links.push(link);
		device.comeBy.push(link);
		await device.say({ type: 'join', invite: link.name, agreement: device.keys.publicKey }, under);
		if (this.fixedHistory !== 'secret') this.causes++;
		const host = this.devices.find((each) => each.entries.size > 0 && each.links.includes(link));
		await this.meet(device, this.random.chance(0.5) ? this.random.pick(this.devices) : (host ?? device));
	}

	async #admit(device: ModelDevice): Promise<void> {
		const { waiting, moderators } = device.facts;
		const mayLetIn = waiting.filter(({ wants, device: by, maker }) =>
			wants === 'maker' ? by === device.recipient : moderators.has(device.account) || maker === device.account
		);
		if (mayLetIn.length === 0) return;
		this.admitted++;
		await device.admit(this.random.pick(mayLetIn));
	}

	async #remove(device: ModelDevice): Promise<void> {
		const { moderators, members } = device.facts;
		const targets = [...members].filter((account) => !moderators.has(account));
		if (!moderators.has(device.account) || targets.length === 0) return;
		this.causes++;
		await device.remove(this.random.pick(targets));
	}

	async #role(device: ModelDevice): Promise<void> {
		const { founder, members, moderators } = device.facts;
		const targets = [...members].filter((account) => !moderators.has(account));
		if (device.account !== founder || targets.length === 0 || moderators.size > 2) return;
		const under = await device.cleanEpoch();
		if (under !== null) await device.say({ type: 'role', account: this.random.pick(targets) }, under);
	}

	/**
	 * A further device of somebody. It gets the epoch from the old one, and a record says so: who was given a secret by
	 * hand alone would hold it unknown to all, and be forgotten when the device is lost.
	 */
	async #link(device: ModelDevice): Promise<void> {
		if (!device.isFirst || this.devices.length > 9) return;
		const under = await device.cleanEpoch();
		if (under === null) return;
		const next = await this.newDevice(device.account, false);
		await device.say({ type: 'device', device: next.recipient, agreement: next.keys.publicKey }, under);
		const secret = device.keyring.secretOf(under, 'secret');
		await device.seal({ kind: 'seal', epoch: under, sealed: 'secret', to: [next.recipient] });
		if (secret !== null) next.give(secret, 'secret');
		await this.meet(device, next);
	}

	async #depart(device: ModelDevice): Promise<void> {
		const under = await device.cleanEpoch();
		if (under === null) return;
		this.causes++;
		const second = this.devices.find((each) => each.account === device.account && !each.isFirst);
		if (device.isFirst && second !== undefined)
			return void (await device.say({ type: 'lose', device: second.recipient }, under));
		if (device.account !== device.facts.founder) await device.say({ type: 'leave' }, under);
	}

	async #settle(device: ModelDevice): Promise<void> {
		if (this.fixedHistory !== null || device.account !== device.facts.founder || !device.isFirst) return;
		const under = await device.cleanEpoch();
		if (under === null) return;
		this.causes++;
		await device.say(
			{ type: 'settings', newcomers: this.random.pick(['secret', 'approved', 'control']) },
			under
		);
	}

	async #close(device: ModelDevice): Promise<void> {
		const open = [...device.facts.invites]
			.filter(([name, { isOpen }]) => isOpen && device.facts.mayClose(device.account, name))
			.map(([name]) => name);
		const under = await device.cleanEpoch();
		if (open.length === 0 || under === null) return;
		this.causes++;
		await device.say({ type: 'close', name: this.random.pick(open) }, under);
	}
}
