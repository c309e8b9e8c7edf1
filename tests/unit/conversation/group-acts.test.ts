import { describe, expect, it } from 'vitest';
import {
	acceptOwnership,
	admitsAlone,
	approveJoin,
	changeSettings,
	closeInvite,
	declineJoin,
	handover,
	idOf,
	inviting,
	leaveGroup,
	makeModerator,
	mayApprove,
	mayClose,
	mayDecline,
	offerOwnership,
	removeMember,
	rightsOf,
	transfer,
	unmakeModerator
} from '../../../src/lib/conversation/group-acts';
import { mayPost } from '../../../src/lib/conversation/authority';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import { seatOfOwner } from '../../../src/lib/protocol/ids';
import { noAuthority, type KnownRecord } from '../../../src/lib/protocol/records';
import { GroupTable, type TablePerson } from './group-table';

/** An owner, and people who came by the owner's link. */
function table(...names: string[]) {
	const group = new GroupTable();
	const key = group.invite(group.owner, group.conversation);
	const people = names.map((name) => group.join(name, key));
	return { group, key, people: people as [TablePerson, TablePerson, TablePerson] };
}

const removal = (group: GroupTable) => ({
	capsOf: group.capsOf,
	seesLessThan: () => false,
	joinsByKey: group.facts.joinsByKey
});
const refused = (reason: string) => ({ ok: false, reason });
const only = (act: { ok: true; value: readonly KnownRecord[] } | { ok: false; reason: string }) => {
	if (!act.ok) throw new Error(act.reason);
	return act.value[0] as KnownRecord;
};

describe('moderators', () => {
	it('are made and unmade by the owner alone; what they did still counts', async () => {
		const { group, people } = table('Mo', 'Pia', 'Ben');
		const [mo, pia, ben] = people;
		expect(makeModerator(group.authority, group.actor(mo), pia.account)).toEqual(refused('not-allowed'));
		const forced = { ...only(makeModerator(group.authority, group.actor(group.owner), pia.account)) };
		expect(group.verdictOn(group.say(mo, forced))).toBe('no-authority');
		const [made] = group.act(
			group.owner,
			makeModerator(group.authority, group.actor(group.owner), mo.account)
		);
		expect(made && group.verdictOn(made)).toBe('counts');
		expect(group.authority.memberByAccount.get(mo.account)?.role).toBe('moderator');
		expect(makeModerator(group.authority, group.actor(group.owner), mo.account)).toEqual(refused('already'));

		const [gone] = group.act(
			mo,
			await removeMember(group.authority, group.actor(mo), ben.account, removal(group))
		);
		const unmade = await unmakeModerator(group.authority, group.actor(group.owner), mo.account, group.capsOf);
		group.act(group.owner, unmade);
		expect(group.authority.memberByAccount.get(mo.account)?.role).toBe('member');
		expect(gone && group.verdictOn(gone)).toBe('counts');
		expect(group.authority.memberByAccount.get(ben.account)?.removed).toBe(true);
		const again = await removeMember(group.authority, group.actor(mo), pia.account, removal(group));
		expect(again).toEqual(refused('not-allowed'));
	});
});

describe('removing', () => {
	it('is for owner and moderators; nobody removes the owner, or as a moderator another one', async () => {
		const { group, people } = table('Mo', 'Mia', 'Ben');
		const [mo, mia, ben] = people;
		for (const each of [mo, mia])
			group.act(group.owner, makeModerator(group.authority, group.actor(group.owner), each.account));
		const by = (actor: TablePerson, whom: TablePerson) =>
			removeMember(group.authority, group.actor(actor), whom.account, removal(group));
		expect(await by(ben, mo)).toEqual(refused('not-allowed'));
		expect(await by(mo, mia)).toEqual(refused('protected'));
		expect(await by(mo, group.owner)).toEqual(refused('protected'));
		expect(await by(group.owner, group.owner)).toEqual(refused('protected'));
		const caps = await group.capsOf(new Set([toBase64url(mia.grant)]));
		const auth = idOf(group.authority.roleIdByGrant.get(toBase64url(mo.grant)) ?? '');
		const forced = group.say(mo, { type: 'remove', auth, grants: [mia.grant], caps, epoch: null });
		expect(group.verdictOn(forced)).toBe('protected');
		const [removed] = group.act(group.owner, await by(group.owner, mia));
		expect(removed && group.verdictOn(removed)).toBe('counts');
		expect(await by(group.owner, mia)).toEqual(refused('no-such-member'));
		expect(leaveGroup(group.authority, group.actor(mia))).toEqual(refused('already'));
		expect(makeModerator(group.authority, group.actor(group.owner), mia.account)).toEqual(
			refused('no-such-member')
		);
	});

	it('keeps what was said before, voids what comes after, and closes all links first', async () => {
		const { group, people } = table('Mo', 'Ben');
		const [mo, ben] = people;
		const bens = group.invite(ben);
		const mos = group.invite(mo);
		const guest = group.join('Guest', bens);
		group.act(
			group.owner,
			await removeMember(group.authority, group.actor(group.owner), ben.account, removal(group))
		);
		expect(group.authority.openInvites.size).toBe(0);
		const late = group.join('Late', bens);
		const back = group.join('Ben again', mos);
		group.say(ben, { type: 'profile', name: 'Not Ben' });
		const { memberByAccount } = group.authority;
		expect(memberByAccount.get(ben.account)).toMatchObject({ name: 'Ben', left: true, removed: true });
		expect(memberByAccount.has(guest.account)).toBe(true);
		expect([late, back].map(({ account }) => memberByAccount.has(account))).toEqual([false, false]);
		expect(memberByAccount.get(mo.account)?.left).toBe(false);
		expect(group.facts.removedBy.get(ben.account)).toBe(group.owner.account);
	});
});

describe('rules', () => {
	it('are the owner’s; name and description the moderators’ too; nothing else is lost on the way', () => {
		const { group, people } = table('Mo', 'Ben');
		const [mo, ben] = people;
		group.act(group.owner, makeModerator(group.authority, group.actor(group.owner), mo.account));
		const change = (by: TablePerson, changes: Parameters<typeof changeSettings>[2]) =>
			changeSettings(group.authority, group.actor(by), changes, group.facts.joinsByKey);
		group.act(group.owner, change(group.owner, { whoMayPost: 'moderators', description: 'Boats' }));
		expect(change(ben, { name: 'Mine' })).toEqual(refused('not-allowed'));
		expect(change(mo, { whoMayPost: 'members' })).toEqual(refused('not-allowed'));
		expect(change(mo, { name: 'Trip' })).toEqual(refused('already'));
		group.act(mo, change(mo, { name: 'Harbour' }));
		expect(group.authority).toMatchObject({
			name: 'Harbour',
			description: 'Boats',
			whoMayPost: 'moderators'
		});
		const posts = [group.owner, mo, ben].map(({ account }) => mayPost(group.authority, account));
		expect(posts).toEqual([true, true, false]);
	});

	it('that become stricter leave everybody in who has come before', () => {
		const { group, people } = table('Mo');
		const [mo] = people;
		const mos = group.invite(mo);
		const before = group.join('Before', mos);
		group.act(
			group.owner,
			changeSettings(
				group.authority,
				group.actor(group.owner),
				{ whoMayInvite: 'moderators', approval: true },
				group.facts.joinsByKey
			)
		);
		const after = group.join('After', mos);
		const { memberByAccount } = group.authority;
		expect(memberByAccount.get(before.account)?.left).toBe(false);
		expect(memberByAccount.has(after.account)).toBe(false);
		expect(inviting(group.authority, group.actor(mo))).toEqual(refused('not-allowed'));
		expect(inviting(group.authority, group.actor(group.owner))).toMatchObject({ value: { approval: true } });
		expect(rightsOf(group.authority, group.actor(mo)).invite).toBe(false);
	});
});

describe('a past that is closed', () => {
	it('ends the open links that open it; whoever has come by them stays, and links for one person go on', () => {
		const { group, people, key } = table('Mo');
		const [mo] = people;
		const personal = group.invite(group.owner, group.conversation, false, 'personal');
		const { authority, owner } = group;
		const changed = changeSettings(
			authority,
			group.actor(owner),
			{ history: 'since-join' },
			group.facts.joinsByKey
		);
		group.act(owner, changed);
		const late = group.join('Late', key);
		expect(group.authority.history).toBe('since-join');
		expect(group.authority.memberByAccount.get(mo.account)?.removed).toBe(false);
		expect(group.authority.memberByAccount.has(late.account)).toBe(false);
		expect(group.authority.personalInvites.get(toBase64url(personal))?.isClosed).toBe(false);
		// Opened again, it ends nothing.
		const open = changeSettings(
			group.authority,
			group.actor(owner),
			{ history: 'all' },
			group.facts.joinsByKey
		);
		expect(group.act(owner, open)).toHaveLength(1);
	});
});

describe('links', () => {
	it('are closed by who made them, or by who moderates; who came stays, who comes later is out', () => {
		const { group, people, key } = table('Mo', 'Ben');
		const [mo, ben] = people;
		const close = (by: TablePerson) =>
			closeInvite(
				group.authority,
				group.actor(by),
				toBase64url(key),
				group.facts.joinsByKey.get(toBase64url(key)) ?? []
			);
		expect(close(mo)).toEqual(refused('not-allowed'));
		expect(group.facts.invitations).toMatchObject([
			{ by: group.owner.account, joined: [mo.account, ben.account], approval: false }
		]);
		group.act(group.owner, close(group.owner));
		expect(close(group.owner)).toEqual(refused('no-such-invite'));
		const late = group.join('Late', key);
		const { memberByAccount } = group.authority;
		expect([mo, ben, late].map(({ account }) => memberByAccount.has(account))).toEqual([true, true, false]);
	});

	it('with approval let somebody wait; approved they are in, declined they stay out', () => {
		const { group, people } = table('Mo');
		const [mo] = people;
		const key = group.invite(group.owner, group.conversation, true);
		const [nina, olaf] = [group.join('Nina', key), group.join('Olaf', key)];
		expect(group.facts.waiting.map(({ name }) => name)).toEqual(['Nina', 'Olaf']);
		const grantOf = (person: TablePerson) => toBase64url(person.grant);
		const approve = (by: TablePerson, person: TablePerson) =>
			approveJoin(group.authority, group.actor(by), grantOf(person), person.accountKey);
		expect(approve(mo, nina)).toEqual(refused('not-allowed'));
		group.act(group.owner, declineJoin(group.authority, group.actor(group.owner), grantOf(olaf)));
		group.act(group.owner, approve(group.owner, nina));
		expect(approve(group.owner, nina)).toEqual(refused('not-waiting'));
		expect(approve(group.owner, olaf)).toEqual(refused('not-waiting'));
		expect(group.facts.waiting).toEqual([]);
		const { memberByAccount } = group.authority;
		expect([nina, olaf].map(({ account }) => memberByAccount.has(account))).toEqual([true, false]);
	});
});

describe('links for one person', () => {
	const nowMs = 1_000_000;

	/** A personal link of Ben's, and two who came by it. */
	function asked(approval = false) {
		const { group, people } = table('Mo', 'Ben');
		const [mo, ben] = people;
		const key = group.invite(ben, noAuthority, approval, 'personal');
		return { group, mo, ben, key, first: group.join('First', key), second: group.join('Second', key) };
	}

	it('let in the first whom the device that made them takes; the other has come in vain', () => {
		const { group, mo, ben, key, first, second } = asked();
		const link = toBase64url(key);
		expect(group.facts.waiting.map(({ name }) => name)).toEqual(['First', 'Second']);
		const alone = (by: TablePerson) => admitsAlone(group.authority, group.actor(by), link, nowMs);
		expect([alone(ben), alone(mo), alone(group.owner)]).toEqual([true, false, false]);
		const letIn = (by: TablePerson, who: TablePerson) =>
			approveJoin(group.authority, group.actor(by), toBase64url(who.grant), who.accountKey);
		expect(letIn(group.owner, first)).toEqual(refused('not-allowed'));
		const [admitted] = group.act(ben, letIn(ben, first));
		expect(admitted && group.verdictOn(admitted)).toBe('counts');
		const { memberByAccount } = group.authority;
		expect([first, second].map(({ account }) => memberByAccount.has(account))).toEqual([true, false]);
		expect(letIn(ben, second)).toEqual(refused('not-waiting'));
		expect(group.facts.invitations.find((each) => each.key === link)).toMatchObject({
			kind: 'personal',
			joined: [first.account]
		});
	});

	it('want a person’s word where link or group ask for it, and after they have expired', () => {
		const { group, ben, key } = asked(true);
		const link = toBase64url(key);
		expect(admitsAlone(group.authority, group.actor(ben), link, nowMs)).toBe(false);
		expect(mayApprove(group.authority, group.actor(ben), link)).toBe(true);
		const other = asked();
		const alone = (atMs: number) =>
			admitsAlone(other.group.authority, other.group.actor(other.ben), toBase64url(other.key), atMs);
		expect([alone(9_999_999), alone(10_000_000)]).toEqual([true, false]);
		const { group: ruled } = other;
		const { owner } = ruled;
		ruled.act(owner, changeSettings(ruled.authority, ruled.actor(owner), { approval: true }, new Map()));
		expect(alone(nowMs)).toBe(false);
	});

	it('end with the device that made them, with a closing, and with anybody’s removal', async () => {
		const { group, mo, ben, key, first } = asked();
		const link = toBase64url(key);
		const mayEnd = (by: TablePerson) => mayClose(group.authority, group.actor(by), link);
		expect([mayEnd(ben), mayEnd(mo), mayEnd(group.owner)]).toEqual([true, false, true]);
		group.act(
			group.owner,
			await removeMember(group.authority, group.actor(group.owner), mo.account, removal(group))
		);
		expect(mayEnd(ben)).toBe(false);
		// Those who waited then still come in; whoever was removed cannot follow them.
		const late = group.join('Late', key);
		expect(group.facts.waiting.map(({ name }) => name)).toEqual(['First', 'Second']);
		expect(group.facts.waiting.some(({ account }) => account === late.account)).toBe(false);
		ben.lane += 1;
		group.certify(ben);
		expect(mayApprove(group.authority, group.actor(ben), link)).toBe(false);
		expect(group.authority.memberByAccount.has(first.account)).toBe(false);
	});

	it('are turned away by closing them, or by who moderates', () => {
		const { group, mo, ben, first, second } = asked();
		const [one] = group.facts.waiting;
		if (one === undefined) throw new Error('nobody waits');
		const may = [ben, mo, group.owner].map((by) => mayDecline(group.authority, group.actor(by), one));
		expect(may).toEqual([true, false, true]);
		const away = (by: TablePerson, who: TablePerson) =>
			declineJoin(group.authority, group.actor(by), toBase64url(who.grant));
		group.act(group.owner, away(group.owner, first));
		expect(group.facts.waiting.map(({ account }) => account)).toEqual([second.account]);
		group.act(ben, away(ben, second));
		expect(group.facts.waiting).toEqual([]);
	});

	it('made as a moderator are not offered to be closed as a member', async () => {
		const { group, people } = table('Mo');
		const [mo] = people;
		const { owner } = group;
		group.act(owner, makeModerator(group.authority, group.actor(owner), mo.account));
		const role = idOf(group.authority.roleIdByGrant.get(toBase64url(mo.grant)) ?? '');
		const keys = [group.invite(mo, role), group.invite(mo, role, false, 'personal')];
		const may = () => keys.map((key) => mayClose(group.authority, group.actor(mo), toBase64url(key)));
		expect(may()).toEqual([true, true]);
		group.act(owner, await unmakeModerator(group.authority, group.actor(owner), mo.account, group.capsOf));
		expect(may()).toEqual([false, false]);
	});
});

describe('ownership', () => {
	it('passes only to who was asked and has agreed; then the acts of the one before count no more', async () => {
		const { group, people } = table('Mo', 'Ben');
		const [mo, ben] = people;
		const { owner } = group;
		expect(offerOwnership(group.authority, group.actor(mo), ben.account)).toEqual(refused('not-allowed'));
		group.act(owner, offerOwnership(group.authority, group.actor(owner), mo.account));
		const offeredTo = () => group.facts.offer?.grant ?? null;
		expect(acceptOwnership(group.authority, group.actor(ben), offeredTo())).toEqual(refused('not-offered'));
		group.act(mo, acceptOwnership(group.authority, group.actor(mo), offeredTo()));
		const consent = group.facts.offer?.consent;
		if (!consent) throw new Error('no consent');
		const unsigned = await transfer(group.authority, group.actor(owner), consent, group.capsOf);
		if (!unsigned.ok) throw new Error(unsigned.reason);
		const said = {
			...unsigned.value,
			account: owner.accountKey,
			signature: group.random.bytes(64)
		};
		expect(group.verdictOn(group.say(owner, said))).toBe('counts');
		expect(group.authority.seat?.id).toBe(toBase64url(seatOfOwner(group.conversation, said)));
		expect(group.authority.memberByAccount.get(mo.account)?.role).toBe('owner');
		expect(group.facts.offer).toBeNull();
		expect(makeModerator(group.authority, group.actor(owner), ben.account)).toEqual(refused('not-allowed'));
		const [made] = group.act(mo, makeModerator(group.authority, group.actor(mo), ben.account));
		expect(made && group.verdictOn(made)).toBe('counts');
	});

	it('is taken back by offering it to oneself', () => {
		const { group, people } = table('Mo');
		const [mo] = people;
		const { owner } = group;
		for (const to of [mo, owner])
			group.act(owner, offerOwnership(group.authority, group.actor(owner), to.account));
		expect(group.facts.offer).toBeNull();
	});

	it('goes on in another lane after a handover, and not before', async () => {
		const { group, people } = table('Mo');
		const [mo] = people;
		const { owner } = group;
		const before = await group.capsOf(new Set([toBase64url(owner.grant)]));
		owner.lane += 1;
		group.certify(owner);
		expect(makeModerator(group.authority, group.actor(owner), mo.account)).toEqual(refused('seat-elsewhere'));
		const unsigned = await handover(group.authority, group.actor(owner), async () => before);
		if (!unsigned.ok) throw new Error(unsigned.reason);
		group.say(owner, {
			...unsigned.value,
			account: owner.accountKey,
			signature: group.random.bytes(64)
		});
		const [made] = group.act(owner, makeModerator(group.authority, group.actor(owner), mo.account));
		expect(made && group.verdictOn(made)).toBe('counts');
		expect(await handover(group.authority, group.actor(owner), group.capsOf)).toEqual(refused('already'));
	});
});
