/** Contacts, requests, safety numbers, privacy. */
import type { Page } from '@playwright/test';
import { openDetails, seeingCode, settled, type Shot } from './shot';

const someone = async (page: Page): Promise<void> => {
	await page.getByRole('button', { name: 'New conversation' }).click();
	await page.getByRole('menuitem', { name: 'Message someone' }).click();
	await page.getByRole('img', { name: 'Contact QR code' }).waitFor();
};
const details = async (page: Page): Promise<void> => {
	await openDetails(page);
	await page.getByRole('textbox', { name: 'Nickname' }).waitFor();
};
const safety = async (page: Page): Promise<void> => {
	await details(page);
	await page.getByRole('button', { name: 'Safety number' }).click();
	await page.getByRole('img', { name: 'Safety QR code' }).waitFor();
};

export const peopleShots: readonly Shot[] = [
	{ name: 'people-someone', path: '/', prepare: someone },
	{
		name: 'people-someone-filled',
		path: '/',
		prepare: async (page) => {
			await someone(page);
			await page.getByRole('textbox', { name: 'Contact link' }).fill('http://localhost/add#1.ines');
			await page.getByRole('button', { name: 'Scan code' }).click();
			await page.getByText('cannot read codes').waitFor();
			await page.getByRole('button', { name: 'Send request' }).click();
			await page.getByRole('alert').waitFor();
		}
	},
	{
		name: 'people-add',
		path: '/add?phase=first-run#1.ines',
		prepare: (page) => page.getByRole('button', { name: 'Send request' }).waitFor()
	},
	{
		name: 'people-add-own',
		path: '/add#1.self',
		prepare: (page) => page.getByRole('img', { name: 'Contact QR code' }).waitFor()
	},
	{
		name: 'people-add-broken',
		path: '/add#nothing',
		prepare: (page) => page.getByText('This contact link does not work').waitFor()
	},
	{
		name: 'people-list',
		path: '/?requests',
		prepare: (page) => page.getByRole('navigation', { name: 'Conversations' }).waitFor()
	},
	{
		name: 'people-requests',
		path: '/requests?requests',
		prepare: (page) => page.getByRole('button', { name: 'Accept' }).first().waitFor()
	},
	{
		name: 'people-requests-none',
		path: '/requests',
		prepare: (page) => page.getByText('No requests').waitFor()
	},
	{
		name: 'people-block',
		path: '/requests?requests',
		prepare: async (page) => {
			await page.getByRole('button', { name: 'Block' }).first().click();
			await page.getByRole('alertdialog').waitFor();
		}
	},
	{ name: 'people-direct', path: '/c/conv-tomas', prepare: settled },
	{
		name: 'people-changed',
		path: '/c/conv-tomas?changed=same-name-other-key',
		prepare: async (page) => {
			await settled(page);
			await page.getByRole('button', { name: 'I understand' }).waitFor();
		}
	},
	{
		name: 'people-blocked',
		path: '/c/conv-noor?blocked=acc-noor',
		prepare: async (page) => {
			await settled(page);
			await page.getByRole('button', { name: 'Unblock' }).waitFor();
		}
	},
	{ name: 'people-details', path: '/c/conv-tomas', prepare: details },
	{
		name: 'people-group-with',
		path: '/c/conv-noor',
		prepare: async (page) => {
			await details(page);
			await page.getByRole('button', { name: 'Create group with' }).click();
			await page.getByRole('dialog').waitFor();
		}
	},
	{ name: 'people-safety', path: '/c/conv-noor', prepare: safety },
	{ name: 'people-safety-verified', path: '/c/conv-tomas', prepare: safety },
	{
		name: 'people-safety-mismatch',
		path: '/c/conv-noor',
		prepare: async (page) => {
			await page.evaluate(seeingCode('skein-sn1:other'));
			await safety(page);
			await page.getByRole('button', { name: 'Scan code' }).click();
			await page.getByText('does not match').waitFor();
		}
	},
	{
		name: 'people-safety-scanning',
		path: '/c/conv-noor',
		prepare: async (page) => {
			await page.evaluate(seeingCode(''));
			await safety(page);
			await page.getByRole('button', { name: 'Scan code' }).click();
			await page.getByText('Point the camera').waitFor();
		}
	},
	{
		name: 'people-members',
		path: '/c/conv-island?waiting&blocked=acc-jun',
		prepare: async (page) => {
			await openDetails(page);
			await page.getByRole('button', { name: 'Actions for Tomás Ibarra' }).click();
			await page.getByRole('menu').waitFor();
		}
	},
	{
		name: 'people-privacy',
		path: '/settings/privacy',
		prepare: (page) => page.getByRole('switch').first().waitFor()
	},
	{
		name: 'people-privacy-end',
		path: '/settings/privacy',
		prepare: async (page) => {
			await page.getByRole('button', { name: 'Unblock' }).scrollIntoViewIfNeeded();
		}
	},
	{
		name: 'people-consent',
		path: '/settings/privacy',
		prepare: async (page) => {
			await page.getByRole('button', { name: 'Settings for Tomás Ibarra' }).click();
			await page.getByRole('dialog').waitFor();
		}
	}
];
