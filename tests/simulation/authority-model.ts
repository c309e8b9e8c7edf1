/**
 * Random sets of control entries for the fold of authority, without cryptography (a signature is the word `sound`), and
 * the rules that it has to keep whatever anybody appends.
 */
import { foldAuthority, type Authority, type ControlEntry } from '../../src/lib/conversation/authority';
import { firstSettings } from '../../src/lib/conversation/settings';
import { hlcOfMs } from '../../src/lib/protocol/clock';
import { accountIdOf, conversationIdOf, joinGrantOf, laneOf } from '../../src/lib/protocol/ids';
import {
	encodeFields,
	noAuthority,
	type GenesisRecord,
	type KnownRecord
} from '../../src/lib/protocol/records';
import { SeededRandom } from './seeded-random';

interface ModelLane {
	readonly publicKey: Uint8Array;
	readonly number: number;
	readonly account: Uint8Array;
	next: number;
}

const expiresAtMs = 1_000;
const none64 = new Uint8Array(64);

export class AuthorityModel {
	readonly random: SeededRandom;
	readonly entries: ControlEntry[] = [];
	readonly lanes: ModelLane[] = [];
	readonly conversation: Uint8Array;
	readonly owner: Uint8Array;
	readonly invites: { readonly key: Uint8Array; readonly by: Uint8Array }[] = [];
	readonly #grants: { readonly account: Uint8Array; readonly grant: Uint8Array }[] = [];
	#ids = 0;

	constructor(seed: number) {
		this.random = new SeededRandom(seed);
		this.owner = this.random.bytes(32);
		const publicKey = this.random.bytes(32);
		const genesis: GenesisRecord = {
			type: 'genesis',
			account: this.owner,
			controlLanePublicKey: publicKey,
			commitment: new Uint8Array(32),
			salt: new Uint8Array(16)
		};
		this.conversation = conversationIdOf(encodeFields(genesis));
		const lane = this.#lane(this.owner, this.conversation, publicKey);
		this.#grants.push({ account: this.owner, grant: this.conversation });
		this.append(lane, genesis);
		this.append(lane, firstSettings(this.conversation, 'first'));
	}

	/** One more thing that happens, by somebody, right or wrong. */
	step(): void {
		const { random } = this;
		const lane = random.pick(this.lanes);
		switch (random.below(9)) {
			case 0:
				return this.#invite(lane);
			case 1:
			case 2:
				return this.#join();
			case 3:
				return void this.append(lane, { type: 'profile', name: `p${random.below(99)}` });
			case 4:
				return void this.append(lane, firstSettings(this.conversation, `s${random.below(99)}`));
			case 5:
				return void this.append(lane, { type: 'leave' });
			case 6:
				return this.fork(lane, this.lanes[0] as ModelLane);
			case 7:
				return void this.#lane(random.bytes(32), random.chance(0.5) ? this.conversation : random.bytes(32));
			default:
				return void this.#lane(...this.#grantOf(random.pick(this.#grants)));
		}
	}

	append(lane: ModelLane, record: KnownRecord, sound = true): ControlEntry {
		const entry = {
			id: `e${String(this.#ids++).padStart(6, '0')}`,
			lane: lane.number,
			clock: lane.next++,
			hlc: hlcOfMs(this.random.below(900)) + this.random.below(3),
			record,
			sound
		};
		this.entries.push(entry);
		return entry;
	}

	/** Whatever a lane's device may append, in lanes of its own and new ones: all of it sound in itself. */
	mischief(attacker: ModelLane): ControlEntry[] {
		const { random } = this;
		const before = this.entries.length;
		const own = this.lanes.filter((lane) => lane.account === attacker.account);
		for (let i = 0; i < 10; i++) {
			const lane = random.pick(own);
			const victim = random.pick(this.lanes);
			switch (random.below(6)) {
				case 0:
					this.append(lane, firstSettings(this.conversation, 'EVIL'));
					break;
				case 1:
					this.append(lane, { type: 'leave' });
					break;
				case 2:
					this.append(lane, {
						type: 'genesis',
						account: attacker.account,
						controlLanePublicKey: lane.publicKey,
						commitment: random.bytes(32),
						salt: random.bytes(16)
					});
					break;
				case 3:
					// Of somebody else's fork there is no proof: it is not sound.
					this.append(lane, forkOf(victim, random), victim.account === attacker.account);
					break;
				case 4:
					this.append(lane, {
						type: 'join',
						invitePublicKey: random.bytes(32),
						account: attacker.account,
						signature: none64
					});
					break;
				default:
					this.append(
						this.#lane(attacker.account, random.chance(0.5) ? this.conversation : random.bytes(32)),
						{ type: 'profile', name: 'EVIL' }
					);
			}
		}
		return this.entries.splice(before);
	}

	/** A device that nobody has let in. */
	stranger(): ModelLane {
		const before = this.entries.length;
		const lane = this.#lane(this.random.bytes(32), this.conversation);
		this.entries.splice(before);
		return lane;
	}

	fork(lane: ModelLane, by: ModelLane): void {
		this.append(by, forkOf(lane, this.random), this.random.chance(0.6) && lane.account !== this.owner);
	}

	fold(entries: readonly ControlEntry[] = this.entries): Authority {
		return foldAuthority(this.conversation, entries);
	}

	#grantOf({
		account,
		grant
	}: {
		readonly account: Uint8Array;
		readonly grant: Uint8Array;
	}): [Uint8Array, Uint8Array] {
		return [account, grant];
	}

	#lane(account: Uint8Array, grant: Uint8Array, publicKey: Uint8Array = this.random.bytes(32)): ModelLane {
		const lane = { publicKey, number: laneOf(publicKey), account, next: 0 };
		this.lanes.push(lane);
		const record: KnownRecord = {
			type: 'lane',
			grant,
			account,
			device: publicKey,
			agreement: publicKey,
			deviceNumber: 1,
			deviceSignature: none64,
			laneSignature: none64
		};
		this.append(lane, record, this.random.chance(0.95) || account === this.owner);
		return lane;
	}

	#invite(lane: ModelLane): void {
		const key = this.random.bytes(32);
		this.append(lane, {
			type: 'invite',
			auth: noAuthority,
			invitePublicKey: key,
			agreement: key,
			kind: 'open',
			approval: false,
			expiresAtMs: this.random.chance(0.8) ? expiresAtMs : 400
		});
		this.invites.push({ key, by: lane.account });
	}

	#join(): void {
		if (this.invites.length === 0) return;
		const { random } = this;
		const { key } = random.pick(this.invites);
		const account = random.chance(0.8) ? random.bytes(32) : random.pick(this.lanes).account;
		const grant = joinGrantOf(this.conversation, key, account);
		const lane = this.#lane(account, grant);
		this.append(lane, { type: 'join', invitePublicKey: key, account, signature: none64 }, random.chance(0.9));
		this.#grants.push({ account, grant });
	}
}

function forkOf(lane: ModelLane, random: SeededRandom): KnownRecord {
	return {
		type: 'fork',
		segment: 0,
		clock: 1 + random.below(lane.next + 1),
		publicKey: lane.publicKey,
		ids: [random.bytes(32), random.bytes(32)],
		signatures: [none64, none64]
	};
}

const sortedBy = <V>(map: ReadonlyMap<string | number, V>): [string, V][] =>
	[...map].map(([key, value]): [string, V] => [String(key), value]).sort(([a], [b]) => (a < b ? -1 : 1));

/** Everything that the fold says, in one order. @param without an account whose own affairs are left out */
export function describeAuthority(authority: Authority, without: string | null = null): string {
	const others = <V extends { readonly account: string }>(
		map: ReadonlyMap<string | number, V>
	): [string, V][] => sortedBy(map).filter(([, { account }]) => account !== without);
	return JSON.stringify([
		authority.founded,
		authority.name,
		authority.createdHlc,
		others(authority.memberByAccount),
		sortedBy(authority.accountByGrant).filter(([, account]) => account !== without),
		others(authority.controlLaneByNumber),
		others(authority.inviteByKey)
	]);
}

export interface ModelReport {
	seeds: number;
	members: number;
	order: number;
	interference: number;
	ownerLost: number;
	failed: number[];
}

/** Checks one random history. */
export function checkSeed(seed: number, report: ModelReport): void {
	const model = new AuthorityModel(seed);
	const { random } = model;
	for (let i = 12 + random.below(25); i > 0; i--) model.step();
	const authority = model.fold();
	const described = describeAuthority(authority);
	const fail = (kind: 'order' | 'interference' | 'ownerLost'): void => {
		report[kind]++;
		report.failed.push(seed);
	};
	report.seeds++;
	report.members += authority.memberByAccount.size;
	for (let i = 0; i < 2; i++) {
		if (describeAuthority(model.fold(random.shuffled(model.entries))) !== described) fail('order');
	}
	if (authority.memberByAccount.get(accountIdOf(model.owner))?.role !== 'owner') fail('ownerLost');
	checkNonInterference(model, authority, () => fail('interference'));
}

function checkNonInterference(model: AuthorityModel, authority: Authority, fail: () => void): void {
	const { random } = model;
	const inviters = new Set(model.invites.map(({ by }) => by));
	// Who has invited may, by forking the lane that says so, take back whom they have let in: that is theirs.
	const plain = model.lanes.filter(({ account }) => account !== model.owner && !inviters.has(account));
	for (const attacker of [model.stranger(), ...(plain.length > 0 ? [random.pick(plain)] : [])]) {
		const entries = [...model.entries, ...model.mischief(attacker)];
		const account = accountIdOf(attacker.account);
		if (describeAuthority(model.fold(entries), account) !== describeAuthority(authority, account)) fail();
	}
}
