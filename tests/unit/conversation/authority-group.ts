/** A group for tests of the fold: a founder, people whom they have added, and what these say of each other. */
import type { Statement, Verdict } from '../../../src/lib/conversation/authority';
import { giveAway } from '../../simulation/authority/steps';
import { World, type ModelDevice, type ModelLane } from '../../simulation/authority/world';

export interface Person {
	readonly account: string;
	readonly grant: string;
	readonly device: ModelDevice;
	readonly lane: ModelLane;
}

/** A founder, and people whom the founder has added. */
export function groupOf(count: number) {
	const world = new World(1);
	const [lane, device] = [world.lanes[0] as ModelLane, world.devices[0] as ModelDevice];
	const founder: Person = { account: lane.account, grant: world.founderGrant, device, lane };
	const auth = world.founderGrant;
	const add = (by: Person = founder, cited = auth, account = world.newAccount()): Person => {
		const { id } = world.say(by.lane, {
			type: 'add',
			auth: cited,
			account,
			way: 'direct',
			subject: '',
			grant: ''
		});
		const newDevice = world.newDevice(account);
		return { account, grant: id, device: newDevice, lane: world.newLane(newDevice, id) };
	};
	const people = Array.from({ length: count }, () => add());
	const say = (by: Person, statement: Statement) => world.say(by.lane, statement);
	const promote = (whom: Person): string =>
		say(founder, { type: 'role', auth, grant: whom.grant, role: 'moderator', caps: [] }).id;
	const capsOf = (...whom: readonly Person[]) =>
		world.caps((each) => whom.some(({ grant }) => grant === each.grant), 'careful');
	const remove = (by: Person, cited: string, ...whom: readonly Person[]) =>
		say(by, { type: 'remove', auth: cited, grants: whom.map(({ grant }) => grant), caps: capsOf(...whom) });
	const transfer = (from: Person, seat: string, to: Person): string => {
		const { id } = say(to, { type: 'consent', seat });
		giveAway(world, from.lane, seat, to.lane, id);
		return world.fold().seat?.id ?? '';
	};
	return { world, founder, people, auth, add, say, promote, remove, transfer, capsOf };
}

export type Handover = Extract<Statement, { type: 'handover' }>;
export type Transfer = Extract<Statement, { type: 'owner' }>;

/** A group whose founder has a second lane, and people with whom it may go on. */
export function owned(count: number) {
	const group = groupOf(count);
	const { world, founder, auth } = group;
	const second = world.newLane(world.newDevice(founder.account), founder.grant);
	const all = (lane: ModelLane) => lane.account === founder.account;
	const handover = (says: Partial<Handover> = {}, lane = second): string =>
		world.say(lane, {
			type: 'handover',
			tenure: auth,
			account: founder.account,
			counter: 1,
			lane: second.number,
			caps: world.caps(all, 'careful'),
			newSeat: 's-1',
			...says
		}).id;
	const consentOf = (to: Person, seat = auth): string => world.say(to.lane, { type: 'consent', seat }).id;
	/** From the founder, with the other's consent, if nothing else is said. */
	const transfer = (to: Person, says: Partial<Transfer> = {}, lane = founder.lane): string =>
		world.say(lane, {
			type: 'owner',
			seat: auth,
			account: founder.account,
			grant: to.grant,
			lane: to.lane.number,
			consent: says.consent ?? consentOf(to, says.seat),
			caps: world.caps(all, 'careful'),
			newSeat: `s-${to.account}`,
			...says
		}).id;
	const promoteIn = (lane: ModelLane, seat: string, whom: Person): string =>
		world.say(lane, { type: 'role', auth: seat, grant: whom.grant, role: 'moderator', caps: [] }).id;
	const seat = () => world.fold().seat;
	return { ...group, second, handover, consentOf, transfer, promoteIn, seat };
}

/** Two people, one of whom has a lane. It is a direct conversation once `direct` is said. */
export function ofTwo() {
	const world = new World(1);
	world.control.length = 0;
	const [one, other] = [world.newAccount(), world.newAccount()];
	const lane = world.newLane(world.newDevice(one), 'grant of one');
	const accountByGrant = new Map([
		['grant of one', one],
		['grant of other', other]
	]);
	const direct = { type: 'direct', founds: true, accountByGrant } as const;
	return { world, one, other, lane, direct };
}

export const isIn = (world: World, { account }: Person): boolean =>
	world.fold().memberByAccount.get(account)?.removed === false;
export const verdictOn = (world: World, id: string): Verdict | undefined =>
	world
		.fold()
		.moderationLog()
		.find((event) => event.id === id)?.verdict;

/** Says when something is said: the model's own times are random. @returns the entry's id */
export function sayAt(world: World, hlc: number, lane: ModelLane, statement: Statement): string {
	const entry = world.say(lane, statement);
	world.control[world.control.indexOf(entry)] = { ...entry, hlc };
	return entry.id;
}
