/** What is said about messages, and where. */
import type { Page } from '@playwright/test';
import { openDetails, settled, type Shot } from './shot';

const path = '/c/conv-acts';
const focus = async (page: Page, text: string): Promise<void> => {
	await settled(page);
	const message = page.getByRole('log').getByRole('article').filter({ hasText: text }).first();
	// On a small screen it stands above what is shown, and is not there before it is near.
	if (!(await message.isVisible())) {
		await page.getByRole('log').hover();
		await page.mouse.wheel(0, -20_000);
	}
	await message.focus();
};
const menu = async (page: Page, text: string): Promise<void> => {
	await focus(page, text);
	await page.keyboard.press('Enter');
	await page.getByRole('menu').waitFor();
};
/** @param button of a message, or what Add offers if it is a menu item */
const press = async (page: Page, button: string | RegExp): Promise<void> => {
	await settled(page);
	await page.getByRole('button', { name: button }).first().click();
	await page.getByRole('dialog').waitFor();
};
const vanishing = async (page: Page): Promise<void> => {
	await openDetails(page);
	await page.getByRole('button', { name: 'Disappearing messages' }).click();
	await page.getByRole('dialog', { name: 'Disappearing messages' }).waitFor();
};
const add = async (page: Page, item: string): Promise<void> => {
	await settled(page);
	await page.getByRole('button', { name: 'Add', exact: true }).click();
	await page.getByRole('menuitem', { name: item }).click();
	await page.getByRole('dialog').waitFor();
};

export const actShots: readonly Shot[] = [
	{ name: 'acts', path, prepare: settled },
	{ name: 'acts-vanishing', path: `${path}?marks`, prepare: settled },
	{ name: 'acts-vanishing-dialog', path: `${path}?marks`, prepare: vanishing },
	{ name: 'acts-vanishing-dialog-member', path: `${path}?marks&role=member`, prepare: vanishing },
	{ name: 'acts-bar', path, prepare: (page) => focus(page, 'Nine?') },
	{ name: 'acts-menu', path, prepare: (page) => menu(page, 'Nine?') },
	{ name: 'acts-menu-other', path, prepare: (page) => menu(page, 'Nine is fine') },
	{
		name: 'acts-react',
		path,
		prepare: async (page) => {
			await menu(page, 'Nine is fine');
			await page.getByRole('menuitem', { name: 'React', exact: true }).click();
			await page.getByRole('dialog').getByRole('button').nth(8).waitFor();
		}
	},
	{
		name: 'acts-emoji',
		path,
		prepare: async (page) => {
			await settled(page);
			await page.getByRole('button', { name: 'Emoji', exact: true }).click();
			await page.getByRole('combobox').waitFor();
			await page.getByRole('menuitem').nth(20).waitFor();
		}
	},
	{
		name: 'acts-thread',
		path,
		prepare: async (page) => {
			await settled(page);
			await page.getByRole('button', { name: /^3 replies/ }).click();
			await page.getByRole('complementary', { name: 'Thread' }).getByRole('article').nth(3).waitFor();
		}
	},
	{ name: 'acts-wordings', path, prepare: (page) => press(page, /^Edited/) },
	{ name: 'acts-voters', path, prepare: (page) => press(page, /people voted$/) },
	{ name: 'acts-receipts', path, prepare: (page) => press(page, 'Who has it') },
	{
		name: 'acts-details',
		path,
		prepare: async (page) => {
			await menu(page, 'Nine is fine');
			await page.getByRole('menuitem', { name: 'Message details' }).click();
			await page.getByRole('dialog').getByText('not on this device').waitFor();
		}
	},
	{ name: 'acts-poll', path, prepare: (page) => add(page, 'Poll') },
	{ name: 'acts-later', path, prepare: (page) => add(page, 'Send later') },
	{
		name: 'acts-forward',
		path,
		prepare: async (page) => {
			await menu(page, 'Nine is fine');
			await page.getByRole('menuitem', { name: 'Forward' }).click();
			await page.getByRole('dialog').waitFor();
		}
	},
	{
		name: 'acts-reply',
		path,
		prepare: async (page) => {
			await menu(page, 'Nine is fine');
			await page.getByRole('menuitem', { name: 'Reply', exact: true }).click();
			await page.getByRole('button', { name: 'Cancel reply' }).waitFor();
		}
	},
	{
		name: 'acts-details',
		path,
		prepare: async (page) => {
			await openDetails(page);
			await page.getByRole('list', { name: 'Members' }).waitFor();
		}
	},
	{
		name: 'acts-find',
		path: '/c/conv-island',
		prepare: async (page) => {
			await settled(page);
			await page.keyboard.press('Control+f');
			await page.getByRole('searchbox', { name: 'Search in this conversation' }).fill('thursday');
			await page.getByText('messages found').waitFor();
		}
	},
	{
		name: 'acts-links',
		path: '/c/conv-island',
		prepare: async (page) => {
			await settled(page);
			await page.keyboard.press('Control+f');
			await page.getByRole('region', { name: 'Shared links' }).getByRole('link').first().waitFor();
		}
	}
];
