/** Links for one person: one comes in, once, when the device that made the link takes them; and owners who leave. */
import { expect, relayAway, test } from './fixtures';
import {
	closeTab,
	createGroup,
	gather,
	inConversation,
	join,
	keptForOffline,
	linked,
	message,
	personalLink,
	say,
	sees,
	start
} from './people';
import { act, log, members, openDetails, rule, shows } from './running-a-group';
import type { Person } from './person';

test.describe.configure({ timeout: 300_000 });

const slow = { timeout: 60_000 };

const says = (person: Person, text: string) => expect(person.page.getByText(text)).toBeVisible(slow);

test('the first of two comes in as soon as the device that made the link is back, whoever returns first', async ({
	person
}) => {
	const [alice, bob, carol] = [await person('Alice'), await person('Bob'), await person('Carol')];
	await start(alice);
	await createGroup(alice, 'Trip');
	await say(alice, 'just me');
	const link = await personalLink(alice);
	const aliceReturns = await closeTab(alice);

	await join(bob, link, 'Trip');
	await says(bob, 'Waiting until Alice is online.');
	await expect(bob.page.getByRole('textbox', { name: 'Message', exact: true })).toHaveCount(0);
	await join(carol, link, 'Trip');
	await says(carol, 'Waiting until Alice is online.');
	// Both are away while it is decided; the one who does not come in is back first.
	const [bobReturns, carolReturns] = [await closeTab(bob), await closeTab(carol)];
	await aliceReturns();
	await inConversation(alice, 'Trip');
	await openDetails(alice);
	await shows(alice, 'Bob', '');
	await expect(members(alice)).toHaveCount(2);
	await carolReturns();
	await says(carol, 'This link was for one person, and somebody else has come in by it.');
	await expect(carol.page.getByRole('textbox', { name: 'Message', exact: true })).toHaveCount(0);
	await bobReturns();
	await say(bob, 'thank you');
	await sees(alice, 'thank you');
	await expect(alice.page.getByRole('list', { name: 'Waiting to be let in' })).toHaveCount(0);

	await alice.page.getByRole('button', { name: 'Links', exact: true }).click();
	const used = alice.page
		.getByRole('dialog', { name: 'Links', exact: true })
		.getByRole('listitem')
		.filter({ hasText: 'Your link for one person' });
	await expect(used).toContainText('Bob came in by it. It lets in nobody else.');
	await expect(used.getByRole('button', { name: 'Close link' })).toHaveCount(0);
	await alice.page.keyboard.press('Escape');

	// A link of her own lets Carol in at once, since Alice is there.
	await join(carol, await personalLink(alice), 'Trip');
	await say(carol, 'here too');
	for (const anyone of [alice, bob]) await sees(anyone, 'here too');
	await expect(message(carol, 'thank you')).toHaveCount(1, slow);
	expect(await log(alice)).toEqual([
		'Carol came in by a link for one person of Alice',
		'Bob came in by a link for one person of Alice'
	]);
});

test('with approval the one who made the link says yes, over links alone, and both see one safety number', async ({
	relay,
	person
}) => {
	const [alice, bob, dora] = [await person('Alice'), await person('Bob'), await person('Dora')];
	for (const anyone of [alice, bob, dora]) anyone.allow(relayAway);
	await gather('Trip', alice, bob);
	await openDetails(alice);
	await act(alice, 'Bob', 'Make moderator');
	await rule(alice, { approval: true });
	await join(dora, await personalLink(alice), 'Trip');
	await says(dora, 'As soon as Alice lets you in, you can read and write here.');
	await openDetails(bob);
	const asks = bob.page.getByRole('list', { name: 'Waiting to be let in' }).getByRole('listitem');
	await expect(asks).toContainText('Waiting until Alice is online', slow);
	await expect(asks.getByRole('button', { name: 'Let Dora in' })).toHaveCount(0);
	await linked(alice, bob, dora);
	await Promise.all([alice, bob, dora].map(keptForOffline));
	await relay.stop();

	const numbers: string[] = [];
	for (const [anyone, other] of [
		[alice, 'Dora'],
		[dora, 'Alice']
	] as const) {
		await anyone.page.getByRole('button', { name: `Safety number with ${other}` }).click();
		const digits = anyone.page.getByRole('list', { name: 'Digits of the safety number' });
		await digits.waitFor(slow);
		numbers.push((await digits.innerText()).replace(/\s/gu, ''));
		await anyone.page.keyboard.press('Escape');
	}
	expect(numbers[0]).toMatch(/^[0-9]{60}$/);
	expect(numbers[1]).toBe(numbers[0]);

	// The log of who has it open follows.
	await bob.page.getByRole('button', { name: 'Moderation log' }).click();
	const opened = bob.page.getByRole('dialog', { name: 'Moderation log' });
	await expect(opened.getByRole('listitem')).toHaveCount(2);
	await alice.page.getByRole('button', { name: 'Let Dora in' }).click();
	await expect(opened.getByRole('listitem').first()).toContainText(
		'Dora came in by a link for one person of Alice',
		slow
	);
	await bob.page.keyboard.press('Escape');
	await say(dora, 'hello both');
	for (const anyone of [alice, bob]) await sees(anyone, 'hello both');
	for (const anyone of [alice, bob]) await shows(anyone, 'Dora', '');
});

test('an owner who leaves is asked to hand the group over first', async ({ person }) => {
	const [alice, bob, carol] = [await person('Alice'), await person('Bob'), await person('Carol')];
	await gather('Trip', alice, bob, carol);
	for (const anyone of [alice, bob]) await openDetails(anyone);
	await expect(members(alice)).toHaveCount(3, slow);
	const leave = alice.page.getByRole('button', { name: 'Leave group' });
	const question = alice.page.getByRole('dialog', { name: 'You own Trip' });
	await leave.click();
	await expect(question).toContainText('the group goes on without an owner');
	await question.getByRole('button', { name: 'Offer it to Bob' }).click();
	await expect(question).toBeHidden();
	await bob.page.getByRole('button', { name: 'Become owner' }).click(slow);
	await shows(alice, 'Bob', 'Owner');
	await leave.click();
	// A member like any other by now.
	await alice.page.getByRole('alertdialog').getByRole('button', { name: 'Leave group' }).click();
	await says(alice, 'You left this group.');
	await shows(bob, 'Bob', 'Owner');
	await expect(members(bob)).toHaveCount(2, slow);
	await act(bob, 'Carol', 'Make moderator');
	await openDetails(carol);
	await shows(carol, 'Carol', 'Moderator');
});
