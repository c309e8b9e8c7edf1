/** Who is shown as a member, and what a conversation says of itself (protocol 4), rule by rule. */
import { describe, expect, it } from 'vitest';
import type { Member, Statement } from '../../../src/lib/conversation/authority';
import { membershipAuth, settings, World } from '../../simulation/authority/world';
import { groupOf, ofTwo, sayAt, type Person } from './authority-group';

const member = (world: World, { account }: Person): Member | undefined =>
	world.fold().memberByAccount.get(account);
const profile = (name: string): Statement => ({ type: 'profile', name });

describe('a member', () => {
	it('has the name that they have said last, by its time and then by its id', () => {
		const { world, people } = groupOf(1);
		const [one] = people as [Person];
		expect(member(world, one)?.name).toBe('');
		sayAt(world, 50, one.lane, profile('newer'));
		sayAt(world, 40, one.lane, profile('older'));
		sayAt(world, 60, one.lane, { type: 'other' });
		expect(member(world, one)?.name).toBe('newer');
		const second = world.newLane(one.device, one.grant);
		sayAt(world, 50, second, profile('same time, higher id'));
		expect(member(world, one)?.name).toBe('same time, higher id');
		const ids = world.control.filter(({ hlc }) => hlc === 50);
		const swapped = ids.map((entry, i) => ({ ...entry, id: (ids[1 - i] as typeof entry).id }));
		const others = world.control.filter(({ hlc }) => hlc !== 50);
		expect(world.fold([...others, ...swapped]).memberByAccount.get(one.account)?.name).toBe('newer');
	});

	it('is whom their own lanes tell of, as far as these count', () => {
		const { world, founder, people } = groupOf(2);
		const [one, other] = people as [Person, Person];
		sayAt(world, 10, one.lane, profile('One'));
		sayAt(world, 90, world.newLane(other.device, one.grant), profile('with another’s grant'));
		sayAt(world, 90, world.newLane(one.device, 'nobody’s'), profile('with a grant that is none'));
		const clock = one.lane.ids.length;
		sayAt(world, 90, one.lane, profile('after a fork'));
		world.say(founder.lane, { type: 'fork', segment: 0, lane: one.lane.number, clock });
		expect(member(world, one)?.name).toBe('One');
		expect(member(world, other)?.name).toBe('');
	});

	it('has joined when the first that counts of them was said', () => {
		const { world, founder } = groupOf(0);
		const says = { auth: world.founderGrant, way: 'direct', subject: '', grant: '' } as const;
		const account = world.newAccount();
		const grant = world.say(founder.lane, { ...says, type: 'add', account }).id;
		const joined = () => world.fold().memberByAccount.get(account)?.joinedHlc;
		expect(joined()).toBe(0);
		const lane = world.newLane(world.newDevice(account), grant);
		world.control[world.control.length - 1] = { ...world.control.at(-1)!, hlc: 70 };
		sayAt(world, 30, lane, { type: 'other' });
		sayAt(world, 50, lane, { type: 'other' });
		expect(joined()).toBe(30);
	});

	it('has left by their last word about it, and may come back', () => {
		const { world, people } = groupOf(1);
		const [one] = people as [Person];
		const join = { type: 'join', key: 'i', account: one.account, grant: 'j' } as const;
		sayAt(world, 50, one.lane, { type: 'leave' });
		expect(member(world, one)).toMatchObject({ left: true, removed: false });
		sayAt(world, 40, one.lane, join);
		sayAt(world, 90, one.lane, profile('gone'));
		expect(member(world, one)?.left).toBe(true);
		sayAt(world, 60, one.lane, join);
		expect(member(world, one)?.left).toBe(false);
	});

	it('with several grants is here while one holds, and has the highest role of them', () => {
		const { world, founder, people, auth, add, promote, remove } = groupOf(1);
		const [one] = people as [Person];
		const again = add(founder, auth, one.account);
		const is = () => member(world, one);
		for (const [i, grant] of [one, again].entries()) {
			expect(is()).toMatchObject({ removed: false, left: false });
			promote(grant);
			expect(is()?.role).toBe('moderator');
			remove(founder, auth, grant);
			expect(is()).toMatchObject({ role: 'member', removed: i === 1, left: i === 1 });
		}
		const twin = add(founder, auth, founder.account);
		promote(twin);
		expect(member(world, founder)?.role).toBe('owner');
		add(founder, auth, one.account);
		expect(is()).toMatchObject({ removed: false, left: false });
	});

	it('stands in the order of grants, which is the same for everybody', () => {
		const { world, people } = groupOf(3);
		const grants = [...world.fold().accountByGrant];
		const sorted = [...grants].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, account]) => account);
		expect([...world.fold().memberByAccount.keys()]).toEqual(sorted);
		expect(sorted).toHaveLength(people.length + 1);
	});
});

describe('a conversation', () => {
	it('of which nothing is here is a group that nobody has founded, with the rules that hold by default', () => {
		expect(new World(1).fold([])).toMatchObject({
			kind: 'group',
			founded: false,
			name: '',
			description: '',
			picture: null,
			whoMayPost: 'members',
			whoMayInvite: 'members',
			approval: false,
			history: 'all',
			timer: { afterS: 0, standing: [], changes: [] },
			createdHlc: 0,
			seat: null
		});
	});

	it('of two is theirs for good: nothing lets in others, or makes one of them leave', () => {
		const { world, one, other, lane, direct } = ofTwo();
		world.say(lane, { ...direct, founds: false });
		expect(world.fold()).toMatchObject({ kind: 'group', founded: false });
		sayAt(world, 33, lane, direct);
		world.say(lane, { type: 'leave' });
		const third = { type: 'add', auth: membershipAuth, account: 'third', way: 'direct' } as const;
		world.say(lane, { ...third, subject: '', grant: '' });
		const now = world.fold();
		expect(now).toMatchObject({ kind: 'direct', founded: true, createdHlc: 33, seat: null });
		expect([...now.memberByAccount.values()].map(({ account, left, role }) => [account, left, role])).toEqual(
			[
				[one, false, 'member'],
				[other, false, 'member']
			]
		);
	});

	it('has the rules of its owner’s last word in their order, whatever time that claims', () => {
		const { world, founder, auth } = groupOf(0);
		const rules = {
			description: 'for all who sail',
			picture: Uint8Array.of(1),
			whoMayPost: 'moderators',
			whoMayInvite: 'owner',
			approval: true,
			history: 'none'
		} as const;
		const say = (hlc: number, record: ReturnType<typeof settings>) =>
			sayAt(world, hlc, founder.lane, { type: 'settings', auth, accepted: [], record });
		say(900_000_000_000, settings('before'));
		say(1, settings('Boats', rules));
		expect(world.fold()).toMatchObject({ kind: 'group', founded: true, name: 'Boats', ...rules });
		const { seat, createdHlc } = world.fold();
		expect(seat).toEqual({
			id: auth,
			tenure: auth,
			grant: founder.grant,
			lane: founder.lane.number,
			counter: 0,
			isFrozen: false
		});
		expect(createdHlc).toBe(world.control[1]?.hlc);
	});

	it('shows the latest name that the owner or a moderator has said, but a moderator makes no rules', () => {
		const { world, founder, people, auth, promote } = groupOf(2);
		const [mo, plain] = people as [Person, Person];
		const role = promote(mo);
		const say = (by: Person, cited: string, hlc: number, name: string) =>
			sayAt(world, hlc, by.lane, {
				type: 'settings',
				auth: cited,
				accepted: [],
				record: settings(name, { whoMayPost: 'owner' })
			});
		sayAt(world, 1e15, founder.lane, { type: 'settings', auth, accepted: [], record: settings('Owner') });
		say(mo, role, 1e15 - 1, 'too early');
		say(plain, role, 1e15 + 9, 'by who has no right');
		expect(world.fold()).toMatchObject({ name: 'Owner', whoMayPost: 'members' });
		say(mo, role, 1e15 + 2, 'Mo, later');
		say(mo, role, 1e15 + 1, 'Mo');
		expect(world.fold()).toMatchObject({ name: 'Mo, later', whoMayPost: 'members' });
	});
});

describe('the devices to which epochs are sealed', () => {
	it('are those of members who are here, each with one key, the same for everybody', () => {
		const { world, founder, people, say, remove, auth } = groupOf(4);
		const [one, gone, removed, forked] = people as [Person, Person, Person, Person];
		say(gone, { type: 'leave' });
		remove(founder, auth, removed);
		say(founder, { type: 'fork', segment: 0, lane: forked.lane.number, clock: 0 });
		world.newLane(world.newDevice('nobody'), one.grant);
		const certify = (agreement: number): Statement => ({
			type: 'lane',
			grant: one.grant,
			account: one.account,
			device: one.device.name,
			deviceNumber: 1,
			agreement: Uint8Array.of(agreement)
		});
		const agreed = () => world.fold().devices.get(one.device.name)?.agreement;
		expect([...world.fold().devices.keys()]).toEqual([founder.device.name, one.device.name]);
		expect(agreed()).toEqual(Uint8Array.of(0));
		const first = world.control.findIndex(({ lane }) => lane === one.lane.number);
		for (const [others, least] of [
			[[9, 7, 8], 7],
			[[7, 9], 7]
		] as const) {
			const entries = [...world.control];
			others.forEach((agreement, i) => {
				const record = certify(agreement) as unknown as (typeof entries)[number]['record'];
				if (i === 0) entries[first] = { ...entries[first]!, record };
				else entries.push({ id: `x${i}`, lane: 9_000 + i, clock: 0, hlc: 0, record, sound: true });
			});
			expect(world.fold(entries).devices.get(one.device.name)?.agreement).toEqual(Uint8Array.of(least));
		}
	});

	it('and control lanes are those of grants that are known as the account’s, and not dead from the beginning', () => {
		const { world, founder, people, say, remove, auth } = groupOf(3);
		const [one, forked, removed] = people as [Person, Person, Person];
		const strange = world.newLane(world.newDevice('nobody'), one.grant);
		remove(founder, auth, removed);
		for (const { lane } of [forked, removed])
			say(founder, { type: 'fork', segment: 0, lane: lane.number, clock: 0 });
		const lanes = world.fold().controlLaneByNumber;
		expect([...lanes.keys()]).toEqual([founder, one, removed].map(({ lane }) => lane.number));
		expect(lanes.has(strange.number)).toBe(false);
		expect(lanes.get(one.lane.number)).toEqual({
			account: one.account,
			grant: one.grant,
			device: one.device.name
		});
	});
});
