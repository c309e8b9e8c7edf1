/** Groups: how one is made, joined, run and left. */
import { openDetails, settled, type Shot } from './shot';

export const groupShots: readonly Shot[] = [
	{
		name: 'details',
		path: '/c/conv-island',
		prepare: async (page) => {
			await openDetails(page);
			await page.getByRole('list', { name: 'Members' }).waitFor();
		}
	},
	...[
		['member-menu', 'Actions for Tomás Ibarra'],
		['group-settings', 'Group settings'],
		['group-links', 'Links'],
		['group-log', 'Moderation log']
	].map(([name = '', button = '']): Shot => ({
		name,
		path: '/c/conv-island?waiting',
		prepare: async (page) => {
			await openDetails(page);
			await page.getByRole('button', { name: button, exact: true }).click();
			await page.getByRole(name === 'member-menu' ? 'menu' : 'dialog').waitFor();
		}
	})),
	{
		name: 'group-remove',
		path: '/c/conv-island',
		prepare: async (page) => {
			await openDetails(page);
			await page.getByRole('button', { name: 'Actions for Jun' }).click();
			await page.getByRole('menuitem', { name: 'Remove from group' }).click();
			await page.getByRole('alertdialog').waitFor();
		}
	},
	{
		name: 'group-waiting',
		path: '/c/conv-island?waiting&offer&role=moderator',
		prepare: async (page) => {
			await openDetails(page);
			await page.getByRole('list', { name: 'Waiting to be let in' }).waitFor();
		}
	},
	{ name: 'group-quiet', path: '/c/conv-island?quiet&role=member', prepare: settled },
	{ name: 'group-removed', path: '/c/conv-left?standing=removed', prepare: settled },
	{
		name: 'invite',
		path: '/c/conv-island',
		prepare: async (page) => {
			await settled(page);
			await page.getByRole('button', { name: 'Invite people' }).click();
			await page.getByRole('img', { name: 'Invite QR code' }).waitFor();
		}
	},
	{
		name: 'leave',
		path: '/c/conv-island',
		prepare: async (page) => {
			await openDetails(page);
			await page.getByRole('button', { name: 'Leave group' }).click();
			await page.getByRole('alertdialog').waitFor();
		}
	},
	{
		name: 'menu',
		path: '/',
		prepare: async (page) => {
			await page.getByRole('button', { name: 'New conversation' }).click();
			await page.getByRole('menuitem', { name: 'New group' }).waitFor();
		}
	},
	{
		name: 'new-group',
		path: '/',
		prepare: async (page) => {
			await page.getByRole('button', { name: 'New conversation' }).click();
			await page.getByRole('menuitem', { name: 'New group' }).click();
			await page.getByRole('button', { name: 'Create group' }).click();
			await page.getByRole('alert').waitFor();
		}
	},
	{
		name: 'join',
		path: '/join?phase=first-run#1.conv-new.key',
		prepare: (page) => page.getByRole('button', { name: 'Join' }).waitFor()
	},
	{
		name: 'join-broken',
		path: '/join#expired',
		prepare: (page) => page.getByText('This invitation does not work').waitFor()
	}
];
