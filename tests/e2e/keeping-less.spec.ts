/** What a person takes off their device, and home with them. */
import AxeBuilder from '@axe-core/playwright';
import { readFile } from 'node:fs/promises';
import { expect, test } from './fixtures';
import { gather, inConversation, message, say, sees } from './people';
import type { Person } from './person';
import { damageFiles, leaveApp } from './resilience/stored-documents';
import { everythingKept } from './what-is-kept';

async function fromDetails(person: Person, button: string): Promise<void> {
	await person.page.getByRole('button', { name: 'Details' }).click();
	await person.page
		.getByRole('complementary', { name: 'Details' })
		.getByRole('button', { name: button })
		.click();
}

test('a conversation that was cleared is empty here, and stays so when the read model is made anew', async ({
	person
}) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	await gather('Walks', alice, bob);
	await say(alice, 'a canary in the list');
	await say(bob, 'another canary');
	await sees(alice, 'another canary');

	await fromDetails(alice, 'Clear conversation');
	const dialog = alice.page.getByRole('alertdialog', { name: 'Clear Walks?' });
	await expect(dialog).toContainText('The others keep theirs');
	expect((await new AxeBuilder({ page: alice.page }).analyze()).violations).toEqual([]);
	await dialog.getByRole('button', { name: 'Clear conversation' }).click();
	await expect(dialog).toHaveCount(0);
	await expect(message(alice, 'canary')).toHaveCount(0);
	await expect.poll(async () => (await everythingKept(alice)).includes('canary')).toBe(false);

	await say(bob, 'a word after it');
	await sees(alice, 'a word after it');
	await sees(bob, 'a canary in the list');

	const address = alice.page.url();
	await leaveApp(alice);
	await damageFiles(alice, 'delete');
	await alice.page.goto(address);
	await inConversation(alice, 'Walks');
	await sees(alice, 'a word after it');
	await expect(message(alice, 'canary')).toHaveCount(0);
});

test('an export holds what was said, as a page and as data', async ({ person }) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	await gather('Walks', alice, bob);
	await say(alice, 'to the lake');
	await say(bob, '<img src=x onerror=alert(1)> or the hill');
	await sees(alice, 'or the hill');

	const html = await exported(alice, 'Web page (HTML)');
	expect(html.name).toMatch(/^Walks-\d{4}-\d\d-\d\d\.html$/);
	const page = await alice.context.newPage();
	await page.setContent(html.text);
	await expect(page.getByRole('article')).toHaveText([
		/Alice.*to the lake/,
		/Bob.*<img src=x onerror=alert\(1\)> or/
	]);
	await expect(page.locator('img')).toHaveCount(0);
	await page.close();

	const json = JSON.parse((await exported(alice, 'Data (JSON)')).text) as {
		members: { name: string }[];
		messages: { authorName: string; text: string }[];
	};
	expect(json.members.map(({ name }) => name).sort()).toEqual(['Alice', 'Bob']);
	expect(json.messages.map(({ authorName, text }) => `${authorName}: ${text}`)).toEqual([
		'Alice: to the lake',
		'Bob: <img src=x onerror=alert(1)> or the hill'
	]);
});

async function exported(
	person: Person,
	form: string
): Promise<{ readonly name: string; readonly text: string }> {
	const { page } = person;
	await fromDetails(person, 'Export');
	await page.getByRole('radio', { name: form }).check();
	const [download] = await Promise.all([
		page.waitForEvent('download'),
		page.getByRole('button', { name: 'Save file' }).click()
	]);
	await expect(page.getByRole('status').filter({ hasText: 'Saved.' })).toBeVisible();
	await page.keyboard.press('Escape');
	await page.getByRole('complementary', { name: 'Details' }).getByRole('button', { name: 'Close' }).click();
	return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
}

/** Chooses from the menu of a message, as the context-menu key opens it. */
async function act(person: Person, text: string, item: string): Promise<void> {
	await message(person, text).dispatchEvent('contextmenu');
	await person.page.getByRole('menuitem', { name: item }).click();
}

test('a star finds a message again; one that is deleted for oneself is gone here alone', async ({
	person
}) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	await gather('Walks', alice, bob);
	await say(bob, 'the key is under the mat');
	await say(bob, 'and the canary sings');
	await sees(alice, 'and the canary sings');

	await act(alice, 'under the mat', 'Star');
	await expect(message(alice, 'under the mat').getByRole('img', { name: 'Starred' })).toBeVisible();
	await act(alice, 'the canary sings', 'Delete for me');
	await alice.page.getByRole('alertdialog').getByRole('button', { name: 'Delete for me' }).click();
	await expect(message(alice, 'canary')).toHaveCount(0);
	await sees(bob, 'and the canary sings');

	await alice.page.reload();
	await sees(alice, 'under the mat');
	await expect(message(alice, 'canary')).toHaveCount(0);
	await alice.page.getByRole('link', { name: 'Starred messages' }).click();
	const starred = alice.page.getByRole('list', { name: 'Starred messages' });
	await expect(starred.getByRole('listitem')).toHaveText([/Walks.*Bob: the key is under the mat/]);
	await starred.getByRole('button', { name: /under the mat/ }).click();
	await sees(alice, 'under the mat');
	await act(alice, 'under the mat', 'Remove star');
	await expect(message(alice, 'under the mat').getByRole('img', { name: 'Starred' })).toHaveCount(0);
});

test('a message marked as unread stays so, and the line stands above it', async ({ person }) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	await gather('Walks', alice, bob);
	await say(bob, 'one');
	await say(bob, 'two');
	await sees(alice, 'two');

	await act(alice, 'two', 'Mark as unread');
	const row = alice.page
		.getByRole('navigation', { name: 'Conversations' })
		.getByRole('link', { name: 'Walks', exact: true });
	await expect(row).toHaveAccessibleDescription(/marked as unread/);
	await alice.page.reload();
	await expect(row).toHaveAccessibleDescription(/marked as unread/);
	await row.click();
	await sees(alice, 'two');
	await expect(row).not.toHaveAccessibleDescription(/unread/);
});

/** Sets it for everybody. */
async function letDisappear(person: Person, after: string): Promise<void> {
	const { page } = person;
	const details = page.getByRole('complementary', { name: 'Details' });
	await fromDetails(person, 'Disappearing messages');
	await page.getByRole('radio', { name: after }).check();
	await page.getByRole('button', { name: 'Save' }).click();
	await details.getByRole('button', { name: 'Close' }).click();
}

test('what disappears goes from both, also where the app was closed meanwhile', async ({ person }) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	await Promise.all([alice, bob].map(({ page }) => page.clock.install()));
	await gather('Walks', alice, bob);
	await letDisappear(alice, '5 minutes');
	const remark = 'What you write here disappears after 5 minutes.';
	for (const { page } of [alice, bob])
		await expect(page.getByRole('button', { name: remark, exact: true })).toBeVisible();
	await say(alice, 'a canary for now');
	await sees(bob, 'a canary for now');
	await say(bob, 'another canary');
	await sees(alice, 'another canary');
	const lineOf = ({ page }: Person, text: string) => page.getByRole('log').getByText(text, { exact: true });
	await expect(lineOf(alice, 'You set messages to disappear after 5 minutes.')).toBeVisible();
	await expect(lineOf(bob, 'Alice set messages to disappear after 5 minutes.')).toBeVisible();
	// What a plain member may choose is that their own go sooner.
	await fromDetails(bob, 'Disappearing messages');
	await expect(bob.page.getByText('The owner and moderators set it for everybody.')).toBeVisible();
	expect((await new AxeBuilder({ page: bob.page }).analyze()).violations).toEqual([]);
	await bob.page.keyboard.press('Escape');
	await bob.page
		.getByRole('complementary', { name: 'Details' })
		.getByRole('button', { name: 'Close' })
		.click();
	await letDisappear(alice, 'Off');
	await expect(lineOf(bob, 'Alice turned disappearing messages off.')).toBeVisible();
	await say(bob, 'mine stays');
	await sees(alice, 'mine stays');
	await fromDetails(bob, 'Disappearing messages');
	await bob.page.getByLabel('What I write').selectOption('5 minutes');
	await bob.page.getByRole('button', { name: 'Save' }).click();
	await bob.page
		.getByRole('complementary', { name: 'Details' })
		.getByRole('button', { name: 'Close' })
		.click();
	await say(bob, 'a canary of my own');
	await sees(alice, 'a canary of my own');

	const address = bob.page.url();
	await leaveApp(bob);
	await Promise.all([alice, bob].map(({ page }) => page.clock.fastForward('05:01')));
	await expect(message(alice, 'canary')).toHaveCount(0);
	await sees(alice, 'mine stays');
	await bob.page.goto(address);
	await sees(bob, 'mine stays');
	await expect(message(bob, 'canary')).toHaveCount(0);
	await expect.poll(async () => (await everythingKept(bob)).includes('canary')).toBe(false);
	// Alice's device has deleted it for everyone meanwhile: of what was to be gone no tombstone is left.
	await say(alice, 'said after it');
	await sees(bob, 'said after it');
	for (const { page } of [alice, bob]) await expect(page.getByText('Message deleted')).toHaveCount(0);
});
