/** A message takes whatever way there is: direct, through the relay, or later. */
import { expect, noDirectLinks, relayAway, test } from './fixtures';
import {
	connection,
	createGroup,
	gather,
	inviteLink,
	join,
	keptForOffline,
	linked,
	mark,
	matches,
	say,
	sees,
	start
} from './people';

test.describe.configure({ timeout: 180_000 });

const lines = (count: number): string[] => Array.from({ length: count }, (_, index) => `line-${index + 1}`);

test('goes on peer to peer when the relay is gone, and tells the relay later', async ({ relay, person }) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	for (const anyone of [alice, bob]) anyone.allow(relayAway);
	await gather('Trip', alice, bob);
	await linked(alice, bob);
	await Promise.all([alice, bob].map(keptForOffline));
	await relay.stop();
	await say(alice, 'line-1');
	await sees(bob, 'line-1');
	await say(bob, 'line-2');
	await sees(alice, 'line-2');
	await expect(mark(alice, 'line-1', 'Delivered')).toBeVisible();
	await expect(connection(alice)).toHaveText('Connected');

	// Somebody who comes later, when both have gone, has it all from the relay.
	const link = await inviteLink(alice);
	await relay.start();
	await expect(mark(alice, 'line-1', 'Delivered')).toBeVisible();
	const carol = await person('Carol');
	await join(carol, link, 'Trip');
	await expect.poll(() => matches(carol, /line-\d/), { timeout: 40_000 }).toEqual(lines(2));
});

test('goes through the relay where no direct link can be; waits when that is gone too', async ({
	relay,
	person
}) => {
	const [alice, bob] = [await person('Alice', { args: noDirectLinks }), await person('Bob')];
	for (const anyone of [alice, bob]) anyone.allow(relayAway);
	await gather('Trip', alice, bob);
	await say(alice, 'line-1');
	await sees(bob, 'line-1');
	await say(bob, 'line-2');
	await sees(alice, 'line-2');
	for (const anyone of [alice, bob])
		await expect(connection(anyone)).toHaveText('Connected through the relay');
	await expect(mark(alice, 'line-1', 'Delivered')).toBeVisible();

	await relay.kill9();
	await expect(connection(alice)).toHaveText('Waiting for another device');
	for (const text of ['line-3', 'line-4', 'line-5']) await say(alice, text);
	for (const text of ['line-3', 'line-4', 'line-5']) await expect(mark(alice, text, 'Queued')).toBeVisible();
	await expect(connection(alice)).toHaveText('Waiting for another device – 3 messages wait here');
	expect(await matches(bob, /line-\d/)).toEqual(lines(2));

	await relay.start();
	await sees(bob, 'line-5', 60_000);
	for (const anyone of [alice, bob]) expect(await matches(anyone, /line-\d/)).toEqual(lines(5));
	for (const text of lines(5).slice(2)) await expect(mark(alice, text, 'Delivered')).toBeVisible();
	await expect(connection(alice)).toHaveText('Connected through the relay');
	await say(bob, 'line-6');
	await sees(alice, 'line-6');
	for (const anyone of [alice, bob]) expect(await matches(anyone, /line-\d/)).toEqual(lines(6));
});

test('joining works while nobody else is there', async ({ person }) => {
	const alice = await person('Alice');
	await start(alice);
	await createGroup(alice, 'Trip');
	await say(alice, 'line-1');
	await expect(mark(alice, 'line-1', 'Sent')).toBeVisible();
	const link = await inviteLink(alice);
	await alice.close();
	const bob = await person('Bob');
	await join(bob, link, 'Trip');
	await sees(bob, 'line-1');
	await expect(bob.page.getByRole('article', { name: /^Alice, / })).toContainText('line-1');
});
