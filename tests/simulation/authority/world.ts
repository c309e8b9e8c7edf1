/**
 * A conversation for the model of authority: people, devices, lanes and what they say, in the fold's own terms and
 * without cryptography. What a signature would prevent does not happen here; everything else may.
 */
import {
	foldAuthority,
	type Authority,
	type ControlEntry,
	type ControlLane,
	type ReadsStatements,
	type Statement
} from '../../../src/lib/conversation/authority';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import { hlcOfMs } from '../../../src/lib/protocol/clock';
import type { SettingsRecord, UnknownRecord } from '../../../src/lib/protocol/records';
import { SeededRandom } from '../seeded-random';

export interface ModelDevice {
	readonly name: string;
	readonly account: string;
	readonly number: number;
}

export interface ModelLane extends ControlLane {
	readonly segment: number;
	readonly number: number;
	/** Of its entries, by clock. */
	readonly ids: string[];
}

export interface ModelGrant {
	readonly id: string;
	readonly account: string;
}

export interface ModelMessage {
	readonly id: string;
	readonly lane: ModelLane;
	readonly clock: number;
	readonly hlc: number;
	readonly kind: 'message' | 'edit' | 'delete';
	/** Id of the message that is edited or deleted. */
	readonly target: string;
	readonly auth: string;
}

type CapClaims = Extract<Statement, { type: 'remove' }>['caps'];

export interface Said {
	readonly control: readonly ControlEntry[];
	readonly messages: readonly ModelMessage[];
}

export const inviteExpiresAtMs = 1_000;
export const membershipAuth = toBase64url(new Uint8Array(32));

/** A statement stands where its record would. */
const asRecord = (statement: Statement): UnknownRecord => statement as unknown as UnknownRecord;
export const statementOf = (entry: ControlEntry): Statement => entry.record as unknown as Statement;
const plainly: ReadsStatements = { of: (record) => record as unknown as Statement };

/**
 * What people in a history can do. Seeds that are kept name the menu with which they failed, because any change to it
 * makes other histories of all seeds: `first` is without joins by personal invitations.
 */
export type Menu = 'first' | 'whole';

export class World {
	readonly random: SeededRandom;
	readonly control: ControlEntry[] = [];
	readonly messages: ModelMessage[] = [];
	readonly devices: ModelDevice[] = [];
	readonly lanes: ModelLane[] = [];
	readonly grants: ModelGrant[] = [];
	readonly conversation: Uint8Array = new Uint8Array(32).fill(7);
	readonly founderGrant = toBase64url(this.conversation);
	#names = 0;
	#expected: Authority | null = null;

	constructor(
		seed: number,
		readonly menu: Menu = 'whole'
	) {
		this.random = new SeededRandom(seed);
		const device = this.newDevice(this.newAccount());
		this.grants.push({ id: this.founderGrant, account: device.account });
		const lane = this.newLane(device, this.founderGrant);
		this.say(lane, { type: 'genesis', account: device.account, lane: lane.number, founds: true });
		this.say(lane, { type: 'settings', auth: this.founderGrant, accepted: [], record: settings('first') });
	}

	/** Of one width, so that none is the beginning of another. */
	name(kind: string): string {
		return `${kind}${String(this.#names++).padStart(5, '0')}`;
	}

	newAccount(): string {
		return this.name('a');
	}

	newDevice(account: string): ModelDevice {
		const number = 1 + this.devicesOf(account).length;
		const device = { name: this.name('d'), account, number };
		this.devices.push(device);
		return device;
	}

	newLane(device: ModelDevice, grant: string, segment = 0): ModelLane {
		const { account, name } = device;
		const lane: ModelLane = { segment, number: this.#names++, account, device: name, grant, ids: [] };
		this.lanes.push(lane);
		const certificate: Statement = {
			type: 'lane',
			grant,
			account,
			device: name,
			deviceNumber: device.number,
			agreement: new Uint8Array(1)
		};
		if (segment === 0) this.say(lane, certificate);
		else lane.ids.push(this.name('c'));
		return lane;
	}

	say(lane: ModelLane, statement: Statement): ControlEntry {
		const entry: ControlEntry = {
			id: this.name('e'),
			lane: lane.number,
			clock: lane.ids.length,
			hlc: this.#someTime(),
			record: asRecord(statement),
			sound: true
		};
		lane.ids.push(entry.id);
		this.control.push(entry);
		return entry;
	}

	write(lane: ModelLane, kind: ModelMessage['kind'], target: string, auth: string): void {
		if (kind === 'delete') return this.#delete(lane, target, auth);
		const id = this.name('m');
		this.messages.push({ id, lane, clock: lane.ids.length, hlc: this.#someTime(), kind, target, auth });
		lane.ids.push(id);
	}

	/** What everybody has to check stands in the control segment, in a lane of the same device by the same grant. */
	#delete(by: ModelLane, target: string, auth: string): void {
		const own = ({ segment, device, grant }: ModelLane): boolean =>
			segment === 0 && device === by.device && grant === by.grant;
		const device = this.devices.find(({ name }) => name === by.device) as ModelDevice;
		const lane = this.lanes.findLast(own) ?? this.newLane(device, by.grant);
		const { id, clock, hlc } = this.say(lane, { type: 'other' });
		this.messages.push({ id, lane, clock, hlc, kind: 'delete', target, auth });
	}

	devicesOf(account: string): readonly ModelDevice[] {
		return this.devices.filter((device) => device.account === account);
	}

	controlLanesOf(account: string): readonly ModelLane[] {
		return this.lanes.filter((lane) => lane.segment === 0 && lane.account === account);
	}

	/** What lanes have said so far, as a remover would list it, now and then with less, or wrongly. */
	caps(which: (lane: ModelLane) => boolean, care: 'careful' | 'careless' = 'careless'): CapClaims {
		const { random } = this;
		return this.lanes.filter(which).flatMap((lane) => {
			const last = lane.ids.length - 1;
			if (last < 0 || (care === 'careless' && random.chance(0.05))) return [];
			const clock = care === 'careful' || random.chance(0.7) ? last : Math.max(0, last - random.below(3));
			const isWrong = care === 'careless' && random.chance(0.04);
			const idPrefix = isWrong ? 'x' : (lane.ids[clock] as string);
			return [{ segment: lane.segment, lane: lane.number, clock, idPrefix }];
		});
	}

	/** What people know: what an honest device would see now, or saw some steps ago. */
	get expected(): Authority {
		this.#expected ??= this.fold();
		return this.#expected;
	}

	/** News reach everybody. */
	catchUp(): void {
		this.#expected = null;
	}

	fold(entries: readonly ControlEntry[] = this.control, statements: ReadsStatements = plainly): Authority {
		return foldAuthority(this.conversation, entries, statements);
	}

	/** What `act` says, taken back again: for finding out what it would change. */
	attempt(act: () => void): Said {
		const control = this.control.length;
		const messages = this.messages.length;
		const lanes = this.lanes.length;
		const devices = this.devices.length;
		const lengths = this.lanes.map(({ ids }) => ids.length);
		act();
		const said = { control: this.control.splice(control), messages: this.messages.splice(messages) };
		this.lanes.length = lanes;
		this.devices.length = devices;
		for (const [i, lane] of this.lanes.entries()) lane.ids.length = lengths[i] as number;
		return said;
	}

	#someTime(): number {
		return hlcOfMs(this.random.below(900)) + this.random.below(3);
	}
}

export function settings(name: string, rules: Partial<SettingsRecord> = {}): SettingsRecord {
	return {
		type: 'settings',
		auth: new Uint8Array(32),
		name,
		description: '',
		picture: null,
		whoMayPost: 'members',
		whoMayInvite: 'members',
		approval: false,
		history: 'all',
		accepted: [],
		...rules
	};
}
