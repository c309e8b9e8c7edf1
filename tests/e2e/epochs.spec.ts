/** What a removal takes away, and from whom: those who stay go on, and who was removed can read nothing that follows. */
import { expect, noDirectLinks, relayAway, test } from './fixtures';
import {
	closeTab,
	gather,
	inConversation,
	inviteLink,
	join,
	keptForOffline,
	linked,
	mark,
	message,
	say,
	sees,
	send,
	start,
	threeInAGroup
} from './people';
import { act, gone, openDetails } from './running-a-group';
import { everythingKept, laterEpochs } from './what-is-kept';

test.describe.configure({ timeout: 240_000 });

const slow = { timeout: 40_000 };

test('after a removal the others go on, over links alone and over the relay alone', async ({
	relay,
	person
}) => {
	const [alice, bob, carol] = await threeInAGroup(person, 'Trip');
	await linked(alice, bob, carol);
	await say(carol, 'before');
	for (const anyone of [alice, bob]) await sees(anyone, 'before');
	await openDetails(alice);
	await act(alice, 'Carol', 'Remove from group');
	await expect(carol.page.getByText('You were removed from this group by Alice.')).toBeVisible(slow);
	await say(bob, 'with the relay');
	await sees(alice, 'with the relay');
	await Promise.all([alice, bob].map(keptForOffline));
	await relay.stop();
	await say(alice, 'over the link');
	await sees(bob, 'over the link');
	await relay.start();
	await say(bob, 'with the relay again');
	await sees(alice, 'with the relay again');
	for (const text of ['with the relay', 'over the link', 'with the relay again'])
		await expect(message(carol, text)).toHaveCount(0);
});

test('over the relay alone: who was removed finds nothing that was written afterwards, anywhere', async ({
	person
}) => {
	const alone = { args: noDirectLinks };
	const [alice, bob, carol] = [
		await person('Alice', alone),
		await person('Bob', alone),
		await person('Carol', alone)
	];
	await gather('Trip', alice, bob, carol);
	await say(carol, 'before the removal');
	for (const anyone of [alice, bob]) await sees(anyone, 'before the removal');
	await openDetails(alice);
	await act(alice, 'Carol', 'Remove from group');
	await openDetails(bob);
	await expect(gone(bob).filter({ hasText: 'Carol' })).toHaveCount(1, slow);
	await send(alice, 'nothing for Carol');
	await sees(bob, 'nothing for Carol');
	await send(bob, 'nor is this');
	await sees(alice, 'nor is this');
	// She asks the relay again, from the beginning.
	await carol.page.reload();
	await inConversation(carol, 'Trip');
	await sees(carol, 'before the removal');
	const kept = await everythingKept(carol);
	expect(kept).toContain('before the removal');
	expect(kept).not.toContain('nothing for Carol');
	expect(kept).not.toContain('nor is this');
	// Nor anything to open it with, if she gets at the bytes in another way.
	const [alices, bobs, carols] = [await laterEpochs(alice), await laterEpochs(bob), await laterEpochs(carol)];
	expect(bobs).toEqual(expect.arrayContaining(alices));
	expect(alices.length).toBeGreaterThan(0);
	// One of her own she may have begun, when she saw that the link was closed and not yet why.
	expect(carols.filter((id) => alices.includes(id))).toEqual([]);
	expect(await everythingKept(bob)).toContain('nothing for Carol');
});

test('a member who was offline meanwhile reads everything when they are back, and goes on without the relay', async ({
	relay,
	person
}) => {
	const [alice, bob, carol] = await threeInAGroup(person, 'Trip');
	await linked(alice, bob, carol);
	await say(carol, 'all three');
	for (const anyone of [alice, bob]) await sees(anyone, 'all three');
	await keptForOffline(bob);
	const returns = await closeTab(bob);
	await openDetails(alice);
	await act(alice, 'Carol', 'Remove from group');
	await expect(carol.page.getByText('You were removed from this group by Alice.')).toBeVisible(slow);
	await send(alice, 'while Bob was away');
	await returns();
	await inConversation(bob, 'Trip');
	await sees(bob, 'while Bob was away');
	await Promise.all([alice, bob].map(keptForOffline));
	await relay.stop();
	await say(bob, 'back');
	await sees(alice, 'back');
});

test('a link made after a removal lets in with nobody online but the relay', async ({ person }) => {
	const [alice, bob, dora] = [await person('Alice'), await person('Bob'), await person('Dora')];
	await gather('Trip', alice, bob);
	await say(bob, 'first');
	// What the remover has not seen does not count.
	await sees(alice, 'first');
	await openDetails(alice);
	await act(alice, 'Bob', 'Remove from group');
	await expect(bob.page.getByText('You were removed from this group by Alice.')).toBeVisible(slow);
	await say(alice, 'second');
	await expect(mark(alice, 'second', 'Sent')).toBeVisible(slow);
	const link = await inviteLink(alice);
	await keptForOffline(alice);
	const returns = await closeTab(alice);
	await start(dora);
	await join(dora, link, 'Trip');
	for (const text of ['first', 'second']) await sees(dora, text);
	await send(dora, 'hello');
	await returns();
	await sees(alice, 'hello');
});

test('who was away during a removal has everything of another member, over a link alone', async ({
	person
}) => {
	const [alice, bob, carol, dora] = [
		await person('Alice'),
		await person('Bob'),
		await person('Carol'),
		await person('Dora')
	];
	bob.allow(relayAway);
	// Bob finds the others by signalling, and no document at a relay.
	let refused = 0;
	await bob.context.routeWebSocket(/\/doc\//, (socket) => {
		refused++;
		void socket.close();
	});
	await gather('Trip', alice, bob, carol, dora);
	await say(carol, 'all of us');
	for (const anyone of [alice, bob, dora]) await sees(anyone, 'all of us');
	const returns = await closeTab(bob);
	await openDetails(alice);
	await act(alice, 'Carol', 'Remove from group');
	await send(alice, 'while Bob was away');
	await sees(dora, 'while Bob was away');
	await alice.close();
	await carol.close();
	await returns();
	await inConversation(bob, 'Trip');
	await sees(bob, 'while Bob was away', 60_000);
	await openDetails(bob);
	await expect(gone(bob).filter({ hasText: 'Carol' })).toHaveCount(1, slow);
	expect(await laterEpochs(bob)).toEqual(expect.arrayContaining(await laterEpochs(dora)));
	await say(bob, 'back');
	await sees(dora, 'back');
	expect(refused).toBeGreaterThan(0);
});
