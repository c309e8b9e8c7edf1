/** A group on paper: people who say records in control lanes, and the real fold over them. Signatures count as sound. */
import { foldAuthority, type Authority, type ControlEntry } from '../../../src/lib/conversation/authority';
import type { Actor, CapsOf } from '../../../src/lib/conversation/group-acts';
import { GroupReader, type GroupFacts } from '../../../src/lib/conversation/group-facts';
import { firstSettings } from '../../../src/lib/conversation/settings';
import { fromBase64url, toBase64url } from '../../../src/lib/protocol/base64url';
import { accountIdOf, conversationIdOf, joinGrantOf, laneOf } from '../../../src/lib/protocol/ids';
import { encodeFields, noAuthority, type KnownRecord } from '../../../src/lib/protocol/records';
import { SeededRandom } from '../../simulation/seeded-random';

export interface TablePerson {
	readonly name: string;
	readonly accountKey: Uint8Array;
	readonly account: string;
	readonly grant: Uint8Array;
	lane: number;
}

export class GroupTable {
	readonly entries: ControlEntry[] = [];
	readonly random = new SeededRandom(3);
	readonly conversation: Uint8Array;
	readonly owner: TablePerson;
	readonly reader: GroupReader;
	#hlc = 1_000;

	constructor() {
		const accountKey = this.random.bytes(32);
		const controlLanePublicKey = this.random.bytes(32);
		const genesis: KnownRecord = {
			type: 'genesis',
			account: accountKey,
			controlLanePublicKey,
			commitment: this.random.bytes(32),
			salt: this.random.bytes(16)
		};
		this.conversation = conversationIdOf(encodeFields(genesis));
		this.reader = new GroupReader(this.conversation);
		this.owner = {
			name: 'Olga',
			accountKey,
			account: accountIdOf(accountKey),
			grant: this.conversation,
			lane: laneOf(controlLanePublicKey)
		};
		this.certify(this.owner);
		this.say(this.owner, genesis);
		this.say(this.owner, firstSettings(this.conversation, 'Trip'));
	}

	get authority(): Authority {
		return foldAuthority(this.conversation, this.entries);
	}

	get facts(): GroupFacts {
		return this.reader.read(this.authority, this.entries);
	}

	say(by: TablePerson, record: KnownRecord): ControlEntry {
		const clock = this.entries.filter(({ lane }) => lane === by.lane).length;
		const entry = {
			id: toBase64url(this.random.bytes(32)),
			lane: by.lane,
			clock,
			hlc: ++this.#hlc * 65_536,
			record,
			sound: true
		};
		this.entries.push(entry);
		return entry;
	}

	/** @returns the entries said */
	act(by: TablePerson, act: { ok: true; value: readonly KnownRecord[] } | { ok: false; reason: string }) {
		if (!act.ok) throw new Error(`refused: ${act.reason}`);
		return act.value.map((record) => this.say(by, record));
	}

	invite(
		by: TablePerson,
		auth: Uint8Array = noAuthority,
		approval = false,
		kind: 'open' | 'personal' = 'open'
	): Uint8Array {
		const invitePublicKey = this.random.bytes(32);
		this.say(by, {
			type: 'invite',
			auth,
			invitePublicKey,
			agreement: this.random.bytes(32),
			kind,
			expiresAtMs: 9_999_999,
			approval
		});
		return invitePublicKey;
	}

	join(name: string, invitePublicKey: Uint8Array): TablePerson {
		const accountKey = this.random.bytes(32);
		const person = {
			name,
			accountKey,
			account: accountIdOf(accountKey),
			grant: joinGrantOf(this.conversation, invitePublicKey, accountKey),
			lane: this.random.below(2 ** 31)
		};
		this.certify(person);
		this.say(person, {
			type: 'join',
			invitePublicKey,
			account: accountKey,
			signature: this.random.bytes(64)
		});
		this.say(person, { type: 'profile', name });
		return person;
	}

	/** Begins the person's control lane; called again, another one. */
	certify(person: TablePerson): void {
		this.say(person, {
			type: 'lane',
			grant: person.grant,
			account: person.accountKey,
			device: person.accountKey,
			agreement: this.random.bytes(32),
			deviceNumber: 1,
			deviceSignature: this.random.bytes(64),
			laneSignature: this.random.bytes(64)
		});
	}

	actor(person: TablePerson): Actor {
		return { account: person.account, grant: toBase64url(person.grant), controlLane: person.lane };
	}

	/** Of control lanes, as they stand. */
	readonly capsOf: CapsOf = async (grants) => {
		const { controlLaneByNumber } = this.authority;
		return [...controlLaneByNumber].flatMap(([lane, { grant }]) => {
			if (!grants.has(grant)) return [];
			const last = this.entries.filter((entry) => entry.lane === lane).at(-1);
			const id = fromBase64url(last?.id ?? '');
			return last === undefined || !id.ok ? [] : [{ segment: 0, lane, clock: last.clock, id: id.value }];
		});
	};

	verdictOn(entry: ControlEntry): string | undefined {
		return this.authority.moderationLog().find(({ id }) => id === entry.id)?.verdict;
	}
}
