/** Finding what was said: in all conversations and in one, by words, author, links and dates, and back to where one was. */
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './fixtures';
import { createGroup, gather, message, openConversation, say, sees, send, start } from './people';

test.describe.configure({ timeout: 120_000 });

test('somebody finds a message, jumps to it and comes back', async ({ person }) => {
	const alice = await person('Alice');
	const bob = await person('Bob');
	await gather('Trip', alice, bob);
	await send(alice, 'The harbour is at https://harbour.example/map (bring boots)');
	await sees(bob, 'bring boots');
	for (let line = 1; line <= 24; line++)
		await send(alice, `Line ${line} of what filled the evening\nand\nmore`);
	await sees(alice, 'Line 24 of');
	await say(bob, 'I had to laugh about the harbour');
	await sees(alice, 'I had to laugh');
	const { page } = alice;
	const older = message(alice, /bring boots/);
	await expect(older).not.toBeInViewport();

	await page.getByRole('textbox', { name: 'Message' }).press('ControlOrMeta+f');
	const panel = page.getByRole('complementary', { name: 'Search and links' });
	const field = panel.getByRole('searchbox', { name: 'Search in this conversation' });
	await expect(field).toBeFocused();
	// Before anything is looked for: the links of the conversation, and dates.
	await expect(panel.getByRole('link', { name: 'harbour.example' })).toHaveAttribute(
		'href',
		'https://harbour.example/map'
	);
	await field.fill('harb');
	const hits = panel.getByRole('region', { name: 'Search results' });
	await expect(hits).toContainText('2 messages found');
	await expect(hits.getByRole('button').first()).toContainText('laugh');
	await expect(hits.locator('mark').first()).toHaveText('harbour');
	await panel.getByRole('combobox', { name: 'From' }).selectOption('You');
	await expect(hits).toContainText('1 message found');
	await panel.getByRole('combobox', { name: 'From' }).selectOption('');
	await panel.getByRole('button', { name: 'Has a link' }).click();
	await expect(hits).toContainText('1 message found');
	expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

	// By keyboard into the list, to the hit, and back.
	await field.press('ArrowDown');
	await expect(hits.getByRole('button').first()).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(older).toBeInViewport();
	await expect(field).toHaveValue('harb');
	await page.goBack();
	await expect(older).not.toBeInViewport();
	await expect(message(alice, 'I had to laugh about the harbour')).toBeInViewport();
	await expect(field).toHaveValue('harb');

	await field.fill('');
	await panel.getByRole('button', { name: 'Has a link' }).click();
	await panel.getByRole('textbox', { name: 'Go to date' }).fill('2020-01-01');
	await panel.getByRole('button', { name: 'Go to date' }).click();
	await expect(older).toBeInViewport();
	await panel.getByRole('button', { name: 'Close' }).click();
	await expect(panel).toBeHidden();
});

test('a search goes through all conversations, or those that its filters leave', async ({ person }) => {
	const alice = await person('Alice');
	await start(alice);
	await createGroup(alice, 'Choir');
	await say(alice, 'We meet at the corner');
	await createGroup(alice, 'Boat');
	await send(alice, 'The boat leaves from the corner: https://boats.example');
	await sees(alice, 'The boat leaves');
	const { page } = alice;
	const hits = page.getByRole('region', { name: 'Search results' });
	await page.getByRole('searchbox', { name: 'Search', exact: true }).fill('corner');
	await expect(hits).toContainText('2 messages found');
	await page.getByRole('combobox', { name: 'In', exact: true }).selectOption('Choir');
	await expect(hits).toContainText('1 message found');
	await page.getByRole('combobox', { name: 'In', exact: true }).selectOption('');
	await page.getByRole('searchbox', { name: 'Search', exact: true }).fill('');
	await page.getByRole('button', { name: 'Has a link' }).click();
	await expect(hits).toContainText('1 message found');
	await page.getByLabel('Since').fill('2090-01-01');
	await expect(hits).toContainText('No message on this device is like that.');
	await page.getByRole('button', { name: 'Clear search' }).click();
	await page.getByRole('searchbox', { name: 'Search', exact: true }).fill('meet');
	await hits.getByRole('button').first().click();
	await expect(page.getByRole('heading', { name: 'Choir' })).toBeVisible();
	await expect(message(alice, 'We meet at the corner')).toBeInViewport();
	await openConversation(alice, 'Boat');
});
