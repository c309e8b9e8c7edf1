/** How far lanes count, and what empowers an act in them (protocol 4, stratum 4), rule by rule. */
import { describe, expect, it } from 'vitest';
import {
	accountOfLane,
	countsAt,
	countsUntil,
	deadFrom,
	mayEdit,
	mayInvite,
	mayPost,
	powerOf,
	type Authority
} from '../../../src/lib/conversation/authority';
import { deleteCounts, deleteMayHaveCounted } from '../../../src/lib/conversation/authority/deletes';
import { accountIdOf } from '../../../src/lib/protocol/ids';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import type { LaneRecord } from '../../../src/lib/protocol/records';
import { membershipAuth, type ModelLane } from '../../simulation/authority/world';
import { groupOf, owned, type Person } from './authority-group';

/** Somebody with a message lane of five entries. */
function written(count = 1) {
	const group = groupOf(count);
	const [one] = group.people as [Person];
	const lane = group.world.newLane(one.device, one.grant, 1);
	for (let i = 1; i < 5; i++) group.world.write(lane, 'message', '', membershipAuth);
	const fork = (clock: number) =>
		group.say(group.founder, { type: 'fork', segment: 1, lane: lane.number, clock });
	const capAt = (clock: number, of: ModelLane = lane) => [
		{ segment: of.segment, lane: of.number, clock, idPrefix: of.ids[clock] as string }
	];
	const until = () => countsUntil(group.world.fold(), 1, lane.number, lane);
	const removeAt = (clock: number) =>
		group.say(group.founder, { type: 'remove', auth: group.auth, grants: [one.grant], caps: capAt(clock) });
	const loseAt = (clock: number) =>
		group.say(one, {
			type: 'device-remove',
			account: one.account,
			device: one.device.name,
			caps: capAt(clock),
			byAccountKey: true
		});
	return { ...group, one, lane, fork, capAt, until, removeAt, loseAt };
}

describe('a message lane counts', () => {
	it('without end, until it is forked', () => {
		const { world, lane, fork, until } = written();
		expect(until()).toEqual({ until: Infinity, lastIdPrefix: null });
		expect(deadFrom(world.fold(), 1, lane.number)).toBe(Infinity);
		fork(4);
		fork(2);
		fork(3);
		expect(until()).toEqual({ until: 2, lastIdPrefix: null });
		expect([1, 0].map((segment) => deadFrom(world.fold(), segment, lane.number))).toEqual([2, Infinity]);
		expect([1, 2].map((clock) => countsAt(world.fold(), 1, lane.number, clock, lane))).toEqual([true, false]);
	});

	it('up to the entry that a removal names, on its branch', () => {
		const { world, lane, until, removeAt } = written();
		removeAt(3);
		expect(until()).toEqual({ until: 4, lastIdPrefix: lane.ids[3] });
		expect([3, 4].map((clock) => countsAt(world.fold(), 1, lane.number, clock, lane))).toEqual([true, false]);
		expect(countsUntil(world.fold(), 2, lane.number, lane)).toEqual({ until: 0, lastIdPrefix: null });
	});

	it.each([
		[2, { until: 2, lastIdPrefix: null }],
		[3, { until: 3, lastIdPrefix: null }],
		[4, { until: 4, lastIdPrefix: expect.any(String) as string }]
	])('up to the lower of a fork at %i and a removal at 3', (clock, expected) => {
		const { until, fork, removeAt } = written();
		removeAt(3);
		fork(clock);
		expect(until()).toEqual(expected);
	});

	it('up to the loss of its device, unless the removal of its grant says otherwise', () => {
		const { until, removeAt, loseAt, lane } = written();
		loseAt(1);
		expect(until()).toEqual({ until: 2, lastIdPrefix: lane.ids[1] });
		removeAt(3);
		expect(until()).toEqual({ until: 4, lastIdPrefix: lane.ids[3] });
	});

	it('only for the account whose grant it has', () => {
		const { world, lane, founder } = written();
		const at = (of: ModelLane) => countsAt(world.fold(), 1, lane.number, 0, of);
		expect([at(lane), at({ ...lane, account: founder.account }), at({ ...lane, grant: 'none' })]).toEqual([
			true,
			false,
			false
		]);
	});

	it('of the account that its record certifies, if the grant is known as that account’s', () => {
		const { world } = written();
		const [account, grant] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
		const record = { account, grant } as unknown as LaneRecord;
		const of = (known: string): Authority => ({
			...world.fold(),
			accountByGrant: new Map([[toBase64url(grant), known]])
		});
		expect(accountOfLane(of(accountIdOf(account)), record)).toBe(accountIdOf(account));
		expect(accountOfLane(of('another'), record)).toBe(null);
		expect(accountOfLane(world.fold(), record)).toBe(null);
	});
});

describe('a control lane counts', () => {
	it('up to its limit, and not at all where it is not known', () => {
		const { world, one, founder, say } = written();
		say(founder, { type: 'fork', segment: 0, lane: one.lane.number, clock: 1 });
		const at = (lane: number, clock: number) => countsAt(world.fold(), 0, lane, clock, one.lane);
		expect([at(one.lane.number, 0), at(one.lane.number, 1), at(9_999, 0)]).toEqual([true, false, false]);
	});
});

describe('power', () => {
	it('is of the grant and account to which it was given, and of nobody else', () => {
		const { world, founder, one, auth, promote } = written();
		const role = promote(one);
		const power = (cited: string, of: ModelLane) => powerOf(world.fold(), cited, 0, of.number, 0, of);
		expect([power(auth, founder.lane), power(role, one.lane)]).toEqual(['owner', 'moderator']);
		for (const [cited, of] of [
			[auth, one.lane],
			[role, founder.lane],
			['none', founder.lane],
			[membershipAuth, one.lane],
			[auth, { ...founder.lane, account: one.account }],
			[role, { ...one.lane, account: founder.account }]
		] as const)
			expect(power(cited, of)).toBe(null);
	});

	it('that lasts reaches as far as the lane counts; that was taken, as far as was accepted', () => {
		const { world, founder, one, auth, lane, say, promote, capAt, fork } = written();
		const role = promote(one);
		for (let i = 0; i < 3; i++) say(one, { type: 'other' });
		const power = (segment: number, of: ModelLane, clock: number) =>
			powerOf(world.fold(), role, segment, of.number, clock, of);
		fork(4);
		expect([3, 4].map((clock) => power(1, lane, clock))).toEqual(['moderator', null]);
		const caps = [...capAt(2), ...capAt(1, one.lane)];
		say(founder, { type: 'role', auth, grant: one.grant, role: 'member', caps });
		expect([0, 2, 3].map((clock) => power(1, lane, clock))).toEqual(['moderator', 'moderator', null]);
		expect([0, 1, 2].map((clock) => power(0, one.lane, clock))).toEqual(['moderator', 'moderator', null]);
		const anothers = { ...lane, account: founder.account };
		expect(powerOf(world.fold(), role, 1, lane.number, 0, anothers)).toBe(null);
		// Nothing was accepted of other segments; what was, a fork does not take back.
		expect(power(2, lane, 0)).toBe(null);
		fork(1);
		expect(power(1, lane, 2)).toBe('moderator');
	});

	it('of an owner who has given the group away reaches as far as the transfer says', () => {
		const { world, founder, people, auth, transfer } = owned(1);
		const clock = founder.lane.ids.length;
		transfer(people[0]!);
		const at = (tick: number) => powerOf(world.fold(), auth, 0, founder.lane.number, tick, founder.lane);
		expect([at(clock - 1), at(clock)]).toEqual(['owner', null]);
	});
});

describe('what an audience may do', () => {
	it.each([
		['members', [true, true, true, false, false]],
		['moderators', [true, true, false, false, false]],
		['owner', [true, false, false, false, false]]
	] as const)('of %s: owner, moderator, member, who has left, who is unknown', (audience, expected) => {
		const { world, founder, people, promote, say } = groupOf(3);
		const [mo, plain, gone] = people as [Person, Person, Person];
		promote(mo);
		say(gone, { type: 'leave' });
		const all = [founder, mo, plain, gone].map(({ account }) => account).concat('unknown');
		const now = { ...world.fold(), whoMayPost: audience, whoMayInvite: audience };
		expect(all.map((account) => mayPost(now, account))).toEqual(expected);
		expect(all.map((account) => mayInvite(now, account))).toEqual(expected);
		const direct: Authority = { ...now, kind: 'direct' };
		expect(all.some((account) => mayInvite(direct, account))).toBe(false);
	});

	it('an edit is its author’s alone', () => {
		expect([mayEdit('a', 'a'), mayEdit('a', 'b')]).toEqual([true, false]);
	});
});

describe('a delete', () => {
	it('counts as its author’s own word while the lane counts, and by power over others', () => {
		const { world, founder, one, auth, say } = written(2);
		const clock = one.lane.ids.length;
		say(founder, { type: 'fork', segment: 0, lane: one.lane.number, clock });
		const by = (person: Person, cited: string, at: number) =>
			({ lane: person.lane.number, clock: at, by: person.lane, auth: cited }) as const;
		const own = by(one, membershipAuth, clock - 1);
		const late = by(one, membershipAuth, clock);
		const owners = by(founder, auth, 1);
		const now = world.fold();
		const rows = [
			[own, one, true, true],
			[late, one, false, true],
			[own, founder, false, false],
			[owners, one, true, true],
			[owners, founder, true, true],
			[by(founder, membershipAuth, 1), one, false, false]
		] as const;
		for (const [said, author, counts, mayHave] of rows) {
			expect(deleteCounts(now, said, author.account)).toBe(counts);
			expect(deleteMayHaveCounted(now, said, author.account)).toBe(mayHave);
		}
	});
});
