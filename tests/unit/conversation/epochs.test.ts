import { describe, expect, it } from 'vitest';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import { signingKeysOfSeed } from '../../../src/lib/protocol/invite-link';
import { noAuthority, type KnownRecord } from '../../../src/lib/protocol/records';
import { group, joinBy, linkOf, type Person } from './people';
import { must } from '../../must';
import { current, removalOf, remove, settle } from './people-act';

/** Settings as they are, but for what newcomers get of the past, and whether they have to be let in. */
async function tellNewcomers(
	{ conversation }: Person,
	history: 'all' | 'since-join',
	approval = false
): Promise<void> {
	const { name, description, picture, whoMayPost, whoMayInvite, accountByGrant } = conversation.authority;
	const auth = conversation.identity.conversation;
	const accepted = [...accountByGrant.keys()].map((id) => Uint8Array.from(Buffer.from(id, 'base64url')));
	const rules = { name, description, picture, whoMayPost, whoMayInvite, approval, history, accepted };
	must(await conversation.write({ type: 'settings', auth, ...rules }));
}

describe('a removal', () => {
	it('begins an epoch in one record; the others go on, and who was removed reads nothing that follows', async () => {
		const { founder, ben, cleo } = await group('ben', 'cleo');
		await ben.say('one');
		await founder.hear(ben);
		const first = current(founder);
		await remove(founder, ben);
		expect(current(founder)).not.toBe(first);
		await founder.say('without ben');
		await cleo.hear(founder);
		expect(cleo.shown).toEqual(['one', 'without ben']);
		expect(current(cleo)).toBe(current(founder));
		await cleo.say('nor here');
		await ben.hear(founder);
		await ben.hear(cleo);
		expect(ben.shown).toEqual(['one']);
		expect(ben.conversation.keys.ring.holds(current(founder) as string, 'control')).toBe(false);
		expect(ben.conversation.authority.memberByAccount.get(ben.conversation.account)?.removed).toBe(true);
		await founder.hear(cleo);
		expect(founder.shown).toEqual(['one', 'without ben', 'nor here']);
		expect([founder, cleo].map(({ conversation }) => conversation.duties())).toEqual([[], []]);
	});

	it('is read by who was away, message by message before what opens them, and after a restart', async () => {
		const { founder, ben, cleo } = await group('ben', 'cleo');
		await founder.say('before');
		await cleo.hear(founder);
		await remove(founder, ben);
		await founder.say('after');
		// The messages come first: they are kept, and shown when the key comes.
		await cleo.hear(founder, [1]);
		expect(cleo.shown).toEqual(['before']);
		await cleo.close();
		await cleo.open();
		await cleo.conversation.warm();
		expect(cleo.shown).toEqual(['before']);
		await cleo.hear(founder, [0]);
		expect(cleo.shown).toEqual(['before', 'after']);
		await cleo.close();
		await cleo.open();
		await cleo.say('back');
		await founder.hear(cleo);
		expect(founder.shown).toEqual(['before', 'after', 'back']);
	});

	it('that race are both readable, and the next epoch has both for parents', async () => {
		const { founder, ben, cleo, dora } = await group('ben', 'cleo', 'dora');
		const role = { type: 'role', auth: founder.identity.conversation, role: 'moderator', caps: [] } as const;
		must(await founder.conversation.write({ ...role, grant: cleo.identity.grant }));
		await cleo.hear(founder);
		await remove(founder, ben);
		const roleId = cleo.conversation.authority.roleIdByGrant.get(toBase64url(cleo.identity.grant)) as string;
		const auth = Uint8Array.from(Buffer.from(roleId, 'base64url'));
		const records = (await removalOf(cleo.conversation, dora)).map((record) => ({ ...record, auth }));
		must(await cleo.conversation.act(records as KnownRecord[]));
		await founder.say('without ben');
		await cleo.say('without dora');
		await founder.hear(cleo);
		await cleo.hear(founder);
		expect([...founder.shown].sort()).toEqual(['without ben', 'without dora']);
		// Each was sealed to whom the other removed.
		expect([current(founder), current(cleo)]).toEqual([undefined, undefined]);
		await founder.say('without both');
		await cleo.hear(founder);
		expect([...cleo.shown].sort()).toEqual(['without ben', 'without both', 'without dora']);
		expect(current(cleo)).toBe(current(founder));
		for (const gone of [ben, dora]) {
			await gone.hear(founder);
			expect(gone.shown).not.toContain('without both');
		}
		await settle(founder, cleo);
		expect(current(cleo)).toBe(current(founder));
	});
});

describe('an open link of an older epoch', () => {
	it('lets in; what somebody could know who has gone since is sealed by the next member', async () => {
		const { founder, ben } = await group('ben');
		await founder.say('first');
		const link = await linkOf(founder);
		await founder.conversation.write({ type: 'profile', name: 'Founder' });
		const left = await ben.conversation.write({ type: 'leave' });
		expect(left.ok).toBe(true);
		await founder.hear(ben);
		await founder.say('second');
		expect(founder.conversation.keys.ring.held).toHaveLength(2);
		// Ben may know the link, so the epoch without him is sealed to it no more.
		const late = await joinBy(founder, link, 'late', founder);
		expect(late.shown).toEqual(['first']);
		await late.say('hello');
		await founder.hear(late);
		expect(founder.shown).toEqual(['first', 'second', 'hello']);
		await settle(founder, late);
		expect(late.shown).toEqual(['first', 'second', 'hello']);
		expect(current(late)).toBe(current(founder));
	});

	it('opens what has begun since, with nobody but what is stored, while nobody has gone', async () => {
		const { founder } = await group('ann');
		await founder.say('first');
		const link = await linkOf(founder);
		// Nothing but the rule for newcomers calls for other epochs.
		for (const history of ['since-join', 'all'] as const) {
			const old = current(founder);
			await tellNewcomers(founder, history);
			await settle(founder);
			expect(current(founder)).not.toBe(old);
		}
		await founder.say('second');
		const late = await joinBy(founder, link, 'late', founder);
		expect(late.shown).toEqual(['first', 'second']);
		await late.say('hello');
		await founder.hear(late);
		expect(founder.shown).toEqual(['first', 'second', 'hello']);
		expect(current(late)).toBe(current(founder));
	});

	it('opens nothing that follows its closing', async () => {
		const { founder, ben } = await group('ben');
		const link = await linkOf(founder);
		await founder.say('first');
		await remove(founder, ben);
		await founder.say('second');
		const late = await joinBy(founder, link, 'late', founder);
		expect(late.shown).not.toContain('second');
		await founder.hear(late);
		expect(founder.conversation.authority.memberByAccount.has(late.conversation.account)).toBe(false);
	});

	it('made after a removal holds the new epoch and where the others meet', async () => {
		const { founder, ben } = await group('ben');
		await founder.say('first');
		await remove(founder, ben);
		const link = await linkOf(founder);
		expect(link.meeting).toEqual(founder.identity.meeting);
		const late = await joinBy(founder, link, 'late', founder);
		expect(late.shown).toEqual(['first']);
		await late.say('hello');
		await founder.hear(late);
		expect(founder.shown).toEqual(['first', 'hello']);
		// Whoever had been removed comes back by it.
		await ben.hear(founder);
		expect(ben.shown).toEqual(['first']);
	});
});

describe('a group whose past is closed', () => {
	it('gives newcomers who is a member, and what is said from then on', async () => {
		const { founder } = await group('ann');
		await founder.say('old');
		await tellNewcomers(founder, 'since-join');
		await founder.say('still old');
		const link = await linkOf(founder);
		expect(link.epochKind).toBe('control');
		const late = await joinBy(founder, link, 'late', founder);
		expect(late.shown).toEqual([]);
		expect(late.conversation.authority.memberByAccount.size).toBe(3);
		await late.say('hello');
		await founder.hear(late);
		await founder.say('new');
		await late.hear(founder);
		expect(founder.shown).toEqual(['old', 'still old', 'hello', 'new']);
		expect(late.shown).toEqual(['hello', 'new']);
		await settle(founder, late);
		// Nor what was said while the past was open, until it is opened again.
		expect(late.shown).toEqual(['hello', 'new']);
		await tellNewcomers(founder, 'all');
		await settle(founder, late);
		// What was said while it was closed stays so.
		expect(late.shown).toEqual(['old', 'hello', 'new']);
	});
});

describe('whoever has to be let in', () => {
	const nothingOf = ({ conversation }: Person): boolean =>
		conversation.keys.ring.held.every(({ secret }) => secret === null);

	/** Lets in who waits, by this person's device. */
	async function letIn(
		by: Person,
		who: Person,
		way: 'approval' | 'personal',
		key: Uint8Array
	): Promise<void> {
		const { conversation } = by;
		const { grant, certificate } = who.identity;
		const [auth, subject] =
			way === 'approval' ? [conversation.identity.conversation, grant] : [noAuthority, key];
		must(await conversation.act([{ type: 'add', auth, account: certificate.account, way, subject }]));
	}

	it.each(['all', 'since-join'] as const)(
		'holds no secret of messages before; afterwards as much as the settings say (%s)',
		async (history) => {
			const { founder, ben } = await group('ben');
			await founder.say('before the rule');
			await tellNewcomers(founder, history, true);
			await settle(founder, ben);
			await founder.say('before they came');
			const terms = { auth: founder.identity.conversation, approval: true, kind: 'open' as const };
			const link = await linkOf(founder, terms);
			expect(link.epochKind).toBe('control');
			const late = await joinBy(founder, link, 'late', founder);
			await founder.hear(late);
			await founder.say('while they waited');
			await ben.hear(founder);
			await settle(founder, ben);
			await late.hear(founder);
			// They ask for nothing either.
			expect(late.conversation.duties()).toEqual([]);
			expect([nothingOf(late), late.shown]).toEqual([true, []]);
			// Whoever waits sees who is there, and is seen.
			expect(late.conversation.authority.memberByAccount.size).toBe(2);
			expect(founder.conversation.authority.pendingJoins).toHaveLength(1);
			await letIn(founder, late, 'approval', new Uint8Array(32));
			await settle(founder, ben, late);
			await founder.say('now they are here');
			await late.hear(founder);
			const before = history === 'all' ? ['before the rule', 'before they came', 'while they waited'] : [];
			expect(late.shown).toEqual([...before, 'now they are here']);
			expect(late.conversation.authority.memberByAccount.size).toBe(3);
			await late.say('hello');
			await ben.hear(late);
			expect(ben.shown).toContain('hello');
			expect(current(late)).toBe(current(founder));
		}
	);

	it('by a link for one person as well, and only one comes in by it', async () => {
		const { founder, ben } = await group('ben');
		await founder.say('before');
		const link = await linkOf(ben, { auth: noAuthority, approval: false, kind: 'personal' });
		expect(link.epochKind).toBe('control');
		const [first, second] = [
			await joinBy(founder, link, 'first', ben),
			await joinBy(founder, link, 'second', ben)
		];
		for (const newcomer of [first, second]) await ben.hear(newcomer);
		const { publicKey } = await signingKeysOfSeed(ben.crypto.subtle, link.seed);
		for (const newcomer of [first, second]) await letIn(ben, newcomer, 'personal', publicKey);
		await founder.hear(ben);
		await settle(founder, ben, first, second);
		expect(first.shown).toEqual(['before']);
		expect([nothingOf(second), second.shown]).toEqual([true, []]);
	});

	it('by links that were made before reads nothing that is said under the rule', async () => {
		const { founder, ben } = await group('ben');
		await founder.say('before the rule');
		const link = await linkOf(ben);
		await founder.hear(ben);
		await tellNewcomers(founder, 'all', true);
		await founder.say('under the rule');
		const late = await joinBy(founder, link, 'late', founder);
		expect(late.shown).toEqual(['before the rule']);
		await founder.hear(late);
		expect(founder.conversation.authority.memberByAccount.size).toBe(2);
	});
});
