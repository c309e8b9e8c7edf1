/** Axe on what opens over a conversation and beside it, one after the other: menus, pickers, panels, dialogs, polls. */
import type { Locator, Page } from '@playwright/test';
import { expect, test, type Person } from './fixtures';
import { desktop, inspect, phone } from './inspection';
import { gather, message, say, sees, send } from './people';

test.describe.configure({ timeout: 600_000 });

/** @param within selector of what is new on screen; everything, if it is left out */
type Look = (state: string, within?: string) => Promise<void>;

/** What lies over the rest, whatever it is called. */
const layers = '[role="dialog"], [role="alertdialog"], [role="menu"]';
const panel = 'aside:not([aria-label="Conversations"])';

/** Goes through the layers of a conversation of two. `look` is called when each is on screen. */
async function tour(alice: Person, bob: Person, look: Look): Promise<void> {
	const { page } = alice;
	const small = (page.viewportSize()?.width ?? 0) < 768;
	const field = page.getByRole('textbox', { name: 'Message', exact: true });
	const dialog = (name: string | RegExp): Locator => page.getByRole('dialog', { name });
	const details = page.getByRole('complementary', { name: 'Details' });
	const open = async (text: string): Promise<void> => {
		await message(alice, text).focus();
		await page.keyboard.press('Enter');
		await page.getByRole('menu', { name: 'Actions for this message' }).waitFor();
	};
	const choose = async (text: string, item: string): Promise<void> => {
		await open(text);
		await page.getByRole('menuitem', { name: item, exact: true }).click();
	};
	/** Looks at what is open, then closes it by Escape. */
	const lookAt = async (layer: Locator, state: string): Promise<void> => {
		await layer.waitFor();
		await look(state, layers);
		await page.keyboard.press('Escape');
		await expect(layer).toHaveCount(0);
	};

	await gather('Walks', alice, bob);
	await say(alice, 'we meet at eigth');
	await say(bob, 'where? https://harbour.example/map');
	await sees(alice, 'where?');

	await open('we meet at eigth');
	await lookAt(page.getByRole('menu', { name: 'Actions for this message' }), 'message menu');
	await choose('where?', 'React');
	await dialog('React').waitFor();
	await look('reaction picker', layers);
	await dialog('React').getByRole('button', { name: 'More emoji' }).click();
	await dialog('Emoji').getByRole('menuitem').nth(20).waitFor();
	await lookAt(dialog('Emoji'), 'all emoji');
	await open('where?');
	await page.getByRole('menuitemcheckbox', { name: 'React with 🎉' }).click();
	await message(alice, 'where?').getByRole('list', { name: 'Reactions' }).waitFor();
	await choose('where?', 'Who reacted');
	await lookAt(dialog('Reactions'), 'who reacted');
	await choose('where?', 'Message details');
	await lookAt(dialog('Message details'), 'message details');

	await choose('we meet at eigth', 'Edit');
	await send(alice, 'we meet at eight');
	await message(alice, 'we meet at eight').getByRole('button', { name: 'Edited' }).press('Enter');
	await lookAt(dialog('What it said before'), 'edit history');
	await message(alice, 'we meet at eight').getByRole('button', { name: 'Who has it' }).press('Enter');
	await lookAt(dialog('Who has it'), 'who has it');
	await choose('we meet at eight', 'Forward');
	await lookAt(dialog('Forward to'), 'forward');
	await choose('we meet at eight', 'Delete');
	await lookAt(page.getByRole('alertdialog'), 'delete?');
	await choose('where?', 'Reply');
	await page.getByRole('button', { name: 'Cancel reply' }).waitFor();
	await look('reply');
	await send(alice, 'at the harbour');
	await choose('we meet at eight', 'Star');
	await choose('we meet at eight', 'Pin');
	await page.getByRole('group', { name: 'Pinned messages' }).waitFor();

	await field.fill('/poll What to bring?');
	await field.press('Enter');
	await dialog('New poll').getByRole('textbox', { name: 'Choice 1' }).fill('Tent');
	await dialog('New poll').getByRole('textbox', { name: 'Choice 2' }).fill('Stove');
	await dialog('New poll').getByRole('button', { name: 'Add a choice' }).click();
	await look('poll dialog', layers);
	await dialog('New poll').getByRole('button', { name: 'Ask', exact: true }).click();
	await message(alice, 'What to bring?').getByRole('radio').first().press('Space');
	const voters = message(alice, 'What to bring?').getByRole('button', { name: '1 person voted' });
	await voters.waitFor();
	await look('pinned bar, quote, poll');
	await voters.press('Enter');
	await lookAt(dialog('Who voted for what'), 'who voted');

	await choose('we meet at eight', 'Reply in thread');
	const thread = page.getByRole('complementary', { name: 'Thread' });
	await thread.getByRole('textbox', { name: 'Reply in thread' }).fill('fine');
	await page.keyboard.press('Enter');
	await expect(thread.getByRole('article')).toHaveCount(2);
	await look('thread', panel);
	await thread.getByRole('button', { name: small ? 'Back' : 'Close' }).click();

	await page.getByRole('button', { name: 'Emoji', exact: true }).waitFor();
	await page.getByRole('button', { name: 'Add', exact: true }).click();
	await page.getByRole('menuitem', { name: 'Send later' }).click();
	await dialog('Send later').getByRole('textbox', { name: 'Text' }).fill('good morning');
	await dialog('Send later').getByRole('button', { name: 'Tomorrow morning' }).click();
	await look('send later', layers);
	await dialog('Send later').getByRole('button', { name: 'Send later' }).click();
	await page.getByRole('button', { name: /1 message is sent later/ }).click();
	await lookAt(dialog('To be sent later'), 'to be sent later');

	await field.press('ControlOrMeta+f');
	const find = page.getByRole('complementary', { name: 'Search and links' });
	await find.getByRole('link', { name: 'harbour.example' }).waitFor();
	await look('search panel, links', panel);
	await find.getByRole('searchbox').fill('harbour');
	await expect(find.getByRole('region', { name: 'Search results' })).toContainText('2 messages found');
	await look('search panel, results', panel);
	await find.getByRole('button', { name: 'Close' }).click();

	await page.getByRole('button', { name: 'Details' }).click();
	await details.getByRole('button', { name: 'Mute' }).click();
	await lookAt(page.getByRole('menu'), 'mute menu, details');
	for (const [button, name] of [
		['Disappearing messages', 'Disappearing messages'],
		['Export', 'Export Walks']
	] as const) {
		await details.getByRole('button', { name: button }).click();
		await lookAt(dialog(name), button);
	}
	await details.getByRole('button', { name: 'Clear conversation' }).click();
	await lookAt(page.getByRole('alertdialog', { name: 'Clear Walks?' }), 'clear');
	await details.getByRole('button', { name: 'Actions for Bob' }).click();
	await page.getByRole('menuitem', { name: 'Message' }).click();
	await lookAt(dialog('Message a member'), 'message a member');
	await details.getByRole('button', { name: 'Close' }).click();

	if (small) await page.getByRole('main').getByRole('link', { name: 'Back' }).click();
	await page
		.getByRole('navigation', { name: 'Conversations' })
		.getByRole('link', { name: 'Walks', exact: true })
		.dispatchEvent('contextmenu');
	await lookAt(page.getByRole('menu'), 'conversation menu');
	await page.getByRole('link', { name: 'Starred messages' }).click();
	await page.getByRole('list', { name: 'Starred messages' }).getByRole('listitem').waitFor();
	await look('starred');
	if (small) await page.getByRole('main').getByRole('link', { name: 'Back' }).click();
	await page.getByRole('link', { name: 'Settings' }).click();
	await page.getByRole('main').getByRole('link', { name: 'Notifications' }).click();
	await page.getByRole('switch').first().waitFor();
	await look('notification settings');
}

// Colours in the other theme: the pages that hold these layers are looked at in both elsewhere.
for (const [device, options, theme] of [
	['desktop', desktop, 'dark'],
	['phone', phone, 'light']
] as const) {
	test(`axe finds nothing in the layers of a conversation, on a ${device}`, async ({ person }) => {
		const [alice, bob] = await Promise.all([person('Alice', options), person('Bob')]);
		const look =
			(page: Page): Look =>
			(state, within) =>
				inspect(page, state, [theme], within);
		await tour(alice, bob, look(alice.page));
	});
}
