/** Groups that people run: who may do what, that it holds, and that everybody is told in plain words. */
import { expect, relayAway, test } from './fixtures';
import {
	closeTab,
	gather,
	inviteLink,
	join,
	keptForOffline,
	linked,
	message,
	say,
	sees,
	send,
	threeInAGroup,
	withoutNetwork
} from './people';
import { act, gone, log, members, menuOf, openDetails, rule, shows } from './running-a-group';

test.describe.configure({ timeout: 240_000 });

const slow = { timeout: 40_000 };

test('a moderator removes a member, over links alone: they are told, and nobody else is touched', async ({
	relay,
	person
}) => {
	const [alice, bob, carol] = await threeInAGroup(person, 'Trip');
	await linked(alice, bob, carol);
	await say(carol, 'before');
	for (const anyone of [alice, bob]) await sees(anyone, 'before');
	await Promise.all([alice, bob, carol].map(keptForOffline));
	await relay.stop();

	for (const anyone of [alice, bob, carol]) await openDetails(anyone);
	// Nobody but the owner can do anything yet.
	expect(await menuOf(bob, 'Carol')).toEqual(['Message', 'Safety number', 'Block']);
	await act(alice, 'Bob', 'Make moderator');
	for (const anyone of [alice, bob, carol]) await shows(anyone, 'Bob', 'Moderator');
	// A moderator may remove plain members, and not the owner.
	expect(await menuOf(bob, 'Alice')).toEqual(['Message', 'Safety number', 'Block']);
	await act(bob, 'Carol', 'Remove from group');

	await expect(carol.page.getByText('You were removed from this group by Bob.')).toBeVisible(slow);
	await expect(carol.page.getByRole('textbox', { name: 'Message', exact: true })).toHaveCount(0);
	for (const anyone of [alice, bob]) {
		await expect(gone(anyone).filter({ hasText: 'Carol' })).toHaveCount(1, slow);
		await sees(anyone, 'before');
	}
	await say(alice, 'without Carol');
	await sees(bob, 'without Carol');
	await expect(message(carol, 'without Carol')).toHaveCount(0);

	await act(alice, 'Bob', 'Remove moderator');
	for (const anyone of [alice, bob]) await shows(anyone, 'Bob', '');
	for (const anyone of [alice, bob])
		expect(await log(anyone)).toEqual([
			'Alice took moderating from Bob',
			'Bob removed Carol',
			// She may hold any link.
			'Bob closed a link',
			'Alice made Bob a moderator'
		]);

	// With the relay back, the next start says the same, and she is still out.
	await relay.start();
	await carol.page.reload();
	await expect(carol.page.getByText('You were removed from this group by Bob.')).toBeVisible(slow);
	await expect(message(carol, 'without Carol')).toHaveCount(0);
});

test('who was offline when they were removed learns of it; what they wrote meanwhile is shown to nobody', async ({
	person
}) => {
	const [alice, bob, carol] = [await person('Alice'), await person('Bob'), await person('Carol')];
	carol.allow(relayAway);
	await gather('Trip', alice, bob, carol);
	await say(carol, 'still a member');
	for (const anyone of [alice, bob]) await sees(anyone, 'still a member');
	await withoutNetwork(carol, 'Trip');
	await openDetails(alice);
	await act(alice, 'Carol', 'Remove from group');
	await openDetails(bob);
	await expect(gone(bob).filter({ hasText: 'Carol' })).toHaveCount(1, slow);
	await say(alice, 'after the removal');
	await sees(bob, 'after the removal');

	await say(carol, 'said in a tunnel');
	await carol.context.setOffline(false);
	await expect(carol.page.getByText('You were removed from this group by Alice.')).toBeVisible(slow);
	await expect(carol.page.getByRole('textbox', { name: 'Message', exact: true })).toHaveCount(0);
	await sees(carol, 'still a member');
	// Nobody shows it, also not after everything has been compared and loaded again.
	for (const anyone of [alice, bob]) {
		await say(anyone, `${anyone.name} goes on`);
		await anyone.page.reload();
		await sees(anyone, 'still a member');
		await sees(anyone, `${anyone.name} goes on`);
		await expect(message(anyone, 'said in a tunnel')).toHaveCount(0);
	}
});

test('only moderators write; newcomers wait until somebody lets them in; a closed link lets in nobody', async ({
	person
}) => {
	const [alice, bob, dora, erik] = [
		await person('Alice'),
		await person('Bob'),
		await person('Dora'),
		await person('Erik')
	];
	await gather('Trip', alice, bob);
	await openDetails(alice);
	await rule(alice, { write: 'Owner and moderators', description: 'Boats and tides' });
	await expect(bob.page.getByText('Only the owner and moderators write in this group.')).toBeVisible(slow);
	await expect(bob.page.getByRole('textbox', { name: 'Message', exact: true })).toHaveCount(0);
	await openDetails(bob);
	await expect(bob.page.getByText('Boats and tides')).toBeVisible(slow);
	await say(alice, 'an announcement');
	await sees(bob, 'an announcement');
	await act(alice, 'Bob', 'Make moderator');
	await say(bob, 'from a moderator');
	await sees(alice, 'from a moderator');
	await rule(alice, { write: 'All members', approval: true });

	const link = await inviteLink(alice);
	await join(dora, link, 'Trip');
	await expect(dora.page.getByText('You asked to come in.')).toBeVisible(slow);
	await expect(members(alice)).toHaveCount(2);
	// Bob moderates: he sees her too, and lets her in.
	await bob.page.getByRole('button', { name: 'Let Dora in' }).click(slow);
	await shows(alice, 'Dora', '');
	await expect(dora.page.getByText('You asked to come in.')).toBeHidden(slow);
	await say(dora, 'thank you');
	await sees(alice, 'thank you');

	await alice.page.getByRole('button', { name: 'Links', exact: true }).click();
	const links = alice.page.getByRole('dialog', { name: 'Links', exact: true });
	await links
		.getByRole('listitem')
		.filter({ hasText: 'Dora' })
		.getByRole('button', { name: 'Close link' })
		.click();
	await alice.page.getByRole('alertdialog').getByRole('button', { name: 'Close link' }).click();
	await expect(links.getByRole('listitem').filter({ hasText: 'Dora' })).toHaveCount(0);
	await alice.page.keyboard.press('Escape');
	await join(erik, link, 'Trip');
	await expect(erik.page.getByText('This link had been closed, or had expired')).toBeVisible(slow);
	await shows(alice, 'Dora', '');
	await expect(members(alice)).toHaveCount(3);
	expect(await log(bob)).toEqual([
		'Alice closed a link',
		'Bob let Dora in',
		'Alice changed the group’s settings',
		'Alice made Bob a moderator',
		'Alice changed the group’s settings'
	]);
});

test('the group is handed over to who agrees, while its owner is away; then the new owner decides', async ({
	person
}) => {
	const [alice, bob, carol] = [await person('Alice'), await person('Bob'), await person('Carol')];
	await gather('Trip', alice, bob, carol);
	for (const anyone of [alice, bob, carol]) await openDetails(anyone);
	await act(alice, 'Bob', 'Offer ownership');
	await expect(carol.page.getByText('The owner has offered the group to Bob.')).toBeVisible(slow);
	const becomes = bob.page.getByRole('button', { name: 'Become owner' });
	await expect(becomes).toBeVisible(slow);
	await act(alice, 'Bob', 'Take offer back');
	await expect(becomes).toHaveCount(0, slow);
	await act(alice, 'Bob', 'Offer ownership');
	await expect(becomes).toBeVisible(slow);

	const aliceReturns = await closeTab(alice);
	await becomes.click();
	await expect(bob.page.getByText('You agreed.')).toBeVisible();
	await shows(bob, 'Alice', 'Owner');
	await aliceReturns();
	for (const anyone of [bob, carol]) {
		await shows(anyone, 'Bob', 'Owner');
		await shows(anyone, 'Alice', '');
	}
	await act(bob, 'Carol', 'Make moderator');
	await shows(carol, 'Carol', 'Moderator');
	await openDetails(alice);
	await expect(alice.page.getByRole('button', { name: 'Group settings' })).toHaveCount(0);
	expect(await log(carol)).toEqual(['Bob made Carol a moderator', 'Alice gave the group to Bob']);
});

test('who was removed comes back by a new invitation', async ({ person }) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	await gather('Trip', alice, bob);
	await say(bob, 'first time');
	await openDetails(alice);
	await act(alice, 'Bob', 'Remove from group');
	await expect(bob.page.getByText('You were removed from this group by Alice.')).toBeVisible(slow);
	await send(alice, 'just me');
	// The link by which Bob came was closed with the removal: this is another one.
	await join(bob, await inviteLink(alice), 'Trip');
	await say(bob, 'back again');
	await sees(alice, 'back again');
	await shows(alice, 'Bob', '');
});
