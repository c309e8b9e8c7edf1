/** Writing: emoji, formatting, commands, mentions, tables, what is sent later. */
import type { Locator } from '@playwright/test';
import { expect, relayAway, test, type Person } from './fixtures';
import { createGroup, inConversation, keptForOffline, saved, sees, start } from './people';

test.describe.configure({ timeout: 180_000 });

const field = (person: Person): Locator => person.page.getByRole('textbox', { name: 'Message', exact: true });

test('an emoji is searched, picked by keyboard and sent; the picker is there offline too', async ({
	person
}) => {
	const alice = await person('Alice');
	alice.allow(relayAway);
	await start(alice);
	await createGroup(alice, 'Trip');
	await keptForOffline(alice);
	await alice.context.setOffline(true);
	await alice.page.reload();
	await inConversation(alice, 'Trip');

	const { page } = alice;
	await field(alice).fill('See you ');
	await page.getByRole('button', { name: 'Emoji' }).click();
	const picker = page.getByRole('dialog', { name: 'Emoji' });
	const search = picker.getByRole('combobox', { name: 'Search' });
	await expect(search).toBeFocused();
	await search.fill('sailboat');
	await expect(picker.getByRole('option', { name: /sailboat/ })).toBeVisible();
	await search.press('ArrowDown');
	await search.press('Enter');
	await expect(picker).toBeHidden();
	await expect(field(alice)).toBeFocused();
	await expect(field(alice)).toHaveValue('See you ⛵️');
	await field(alice).press('Control+z');
	await expect(field(alice)).toHaveValue('See you ');
	await field(alice).press('Control+Shift+z');
	await field(alice).press('Enter');
	await sees(alice, 'See you ⛵');
	await saved(alice, 'See you ⛵');

	await page.getByRole('button', { name: 'Emoji' }).click();
	await expect(search).toBeFocused();
	await page.keyboard.press('Escape');
	await expect(page.getByRole('button', { name: 'Emoji' })).toBeFocused();
});
