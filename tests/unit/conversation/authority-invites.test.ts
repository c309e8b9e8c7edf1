/** Who comes in by invitations, and until when these hold (protocol 4, stratum 2), rule by rule. */
import { describe, expect, it } from 'vitest';
import { hlcOfMs } from '../../../src/lib/protocol/clock';
import { invite } from '../../simulation/authority/steps';
import { inviteExpiresAtMs, membershipAuth, settings } from '../../simulation/authority/world';
import { owned, sayAt, verdictOn, type Person } from './authority-group';

type Rules = Parameters<typeof settings>[1];

function inviting(count: number) {
	const group = owned(count);
	const { world, founder, auth, say } = group;
	/** A join by an invitation. @param hlc when it says it was */
	const join = (key: string, hlc = 1) => {
		const account = world.newAccount();
		const grant = `j/${key}/${account}`;
		const device = world.newDevice(account);
		const lane = world.newLane(device, grant);
		const id = sayAt(world, hlc, lane, { type: 'join', key, account, grant });
		return { account, grant, device, lane, id };
	};
	const verdictsOf = (...joins: readonly { readonly id: string }[]) => joins.map(({ id }) => verdictOf(id));
	/** Joins are not in the log: who is let in says the grant, who waits the list of those. */
	const verdictOf = (id: string): 'in' | 'waits' | 'out' => {
		const now = world.fold();
		const says = world.control.find((entry) => entry.id === id)?.record as unknown as { grant: string };
		if (now.accountByGrant.has(says.grant)) return 'in';
		return now.pendingJoins.some(({ grant }) => grant === says.grant) ? 'waits' : 'out';
	};
	const rule = (rules: Rules, accepted: readonly string[] = []) =>
		say(founder, { type: 'settings', auth, accepted, record: settings('n', rules) });
	const admit = (
		by: Person,
		way: 'personal' | 'approval' | 'direct',
		whom: { readonly account: string; readonly grant: string },
		{ key = 'i', cited = membershipAuth } = {}
	): string => {
		const subject = way === 'personal' ? key : whom.grant;
		const grant = way === 'direct' ? '' : whom.grant;
		return say(by, { type: 'add', auth: cited, account: whom.account, way, subject, grant }).id;
	};
	const close = (by: Person, cited: string, key: string, ...joins: readonly { readonly grant: string }[]) =>
		say(by, { type: 'invite-close', auth: cited, key, joins: new Set(joins.map(({ grant }) => grant)) }).id;
	const personal = (key = 'i') => world.fold().personalInvites.get(key);
	return { ...group, join, verdictsOf, rule, admit, close, personal };
}

describe('an open link', () => {
	it('lets in until it expires, by what the join says', () => {
		const { founder, auth, say, join, verdictsOf } = inviting(0);
		say(founder, invite(auth, 'i', 'open', false));
		const last = hlcOfMs(inviteExpiresAtMs);
		expect(verdictsOf(join('i', last), join('i', last + 1), join('unknown'))).toEqual(['in', 'out', 'out']);
		say(founder, invite(auth, 'late', 'open', true));
		expect(verdictsOf(join('late', last), join('late', last + 1))).toEqual(['waits', 'out']);
	});

	it('of which a fork has made the join void lets nobody in, one after the join changes nothing', () => {
		const { world, founder, auth, say, join, verdictsOf } = inviting(0);
		say(founder, invite(auth, 'i', 'open', false));
		const [one, other] = [join('i'), join('i')];
		world.say(founder.lane, { type: 'fork', segment: 0, lane: one.lane.number, clock: 1 });
		world.say(founder.lane, { type: 'fork', segment: 0, lane: other.lane.number, clock: 2 });
		expect(verdictsOf(one, other)).toEqual(['out', 'in']);
	});

	it('of a member is closed by the same grant, by the owner and by moderators, not by other members', () => {
		const { world, people, auth, founder, say, promote, join, verdictsOf, close } = inviting(3);
		const [one, other, mo] = people as [Person, Person, Person];
		const role = promote(mo);
		for (const key of ['a', 'b', 'c', 'd']) say(one, invite(membershipAuth, key, 'open', false));
		say(founder, invite(auth, 'of the owner', 'open', false));
		const keys = ['a', 'b', 'c', 'd', 'of the owner'];
		const joins = keys.map((key) => join(key));
		const closings = [
			close(other, membershipAuth, 'a'),
			close(one, membershipAuth, 'b'),
			close(mo, role, 'c'),
			close(founder, auth, 'd'),
			close(one, membershipAuth, 'of the owner')
		];
		expect(verdictsOf(...joins)).toEqual(['in', 'out', 'out', 'out', 'in']);
		expect(closings.map((id) => verdictOn(world, id))).toEqual(Array(5).fill('counts'));
		expect([...world.fold().openInvites.keys()]).toEqual(['of the owner', 'a']);
		expect(verdictOn(world, close(one, 'no right', 'a'))).toBe('no-authority');
		expect(verdictOn(world, close(one, role, 'a'))).toBe('no-authority');
		expect(verdictsOf(joins[0]!)).toEqual(['in']);
	});

	it('that several have closed leaves the joins that all of them name', () => {
		const { founder, auth, say, join, verdictsOf, close } = inviting(0);
		say(founder, invite(auth, 'i', 'open', false));
		const [both, first, second, none] = [join('i'), join('i'), join('i'), join('i')];
		close(founder, auth, 'i', both, first);
		close(founder, auth, 'i', second, both);
		expect(verdictsOf(both, first, second, none)).toEqual(['in', 'out', 'out', 'out']);
	});

	it('of a member wants the approval of who made it, where the owner has said so', () => {
		const { world, people, auth, founder, say, join, verdictsOf, rule, admit } = inviting(2);
		const [one, other] = people as [Person, Person];
		say(one, invite(membershipAuth, 'i', 'open', false));
		say(founder, invite(auth, 'of the owner', 'open', false));
		rule({ approval: true });
		const [own, anothers, free, rulers] = [join('i'), join('i'), join('of the owner'), join('i')];
		expect(verdictsOf(own, anothers, free, rulers)).toEqual(['waits', 'waits', 'in', 'waits']);
		const approvals = [
			admit(one, 'approval', own),
			admit(other, 'approval', anothers),
			admit(founder, 'approval', rulers, { cited: auth })
		];
		expect(approvals.map((id) => verdictOn(world, id))).toEqual(Array(3).fill('counts'));
		expect(verdictsOf(own, anothers, rulers)).toEqual(['in', 'waits', 'in']);
	});

	it('keeps its latest expiry; a member closes it as long as nobody made it with more, or as somebody else', () => {
		const { world, people, auth, founder, say } = inviting(2);
		const [one, other] = people as [Person, Person];
		const make = (by: Person, cited: string, key: string, expiresAtMs: number, agreement: number) => {
			const made = invite(cited, key, 'open', false, expiresAtMs);
			say(by, { ...made, record: { ...made.record, agreement: Uint8Array.of(agreement) } });
		};
		make(one, membershipAuth, 'own', 500, 1);
		make(one, membershipAuth, 'own', 700, 2);
		make(one, membershipAuth, 'own', 600, 3);
		make(one, membershipAuth, 'shared', 700, 4);
		make(other, membershipAuth, 'shared', 600, 5);
		make(founder, auth, 'owner’s', 700, 6);
		const invites = world.fold();
		const of = (expiresAtMs: number, agreement: number, membersGrant: string | null) => ({
			expiresAtMs,
			agreement: Uint8Array.of(agreement),
			membersGrant
		});
		expect(Object.fromEntries(invites.openInvites)).toEqual({
			own: of(700, 2, one.grant),
			shared: of(700, 4, null),
			'owner’s': of(700, 6, null)
		});
		make(other, membershipAuth, 'own', 700, 7);
		expect(Object.fromEntries(world.fold().inviteByKey)).toEqual({
			own: { expiresAtMs: 700, account: one.account },
			shared: { expiresAtMs: 700, account: one.account },
			'owner’s': { expiresAtMs: 700, account: founder.account }
		});
	});

	it('that two hold until the same time is shown as of the lower account, whoever said it first', () => {
		const { world, people } = inviting(2);
		const [lower, higher] = people as [Person, Person];
		const second = world.newLane(lower.device, lower.grant);
		for (const lane of [higher.lane, second]) world.say(lane, invite(membershipAuth, 'i', 'open', false));
		expect(lower.account < higher.account).toBe(true);
		expect(world.fold().inviteByKey.get('i')?.account).toBe(lower.account);
	});

	it('is not made shorter by somebody else, whatever their account', () => {
		const { world, people } = inviting(2);
		const [lower, higher] = people as [Person, Person];
		const second = world.newLane(lower.device, lower.grant);
		world.say(higher.lane, invite(membershipAuth, 'i', 'open', false, 700));
		world.say(second, invite(membershipAuth, 'i', 'open', false, 600));
		const expected = { expiresAtMs: 700, account: higher.account };
		expect(world.fold().inviteByKey.get('i')).toEqual(expected);
	});
});

describe('a member who adds somebody', () => {
	it('does so where members may invite; where not, whom the owner accepts', () => {
		const { world, people, rule, admit } = inviting(2);
		const [one] = people as [Person];
		const [before, accepted] = ['x', 'y'].map((account) => admit(one, 'direct', { account, grant: '' }));
		expect(verdictOn(world, before!)).toBe('counts');
		expect(world.fold().accountByGrant.get(before!)).toBe('x');
		rule({ whoMayInvite: 'moderators' }, [accepted!]);
		expect([before, accepted].map((id) => verdictOn(world, id!))).toEqual(['waits', 'counts']);
		expect(world.fold().memberByAccount.has('x')).toBe(false);
		expect(verdictOn(world, admit({ ...one }, 'direct', { account: 'z', grant: '' }, { cited: 's' }))).toBe(
			'no-authority'
		);
	});
});

describe('a personal invitation', () => {
	it('is used in its lane, after it, with its right, and only if it is one', () => {
		const { world, people, say, join, admit, personal, verdictsOf } = inviting(2);
		const [one, other] = people as [Person, Person];
		const whom = join('i');
		const early = admit(one, 'personal', whom);
		say(one, invite(membershipAuth, 'i', 'personal', false));
		say(one, invite(membershipAuth, 'open', 'open', true));
		// Their next entries come after the invitation by their clock too.
		while (other.lane.ids.length < one.lane.ids.length) say(other, { type: 'other' });
		const wrong = [
			early,
			admit(other, 'personal', whom),
			admit(one, 'personal', join('open'), { key: 'open' }),
			admit(one, 'personal', whom, { key: 'unknown' })
		];
		expect(wrong.map((id) => verdictOn(world, id))).toEqual(Array(4).fill('no-invitation'));
		expect(personal()).toEqual({
			lane: one.lane.number,
			auth: membershipAuth,
			account: one.account,
			expiresAtMs: inviteExpiresAtMs,
			approval: false,
			membersGrant: one.grant,
			usedBy: null,
			isClosed: false,
			mayBeUsed: true
		});
		expect([...world.fold().personalInvites.keys()]).toEqual(['i']);
		expect(verdictsOf(whom)).toEqual(['waits']);
		expect(verdictOn(world, admit(one, 'personal', whom))).toBe('counts');
		expect(world.fold().accountByGrant.get(whom.grant)).toBe(whom.account);
		expect(personal()).toMatchObject({ usedBy: whom.grant, mayBeUsed: false });
	});

	it('that is closed lets in whom the closing names; the first use counts all the same', () => {
		const { world, founder, people, auth, say, join, admit, close, verdictsOf } = inviting(1);
		const [one] = people as [Person];
		say(one, invite(membershipAuth, 'i', 'personal', false));
		const [named, other] = [join('i'), join('i')];
		close(founder, auth, 'i', named);
		expect(verdictsOf(named, other)).toEqual(['waits', 'out']);
		expect(world.fold().personalInvites.get('i')?.isClosed).toBe(true);
		expect(verdictOn(world, admit(one, 'personal', other))).toBe('closed');
		expect(verdictOn(world, admit(one, 'personal', named))).toBe('used-up');
		expect(verdictsOf(named, other)).toEqual(['out', 'out']);
	});

	it('of the owner may be used from the seat that made it, while that is theirs', () => {
		const { world, founder, auth, second, say, handover, personal } = inviting(0);
		say(founder, invite(auth, 'i', 'personal', false));
		expect(personal()).toMatchObject({ mayBeUsed: true, membersGrant: null });
		say(founder, { type: 'fork', segment: 0, lane: founder.lane.number, clock: 99 });
		expect(personal()?.mayBeUsed).toBe(false);
		handover();
		world.say(second, invite('s-1', 'next', 'personal', false));
		expect([personal(), personal('next')].map((each) => each?.mayBeUsed)).toEqual([false, true]);
	});

	it('of a moderator may be used while they moderate, of a member while members may invite', () => {
		const { founder, people, auth, say, promote, capsOf, rule, personal } = inviting(2);
		const [mo, one] = people as [Person, Person];
		const role = promote(mo);
		say(mo, invite(role, 'i', 'personal', false));
		say(one, invite(membershipAuth, 'm', 'personal', false));
		expect([personal('i'), personal('m')].map((each) => each?.mayBeUsed)).toEqual([true, true]);
		rule({ whoMayInvite: 'owner' });
		expect([personal('i'), personal('m')].map((each) => each?.mayBeUsed)).toEqual([true, false]);
		say(founder, { type: 'role', auth, grant: mo.grant, role: 'member', caps: capsOf(mo) });
		expect(personal('i')?.mayBeUsed).toBe(false);
	});

	it('that several hold is that of the lane that used it', () => {
		const { people, say, join, admit, personal } = inviting(3);
		const [first, second, third] = people as [Person, Person, Person];
		for (const by of [first, second, third]) say(by, invite(membershipAuth, 'i', 'personal', false));
		expect(personal()?.lane).toBe(first.lane.number);
		admit(second, 'personal', join('i'));
		expect(personal()?.lane).toBe(second.lane.number);
		admit(third, 'personal', join('i'));
		expect(personal()?.lane).toBe(second.lane.number);
	});
});
