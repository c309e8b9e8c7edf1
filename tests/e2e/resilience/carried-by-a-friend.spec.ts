/** The relay keeps no documents: a message reaches C through B, who met A and C one after the other. */
import { createGroup, inConversation, inviteLink, join, linked, say, sees, start } from '../people';
import { expect, test } from './resilience-test';

test.use({ doorOptions: { blocked: ['/doc'] } });

test('a message travels from A to C through B', async ({ outsider }) => {
	test.setTimeout(120_000);
	const [alice, bob, carol] = await Promise.all(['Alice', 'Bob', 'Carol'].map((name) => outsider(name)));
	if (!alice || !bob || !carol) throw new Error('somebody is missing');
	for (const person of [alice, bob, carol]) person.allow(/WebSocket connection to/);
	await start(alice);
	await createGroup(alice, 'Trip');
	const link = await inviteLink(alice);
	await join(bob, link, 'Trip');
	await linked(alice, bob);
	const address = bob.page.url();
	await say(alice, 'Tell Carol that I am on my way');
	await sees(bob, 'Tell Carol that I am on my way');
	await alice.close();
	// Bob's device sleeps for a while too: what it carries is on its disk.
	await bob.page.goto('about:blank');
	await join(carol, link, 'Trip');
	await expect(carol.page.getByRole('article')).toHaveCount(0);
	await bob.page.goto(address);
	await inConversation(bob, 'Trip');
	await linked(bob, carol);
	await sees(carol, 'Tell Carol that I am on my way');
	await say(carol, 'Thank you both');
	await sees(bob, 'Thank you both');
});
