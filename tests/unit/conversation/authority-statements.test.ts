/** How the fold reads records: ids as text, accounts, lanes, grants and seats worked out. */
import { describe, expect, it } from 'vitest';
import { Statements, certifiedBy, type Statement } from '../../../src/lib/conversation/authority';
import { saidDeletes } from '../../../src/lib/conversation/authority/deletes';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import { directConversationOf, directGrantOf } from '../../../src/lib/protocol/direct';
import {
	accountIdOf,
	conversationIdOf,
	joinGrantOf,
	laneOf,
	seatOfHandover,
	seatOfOwner
} from '../../../src/lib/protocol/ids';
import { encodeFields, noAuthority, type KnownRecord } from '../../../src/lib/protocol/records';
import { soundRecords } from '../../simulation/sound-records';
import { SeededRandom } from '../../simulation/seeded-random';
import { World } from '../../simulation/authority/world';

const conversation = new Uint8Array(32).fill(5);
const text = toBase64url;
const records = soundRecords(new SeededRandom(3));

type Of<T extends KnownRecord['type']> = Extract<KnownRecord, { type: T }>;
const all = <T extends KnownRecord['type']>(type: T): readonly Of<T>[] => {
	const found = records.filter((record): record is Of<T> => record.type === type);
	if (found.length === 0) throw new Error(`no record of type ${type} is there`);
	return found;
};
const caps = (of: Of<'remove'>['caps']): unknown =>
	of.map(({ id, ...place }) => ({ ...place, idPrefix: text(id).slice(0, 21) }));
const rows = <T extends KnownRecord['type']>(
	type: T,
	expected: (record: Of<T>) => object
): (readonly [string, KnownRecord, object])[] =>
	all(type).map((record) => [type, record, { type, ...expected(record) }]);

describe('the fold reads', () => {
	it.each([
		...rows('lane', ({ grant, account, device, deviceNumber, agreement }) => ({
			grant: text(grant),
			account: accountIdOf(account),
			device: text(device),
			deviceNumber,
			agreement
		})),
		...rows('genesis', ({ account, controlLanePublicKey }) => ({
			account: accountIdOf(account),
			lane: laneOf(controlLanePublicKey),
			founds: false
		})),
		...rows('join', ({ invitePublicKey, account }) => ({
			key: text(invitePublicKey),
			account: accountIdOf(account),
			grant: text(joinGrantOf(conversation, invitePublicKey, account))
		})),
		...rows('add', ({ auth, account, way, subject }) => ({
			auth: text(auth),
			account: accountIdOf(account),
			way,
			subject: subject === null ? '' : text(subject),
			grant:
				subject === null
					? ''
					: text(way === 'personal' ? joinGrantOf(conversation, subject, account) : subject)
		})),
		...rows('role', ({ auth, grant, role, caps: of }) => ({
			auth: text(auth),
			grant: text(grant),
			role,
			caps: caps(of)
		})),
		...rows('remove', ({ auth, grants, caps: of }) => ({
			auth: text(auth),
			grants: grants.map(text),
			caps: caps(of)
		})),
		...rows('owner', (record) => ({
			seat: text(record.seat),
			account: accountIdOf(record.account),
			grant: text(record.grant),
			lane: record.lane,
			consent: text(record.consent),
			caps: caps(record.caps),
			newSeat: text(seatOfOwner(conversation, record))
		})),
		...rows('handover', (record) => ({
			tenure: text(record.tenure),
			account: accountIdOf(record.account),
			counter: record.counter,
			lane: record.lane,
			caps: caps(record.caps),
			newSeat: text(seatOfHandover(conversation, record))
		})),
		...rows('device-remove', ({ account, device, caps: of, signature }) => ({
			account: accountIdOf(account),
			device: text(device),
			caps: caps(of),
			byAccountKey: signature !== null
		})),
		...rows('offer', ({ seat, grant }) => ({ seat: text(seat), grant: text(grant) })),
		...rows('consent', ({ seat }) => ({ seat: text(seat) })),
		...rows('invite', (record) => ({
			auth: text(record.auth),
			key: text(record.invitePublicKey),
			record
		})),
		...rows('invite-close', ({ auth, invitePublicKey, joins }) => ({
			auth: text(auth),
			key: text(invitePublicKey),
			joins: new Set(joins.map(text))
		})),
		...rows('settings', (record) => ({
			auth: text(record.auth),
			accepted: record.accepted.map(text),
			record
		})),
		...rows('timer', ({ auth, afterS, replaces }) => ({
			auth: text(auth),
			afterS,
			replaces: replaces.map(text)
		})),
		...rows('fork', ({ segment, clock, publicKey }) => ({ segment, lane: laneOf(publicKey), clock })),
		...rows('profile', ({ name }) => ({ name })),
		...rows('leave', () => ({}))
	])('%s', (_, record, expected) => {
		const statements = new Statements(conversation);
		const statement: Statement = statements.of(record);
		expect(statement).toEqual(expected);
		// Made once, and kept with the record.
		expect(statements.of(record)).toBe(statement);
	});

	it('other records as nothing of its own', () => {
		const [message] = all('message');
		expect(new Statements(conversation).of(message as KnownRecord)).toEqual({ type: 'other' });
	});

	it('an approval as the grant that it names, a join by a personal invitation as the one that it makes', () => {
		const add = {
			type: 'add',
			auth: noAuthority,
			account: new Uint8Array(32),
			subject: conversation
		} as const;
		const read = (way: 'approval' | 'personal'): unknown => new Statements(conversation).of({ ...add, way });
		expect(read('approval')).toMatchObject({ grant: text(conversation) });
		expect(read('personal')).toMatchObject({
			grant: text(joinGrantOf(conversation, conversation, add.account))
		});
	});

	it('who founds a conversation from its id', () => {
		const [genesis] = all('genesis');
		const founded = conversationIdOf(encodeFields(genesis as KnownRecord));
		expect(new Statements(founded).of(genesis as KnownRecord)).toMatchObject({ founds: true });
		const accounts = [1, 2].map((fill) => new Uint8Array(32).fill(fill)) as [Uint8Array, Uint8Array];
		const direct = { type: 'direct', accounts } as const;
		const ofTwo = directConversationOf(...accounts);
		expect(new Statements(ofTwo).of(direct)).toEqual({
			type: 'direct',
			founds: true,
			accountByGrant: new Map(accounts.map((each) => [text(directGrantOf(ofTwo, each)), text(each)]))
		});
		expect(new Statements(conversation).of(direct)).toMatchObject({ founds: false });
	});

	it('of whom a lane is', () => {
		const [lane] = all('lane') as [Of<'lane'>];
		expect(certifiedBy(lane)).toEqual({
			account: accountIdOf(lane.account),
			grant: text(lane.grant),
			device: text(lane.device)
		});
	});
});

describe('deletes among control entries', () => {
	it('are told in the order of lanes, of those whose lane is known', () => {
		const world = new World(1);
		const [lane] = world.lanes;
		const [said] = all('delete') as [Of<'delete'>];
		const at = (number: number, clock: number, record: KnownRecord = said) => ({
			id: `${number}/${clock}`,
			lane: number,
			clock,
			hlc: 7,
			record,
			sound: true
		});
		const other = world.newLane(world.devices[0]!, world.founderGrant);
		const entries = [at(other.number, 9), at(99_999, 2), at(lane!.number, 5), at(lane!.number, 3)];
		const authority = world.fold();
		const told = saidDeletes(authority, [...entries, at(lane!.number, 4, all('leave')[0]!)]);
		expect(told.map(({ id }) => id)).toEqual([`${lane!.number}/3`, `${lane!.number}/5`, `${other.number}/9`]);
		expect(told[0]).toEqual({
			id: `${lane!.number}/3`,
			lane: lane!.number,
			clock: 3,
			hlc: 7,
			by: authority.controlLaneByNumber.get(lane!.number),
			auth: text(said.auth),
			targets: said.targets.map((target, i) => ({ ...target, isMessage: i === 0 }))
		});
	});
});
