/** What people do in the model, rightly or wrongly: one random step at a time. */
import {
	membershipAuth,
	settings,
	inviteExpiresAtMs,
	statementOf,
	type Menu,
	type ModelLane,
	type World
} from './world';

type Step = (world: World) => void;

/** A lane of the owner's seat, with what empowers it. */
function ownerSeat(world: World): { readonly lane: ModelLane; readonly auth: string } {
	const { seat } = world.expected;
	const lane = world.lanes.find(({ number }) => number === seat?.lane);
	if (seat === null || lane === undefined) throw new Error('the model lost its owner');
	return { lane, auth: seat.id };
}

/** Some control lane, with the best that its grant could cite, and sometimes with what it could not. */
export function somebody(world: World): { readonly lane: ModelLane; readonly auth: string } {
	const { random, expected } = world;
	if (random.chance(0.25)) return ownerSeat(world);
	const lane = random.pick(world.lanes.filter(({ segment }) => segment === 0));
	const role =
		expected.roleIdByGrant.get(lane.grant) ??
		[...expected.roleById].find(([, { grant }]) => grant === lane.grant)?.[0];
	const auth = role !== undefined && random.chance(0.8) ? role : membershipAuth;
	return { lane, auth: random.chance(0.05) ? (expected.seat?.id ?? '') : auth };
}

function begin(world: World, account: string, grant: string): void {
	const devices = world.devicesOf(account);
	const device = devices.length > 0 ? world.random.pick(devices) : world.newDevice(account);
	world.newLane(device, grant);
	if (world.random.chance(0.6)) world.newLane(device, grant, 1);
}

const add: Step = (world) => {
	if (world.grants.length > 9) return;
	const { lane, auth } = somebody(world);
	const comesBack = world.random.chance(0.2);
	const account = comesBack ? world.random.pick(world.grants).account : world.newAccount();
	const { id } = world.say(lane, { type: 'add', auth, account, way: 'direct', subject: '', grant: '' });
	world.grants.push({ id, account });
	begin(world, account, id);
};

const personal: Step = (world) => {
	if (world.grants.length > 9) return;
	const { random } = world;
	const { lane, auth } = somebody(world);
	const key = world.name('i');
	world.say(lane, invite(auth, key, 'personal', false));
	for (let uses = random.below(3); uses > 0; uses--) {
		// Somebody else's device, now and then: it has seen the invitation, and may not use it.
		const by = random.chance(0.2) ? somebody(world) : { lane, auth };
		const account = world.newAccount();
		const id = joinGrant(key, account);
		world.say(by.lane, {
			type: 'add',
			auth: by.auth,
			account,
			way: 'personal',
			subject: key,
			grant: id
		});
		world.grants.push({ id, account });
		begin(world, account, id);
	}
};

/** The grant of a join by an invitation, whoever lets it in. */
export const joinGrant = (key: string, account: string): string => `j/${key}/${account}`;

/** A device sees a join by a personal invitation that stands in its lane, or thinks so. */
const admitPersonal: Step = (world) => {
	const { random } = world;
	const asked = world.control.flatMap((entry) => {
		const says = statementOf(entry);
		return says.type === 'join' ? [says] : [];
	});
	if (asked.length === 0) return;
	const { key, account, grant } = random.pick(asked);
	const invitation = world.control.find((entry) => {
		const says = statementOf(entry);
		return says.type === 'invite' && says.key === key;
	});
	const own = world.lanes.find(({ number }) => number === invitation?.lane);
	const cited = invitation === undefined ? undefined : statementOf(invitation);
	if (own === undefined || cited?.type !== 'invite') return;
	const by = random.chance(0.85) ? { lane: own, auth: cited.auth } : somebody(world);
	world.say(by.lane, { type: 'add', auth: by.auth, account, way: 'personal', subject: key, grant });
};

export const invite = (
	auth: string,
	key: string,
	kind: 'open' | 'personal',
	approval: boolean,
	expiresAtMs = inviteExpiresAtMs
) =>
	({
		type: 'invite',
		auth,
		key,
		record: {
			type: 'invite',
			auth: new Uint8Array(0),
			invitePublicKey: new Uint8Array(0),
			agreement: new Uint8Array(0),
			kind,
			expiresAtMs,
			approval
		}
	}) as const;

const openLink: Step = (world) => {
	const { lane, auth } = somebody(world);
	const { random } = world;
	world.say(
		lane,
		invite(auth, world.name('i'), 'open', random.chance(0.3), random.chance(0.8) ? inviteExpiresAtMs : 400)
	);
};

/** Keys of all invitations, of those that count and of those that do not. */
function inviteKeys(world: World): readonly string[] {
	return world.control.flatMap((entry) => {
		const says = statementOf(entry);
		return says.type === 'invite' ? [says.key] : [];
	});
}

const join: Step = (world) => {
	const keys = inviteKeys(world);
	if (keys.length === 0 || world.grants.length > 12) return;
	const { random } = world;
	const key = random.pick(keys);
	const account = random.chance(0.8) ? world.newAccount() : random.pick(world.grants).account;
	const grant = joinGrant(key, account);
	world.grants.push({ id: grant, account });
	begin(world, account, grant);
	const lane = world.lanes.findLast((each) => each.segment === 0 && each.grant === grant) as ModelLane;
	world.say(lane, { type: 'join', key, account, grant });
};

const approve: Step = (world) => {
	const joins = world.grants.filter(({ id }) => id.startsWith('j'));
	if (joins.length === 0) return;
	const { id, account } = world.random.pick(joins);
	const { lane, auth } = somebody(world);
	world.say(lane, { type: 'add', auth, account, way: 'approval', subject: id, grant: id });
};

const closeLink: Step = (world) => {
	const keys = inviteKeys(world);
	if (keys.length === 0) return;
	const { lane, auth } = somebody(world);
	const key = world.random.pick(keys);
	const joins = new Set(world.grants.map(({ id }) => id).filter(() => world.random.chance(0.7)));
	world.say(lane, { type: 'invite-close', auth, key, joins });
};

const role: Step = (world) => {
	const { random } = world;
	const { lane, auth } = random.chance(0.85) ? ownerSeat(world) : somebody(world);
	const { id } = random.pick(world.grants);
	const to = random.chance(0.7) ? 'moderator' : 'member';
	const caps = world.caps(({ grant }) => grant === id);
	world.say(lane, { type: 'role', auth, grant: id, role: to, caps });
};

const remove: Step = (world) => {
	const { lane, auth } = somebody(world);
	const { account } = world.random.pick(world.grants);
	const grants = world.grants.filter((grant) => grant.account === account).map(({ id }) => id);
	const some = world.random.chance(0.8) ? grants : grants.slice(0, 1);
	world.say(lane, {
		type: 'remove',
		auth,
		grants: some,
		caps: world.caps(({ grant }) => some.includes(grant))
	});
};

const consent: Step = (world) => {
	const lane = world.random.pick(world.lanes.filter(({ segment }) => segment === 0));
	world.say(lane, { type: 'consent', seat: world.expected.seat?.id ?? '' });
};

const transfer: Step = (world) => {
	world.catchUp();
	const { lane, auth } = ownerSeat(world);
	const consents = world.control.filter((entry) => statementOf(entry).type === 'consent');
	const consenting = world.random.chance(0.5)
		? world.lanes.filter((each) => each.segment === 0 && each.account !== lane.account)
		: [];
	const cited =
		consenting.length > 0
			? world.say(world.random.pick(consenting), { type: 'consent', seat: auth })
			: consents.at(-1);
	if (cited === undefined) return;
	const to = world.lanes.find(({ number }) => number === cited.lane) as ModelLane;
	giveAway(world, lane, auth, to, cited.id);
};

/** @param lane in which the transfer is said */
export function giveAway(world: World, lane: ModelLane, seat: string, to: ModelLane, cited: string): void {
	world.say(lane, {
		type: 'owner',
		seat,
		account: lane.account,
		grant: to.grant,
		lane: to.number,
		consent: cited,
		caps: world.caps((each) => each.account === lane.account, 'careful'),
		newSeat: world.name('s')
	});
}

/** The owner loses a device and goes on with another. */
const handover: Step = (world) => {
	world.catchUp();
	const { seat } = world.expected;
	const { lane } = ownerSeat(world);
	if (seat === null) return;
	const old = world.devices.find(({ name }) => name === lane.device);
	const caps = world.caps(({ device }) => device === lane.device, 'careful');
	const next = world.newLane(world.newDevice(lane.account), lane.grant);
	world.say(next, {
		type: 'handover',
		tenure: seat.tenure,
		account: lane.account,
		counter: seat.counter + 1,
		lane: next.number,
		caps: world.caps(
			(each) => each.segment === 0 && each.account === lane.account && each !== next,
			'careful'
		),
		newSeat: world.name('s')
	});
	if (old !== undefined)
		world.say(next, {
			type: 'device-remove',
			account: lane.account,
			device: old.name,
			caps,
			byAccountKey: true
		});
};

const linkDevice: Step = (world) => {
	const { id, account } = world.random.pick(world.grants);
	if (world.devicesOf(account).length > 2) return;
	const device = world.newDevice(account);
	world.newLane(device, id);
	if (world.random.chance(0.5)) world.newLane(device, id, 1);
};

const loseDevice: Step = (world) => {
	const lane = world.random.pick(world.lanes.filter(({ segment }) => segment === 0));
	const device = world.random.pick(world.devicesOf(lane.account));
	// The owner's control lane goes by a handover.
	if (device.name === ownerSeat(world).lane.device) return;
	const caps = world.caps((each) => each.device === device.name);
	const byAccountKey = world.random.chance(0.5);
	world.say(lane, { type: 'device-remove', account: lane.account, device: device.name, caps, byAccountKey });
};

const moreLanes: Step = (world) => {
	const { id, account } = world.random.pick(world.grants);
	const devices = world.devicesOf(account);
	if (devices.length > 0) world.newLane(world.random.pick(devices), id, world.random.below(2));
};

/** A copied profile: what a lane said from some clock on, it said twice. */
const fork: Step = (world) => {
	const { random } = world;
	const lane = random.pick(world.lanes);
	if (lane.number === ownerSeat(world).lane.number && random.chance(0.9)) return;
	const by = random.pick(world.lanes.filter(({ segment }) => segment === 0));
	const clock = 1 + random.below(lane.ids.length + 1);
	world.say(by, { type: 'fork', segment: lane.segment, lane: lane.number, clock });
};

const leave: Step = (world) => {
	world.say(world.random.pick(world.lanes.filter(({ segment }) => segment === 0)), { type: 'leave' });
};

const profile: Step = (world) => {
	const { lane } = somebody(world);
	world.say(lane, { type: 'profile', name: world.name('p') });
};

const rules: Step = (world) => {
	const { random } = world;
	const { lane, auth } = somebody(world);
	const record = settings(world.name('n'), {
		whoMayInvite: random.chance(0.6) ? 'members' : 'moderators',
		approval: random.chance(0.2)
	});
	const accepted = random.chance(0.8) ? [...world.expected.accountByGrant.keys()] : [];
	world.say(lane, { type: 'settings', auth, accepted, record });
};

const message: Step = (world) => {
	const lanes = world.lanes.filter(({ segment }) => segment === 1);
	if (lanes.length > 0) world.write(world.random.pick(lanes), 'message', '', membershipAuth);
};

const change: Step = (world) => {
	const { random } = world;
	const lanes = world.lanes.filter(({ segment }) => segment === 1);
	if (lanes.length === 0 || world.messages.length === 0) return;
	const lane = random.pick(lanes);
	const { expected } = world;
	const auth =
		lane.grant === expected.seat?.grant
			? expected.seat.id
			: (expected.roleIdByGrant.get(lane.grant) ?? membershipAuth);
	world.write(lane, random.chance(0.5) ? 'edit' : 'delete', random.pick(world.messages).id, auth);
};

const steps: readonly (readonly [Step, number])[] = [
	[add, 10],
	[personal, 5],
	[openLink, 6],
	[join, 8],
	[approve, 4],
	[closeLink, 4],
	[role, 7],
	[remove, 10],
	[consent, 2],
	[transfer, 3],
	[handover, 3],
	[linkDevice, 4],
	[loseDevice, 4],
	[moreLanes, 4],
	[fork, 4],
	[leave, 2],
	[profile, 2],
	[rules, 4],
	[message, 14],
	[change, 8]
];
const stepsByMenu: Record<Menu, typeof steps> = { first: steps, whole: [...steps, [admitPersonal, 4]] };
const totalOf = (menu: Menu): number => stepsByMenu[menu].reduce((sum, [, weight]) => sum + weight, 0);
const totalByMenu: Record<Menu, number> = { first: totalOf('first'), whole: totalOf('whole') };

export function randomStep(world: World): void {
	if (world.random.chance(0.3)) world.catchUp();
	let at = world.random.below(totalByMenu[world.menu]);
	for (const [step, weight] of stepsByMenu[world.menu]) {
		if (at < weight) return step(world);
		at -= weight;
	}
}
