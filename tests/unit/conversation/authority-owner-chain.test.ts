/** Who owns a group: tenures, seats and transfers (protocol 4, stratum 0), rule by rule. */
import { describe, expect, it } from 'vitest';
import { World, type ModelLane } from '../../simulation/authority/world';
import { owned, verdictOn, type Handover, type Person, type Transfer } from './authority-group';

describe('a handover', () => {
	it('needs a genesis: before there is one, nobody owns anything', () => {
		const now = new World(1).fold([]);
		expect([now.founded, now.seat, now.tenures]).toEqual([false, null, []]);
	});

	it.each<[string, (group: ReturnType<typeof owned>) => Partial<Handover>]>([
		['to a lane that nobody has', () => ({ lane: 9_999 })],
		[
			'to a lane of somebody else by the owner’s grant',
			({ world, people, founder }) => ({ lane: world.newLane(people[0]!.device, founder.grant).number })
		],
		[
			'to a lane of the owner by another grant',
			({ world, people, founder }) => ({ lane: world.newLane(founder.device, people[0]!.grant).number })
		],
		['with the counter of the genesis', () => ({ counter: 0 })]
	])('%s is none', (_, says) => {
		const group = owned(1);
		const id = group.handover(says(group));
		expect(verdictOn(group.world, id)).toBe('no-such-lane');
		expect(group.seat()?.id).toBe(group.auth);
	});

	it('by the key of another account changes nothing', () => {
		const { world, people, handover, auth, seat } = owned(1);
		const id = handover({ account: people[0]!.account }, people[0]!.lane);
		expect([seat()?.id, verdictOn(world, id)]).toEqual([auth, 'no-authority']);
	});

	it('that is said again, in whatever lane, makes one seat', () => {
		const { world, founder, second, handover, auth } = owned(0);
		for (const lane of [second, founder.lane]) expect(verdictOn(world, handover({}, lane))).toBe('counts');
		expect(world.fold().tenures).toEqual([expect.objectContaining({ seats: ['s-1', auth], until: null })]);
	});

	it.each([
		[['s-1', 's-2'], [1, 2], 's-2'],
		[['s-2', 's-1'], [1, 1], 's-1'],
		[['s-1', 's-2'], [1, 1], 's-1']
	])('of %j with the counters %j: %s is the seat', (names, counters, newest) => {
		const { world, founder, second, people, handover, promoteIn, seat } = owned(2);
		const third = world.newLane(world.newDevice(founder.account), founder.grant);
		const laneOf: Record<string, ModelLane> = {};
		[second, third].forEach((lane, i) => {
			laneOf[names[i]!] = lane;
			handover({ newSeat: names[i]!, counter: counters[i]!, lane: lane.number }, lane);
		});
		expect(seat()).toMatchObject({ id: newest, lane: laneOf[newest]!.number });
		const other = names.find((name) => name !== newest) as string;
		promoteIn(laneOf[other]!, other, people[0]!);
		promoteIn(laneOf[newest]!, newest, people[1]!);
		expect([...world.fold().roleIdByGrant.keys()]).toEqual([people[1]!.grant]);
	});

	it('accepts nothing of another with its counter, also where it names what that has said', () => {
		const { world, founder, people, handover, promoteIn, seat } = owned(1);
		const third = world.newLane(world.newDevice(founder.account), founder.grant);
		handover({ newSeat: 's-2', lane: third.number }, third);
		promoteIn(third, 's-2', people[0]!);
		handover();
		expect(seat()?.id).toBe('s-1');
		expect(world.fold().roleById.size).toBe(0);
	});

	it('keeps of earlier seats what it names, and no more', () => {
		const { world, founder, people, auth, handover, promoteIn } = owned(3);
		const roles = people.map((whom) => promoteIn(founder.lane, auth, whom));
		const [, id] = roles;
		const clock = founder.lane.ids.indexOf(id!);
		handover({ caps: [{ segment: 0, lane: founder.lane.number, clock, idPrefix: id! }] });
		expect(roles.map((role) => verdictOn(world, role))).toEqual(['counts', 'counts', 'no-authority']);
		handover({ caps: [], newSeat: 's-2', counter: 2 });
		expect(world.fold().roleById.size).toBe(0);
	});

	it('is of one tenure: when the group comes back to who gave it away, old seats do not', () => {
		const { world, founder, people, handover, consentOf, transfer, seat } = owned(1);
		const [one] = people as [Person];
		handover();
		transfer(one, { seat: 's-1' });
		expect(seat()?.grant).toBe(one.grant);
		const back = { account: one.account, seat: `s-${one.account}`, newSeat: 's-back' };
		transfer(founder, { ...back, consent: consentOf(founder, back.seat) }, one.lane);
		expect(seat()).toMatchObject({ id: 's-back', tenure: 's-back', counter: 0, lane: founder.lane.number });
		expect(world.fold().tenures.map(({ grant }) => grant)).toEqual([founder.grant, one.grant, founder.grant]);
	});
});

describe('a transfer', () => {
	it.each<[string, string, (group: ReturnType<typeof owned>, to: Person) => Partial<Transfer>]>([
		['to the owner', 'no-such-grant', ({ founder }) => ({ grant: founder.grant })],
		[
			'to a grant that nobody has claimed',
			'no-such-grant',
			({ world, ...group }, to) => {
				const lane = world.newLane(to.device, 'nobody’s');
				const consent = group.consentOf({ ...to, lane });
				return { grant: 'nobody’s', lane: lane.number, consent };
			}
		],
		['to a lane that nobody has', 'no-such-lane', () => ({ lane: 9_999 })],
		[
			'to a lane of another’s grant',
			'no-such-lane',
			({ world, founder, ...group }, to) => {
				const lane = world.newLane(to.device, founder.grant);
				return { lane: lane.number, consent: group.consentOf({ ...to, lane }) };
			}
		],
		[
			'to a lane of somebody else by the grant',
			'no-such-lane',
			({ world, ...group }, to) => {
				const lane = world.newLane(world.newDevice(world.newAccount()), to.grant);
				return { lane: lane.number, consent: group.consentOf({ ...to, lane }) };
			}
		],
		['with a consent that is not here', 'no-consent', () => ({ consent: 'e-none' })],
		['with something else for a consent', 'no-consent', (_, to) => ({ consent: to.lane.ids[0]! })],
		[
			'with a consent to another seat',
			'no-consent',
			({ consentOf }, to) => ({ consent: consentOf(to, 's') })
		],
		[
			'with the consent of somebody else',
			'no-consent',
			({ consentOf, people }) => ({ consent: consentOf(people[1]!) })
		],
		['that cites no seat', 'no-authority', ({ consentOf }, to) => ({ consent: consentOf(to), seat: 's' })]
	])('%s is void: %s', (_, verdict, says) => {
		const group = owned(2);
		const to = group.people[0]!;
		const id = group.transfer(to, says(group, to));
		expect(verdictOn(group.world, id)).toBe(verdict);
		expect(group.seat()?.id).toBe(group.auth);
	});

	it('by the key of another account is void', () => {
		const { people, auth, transfer, seat } = owned(1);
		const [one] = people as [Person];
		transfer(one, { account: one.account }, one.lane);
		expect(seat()?.id).toBe(auth);
	});

	it('goes to nobody whom this owner or one before has removed', () => {
		const { world, founder, people, auth, remove, transfer, consentOf, seat } = owned(2);
		const [one, gone] = people as [Person, Person];
		remove(founder, auth, gone);
		expect(verdictOn(world, transfer(gone))).toBe('removed-before');
		transfer(one);
		const next = `s-${one.account}`;
		const says = { account: one.account, seat: next, consent: consentOf(gone, next) };
		expect(verdictOn(world, transfer(gone, says, one.lane))).toBe('removed-before');
		expect(seat()?.id).toBe(next);
	});

	it('may go to whom a removal touches that it leaves behind', () => {
		const { founder, people, auth, remove, transfer, seat } = owned(2);
		const [one, other] = people as [Person, Person];
		remove(founder, auth, other);
		transfer(one);
		remove(founder, auth, one);
		expect(seat()?.grant).toBe(one.grant);
	});

	it('that stands first in the lane of the seat comes before others, wherever they stand', () => {
		const { founder, people, second, handover, transfer, seat } = owned(3);
		const [late, first, elsewhere] = people as [Person, Person, Person];
		handover();
		transfer(elsewhere, { seat: 's-1', newSeat: 's-a' }, founder.lane);
		expect(seat()?.grant).toBe(elsewhere.grant);
		transfer(first, { seat: 's-1', newSeat: 's-c' }, second);
		transfer(late, { seat: 's-1', newSeat: 's-b' }, second);
		expect(seat()).toMatchObject({ id: 's-c', grant: first.grant, lane: first.lane.number });
	});

	it.each([
		['s-a', 's-b'],
		['s-b', 's-a']
	])('of those in other lanes that with the lowest name comes first: %s, %s', (...names) => {
		const { world, founder, people, transfer, seat } = owned(2);
		people.forEach((to, i) => {
			const lane = world.newLane(founder.device, founder.grant);
			transfer(to, { newSeat: names[i]! }, lane);
		});
		expect(seat()?.id).toBe('s-a');
	});

	it('from an earlier seat takes back what later seats have done, and one from a later seat comes before it', () => {
		const { world, founder, people, second, handover, transfer, promoteIn, auth, seat } = owned(3);
		const [one, other, plain] = people as [Person, Person, Person];
		handover();
		const role = promoteIn(second, 's-1', plain);
		expect(verdictOn(world, role)).toBe('counts');
		transfer(one);
		expect(verdictOn(world, role)).toBe('no-authority');
		expect(world.fold().tenures[0]?.seats).toEqual(['s-1', auth]);
		transfer(other, { seat: 's-1' }, second);
		expect([seat()?.grant, verdictOn(world, role)]).toEqual([other.grant, 'counts']);
		expect(world.fold().tenures[0]).toMatchObject({ grant: founder.grant });
	});

	it('pins what the owner has said: neither a fork nor more of it counts afterwards', () => {
		const { world, founder, people, auth, transfer, promoteIn } = owned(3);
		const [one, before, after] = people as [Person, Person, Person];
		promoteIn(founder.lane, auth, before);
		transfer(one);
		promoteIn(founder.lane, auth, after);
		world.say(one.lane, { type: 'fork', segment: 0, lane: founder.lane.number, clock: 1 });
		expect([...world.fold().roleIdByGrant.keys()]).toEqual([before.grant]);
	});
});
