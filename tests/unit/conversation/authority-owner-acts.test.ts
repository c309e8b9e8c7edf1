/** What counts of what an owner says (protocol 4, stratum 0), rule by rule. */
import { describe, expect, it } from 'vitest';
import type { Statement } from '../../../src/lib/conversation/authority';
import { settings } from '../../simulation/authority/world';
import { owned, verdictOn, type Person } from './authority-group';

describe('a seat', () => {
	it('is frozen by a fork of its lane, and by the removal of its device', () => {
		const { world, founder, people, second, seat } = owned(1);
		expect(seat()?.isFrozen).toBe(false);
		const removal: Statement = {
			type: 'device-remove',
			account: founder.account,
			device: founder.device.name,
			caps: world.caps((lane) => lane === founder.lane, 'careful'),
			byAccountKey: true
		};
		world.say(second, { ...removal, device: second.device });
		expect(seat()?.isFrozen).toBe(false);
		world.say(founder.lane, removal);
		expect(seat()?.isFrozen).toBe(true);
		const { world: another, founder: whose } = owned(0);
		another.say(whose.lane, { type: 'fork', segment: 0, lane: people.length, clock: 0 });
		expect(another.fold().seat?.isFrozen).toBe(false);
		another.say(whose.lane, { type: 'fork', segment: 0, lane: whose.lane.number, clock: 99 });
		expect(another.fold().seat?.isFrozen).toBe(true);
	});

	it('lends its power to nothing in other lanes, and to nothing that does not cite it', () => {
		const { world, founder, people, auth, second, promoteIn } = owned(2);
		promoteIn(second, auth, people[0]!);
		promoteIn(founder.lane, 's', people[1]!);
		world.say(second, { type: 'settings', auth, accepted: [], record: settings('Mine') });
		expect([world.fold().roleById.size, world.fold().name]).toEqual([0, 'first']);
	});
});

describe('what an owner does', () => {
	it('cannot touch themselves, but those who are named beside them', () => {
		const { world, founder, people, auth, remove, promoteIn } = owned(1);
		const [one] = people as [Person];
		expect(verdictOn(world, promoteIn(founder.lane, auth, founder))).toBe('protected');
		expect(verdictOn(world, remove(founder, auth, founder).id)).toBe('protected');
		expect(verdictOn(world, remove(founder, auth, founder, one).id)).toBe('counts');
		expect([...world.fold().capsByGrant.keys()]).toEqual([one.grant]);
		expect(verdictOn(world, promoteIn(founder.lane, auth, one))).toBe('removed-before');
		expect(world.fold().roleById.size).toBe(0);
	});

	it('takes power from whom it names alone, as far as all that took it accept', () => {
		const { world, founder, people, auth, say, promote, remove, capsOf } = owned(2);
		const [one, other] = people as [Person, Person];
		const [first, kept] = [promote(one), promote(other)];
		const allows = (role: string, clock: number) =>
			world.fold().roleById.get(role)?.powerCaps?.allows(one.lane.number, clock);
		expect(world.fold().roleById.get(first)).toEqual({ grant: one.grant, powerCaps: null });
		const early = capsOf(one);
		for (let i = 0; i < 2; i++) say(one, { type: 'other' });
		say(founder, { type: 'role', auth, grant: one.grant, role: 'member', caps: capsOf(one) });
		expect([0, 1, 2, 3].map((clock) => allows(first, clock))).toEqual([true, true, true, false]);
		say(founder, { type: 'role', auth, grant: one.grant, role: 'member', caps: early });
		expect([0, 1, 2, 3].map((clock) => allows(first, clock))).toEqual([true, false, false, false]);
		remove(founder, auth, one);
		expect([0, 1, 2].map((clock) => allows(first, clock))).toEqual([true, false, false]);
		expect([...world.fold().roleIdByGrant]).toEqual([[other.grant, kept]]);
		expect(world.fold().roleById.get(kept)?.powerCaps).toBe(null);
	});

	it('lets in for good whom they rely on, whoever added them, and moderators touch them no more', () => {
		const { world, founder, people, auth, say, add, promote, transfer, remove } = owned(3);
		const [one, moderator, heir] = people as [Person, Person, Person];
		const added = add(one, 'nothing that empowers');
		expect(world.fold().memberByAccount.has(added.account)).toBe(false);
		promote(added);
		const role = promote(moderator);
		say(founder, { type: 'role', auth, grant: added.grant, role: 'member', caps: [] });
		transfer(heir);
		const { memberByAccount, trustedGrants } = world.fold();
		expect(memberByAccount.get(added.account)).toMatchObject({ removed: false, role: 'member' });
		const trusted = [added, moderator, founder, heir].map(({ grant }) => grant);
		expect([...trustedGrants].sort()).toEqual(trusted.sort());
		for (const whom of [added, founder, heir])
			expect(verdictOn(world, remove(moderator, role, whom).id)).toBe('protected');
		expect(verdictOn(world, remove(moderator, role, one).id)).toBe('counts');
	});
});
