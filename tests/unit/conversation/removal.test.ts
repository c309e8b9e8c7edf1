import { describe, expect, it } from 'vitest';
import type { Conversation } from '../../../src/lib/conversation/conversation';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import type { RemoveRecord } from '../../../src/lib/protocol/records';
import { group, type Person } from './people';

async function removal(by: Conversation, whom: Person): Promise<RemoveRecord> {
	const { grant } = whom.identity;
	return {
		type: 'remove',
		auth: by.identity.conversation,
		grants: [grant],
		caps: await by.capsOver(new Set([toBase64url(grant)])),
		epoch: null
	};
}

/** Ben has been removed by the founder, who has heard two of his messages; Cleo has heard a third. */
async function benIsRemoved() {
	const { founder, ben, cleo } = await group('ben', 'cleo');
	await ben.say('one');
	await ben.say('two');
	await founder.hear(ben);
	await ben.say('three');
	await cleo.hear(ben);
	expect(cleo.shown).toEqual(['one', 'two', 'three']);
	const written = await founder.conversation.write(await removal(founder.conversation, ben));
	if (!written.ok) throw new Error(written.reason);
	return { founder, ben, cleo };
}

describe('a removal', () => {
	it('leaves what the remover had, and takes the rest back from every screen that knows of it', async () => {
		const { founder, ben, cleo } = await benIsRemoved();
		expect(founder.shown).toEqual(['one', 'two']);
		await cleo.hear(founder);
		expect(cleo.shown).toEqual(['one', 'two']);
		await ben.hear(founder);
		expect(ben.shown).toEqual(['one', 'two']);
		const member = cleo.conversation.authority.memberByAccount.get(ben.conversation.account);
		expect(member).toMatchObject({ name: 'ben', left: true, removed: true });
	});

	it('voids what comes later, in lanes that it names and in others', async () => {
		const { founder, ben, cleo } = await benIsRemoved();
		await ben.say('four');
		await founder.hear(ben);
		await cleo.hear(founder);
		expect(founder.shown).toEqual(['one', 'two']);
		expect(cleo.shown).toEqual(['one', 'two']);
		await ben.conversation.write({ type: 'profile', name: 'somebody else' });
		await founder.hear(ben);
		const member = founder.conversation.authority.memberByAccount.get(ben.conversation.account);
		expect(member?.name).toBe('ben');
	});

	it('that was learned while a segment was not loaded holds when it is', async () => {
		const { founder, cleo } = await benIsRemoved();
		await cleo.close();
		await cleo.open();
		await cleo.hear(founder, [0]);
		expect(cleo.conversation.loadedSegments).toEqual([0]);
		expect(cleo.shown).toEqual(['one', 'two', 'three']);
		await cleo.conversation.project(1);
		expect(cleo.shown).toEqual(['one', 'two']);
	});

	it('that turns out to be void gives back what it took', async () => {
		const { founder, ben, cleo } = await group('ben', 'cleo');
		const grantOf = (person: Person) => person.identity.grant;
		const { conversation } = founder;
		const role = await conversation.write({
			type: 'role',
			auth: conversation.identity.conversation,
			grant: grantOf(cleo),
			role: 'moderator',
			caps: []
		});
		expect(role.ok).toBe(true);
		await ben.say('one');
		await cleo.hear(founder);
		await ben.hear(founder);
		const roleId = conversation.authority.roleIdByGrant.get(toBase64url(grantOf(cleo)));
		expect(roleId).toBeDefined();
		const remove = await removal(cleo.conversation, ben);
		const written = await cleo.conversation.write({
			...remove,
			auth: Uint8Array.from(Buffer.from(roleId ?? '', 'base64url'))
		});
		expect(written.ok).toBe(true);
		await ben.hear(cleo);
		expect(ben.shown).toEqual([]);
		// The owner takes the role back, and accepts nothing of what was done with it.
		await conversation.write({
			type: 'role',
			auth: conversation.identity.conversation,
			grant: grantOf(cleo),
			role: 'member',
			caps: []
		});
		await ben.hear(founder);
		expect(ben.shown).toEqual(['one']);
		await founder.hear(cleo);
		await founder.hear(ben);
		expect(founder.shown).toEqual(['one']);
	});
});
