/** What one person changes about themselves or the group, the others see. */
import { expect, test } from './fixtures';
import {
	connection,
	createGroup,
	diagnostics,
	gather,
	inConversation,
	inviteLink,
	join,
	linked,
	message,
	openConversation,
	say,
	sees
} from './people';

test.describe.configure({ timeout: 180_000 });

test('a new group name, a new name of a person, and leaving are seen by the others', async ({ person }) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	await gather('Trip', alice, bob);
	await linked(alice, bob);
	await say(bob, 'from Bob');
	await sees(alice, 'from Bob');

	await alice.page.getByRole('button', { name: 'Details' }).click();
	await alice.page.getByRole('button', { name: 'Rename group' }).click();
	await alice.page.getByRole('textbox', { name: 'Group name' }).fill('Trip to Porto');
	await alice.page.getByRole('button', { name: 'Save' }).click();
	await inConversation(alice, 'Trip to Porto');
	await inConversation(bob, 'Trip to Porto');
	await expect(
		bob.page.getByRole('navigation', { name: 'Conversations' }).getByRole('link', { name: 'Trip to Porto' })
	).toBeVisible();

	// Not the owner: nothing to rename with.
	await bob.page.getByRole('button', { name: 'Details' }).click();
	await expect(bob.page.getByRole('button', { name: 'Leave group' })).toBeVisible();
	await expect(bob.page.getByRole('button', { name: 'Rename group' })).toHaveCount(0);

	await bob.page.getByRole('link', { name: 'Settings' }).click();
	await bob.page.getByRole('textbox', { name: 'Your name' }).fill('Robert');
	await bob.page.getByRole('button', { name: 'Save' }).click();
	await expect(bob.page.getByRole('region', { name: 'Notices' })).toContainText('Saved');
	const members = alice.page.getByRole('list', { name: 'Members', exact: true }).getByRole('listitem');
	await expect(members.filter({ hasText: 'Robert' })).toHaveCount(1);
	await expect(members).toHaveCount(2);
	await expect(alice.page.getByRole('article', { name: /^Robert, / })).toContainText('from Bob');

	await openConversation(bob, 'Trip to Porto');
	await bob.page.getByRole('button', { name: 'Details' }).click();
	await bob.page.getByRole('button', { name: 'Leave group' }).click();
	await bob.page.getByRole('alertdialog').getByRole('button', { name: 'Leave group' }).click();
	await expect(bob.page.getByText('You left this group.')).toBeVisible();
	await expect(bob.page.getByRole('textbox', { name: 'Message' })).toHaveCount(0);
	await sees(bob, 'from Bob');
	await expect(members).toHaveCount(1);
	const gone = alice.page.getByRole('list', { name: 'No longer in the group' }).getByRole('listitem');
	await expect(gone.filter({ hasText: 'Robert' })).toHaveCount(1);

	// What is said afterwards does not reach who left, also not after a reload.
	await say(alice, 'after he left');
	await bob.page.reload();
	await sees(bob, 'from Bob');
	await expect(bob.page.getByText('You left this group.')).toBeVisible();
	await expect(message(bob, 'after he left')).toHaveCount(0);
	await expect(connection(bob)).toHaveCount(0);
	const { conversations } = await diagnostics(bob);
	expect(conversations.map(({ relay, peers }) => [relay, peers.length])).toEqual([['closed', 0]]);

	// An invitation brings back who has left, and with them what they have missed.
	await join(bob, await inviteLink(alice), 'Trip to Porto');
	await expect(members).toHaveCount(2);
	await sees(bob, 'after he left');
	await say(bob, 'back again');
	await sees(alice, 'back again');
	await linked(alice, bob);
});

test('all of ten groups get their messages, and at most eight are connected', async ({ person }) => {
	test.setTimeout(300_000);
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	const groups = Array.from({ length: 10 }, (_, index) => `Group ${index + 1}`);
	const [first = '', ...others] = groups;
	await gather(first, alice, bob);
	for (const group of others) {
		await createGroup(alice, group);
		await join(bob, await inviteLink(alice), group);
	}
	const hot = async (): Promise<number[]> => [
		...(await Promise.all(
			[alice, bob].map(async ({ page }) => {
				await page.getByRole('link', { name: 'Diagnostics' }).first().click();
				await page.getByRole('button', { name: 'Refresh' }).click();
				await expect(page.getByRole('group', { name: 'Group 10' })).toBeVisible();
				return page.getByRole('row', { name: 'Held open Yes' }).count();
			})
		))
	];
	for (const [writer, reader] of [[alice, bob] as const, [bob, alice] as const]) {
		await openConversation(reader, 'Group 10');
		for (const group of groups) {
			await openConversation(writer, group);
			await say(writer, `${writer.name} in ${group}!`);
		}
		const list = reader.page.getByRole('navigation', { name: 'Conversations' });
		for (const group of groups) {
			await expect(list.getByRole('link', { name: group, exact: true })).toContainText(
				`${writer.name} in ${group}!`,
				{
					timeout: 40_000
				}
			);
		}
		await expect
			.poll(async () => Math.max(...(await hot())), { timeout: 40_000, message: 'connected conversations' })
			.toBeLessThanOrEqual(8);
	}
});
