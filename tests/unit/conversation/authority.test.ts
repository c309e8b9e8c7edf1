/** The rules of authority one by one; that they hold together is for the model (tests/simulation/authority). */
import { describe, expect, it } from 'vitest';
import { mayDelete, mayPost, powerOf, type Statement } from '../../../src/lib/conversation/authority';
import { giveAway, invite } from '../../simulation/authority/steps';
import {
	membershipAuth,
	settings,
	type ModelDevice,
	type ModelMessage,
	type World
} from '../../simulation/authority/world';
import { groupOf, isIn, verdictOn, type Person } from './authority-group';

describe('moderators', () => {
	it('ban plain members, but neither each other nor the owner, nor does the owner ban themselves', () => {
		const { world, founder, people, auth, promote, remove } = groupOf(3);
		const [one, other, plain] = people as [Person, Person, Person];
		const [first, second] = [promote(one), promote(other)];
		const bans = [
			remove(one, first, other),
			remove(other, second, one),
			remove(one, first, founder),
			remove(founder, auth, founder)
		];
		expect(bans.map(({ id }) => verdictOn(world, id))).toEqual(Array(4).fill('protected'));
		expect([one, other, founder, plain].every((each) => isIn(world, each))).toBe(true);
		expect(verdictOn(world, remove(one, first, plain).id)).toBe('counts');
		expect(isIn(world, plain)).toBe(false);
	});

	it('do nothing by the role of another, nor beyond what a demotion accepts', () => {
		const { world, founder, people, auth, say, promote, remove, capsOf } = groupOf(4);
		const [one, other, early, late] = people as [Person, Person, Person, Person];
		const role = promote(one);
		expect(verdictOn(world, remove(other, role, early).id)).toBe('no-authority');
		remove(one, role, early);
		say(founder, { type: 'role', auth, grant: one.grant, role: 'member', caps: capsOf(one) });
		expect(verdictOn(world, remove(one, role, late).id)).toBe('no-authority');
		expect([isIn(world, early), isIn(world, late)]).toEqual([false, true]);
	});

	it('may not delete what somebody said who has ever moderated', () => {
		const { world, people, promote } = groupOf(2);
		const [one, plain] = people as [Person, Person];
		promote(one);
		const authority = world.fold();
		expect(mayDelete(authority, one.account, plain.account, 'moderator')).toBe(false);
		expect(mayDelete(authority, plain.account, one.account, 'moderator')).toBe(true);
		expect(mayDelete(authority, one.account, plain.account, 'owner')).toBe(true);
		expect(mayDelete(authority, plain.account, plain.account, null)).toBe(true);
		expect(mayDelete(authority, plain.account, one.account, null)).toBe(false);
	});
});

describe('a removal', () => {
	it('whose cap names an entry that does not exist leaves nothing of the lane', () => {
		const { world, founder, people, auth, say, promote, remove } = groupOf(2);
		const [one, plain] = people as [Person, Person];
		remove(one, promote(one), plain);
		expect(isIn(world, plain)).toBe(false);
		for (const cap of [
			{ clock: 1, idPrefix: 'x' },
			{ clock: 9_000, idPrefix: 'e00001' }
		]) {
			const caps = [{ segment: 0, lane: one.lane.number, ...cap }];
			say(founder, { type: 'remove', auth, grants: [one.grant], caps });
		}
		expect(world.fold().limitByControlLane.get(one.lane.number)).toBe(0);
		expect(isIn(world, plain)).toBe(true);
	});

	it('is not undone by a fork of a lane that it has capped, nor by the account’s word on its device', () => {
		const { world, founder, people, auth, say, promote, remove } = groupOf(2);
		const [one, plain] = people as [Person, Person];
		remove(one, promote(one), plain);
		remove(founder, auth, one);
		const before = world.fold();
		say(one, { type: 'fork', segment: 0, lane: one.lane.number, clock: 1 });
		say(one, {
			type: 'device-remove',
			account: one.account,
			device: one.device.name,
			caps: [],
			byAccountKey: true
		});
		expect(isIn(world, plain)).toBe(false);
		expect([...world.fold().capsByGrant.keys()].sort()).toEqual([...before.capsByGrant.keys()].sort());
	});

	it('lets come back who is added again, and what they said before stays as it was', () => {
		const { world, founder, people, auth, add, remove } = groupOf(1);
		const [one] = people as [Person];
		remove(founder, auth, one);
		add(founder, auth, one.account);
		expect(isIn(world, one)).toBe(true);
		expect(world.fold().capsByGrant.has(one.grant)).toBe(true);
	});
});

describe('the owner', () => {
	it('gives the group away once, with the consent of the other, and nothing brings it back', () => {
		const { world, founder, people, auth, say, transfer, capsOf } = groupOf(2);
		const [one, other] = people as [Person, Person];
		giveAway(world, founder.lane, auth, one.lane, 'no consent');
		expect(world.fold().seat?.grant).toBe(founder.grant);
		const seat = transfer(founder, auth, one);
		expect(world.fold().seat?.grant).toBe(one.grant);
		transfer(founder, auth, other);
		const again = world.newLane(world.newDevice(founder.account), founder.grant);
		const handover = world.say(again, {
			type: 'handover',
			tenure: auth,
			account: founder.account,
			counter: 9,
			lane: again.number,
			caps: [],
			newSeat: 's-again'
		});
		say(founder, { type: 'fork', segment: 0, lane: founder.lane.number, clock: 1 });
		const now = world.fold();
		expect([now.seat?.id, now.seat?.grant]).toEqual([seat, one.grant]);
		expect(now.memberByAccount.get(founder.account)?.role).toBe('member');
		expect(isIn(world, other)).toBe(true);
		expect(handover.id).toBeDefined();
		say(one, { type: 'remove', auth: seat, grants: [founder.grant], caps: capsOf(founder) });
		expect(isIn(world, founder)).toBe(false);
	});

	it('does not give it to who has been removed', () => {
		const { world, founder, people, auth, remove, transfer } = groupOf(1);
		const [one] = people as [Person];
		remove(founder, auth, one);
		transfer(founder, auth, one);
		expect(world.fold().seat?.grant).toBe(founder.grant);
	});

	it('goes on after a lost device by the account key; what the lost one says later is void', () => {
		const { world, founder, people, auth, say } = groupOf(1);
		const [one] = people as [Person];
		const next = world.newLane(world.newDevice(founder.account), founder.grant);
		world.say(next, {
			type: 'handover',
			tenure: auth,
			account: founder.account,
			counter: 1,
			lane: next.number,
			caps: world.caps((each) => each === founder.lane, 'careful'),
			newSeat: 's-next'
		});
		const stolen = say(founder, { type: 'remove', auth, grants: [one.grant], caps: [] });
		expect(verdictOn(world, stolen.id)).toBe('no-authority');
		expect(world.fold().seat).toMatchObject({ id: 's-next', lane: next.number, counter: 1, isFrozen: false });
		world.say(next, { type: 'role', auth: 's-next', grant: one.grant, role: 'moderator', caps: [] });
		expect(world.fold().memberByAccount.get(one.account)?.role).toBe('moderator');
	});

	it('whose lane is forked says no more from there', () => {
		const { world, founder, people, auth, say, remove } = groupOf(2);
		const [one, other] = people as [Person, Person];
		remove(founder, auth, one);
		say(other, { type: 'fork', segment: 0, lane: founder.lane.number, clock: founder.lane.ids.length });
		remove(founder, auth, other);
		expect([isIn(world, one), isIn(world, other)]).toEqual([false, true]);
		expect(world.fold().seat?.isFrozen).toBe(true);
	});
});

describe('lost devices', () => {
	it('are removed by the account key, or by an older device, not by a younger one', () => {
		const { world, people, say } = groupOf(1);
		const [one] = people as [Person];
		const young = world.newDevice(one.account);
		const lane = world.newLane(young, one.grant);
		const removal = (device: ModelDevice, byAccountKey: boolean): Statement => ({
			type: 'device-remove',
			account: one.account,
			device: device.name,
			caps: [],
			byAccountKey
		});
		world.say(lane, removal(one.device, false));
		expect([...world.fold().devices.keys()]).toContain(one.device.name);
		say(one, removal(young, false));
		expect([...world.fold().devices.keys()]).not.toContain(young.name);
		world.say(lane, removal(one.device, true));
		expect([...world.fold().devices.keys()]).not.toContain(one.device.name);
	});
});

describe('what others have built on stays', () => {
	it('when a former moderator removes the device: a ban, and a deletion', () => {
		const { world, founder, people, auth, say, promote, remove, capsOf } = groupOf(2);
		const [one, plain] = people as [Person, Person];
		const said = world.newLane(plain.device, plain.grant, 1);
		world.write(said, 'message', '', membershipAuth);
		const role = promote(one);
		world.write(said, 'message', '', membershipAuth);
		const deletes = (target: string): ModelMessage => {
			world.write(one.lane, 'delete', target, role);
			return world.messages.at(-1) as ModelMessage;
		};
		const first = deletes(said.ids[1] as string);
		remove(one, role, plain);
		say(founder, { type: 'role', auth, grant: one.grant, role: 'member', caps: capsOf(one) });
		const power = ({ lane, clock } = first) => powerOf(world.fold(), role, 0, lane.number, clock, lane);
		expect([power(), isIn(world, plain)]).toEqual(['moderator', false]);
		say(one, {
			type: 'device-remove',
			account: one.account,
			device: one.device.name,
			caps: [],
			byAccountKey: true
		});
		expect([power(), isIn(world, plain)]).toEqual(['moderator', false]);
		expect(power(deletes(said.ids[2] as string))).toBe(null);
	});

	it('when a device that was removed forks the lane in which it had removed another', () => {
		const { world, people, say } = groupOf(1);
		const [one] = people as [Person];
		const young = world.newDevice(one.account);
		say(one, {
			type: 'device-remove',
			account: one.account,
			device: young.name,
			caps: [],
			byAccountKey: false
		});
		const third = world.newDevice(one.account);
		world.newLane(young, one.grant);
		const lane = world.newLane(third, one.grant);
		world.say(lane, {
			type: 'device-remove',
			account: one.account,
			device: one.device.name,
			caps: world.caps((each) => each === one.lane, 'careful'),
			byAccountKey: true
		});
		expect([...world.fold().devices.keys()]).not.toContain(young.name);
		world.say(lane, { type: 'fork', segment: 0, lane: one.lane.number, clock: 1 });
		expect([...world.fold().devices.keys()]).not.toContain(young.name);
	});
});

describe('invitations', () => {
	const joinBy = (world: World, key: string): Person => {
		const account = world.newAccount();
		const grant = `j/${key}/${account}`;
		const device = world.newDevice(account);
		const lane = world.newLane(device, grant);
		world.say(lane, { type: 'join', key, account, grant });
		return { account, grant, device, lane };
	};

	it('personal ones let in one, by the device that made them', () => {
		const { world, people, say } = groupOf(2);
		const [one, other] = people as [Person, Person];
		say(one, invite(membershipAuth, 'i-1', 'personal', false));
		const [first, second, third] = [joinBy(world, 'i-1'), joinBy(world, 'i-1'), joinBy(world, 'i-1')];
		const pending = () => world.fold().pendingJoins.map(({ account }) => account);
		expect(pending()).toEqual([first, second, third].map(({ account }) => account));
		const use = (by: Person, whom: Person) =>
			say(by, {
				type: 'add',
				auth: membershipAuth,
				account: whom.account,
				way: 'personal',
				subject: 'i-1',
				grant: whom.grant
			}).id;
		const uses = [use(other, first), use(one, second), use(one, third)];
		expect([first, second, third].map((each) => isIn(world, each))).toEqual([false, true, false]);
		expect(uses.map((id) => verdictOn(world, id))).toEqual(['no-invitation', 'counts', 'used-up']);
		expect(pending()).toEqual([]);
		expect(world.fold().personalInvites.get('i-1')).toMatchObject({ usedBy: second.grant, mayBeUsed: false });
	});

	it('personal ones end with the lane that holds them, and when they are closed', () => {
		const { world, founder, people, auth, say } = groupOf(2);
		const [one, other] = people as [Person, Person];
		say(one, invite(membershipAuth, 'i-1', 'personal', false));
		say(other, invite(membershipAuth, 'i-2', 'personal', false));
		const [waits, late] = [joinBy(world, 'i-1'), joinBy(world, 'i-2')];
		expect(world.fold().pendingJoins).toHaveLength(2);
		say(founder, { type: 'invite-close', auth, key: 'i-1', joins: new Set([waits.grant]) });
		say(founder, { type: 'invite-close', auth, key: 'i-2', joins: new Set() });
		expect(world.fold().pendingJoins.map(({ account }) => account)).toEqual([waits.account]);
		const use = (by: Person, whom: Person, key: string) =>
			say(by, {
				type: 'add',
				auth: membershipAuth,
				account: whom.account,
				way: 'personal',
				subject: key,
				grant: whom.grant
			});
		use(other, late, 'i-2');
		expect(isIn(world, late)).toBe(false);
		world.say(founder.lane, { type: 'fork', segment: 0, lane: one.lane.number, clock: 2 });
		expect(world.fold().pendingJoins).toEqual([]);
		use(one, waits, 'i-1');
		expect(isIn(world, waits)).toBe(false);
	});

	it('closed ones keep the joins that the closing names and let in no others', () => {
		const { world, founder, auth, say } = groupOf(0);
		say(founder, invite(auth, 'i-1', 'open', false));
		const [first, late] = [joinBy(world, 'i-1'), joinBy(world, 'i-1')];
		expect([isIn(world, first), isIn(world, late)]).toEqual([true, true]);
		say(founder, { type: 'invite-close', auth, key: 'i-1', joins: new Set([first.grant]) });
		expect([isIn(world, first), isIn(world, late)]).toEqual([true, false]);
		expect(world.fold().openInvites.size).toBe(0);
	});

	it('that want approval wait for it', () => {
		const { world, founder, people, auth, say } = groupOf(1);
		const [plain] = people as [Person];
		say(founder, invite(auth, 'i-1', 'open', true));
		const newcomer = joinBy(world, 'i-1');
		const approve = (by: Person, cited: string) =>
			say(by, {
				type: 'add',
				auth: cited,
				account: newcomer.account,
				way: 'approval',
				subject: newcomer.grant,
				grant: newcomer.grant
			});
		approve(plain, membershipAuth);
		expect(world.fold().pendingJoins).toEqual([
			{ grant: newcomer.grant, account: newcomer.account, inviteKey: 'i-1' }
		]);
		approve(founder, auth);
		expect(isIn(world, newcomer)).toBe(true);
		expect(world.fold().pendingJoins).toEqual([]);
	});

	it('of members end when the owner says so; who has come by them stays if the owner names them', () => {
		const { world, founder, people, auth, say } = groupOf(1);
		const [plain] = people as [Person];
		say(plain, invite(membershipAuth, 'i-1', 'open', false));
		const [known, unknown] = [joinBy(world, 'i-1'), joinBy(world, 'i-1')];
		say(founder, {
			type: 'settings',
			auth,
			accepted: [known.grant],
			record: settings('Trip', { whoMayInvite: 'moderators', whoMayPost: 'owner' })
		});
		expect([isIn(world, known), isIn(world, unknown)]).toEqual([true, false]);
		const authority = world.fold();
		expect([mayPost(authority, plain.account), mayPost(authority, founder.account)]).toEqual([false, true]);
	});

	it('are used with the right with which they were made, and closed so', () => {
		const { world, founder, auth, say } = groupOf(0);
		say(founder, invite(membershipAuth, 'i-1', 'personal', false));
		const used = say(founder, {
			type: 'add',
			auth,
			account: 'somebody',
			way: 'personal',
			subject: 'i-1',
			grant: 'j/i-1/somebody'
		});
		expect(verdictOn(world, used.id)).toBe('no-invitation');
		say(founder, invite(auth, 'i-2', 'open', false));
		say(founder, { type: 'invite-close', auth: membershipAuth, key: 'i-2', joins: new Set() });
		expect(isIn(world, joinBy(world, 'i-2'))).toBe(true);
	});

	it('closed by a moderator keep whom moderators cannot touch', () => {
		const { world, founder, people, auth, say, promote } = groupOf(1);
		const [one] = people as [Person];
		say(founder, invite(auth, 'i-1', 'open', false));
		const [trusted, plain] = [joinBy(world, 'i-1'), joinBy(world, 'i-1')];
		const role = promote(one);
		promote(trusted);
		say(one, { type: 'invite-close', auth: role, key: 'i-1', joins: new Set() });
		expect([isIn(world, trusted), isIn(world, plain)]).toEqual([true, false]);
	});

	it('keep whom they let in when the join is forked after a removal', () => {
		const { world, founder, auth, say, remove } = groupOf(0);
		say(founder, invite(auth, 'i-1', 'open', false));
		const one = joinBy(world, 'i-1');
		say(one, invite(membershipAuth, 'i-2', 'open', false));
		const other = joinBy(world, 'i-2');
		remove(founder, auth, one);
		say(one, { type: 'fork', segment: 0, lane: one.lane.number, clock: 1 });
		expect([isIn(world, one), isIn(world, other)]).toEqual([false, true]);
	});

	it('whose join is void by a fork do not seem to wait for approval', () => {
		const { world, founder, auth, say } = groupOf(0);
		say(founder, invite(auth, 'i-1', 'open', false));
		const one = joinBy(world, 'i-1');
		say(founder, { type: 'fork', segment: 0, lane: one.lane.number, clock: 1 });
		expect(world.fold().pendingJoins).toEqual([]);
	});

	it('are not taken by somebody in another’s name', () => {
		const { world, founder, people, auth, say } = groupOf(1);
		const [plain] = people as [Person];
		say(founder, invite(auth, 'i-1', 'open', false));
		const account = world.newAccount();
		say(plain, { type: 'join', key: 'i-1', account, grant: `j/i-1/${account}` });
		expect(world.fold().memberByAccount.has(account)).toBe(false);
	});
});
