import { describe, expect, it } from 'vitest';
import { LatestActs } from '../../../../src/lib/conversation/content/latest-acts';
import { fromBase64url, toBase64url } from '../../../../src/lib/protocol/base64url';
import type { ContentRecord } from '../../../../src/lib/protocol/records';
import { group, type Person } from '../people';

const idOf = (person: Person, text: string): Uint8Array => {
	const bytes = fromBase64url(person.shownAs(text).id);
	if (!bytes.ok) throw new Error(bytes.reason);
	return bytes.value;
};
const edit = (target: Uint8Array, text: string): ContentRecord => ({
	type: 'edit',
	target,
	text,
	mentions: []
});
const reaction = (target: Uint8Array, emoji: string, on = true): ContentRecord => ({
	type: 'reaction',
	target,
	emoji,
	on
});
const wordings = (person: Person) =>
	person.shownMessages.map(({ versions }) => versions.map(({ text }) => text));

/** Ben said something; Cleo and the founder have heard it. */
async function benSpoke() {
	const people = await group('ben', 'cleo');
	await people.ben.say('one');
	await people.founder.hear(people.ben);
	await people.cleo.hear(people.ben);
	return { ...people, target: idOf(people.ben, 'one') };
}

describe('what is said about a message', () => {
	it('is shown to its author at once, and to everybody whatever comes first', async () => {
		const { founder, ben, cleo, target } = await benSpoke();
		await ben.write(edit(target, 'two'));
		await cleo.write(reaction(target, '👍'));
		expect(wordings(ben)).toEqual([['one', 'two']]);
		await ben.hear(cleo);
		await founder.hear(cleo);
		await founder.hear(ben);
		await cleo.hear(ben);
		expect(founder.shownMessages).toEqual(ben.shownMessages);
		expect(cleo.shownMessages).toEqual(ben.shownMessages);
		expect(ben.shownMessages[0]?.reactions).toEqual([{ emoji: '👍', accounts: [cleo.conversation.account] }]);
	});

	it('tells the read model all that a message holds', async () => {
		const { founder, ben, cleo, target } = await benSpoke();
		const poll = { options: ['Rom', 'Oslo'], several: true };
		const [mentioned] = [fromBase64url(ben.conversation.account)];
		if (!mentioned?.ok) throw new Error('an account id is base64url');
		await cleo.write({
			type: 'message',
			text: 'Where?',
			reply: target,
			thread: target,
			mentions: [mentioned.value],
			everyone: true,
			forwarded: true,
			poll,
			expiresAfterS: 60
		});
		await founder.hear(cleo);
		expect(founder.shownAs('Where?')).toMatchObject({
			reply: toBase64url(target),
			thread: toBase64url(target),
			mentions: [ben.conversation.account],
			mentionsEveryone: true,
			forwarded: true,
			poll,
			expiresAfterS: 60,
			origin: null
		});
	});

	it('is kept for a message that comes later', async () => {
		const { founder, cleo } = await group('cleo');
		const unknown = new Uint8Array(32).fill(9);
		await cleo.write(reaction(unknown, '👍'));
		await founder.hear(cleo);
		expect(founder.acts).toMatchObject([{ kind: 'reaction', target: toBase64url(unknown) }]);
		expect(founder.shownMessages).toEqual([]);
	});

	it('is there once after a restart', async () => {
		const { ben, target } = await benSpoke();
		await ben.write(edit(target, 'two'));
		const before = ben.shownMessages;
		await ben.close();
		await ben.open();
		await ben.conversation.warm();
		expect(ben.shownMessages).toEqual(before);
		expect(ben.acts).toHaveLength(1);
	});

	it('goes with the removal of who said it, beyond what the remover knew', async () => {
		const { founder, ben, cleo, target } = await benSpoke();
		await cleo.write(reaction(target, '👍'));
		await founder.hear(cleo);
		await cleo.write(reaction(target, '🎉'));
		await ben.hear(cleo);
		expect(ben.shownMessages[0]?.reactions).toHaveLength(2);
		const { conversation, grant } = cleo.identity;
		const written = await founder.conversation.write({
			type: 'remove',
			auth: conversation,
			grants: [grant],
			caps: await founder.conversation.capsOver(new Set([toBase64url(grant)])),
			epoch: null
		});
		expect(written.ok).toBe(true);
		await ben.hear(founder);
		expect(ben.shownMessages[0]?.reactions.map(({ emoji }) => emoji)).toEqual(['👍']);
	});
});

describe('what was said about a message in a lane that is forked', () => {
	/** Ben's profile is copied after a first message; both go on, and meet. */
	async function benIsCopied(say: (one: Person, target: Uint8Array) => Promise<void>) {
		const { founder, ben, cleo, target } = await benSpoke();
		await ben.close();
		const copy = ben.copy();
		await ben.open();
		await copy.open();
		await say(ben, target);
		await copy.say('two');
		await copy.write(reaction(target, '🎉'));
		for (let round = 0; round < 3; round++) {
			await founder.hear(ben);
			await founder.hear(copy);
			await ben.hear(copy);
			await copy.hear(ben);
			await ben.hear(founder);
			await copy.hear(founder);
			await cleo.hear(founder);
			await cleo.hear(ben);
			await cleo.hear(copy);
		}
		return { founder, ben, copy, cleo };
	}

	it('is said again, so that everybody sees it on both branches', async () => {
		const people = await benIsCopied(async (ben, target) => {
			await ben.write(reaction(target, '👍'));
			await ben.write(edit(target, 'better'));
		});
		const { founder, ben, copy, cleo } = people;
		const [shown] = founder.shownMessages;
		expect(new Set(shown?.reactions.map(({ emoji }) => emoji))).toEqual(new Set(['👍', '🎉']));
		expect(shown?.versions.at(-1)?.text).toBe('better');
		for (const other of [ben, copy, cleo]) expect(other.shownMessages).toEqual(founder.shownMessages);
		const said = ben.acts.length;
		await ben.close();
		await ben.open();
		await ben.conversation.warm();
		expect(ben.acts).toHaveLength(said);
	});
});

describe('the latest acts of an account', () => {
	const said = (on: boolean, target = 'm') => ({ kind: 'reaction', target, emoji: '👍', on }) as const;

	it('make older ones of the same kind about the same message outdated, and no others', () => {
		const latest = new LatestActs('anna');
		latest.add('anna', 5, said(false));
		expect(latest.isOutdated(4, said(true))).toBe(true);
		expect(latest.isOutdated(5, said(false))).toBe(true);
		expect(latest.isOutdated(6, said(true))).toBe(false);
		expect(latest.isOutdated(4, said(true, 'other'))).toBe(false);
		expect(latest.isOutdated(4, { ...said(true), emoji: '🎉' })).toBe(false);
	});

	it('are those of this account, and of everybody for pins', () => {
		const latest = new LatestActs('anna');
		latest.add('ben', 5, said(false));
		latest.add('ben', 5, { kind: 'pin', target: 'm', on: false });
		expect(latest.isOutdated(4, said(true))).toBe(false);
		expect(latest.isOutdated(4, { kind: 'pin', target: 'm', on: true })).toBe(true);
	});
});
