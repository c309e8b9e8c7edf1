/** People who do not know each other meet: by a link, a request, a conversation of the two of them. */
import { expect, relayAway, test } from './fixtures';
import {
	accept,
	acquaint,
	contactLink,
	openRequests,
	setBlocked,
	writeFirst,
	writeToMember
} from './meeting';
import {
	connection,
	createGroup,
	inviteLink,
	join,
	keptForOffline,
	linked,
	mark,
	message,
	openConversation,
	say,
	sees,
	send,
	start,
	threeInAGroup
} from './people';
import type { Person } from './person';

test.describe.configure({ timeout: 180_000 });

/** Chooses who may write first. */
async function mayBeReachedBy({ page }: Person, whom: RegExp): Promise<void> {
	await page.getByRole('link', { name: 'Settings' }).first().click();
	await page.getByRole('main').getByRole('link', { name: 'Privacy' }).click();
	await page.getByRole('radio', { name: whom }).check();
}

test('a request waits, is accepted, and the two talk; without the relay too', async ({ relay, person }) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	for (const anyone of [alice, bob]) anyone.allow(relayAway);
	await Promise.all([start(alice), start(bob)]);
	const link = await contactLink(alice);
	// On the list alone the list itself tells.
	await alice.page.getByRole('link', { name: 'Settings' }).click();
	// What tells goes by itself: it is looked for from the beginning.
	await Promise.all([
		expect(alice.page.getByRole('region', { name: 'Notices' })).toContainText(
			'Bob wants to write to you: Hello, it is Bob',
			{ timeout: 60_000 }
		),
		writeFirst(bob, link, 'Alice', 'Hello, it is Bob')
	]);
	await sees(bob, 'Hello, it is Bob');
	await expect(mark(bob, 'Hello, it is Bob', 'Sent')).toBeVisible();

	// Before it is accepted nothing is there but the name and the text.
	await openRequests(alice);
	const main = alice.page.getByRole('main');
	await expect(main).toContainText('Bob');
	await expect(main).toContainText('Hello, it is Bob');
	const list = alice.page.getByRole('navigation', { name: 'Conversations' });
	await expect(list.getByRole('link', { name: 'Bob' })).toHaveCount(0);
	await expect(connection(bob)).toHaveText('Connected through the relay');

	await alice.page.getByRole('button', { name: 'Accept' }).click();
	await sees(alice, 'Hello, it is Bob');
	await linked(alice, bob);
	await expect(mark(bob, 'Hello, it is Bob', 'Delivered')).toBeVisible();
	await say(alice, 'Hello, Bob');
	await sees(bob, 'Hello, Bob');
	await expect(alice.page.getByRole('link', { name: 'Requests' })).toHaveCount(0);

	await Promise.all([alice, bob].map(keptForOffline));
	await relay.stop();
	await say(bob, 'Still there?');
	await sees(alice, 'Still there?');
	await say(alice, 'Still here');
	await sees(bob, 'Still here');
});

test('two who write to each other at the same time, each without a network, meet in one conversation', async ({
	person
}) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	for (const anyone of [alice, bob]) anyone.allow(relayAway);
	await Promise.all([start(alice), start(bob)]);
	const [toAlice, toBob] = [await contactLink(alice), await contactLink(bob)];
	for (const { context } of [alice, bob]) await context.setOffline(true);
	await writeFirst(alice, toBob, 'Bob', 'from Alice');
	await writeFirst(bob, toAlice, 'Alice', 'from Bob');
	for (const { context } of [alice, bob]) await context.setOffline(false);
	await Promise.all([sees(alice, 'from Bob', 60_000), sees(bob, 'from Alice', 60_000)]);
	await linked(alice, bob);
	expect(new URL(alice.page.url()).pathname).toBe(new URL(bob.page.url()).pathname);
	for (const { page } of [alice, bob]) {
		await expect(page.getByRole('link', { name: 'Requests' })).toHaveCount(0);
		const list = page.getByRole('navigation', { name: 'Conversations' });
		await expect(list.locator('a[href^="/c/"]')).toHaveCount(1);
	}
});

test('a request that was written while the relay was away goes out when it is back, after a reload too', async ({
	relay,
	person
}) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	for (const anyone of [alice, bob]) anyone.allow(relayAway);
	await Promise.all([start(alice), start(bob)]);
	const link = await contactLink(alice);
	await Promise.all([alice, bob].map(keptForOffline));
	await relay.stop();
	await writeFirst(bob, link, 'Alice', 'later');
	await expect(mark(bob, 'later', 'Queued')).toBeVisible();
	await relay.start();
	await bob.page.reload();
	await sees(bob, 'later');
	await accept(alice, 'Bob');
	await sees(alice, 'later');
});

test('a request that is declined is gone, its author is not told, and it does not come back', async ({
	person
}) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	await Promise.all([start(alice), start(bob)]);
	await writeFirst(bob, await contactLink(alice), 'Alice', 'Buy something');
	await openRequests(alice);
	await alice.page.getByRole('button', { name: 'Decline' }).click();
	await expect(alice.page.getByRole('heading', { name: 'No requests' })).toBeVisible();
	await expect(mark(bob, 'Buy something', 'Sent')).toBeVisible();
	await send(bob, 'Buy it now');
	await expect(mark(bob, 'Buy it now', 'Sent')).toBeVisible();
	await alice.page.reload();
	await alice.page.getByRole('button', { name: 'New conversation' }).waitFor();
	await expect(alice.page.getByRole('link', { name: 'Requests' })).toHaveCount(0);
	await expect(alice.page.getByRole('link', { name: 'Bob' })).toHaveCount(0);
});

test('who is blocked from a request cannot ask again, and an old link no longer asks anything', async ({
	person
}) => {
	const [alice, bob, carol] = [await person('Alice'), await person('Bob'), await person('Carol')];
	await Promise.all([start(alice), start(bob), start(carol)]);
	const old = await contactLink(alice);
	await writeFirst(bob, old, 'Alice', 'first try');
	await openRequests(alice);
	await alice.page.getByRole('button', { name: 'Block' }).click();
	await alice.page
		.getByRole('alertdialog')
		.or(alice.page.getByRole('dialog'))
		.getByRole('button', { name: 'Block', exact: true })
		.click();
	await expect(alice.page.getByRole('heading', { name: 'No requests' })).toBeVisible();

	await alice.page.getByRole('button', { name: 'Show my link' }).click();
	const field = alice.page.getByRole('textbox', { name: 'Your link' });
	await expect(field).toHaveValue(old);
	await alice.page.getByRole('button', { name: 'Renew link' }).click();
	await alice.page.getByRole('alertdialog').getByRole('button', { name: 'Renew link' }).click();
	await expect(field).not.toHaveValue(old);
	const renewed = await field.inputValue();
	await alice.page.keyboard.press('Escape');

	// By the old link nothing comes; what comes by the new one after it shows that it had its time.
	await writeFirst(carol, old, 'Alice', 'by the old link');
	await expect(mark(carol, 'by the old link', 'Sent')).toBeVisible();
	const dora = await person('Dora');
	await start(dora);
	await writeFirst(dora, renewed, 'Alice', 'by the new link');
	await expect(alice.page.getByRole('main')).toContainText('by the new link', { timeout: 40_000 });
	await expect(alice.page.getByRole('main')).not.toContainText('by the old link');
	await expect(alice.page.getByRole('main')).not.toContainText('first try');
});

test('what somebody who is blocked writes is not shown, in a group nor between the two, and comes back', async ({
	person
}) => {
	const [alice, bob, carol] = [await person('Alice'), await person('Bob'), await person('Carol')];
	await Promise.all([start(alice), start(bob)]);
	await acquaint(bob, alice, 'Hello');
	await sees(alice, 'Hello');
	await linked(alice, bob);
	await setBlocked(alice, true);
	await send(bob, 'unheard between us');
	await expect(mark(bob, 'unheard between us', 'Sent')).toBeVisible();
	await expect(connection(bob)).toHaveText('Connected through the relay');

	await start(carol);
	await createGroup(carol, 'Trip');
	const link = await inviteLink(carol);
	for (const other of [alice, bob]) await join(other, link, 'Trip');
	await say(bob, 'unheard in the group');
	await sees(carol, 'unheard in the group');
	await say(carol, 'heard in the group');
	await sees(alice, 'heard in the group');
	await expect(message(alice, 'unheard')).toHaveCount(0);

	await openConversation(alice, 'Bob');
	await expect(message(alice, 'unheard')).toHaveCount(0);
	await setBlocked(alice, false);
	await sees(alice, 'unheard between us', 60_000);
	await openConversation(alice, 'Trip');
	await sees(alice, 'unheard in the group');
});

test('a member of a group is written to without their link and without a relay, and asked before', async ({
	relay,
	person
}) => {
	const [alice, bob, carol] = await threeInAGroup(person, 'Trip');
	await mayBeReachedBy(carol, /^Nobody/);
	await openConversation(carol, 'Trip');
	await Promise.all([alice, bob, carol].map(keptForOffline));
	await Promise.all([alice, bob, carol].map((anyone) => linked(anyone)));
	await relay.stop();

	await writeToMember(bob, 'Carol', 'for Carol alone');
	await openConversation(bob, 'Trip');
	await writeToMember(bob, 'Alice', 'for Alice alone');
	await openRequests(alice);
	const main = alice.page.getByRole('main');
	await expect(main).toContainText('for Alice alone');
	await expect(main).not.toContainText('for Carol alone');
	await expect(carol.page.getByRole('link', { name: 'Requests' })).toHaveCount(0);

	// Two devices that have never met need signalling; what was said waits for it.
	await relay.start();
	await alice.page.getByRole('button', { name: 'Accept' }).click();
	await sees(alice, 'for Alice alone', 60_000);
	await say(alice, 'Hello, Bob');
	await sees(bob, 'Hello, Bob', 60_000);

	// What was not wanted does not come back when it would be.
	await mayBeReachedBy(carol, /^Everyone/);
	await openConversation(carol, 'Trip');
	await carol.page.reload();
	await openConversation(alice, 'Trip');
	await writeToMember(alice, 'Carol', 'from Alice');
	await openRequests(carol);
	await expect(carol.page.getByRole('main')).toContainText('from Alice');
	await expect(carol.page.getByRole('main')).not.toContainText('for Carol alone');
});

/** Of all that the relay does, signalling alone is there for this person. */
async function withSignallingAlone({ context }: Person): Promise<void> {
	await context.route(/\/inbox\//, (route) => route.abort());
	await context.routeWebSocket(/\/doc\//, (socket) => void socket.close());
}

test('strangers meet and talk where nothing but signalling is there', async ({ person }) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	for (const anyone of [alice, bob]) {
		anyone.allow(relayAway);
		await withSignallingAlone(anyone);
	}
	await Promise.all([start(alice), start(bob)]);
	await writeFirst(bob, await contactLink(alice), 'Alice', 'Hello, it is Bob');
	await openRequests(alice);
	await expect(alice.page.getByRole('main')).toContainText('Hello, it is Bob');
	// Nothing is connected before that.
	await expect(connection(bob)).toContainText('Waiting for another device');
	await alice.page.getByRole('button', { name: 'Accept' }).click();
	await sees(alice, 'Hello, it is Bob', 60_000);
	await linked(alice, bob);
	await say(alice, 'Hello, Bob');
	await sees(bob, 'Hello, Bob');
	await say(bob, 'Nice to meet you');
	await sees(alice, 'Nice to meet you');

	await setBlocked(alice, true);
	await expect(connection(bob)).toContainText('Waiting for another device', { timeout: 60_000 });
	await send(bob, 'unheard');
	await expect(mark(bob, 'unheard', 'Queued')).toBeVisible();
	await expect(message(alice, 'unheard')).toHaveCount(0);
	await setBlocked(alice, false);
	await sees(alice, 'unheard', 60_000);
});

test('who was declined over signalling alone does not ask again; others do', async ({ person }) => {
	const [alice, bob, carol] = [await person('Alice'), await person('Bob'), await person('Carol')];
	for (const anyone of [alice, bob, carol]) {
		anyone.allow(relayAway);
		await withSignallingAlone(anyone);
	}
	await Promise.all([start(alice), start(bob), start(carol)]);
	const link = await contactLink(alice);
	await writeFirst(bob, link, 'Alice', 'Buy something');
	await openRequests(alice);
	await alice.page.getByRole('button', { name: 'Decline' }).click();
	await expect(alice.page.getByRole('heading', { name: 'No requests' })).toBeVisible();
	await Promise.all([alice, bob].map(({ page }) => page.reload()));
	await sees(bob, 'Buy something');

	// What comes after it shows that it had its time.
	await writeFirst(carol, link, 'Alice', 'It is Carol');
	await expect(alice.page.getByRole('main')).toContainText('It is Carol', { timeout: 60_000 });
	await expect(alice.page.getByRole('main')).not.toContainText('Buy something');
	await accept(alice, 'Carol');
	await sees(alice, 'It is Carol', 60_000);
	await linked(alice, carol);
});
