/**
 * Whatever somebody can append who holds some devices: in lanes of their own, beyond what these have said, and in new
 * ones. All of it is signed as it has to be; whether it counts is the question.
 */
import type { Statement } from '../../../src/lib/conversation/authority';
import { invite, joinGrant } from './steps';
import {
	membershipAuth,
	settings,
	statementOf,
	type ModelDevice,
	type ModelLane,
	type Said,
	type World
} from './world';

export interface Attacker {
	readonly account: string;
	readonly devices: readonly ModelDevice[];
	/** Grants that their new lanes may name. */
	readonly grants: readonly string[];
	/** Whether they can sign with the account key. */
	readonly hasAccountKey: boolean;
	/** Whether they may let people in by what they are, so that doing so is no mischief. */
	readonly mayInvite: boolean;
}

export function mischief(world: World, attacker: Attacker, acts = 12): Said {
	const { random } = world;
	return world.attempt(() => {
		const held = new Set(attacker.devices.map(({ name }) => name));
		const lanes = (segment: number): ModelLane[] =>
			world.lanes.filter((lane) => lane.segment === segment && held.has(lane.device));
		if (attacker.hasAccountKey && random.chance(0.3)) held.add(world.newDevice(attacker.account).name);
		for (let i = 0; i < acts; i++) {
			const devices = world.devices.filter(({ name }) => held.has(name));
			const device = random.pick(devices);
			const segment = random.chance(0.25) ? 1 : 0;
			const own = lanes(segment);
			const isNew = own.length === 0 || random.chance(0.4);
			const lane = isNew ? world.newLane(device, random.pick(attacker.grants), segment) : random.pick(own);
			if (segment === 1) {
				const target = world.messages.length > 0 ? random.pick(world.messages).id : '';
				world.write(lane, random.pick(['message', 'edit', 'delete']), target, someAuth(world));
			} else world.say(lane, someStatement(world, attacker, lane, lanes(0)));
		}
	});
}

/** Of acts that empowered somebody, right ones and others. */
function someAuth(world: World): string {
	const { expected, random } = world;
	return random.pick([
		membershipAuth,
		...expected.roleById.keys(),
		...expected.tenures.flatMap(({ seats }) => seats),
		expected.seat?.id ?? ''
	]);
}

type Caps = Extract<Statement, { type: 'remove' }>['caps'];

interface Situation {
	readonly world: World;
	readonly attacker: Attacker;
	readonly lane: ModelLane;
	readonly own: readonly ModelLane[];
	readonly auth: string;
	/** What empowers letting somebody in, wrongly. */
	readonly lettingIn: string;
	readonly victim: string;
	readonly key: string;
}

function someStatement(
	world: World,
	attacker: Attacker,
	lane: ModelLane,
	own: readonly ModelLane[]
): Statement {
	const { random, expected } = world;
	const keys = ['none'];
	for (const entry of world.control) {
		const says = statementOf(entry);
		if (says.type === 'invite') keys.push(says.key);
	}
	const auth = someAuth(world);
	const situation = {
		world,
		attacker,
		lane,
		own,
		auth,
		lettingIn: attacker.mayInvite ? random.pick([...expected.roleById.keys(), 'none']) : auth,
		victim: random.pick(world.grants).id,
		key: random.pick(keys)
	};
	const menu = [
		...withoutAccountKey,
		...(attacker.hasAccountKey ? withAccountKey : []),
		...(world.menu === 'first' ? [] : byPersonalInvitation)
	];
	return random.pick(menu)(situation);
}

const someCaps = (world: World): Caps => (world.random.chance(0.5) ? [] : world.caps(() => true));
const ownCaps = ({ world, attacker }: Situation): Caps =>
	world.caps(({ account }) => account === attacker.account && world.random.chance(0.5));
const someTenure = ({ expected, random }: World) => random.pick(expected.tenures);

const withoutAccountKey: readonly ((situation: Situation) => Statement)[] = [
	() => ({ type: 'profile', name: 'EVIL' }),
	() => ({ type: 'leave' }),
	({ world }) => ({ type: 'consent', seat: world.expected.seat?.id ?? '' }),
	({ world }) => ({ type: 'consent', seat: world.random.pick(someTenure(world).seats) }),
	({ attacker: { account }, lane, world }) => ({
		type: 'genesis',
		account,
		lane: lane.number,
		founds: world.random.chance(0.5)
	}),
	({ auth, victim }) => ({
		type: 'settings',
		auth,
		accepted: [victim],
		record: settings('EVIL', { approval: true })
	}),
	({ lettingIn, world }) => ({
		type: 'add',
		auth: lettingIn,
		account: world.name('EVE'),
		way: 'direct',
		subject: '',
		grant: ''
	}),
	({ lettingIn, key, world }) => {
		const account = world.name('EVE');
		return {
			type: 'add',
			auth: lettingIn,
			account,
			way: 'personal',
			subject: key,
			grant: joinGrant(key, account)
		};
	},
	({ auth, victim, world }) => ({
		type: 'add',
		auth: auth === membershipAuth ? 'none' : auth,
		account: world.name('EVE'),
		way: 'approval',
		subject: victim,
		grant: victim
	}),
	({ lettingIn, world }) => invite(lettingIn, world.name('i'), 'open', false),
	({ auth, victim, world }) => ({
		type: 'role',
		auth,
		grant: victim,
		role: world.random.pick(['moderator', 'member']),
		caps: someCaps(world)
	}),
	({ auth, lane: { grant } }) => ({ type: 'role', auth, grant, role: 'moderator', caps: [] }),
	({ auth, victim, world }) => ({ type: 'remove', auth, grants: [victim], caps: someCaps(world) }),
	({ world, own, lane }) => ({
		type: 'fork',
		segment: 0,
		lane: (own.length > 0 ? world.random.pick(own) : lane).number,
		clock: world.random.below(4)
	}),
	({ world, attacker: { account } }) => ({
		type: 'device-remove',
		account,
		device: world.random.pick(world.devices).name,
		caps: someCaps(world),
		byAccountKey: false
	}),
	({ lettingIn, key, victim, world }) => ({
		type: 'invite-close',
		auth: lettingIn,
		key,
		joins: new Set(world.random.chance(0.5) ? [] : [victim])
	})
];

const withAccountKey: readonly ((situation: Situation) => Statement)[] = [
	(situation) => {
		const { world, lane, attacker } = situation;
		const consents = world.control.filter((entry) => statementOf(entry).type === 'consent');
		const cited = consents.length > 0 ? world.random.pick(consents) : undefined;
		const to = world.lanes.find(({ number }) => number === cited?.lane) ?? lane;
		return {
			type: 'owner',
			seat: world.random.pick(someTenure(world).seats),
			account: attacker.account,
			grant: to.grant,
			lane: to.number,
			consent: cited?.id ?? '',
			caps: ownCaps(situation),
			newSeat: world.name('s')
		};
	},
	(situation) => {
		const { world, lane, attacker } = situation;
		return {
			type: 'handover',
			tenure: someTenure(world).id,
			account: attacker.account,
			counter: 1 + world.random.below(5),
			lane: lane.number,
			caps: ownCaps(situation),
			newSeat: world.name('s')
		};
	},
	(situation) => {
		const { world, attacker } = situation;
		return {
			type: 'device-remove',
			account: attacker.account,
			device: world.random.pick(world.devicesOf(attacker.account)).name,
			caps: ownCaps(situation),
			byAccountKey: true
		};
	}
];

const byPersonalInvitation: readonly ((situation: Situation) => Statement)[] = [
	// Whoever asked to come in by some link, let in as if it were a personal one.
	({ lettingIn, key, victim, world }) => {
		const asked = world.grants.find(({ id }) => id === victim && id.startsWith('j/'));
		const [, by = key] = asked?.id.split('/') ?? [];
		const account = asked?.account ?? world.name('EVE');
		return {
			type: 'add',
			auth: lettingIn,
			account,
			way: 'personal',
			subject: by,
			grant: joinGrant(by, account)
		};
	},
	({ lettingIn, key }) => invite(lettingIn, key, 'personal', false)
];
