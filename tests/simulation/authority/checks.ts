/** The rules that the fold of authority has to keep, whatever anybody appends. */
import type { Authority, ReadsStatements } from '../../../src/lib/conversation/authority';
import { mischief, type Attacker } from './mischief';
import { randomStep } from './steps';
import { describeView } from './view';
import { membershipAuth, statementOf, World, type Menu, type Said } from './world';

export type Violation =
	| 'order'
	| 'ownerLost'
	/** Somebody who was removed changed something. */
	| 'removed'
	/** A device that was removed changed something. */
	| 'lostDevice'
	/** A plain member changed what is not theirs. */
	| 'plain'
	/** The same by somebody who was an owner or a moderator once. */
	| 'former'
	/** A moderator changed what is the owner's, or somebody's whom moderators cannot touch. */
	| 'moderator'
	/** A personal invitation let in more than one. */
	| 'twice'
	/** A join that a closing left out counts. */
	| 'closed';

export interface Failure {
	readonly seed: number;
	readonly violation: Violation;
	/** Who appended what. */
	readonly attacker: Attacker | null;
	readonly said: Said | null;
	readonly focus: Focus;
}

export interface Checked {
	readonly entries: number;
	readonly members: number;
	readonly removed: number;
	readonly tenures: number;
	readonly attacks: number;
	readonly failures: readonly Failure[];
}

type Fold = (world: World, entries: World['control']) => Authority;
const asItIs: Fold = (world, entries) => world.fold(entries);

export function historyOf(seed: number, menu: Menu = 'whole'): World {
	const world = new World(seed, menu);
	for (let i = 25 + world.random.below(25); i > 0; i--) randomStep(world);
	world.catchUp();
	return world;
}

/** One random history, and what some of its people could append to it. @param fold that is under test */
export function checkSeed(seed: number, fold: Fold = asItIs, menu: Menu = 'whole'): Checked {
	const world = historyOf(seed, menu);
	const { random } = world;
	const authority = fold(world, world.control);
	const view = describeView(authority, world.messages);
	const failures: Failure[] = [];
	const fail = (violation: Violation, attack: Attack | null = null, said: Said | null = null): void =>
		void failures.push({
			seed,
			violation,
			attacker: attack?.attacker ?? null,
			focus: attack?.focus ?? everything,
			said
		});
	for (let i = 0; i < 2; i++) {
		if (describeView(fold(world, random.shuffled(world.control)), world.messages) !== view) fail('order');
	}
	const owners = [...authority.memberByAccount.values()].filter(({ role }) => role === 'owner');
	if (owners.length !== 1 || owners[0]?.removed !== false || authority.seat === null) fail('ownerLost');
	if (usedTwice(world, authority)) fail('twice');
	if (joinedClosed(world, authority)) fail('closed');
	const attacks = attackersOf(world, authority);
	for (const attack of attacks) {
		const { violation, attacker, focus } = attack;
		const said = mischief(world, attacker);
		const [before, after] = [
			describe(world, authority, focus),
			describe(world, withSaid(world, said, fold), focus, said)
		];
		if (before !== after) fail(violation, attack, said);
	}
	return {
		entries: world.control.length,
		members: authority.memberByAccount.size,
		removed: [...authority.memberByAccount.values()].filter(({ removed }) => removed).length,
		tenures: authority.tenures.length,
		attacks: attacks.length,
		failures
	};
}

export function withSaid(world: World, said: Said, fold: Fold = asItIs): Authority {
	return fold(world, [...world.control, ...said.control]);
}

/** What an attack may not change: all, or all but what belongs to some. */
export type Focus = { readonly without: ReadonlySet<string> } | { readonly only: ReadonlySet<string> };

export function describe(world: World, authority: Authority, focus: Focus, said: Said | null = null): string {
	const messages = [...world.messages, ...(said?.messages ?? [])];
	if ('without' in focus) return describeView(authority, messages, focus.without);
	const others = [...authority.memberByAccount.keys()].filter((account) => !focus.only.has(account));
	const own = messages.filter(({ kind, lane }) => kind !== 'delete' || focus.only.has(lane.account));
	const parts = JSON.parse(describeView(authority, own, new Set(others))) as unknown[];
	// Who has left says so themselves, perhaps by a second grant that a moderator can end.
	const standings = [...authority.memberByAccount.values()]
		.filter(({ account }) => focus.only.has(account))
		.map(({ account, role, removed: isRemoved }) => [account, role, isRemoved])
		.sort();
	const removed = [...authority.capsByGrant.keys()]
		.filter((grant) => authority.trustedGrants.has(grant))
		.sort();
	// The name is a moderator's to change, and so are invitations, who waits, and what hangs on plain members: of grants
	// only those on which an owner has relied cannot be touched.
	return JSON.stringify([parts[1], parts[2], standings, parts[6], removed]);
}

const everything: Focus = { without: new Set() };

interface Attack {
	readonly violation: Violation;
	readonly attacker: Attacker;
	readonly focus: Focus;
}

function attackersOf(world: World, authority: Authority): readonly Attack[] {
	const { random } = world;
	const attacks: Attack[] = [];
	const members = [...authority.memberByAccount.values()];
	const grantsOf = (account: string): string[] =>
		world.grants.filter((grant) => grant.account === account).map(({ id }) => id);
	const wholly = (account: string, mayInvite: boolean): Attacker => ({
		account,
		devices: world.devicesOf(account),
		grants: grantsOf(account).filter((grant) => authority.accountByGrant.has(grant)),
		hasAccountKey: true,
		mayInvite
	});
	const some = <T>(from: readonly T[], count: number): readonly T[] => random.shuffled(from).slice(0, count);
	for (const { account } of some(
		members.filter(({ account: each, removed }) => removed && canOnlyHarm(world, authority, each)),
		2
	))
		attacks.push({ violation: 'removed', attacker: wholly(account, false), focus: everything });
	for (const key of some([...authority.capsByDevice.keys()], 2)) {
		const device = world.devices.find(({ account, name }) => key === `${account}/${name}`);
		if (device === undefined) continue;
		const attacker = { ...wholly(device.account, false), devices: [device], hasAccountKey: false };
		if (attacker.grants.length > 0) attacks.push({ violation: 'lostDevice', attacker, focus: everything });
	}
	const trusted = new Set(
		[...authority.trustedGrants].flatMap((grant) => authority.accountByGrant.get(grant) ?? [])
	);
	const plain = members.filter(
		({ account, role, removed }) => !removed && role === 'member' && world.devicesOf(account).length > 0
	);
	const former = plain.filter(({ account }) => trusted.has(account));
	const never = plain.filter(({ account }) => !trusted.has(account));
	for (const { account } of [...some(never, 1), ...some(former, 1)])
		attacks.push({
			violation: trusted.has(account) ? 'former' : 'plain',
			attacker: wholly(account, authority.whoMayInvite === 'members'),
			focus: { without: broughtBy(world, account, 'member') }
		});
	const moderators = members.filter(({ role, removed }) => role === 'moderator' && !removed);
	for (const { account } of some(moderators, 1)) {
		// A second grant of theirs that this moderator has made is this moderator's to take back.
		const brought = broughtBy(world, account, 'moderator');
		// Whoever was removed may be let in again, by whoever may let in; that the removal holds is compared by its grant.
		const isOut = (each: string): boolean => authority.memberByAccount.get(each)?.removed === true;
		const others = new Set([...trusted].filter((each) => !brought.has(each) && !isOut(each)));
		attacks.push({ violation: 'moderator', attacker: wholly(account, true), focus: { only: others } });
	}
	return attacks;
}

/**
 * An account, and whoever came by it, and by these, and so on: what it has let in it can take back by its own fork.
 * @param as by what somebody is only, or by all that they have ever been
 */
function broughtBy(world: World, account: string, as: 'member' | 'moderator'): ReadonlySet<string> {
	const byRight = (auth: string): boolean => as === 'moderator' || auth === membershipAuth;
	const brought = new Set([account]);
	const laneOwner = new Map(world.lanes.map((lane) => [lane.number, lane.account]));
	for (let size = 0; size !== brought.size;) {
		size = brought.size;
		const keys = new Set<string>();
		for (const entry of world.control) {
			const says = statementOf(entry);
			if (!brought.has(laneOwner.get(entry.lane) ?? '')) continue;
			if (says.type === 'add' && byRight(says.auth)) brought.add(says.account);
			if (says.type === 'invite' && byRight(says.auth)) keys.add(says.key);
		}
		for (const entry of world.control) {
			const says = statementOf(entry);
			if (says.type === 'join' && keys.has(says.key)) brought.add(says.account);
		}
	}
	return brought;
}

function usedTwice(world: World, authority: Authority): boolean {
	const used = new Set<string>();
	const counted = new Set<string>();
	// By an open link many come, whatever somebody says of them beside.
	const open = new Set(
		world.control.flatMap((entry) => {
			const says = statementOf(entry);
			return says.type === 'invite' && says.record.kind === 'open' ? [says.key] : [];
		})
	);
	return world.control.some((entry) => {
		const says = statementOf(entry);
		if (says.type !== 'add' || says.way !== 'personal' || !authority.accountByGrant.has(says.grant))
			return false;
		if (open.has(says.subject) || counted.has(says.grant) || isRelied(world, authority, says.grant))
			return false;
		counted.add(says.grant);
		const isSecond = used.has(says.subject);
		used.add(says.subject);
		return isSecond;
	});
}

/**
 * Whether an account has devices, and no join that is void by its own fork: it could have that count again, which is
 * joining again by a link that is open to everybody.
 */
function canOnlyHarm(world: World, authority: Authority, account: string): boolean {
	const hasVoidJoin = world.control.some((entry) => {
		const says = statementOf(entry);
		return says.type === 'join' && says.account === account && !authority.accountByGrant.has(says.grant);
	});
	return !hasVoidJoin && world.devicesOf(account).length > 0;
}

/** Whom an owner has relied on counts, whoever let them in and whatever came of it. */
const isRelied = (world: World, authority: Authority, grant: string): boolean =>
	authority.trustedGrants.has(grant) ||
	world.control.some((entry) => {
		const says = statementOf(entry);
		return says.type === 'settings' && says.accepted.includes(grant);
	});

const isTrusted = (authority: Authority, account: string): boolean =>
	[...authority.trustedGrants].some((grant) => authority.accountByGrant.get(grant) === account);

function joinedClosed(world: World, authority: Authority): boolean {
	const log = new Map(authority.moderationLog().map((event) => [event.id, event.verdict]));
	return world.control.some((entry) => {
		const closing = statementOf(entry);
		if (closing.type !== 'invite-close' || log.get(entry.id) !== 'counts') return false;
		if (closing.auth === world.expected.seat?.id || authority.roleById.has(closing.auth)) {
			return world.control.some((each) => {
				const says = statementOf(each);
				return (
					says.type === 'join' &&
					says.key === closing.key &&
					!closing.joins.has(says.grant) &&
					authority.accountByGrant.has(says.grant) &&
					!isTrusted(authority, says.account) &&
					!isRelied(world, authority, says.grant)
				);
			});
		}
		return false;
	});
}

/** A fold without a rule: caps accept everything. The checks have to notice. */
export const withoutCaps: Fold = (world, entries) => {
	const lastByLane = new Map<number, { clock: number; id: string }>();
	for (const { lane, clock, id } of entries)
		if ((lastByLane.get(lane)?.clock ?? -1) < clock) lastByLane.set(lane, { clock, id });
	const all = [...lastByLane].map(([lane, { clock, id }]) => ({ segment: 0, lane, clock, idPrefix: id }));
	const lenient: ReadsStatements = {
		of: (record) => {
			const says = record as unknown as ReturnType<typeof statementOf>;
			return says.type === 'remove' || says.type === 'device-remove' ? { ...says, caps: all } : says;
		}
	};
	return world.fold(entries, lenient);
};
