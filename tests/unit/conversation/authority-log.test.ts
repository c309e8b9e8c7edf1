/** What people read about who did what to whom, and what of it counts (protocol 4, strata 1 and 3). */
import { describe, expect, it } from 'vitest';
import type { Statement } from '../../../src/lib/conversation/authority';
import { membershipAuth, settings } from '../../simulation/authority/world';
import { groupOf, isIn, owned, sayAt, verdictOn, type Person } from './authority-group';

const named = (auth: string): Statement => ({ type: 'settings', auth, accepted: [], record: settings('n') });
const timer = (auth: string): Statement => ({ type: 'timer', auth, afterS: 60, replaces: [] });
const loss = ({ account, device }: Person): Statement => ({
	type: 'device-remove',
	account,
	device: device.name,
	caps: [],
	byAccountKey: false
});

describe('the moderation log', () => {
	it('says who did what to whom, newest first and then by id', () => {
		const { world, founder, people, auth, handover, consentOf, add } = owned(1);
		const [one] = people as [Person];
		const twin = add(founder, auth, one.account);
		const before = new Set(
			world
				.fold()
				.moderationLog()
				.map(({ id }) => id)
		);
		const grants = [one.grant, twin.grant, 'unknown'];
		const rows: readonly (readonly [number, Statement, readonly string[]])[] = [
			[90, { type: 'role', auth, grant: one.grant, role: 'moderator', caps: [] }, [one.account]],
			[80, { type: 'remove', auth, grants, caps: [] }, [one.account, '']],
			[70, loss(one), [one.account]],
			[60, named(auth), []],
			[60, timer(auth), []],
			[50, { type: 'invite-close', auth, key: 'i', joins: new Set() }, []],
			[40, { type: 'add', auth, account: 'x', way: 'direct', subject: '', grant: '' }, ['x']],
			[
				20,
				{
					type: 'owner',
					seat: auth,
					account: founder.account,
					grant: one.grant,
					lane: one.lane.number,
					consent: consentOf(one),
					caps: [],
					newSeat: 's'
				},
				[one.account]
			]
		];
		const expected = rows.map(([hlc, says, whom]) => {
			const id = sayAt(world, hlc, founder.lane, says);
			return { id, by: founder.account, what: says.type, whom, hlc };
		});
		sayAt(world, 85, founder.lane, { type: 'other' });
		const id = handover();
		const log = world
			.fold()
			.moderationLog()
			.filter((event) => !before.has(event.id));
		expect(log.filter((event) => event.id !== id)).toMatchObject(expected);
		expect(log.find((event) => event.id === id)).toMatchObject({ what: 'handover', whom: [] });
		expect(log).toHaveLength(rows.length + 1);
	});

	it('says of what needs power whether it was there', () => {
		const { world, founder, people, auth, say, promote, capsOf } = groupOf(2);
		const [mo, plain] = people as [Person, Person];
		const role = promote(mo);
		const verdicts = (by: Person, cited: string) =>
			[named(cited), timer(cited)].map((statement) => verdictOn(world, say(by, statement).id));
		expect(verdicts(founder, auth)).toEqual(['counts', 'counts']);
		expect(verdicts(mo, role)).toEqual(['counts', 'counts']);
		expect(verdicts(mo, membershipAuth)).toEqual(['no-authority', 'no-authority']);
		expect(verdicts(plain, membershipAuth)).toEqual(['no-authority', 'no-authority']);
		expect(verdicts(plain, role)).toEqual(['no-authority', 'no-authority']);
		say(founder, { type: 'role', auth, grant: mo.grant, role: 'member', caps: capsOf(mo) });
		expect(verdicts(mo, role)).toEqual(['no-authority', 'no-authority']);
	});

	it('says what stands beyond a removal, and that a device is its account’s own affair', () => {
		const { world, founder, people, auth, say, remove } = groupOf(2);
		const [one, other] = people as [Person, Person];
		const early = say(one, loss(one));
		remove(founder, auth, one);
		expect(verdictOn(world, early.id)).toBe('counts');
		for (const statement of [loss(one), named(membershipAuth), timer(membershipAuth)])
			expect(verdictOn(world, say(one, statement).id)).toBe('beyond-cap');
		expect(verdictOn(world, say(other, loss(other)).id)).toBe('counts');
	});

	it('names nobody for what stands in a lane of which nobody knows whose it is, and nothing of it counts', () => {
		const { world, founder, people, auth, promote } = groupOf(2);
		const [mo, plain] = people as [Person, Person];
		const role = promote(mo);
		const lane = { ...mo.lane, number: 9_999, ids: [] };
		const statements: readonly Statement[] = [
			named(role),
			timer(role),
			loss(plain),
			{ ...loss(plain), byAccountKey: true } as Statement,
			{ type: 'remove', auth: role, grants: [plain.grant], caps: [] },
			{ type: 'add', auth: membershipAuth, account: 'x', way: 'direct', subject: '', grant: '' },
			{ type: 'invite-close', auth: membershipAuth, key: 'i', joins: new Set() },
			{ type: 'join', key: 'i', account: 'x', grant: 'j' },
			{ type: 'profile', name: 'x' }
		];
		const ids = statements.map((statement) => world.say(lane, statement).id);
		const log = world
			.fold()
			.moderationLog()
			.filter(({ id }) => ids.includes(id));
		expect(log.map(({ by }) => by)).toEqual(Array(7).fill(''));
		expect(log.some(({ verdict }) => verdict === 'counts')).toBe(false);
		expect(world.fold().devices.has(plain.device.name)).toBe(true);
		expect([isIn(world, plain), world.fold().memberByAccount.has('x')]).toEqual([true, false]);
		expect([world.fold().name, founder.grant]).toEqual(['first', auth]);
	});
});

describe('a moderator', () => {
	it('cannot touch the second grant of an owner or of who has ever moderated', () => {
		const { world, founder, people, auth, add, promote, remove } = groupOf(2);
		const [mo, other] = people as [Person, Person];
		const role = promote(mo);
		promote(other);
		const twins = [founder, other].map(({ account }) => add(founder, auth, account));
		for (const twin of twins) expect(verdictOn(world, remove(mo, role, twin).id)).toBe('protected');
		const unknown: Person = { ...other, grant: 'unknown' };
		expect(verdictOn(world, remove(mo, role, unknown).id)).toBe('counts');
		expect(twins.every(({ grant }) => !world.fold().capsByGrant.has(grant))).toBe(true);
	});

	it('acts by their role in lanes of their own, as far as these count', () => {
		const { world, founder, people, say, promote, remove } = groupOf(3);
		const [mo, plain, last] = people as [Person, Person, Person];
		const role = promote(mo);
		const wrong = [
			world.newLane(world.newDevice(world.newAccount()), mo.grant),
			world.newLane(mo.device, plain.grant)
		];
		for (const lane of wrong)
			expect(verdictOn(world, remove({ ...mo, lane }, role, plain).id)).toBe('no-authority');
		const second = world.newLane(mo.device, mo.grant);
		expect(verdictOn(world, remove({ ...mo, lane: second }, role, plain).id)).toBe('counts');
		say(founder, { type: 'fork', segment: 0, lane: mo.lane.number, clock: mo.lane.ids.length });
		expect(verdictOn(world, remove(mo, role, last).id)).toBe('beyond-cap');
	});

	it('removes no more than the owner has already; what both say is narrowed, and stays the owner’s act', () => {
		const { world, founder, people, auth, say, promote, capsOf, remove } = groupOf(2);
		const [mo, plain] = people as [Person, Person];
		const role = promote(mo);
		const early = capsOf(plain);
		say(plain, { type: 'other' });
		const act = remove(founder, auth, plain);
		say(mo, { type: 'remove', auth: role, grants: [plain.grant], caps: early });
		expect(verdictOn(world, act.id)).toBe('counts');
		expect(world.fold().capsByGrant.get(plain.grant)?.limitOf(plain.lane.number)).toBe(1);
	});
});
