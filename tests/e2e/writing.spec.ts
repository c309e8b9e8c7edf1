/** Writing: emoji, formatting, commands, mentions, tables, what is sent later. */
import AxeBuilder from '@axe-core/playwright';
import type { Locator } from '@playwright/test';
import { expect, relayAway, test, type Person } from './fixtures';
import {
	createGroup,
	gather,
	inConversation,
	keptForOffline,
	linked,
	message,
	saved,
	sees,
	start
} from './people';

test.describe.configure({ timeout: 180_000 });

const field = (person: Person): Locator => person.page.getByRole('textbox', { name: 'Message', exact: true });

/** Axe finds nothing on what is on screen. */
async function expectClean(person: Person): Promise<void> {
	const { violations } = await new AxeBuilder({ page: person.page }).setLegacyMode(true).analyze();
	expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`)).toEqual([]);
}

/** Pastes as a clipboard with these contents would. */
async function paste(person: Person, contents: Readonly<Record<string, string>>): Promise<void> {
	await field(person).evaluate((element, given) => {
		const data = new DataTransfer();
		for (const [type, text] of Object.entries(given)) data.setData(type, text);
		element.dispatchEvent(
			new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
		);
	}, contents);
}

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

test('names are completed, and who is mentioned sees it; formats and commands by keyboard', async ({
	person
}) => {
	const [alice, bob] = [await person('Alice'), await person('Bob Marlowe')];
	await gather('Trip', alice, bob);
	await linked(alice, bob);
	const { page } = alice;
	const list = page.getByRole('listbox', { name: 'Suggestions' });

	await field(alice).pressSequentially('Hi @marl');
	await expect(list.getByRole('option', { name: 'Bob Marlowe' })).toHaveAttribute('aria-selected', 'true');
	await expectClean(alice);
	await field(alice).press('Enter');
	await expect(field(alice)).toHaveValue('Hi @Bob Marlowe ');
	await field(alice).pressSequentially('meet');
	await field(alice).press('Control+Shift+ArrowLeft');
	await field(alice).press('Control+b');
	await expect(field(alice)).toHaveValue('Hi @Bob Marlowe **meet**');
	await field(alice).press('Control+z');
	await expect(field(alice)).toHaveValue('Hi @Bob Marlowe meet');
	await field(alice).press('End');
	await field(alice).press('Enter');
	await sees(bob, 'Hi @Bob Marlowe meet');
	await expect(message(bob, 'Hi @Bob').getByText('@Bob Marlowe', { exact: true })).toBeVisible();
	await expect(message(bob, 'Hi @Bob')).toContainText('Mentions you');

	await field(alice).pressSequentially('/sh');
	await expect(list.getByRole('option')).toHaveCount(1);
	await field(alice).press('Escape');
	await expect(list).toBeHidden();
	await field(alice).pressSequentially('rug well');
	await field(alice).press('Enter');
	await sees(bob, 'well ¯\\_(ツ)_/¯');
	await field(alice).fill('/me waves');
	await field(alice).press('Enter');
	await sees(bob, 'Alice waves');
	await field(alice).fill('/wave');
	await field(alice).press('Enter');
	await expect(page.getByRole('alert').getByText('no command')).toBeVisible();
	await expect(field(alice)).toHaveValue('/wave');

	await field(alice).fill('');
	await field(alice).pressSequentially('so :sailb');
	await expect(list.getByRole('option', { name: 'sailboat' })).toBeVisible();
	await field(alice).press('Tab');
	await expect(field(alice)).toHaveValue('so ⛵️ ');
});

test('tables and text with formats are pasted as they are written here, and code is coloured', async ({
	person
}) => {
	const alice = await person('Alice');
	await start(alice);
	await createGroup(alice, 'Trip');
	await paste(alice, { 'text/plain': 'Who\tBrings\nAiko\tcoffee\n' });
	await expect(field(alice)).toHaveValue('| Who | Brings |\n| --- | --- |\n| Aiko | coffee |');
	await field(alice).press('Enter');
	const table = message(alice, 'Aiko').getByRole('table');
	await expect(table.getByRole('columnheader', { name: 'Brings' })).toBeVisible();
	await expect(table.getByRole('cell', { name: 'coffee' })).toBeVisible();

	await paste(alice, {
		'text/plain': 'Read this page',
		'text/html':
			'<p>Read <b>this</b> <a href="https://a.example/x">page</a><script>globalThis.payloadRan = "paste"</script><img src=x onerror="globalThis.payloadRan = 1"></p><ul><li>one</li><li><em>two</em></li></ul>'
	});
	await expect(field(alice)).toHaveValue('Read **this** [page](https://a.example/x)\n\n- one\n- _two_');
	await field(alice).press('Enter');
	await expect(message(alice, 'Read this').getByRole('link', { name: 'page' })).toBeVisible();
	expect(await alice.page.evaluate(() => 'payloadRan' in globalThis)).toBe(false);

	await field(alice).fill('```ts\nconst answer = 42; // really\n```');
	await field(alice).press('Enter');
	const code = message(alice, 'answer').getByRole('group', { name: /ts/ });
	await expect(code.locator('span').filter({ hasText: /^const$/ })).toBeVisible();
	await expect(code).toHaveText('const answer = 42; // really');
	await expectClean(alice);
	await alice.page.emulateMedia({ colorScheme: 'dark' });
	await expectClean(alice);
});

test('a poll is asked, and answered by the other', async ({ person }) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	await gather('Trip', alice, bob);
	await linked(alice, bob);
	const { page } = alice;
	await field(alice).fill('/poll Where to?');
	await field(alice).press('Enter');
	const dialog = page.getByRole('dialog', { name: 'New poll' });
	await expect(dialog.getByRole('textbox', { name: 'Question' })).toHaveValue('Where to?');
	await dialog.getByRole('button', { name: 'Ask' }).click();
	await expect(dialog.getByRole('alert')).toContainText('at least two');
	await dialog.getByRole('textbox', { name: 'Choice 1' }).fill('Lisbon');
	await page.keyboard.press('Enter');
	await page.keyboard.type('Porto');
	await page.keyboard.press('Enter');
	await page.keyboard.type('Faro');
	await expectClean(alice);
	await dialog.getByRole('button', { name: 'Ask' }).click();
	await expect(dialog).toBeHidden();
	await expect(field(alice)).toHaveValue('');
	const asked = message(bob, 'Where to?');
	await expect(asked).toHaveCount(1);
	await asked.getByText('Porto', { exact: true }).click();
	await expect(message(alice, 'Where to?').getByRole('button', { name: '1 person voted' })).toBeVisible();
});

test('a message is sent later: at its time, or when the app is opened after it', async ({ person }) => {
	const alice = await person('Alice');
	const { page } = alice;
	await page.clock.install({ time: new Date('2026-03-10T10:00:00') });
	await start(alice);
	await createGroup(alice, 'Trip');
	await page.getByRole('button', { name: 'Add' }).click();
	await page.getByRole('menuitem', { name: 'Send later' }).click();
	const dialog = page.getByRole('dialog', { name: 'Send later' });
	await dialog.getByRole('textbox', { name: 'Text' }).fill('Happy birthday');
	await dialog.getByRole('button', { name: 'Tomorrow morning' }).click();
	await expectClean(alice);
	await dialog.getByRole('button', { name: 'Send later' }).click();
	await expect(dialog).toBeHidden();
	const waiting = page.getByRole('button', { name: /1 message is sent later/ });
	await expect(waiting).toBeVisible();
	await expect(message(alice, 'Happy birthday')).toHaveCount(0);

	await field(alice).fill('a draft that stays');
	await page.reload();
	await inConversation(alice, 'Trip');
	await waiting.click();
	const list = page.getByRole('dialog', { name: 'To be sent later' });
	await expect(list.getByText('Happy birthday')).toBeVisible();
	await expectClean(alice);
	await list.getByRole('button', { name: 'Change' }).click();
	await dialog.getByRole('textbox', { name: 'Text' }).fill('Happy birthday, Aiko');
	await dialog.getByRole('button', { name: 'In an hour' }).click();
	await dialog.getByRole('button', { name: 'Send later' }).click();
	await expect(list.getByText('Happy birthday, Aiko')).toBeVisible();
	await page.keyboard.press('Escape');
	await page.clock.runFor('01:01:00');
	await sees(alice, 'Happy birthday, Aiko');
	await expect(waiting).toBeHidden();
	await expect(field(alice)).toHaveValue('a draft that stays');
	await page.reload();
	await inConversation(alice, 'Trip');
	await expect(field(alice)).toHaveValue('a draft that stays');
	await sees(alice, 'Happy birthday, Aiko');

	// In a thread it waits there, and is said there.
	await message(alice, 'Happy birthday, Aiko').focus();
	await page.keyboard.press('Enter');
	await page.getByRole('menuitem', { name: 'Reply in thread' }).click();
	const thread = page.getByRole('complementary', { name: 'Thread' });
	await thread.getByRole('button', { name: 'Add' }).click();
	await page.getByRole('menuitem', { name: 'Send later' }).click();
	await dialog.getByRole('textbox', { name: 'Text' }).fill('and many more');
	await dialog.getByRole('button', { name: 'In an hour' }).click();
	await dialog.getByRole('button', { name: 'Send later' }).click();
	await expect(waiting).toHaveCount(1);
	await expect(thread.getByRole('button', { name: /1 message is sent later/ })).toBeVisible();
	await page.clock.runFor('01:01:00');
	await expect(thread.getByRole('article').filter({ hasText: 'and many more' })).toHaveCount(1);
	await expect(message(alice, 'and many more')).toHaveCount(0);
});
