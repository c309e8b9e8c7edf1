/** What is this person’s own: marks, muting, notifications, clearing, exporting. */
import { openDetails, settled, type Shot } from './shot';

export const ownShots: readonly Shot[] = [
	{
		name: 'own-list',
		path: '/?marks',
		prepare: (page) => page.getByRole('radio', { name: 'Unread' }).waitFor()
	},
	{
		name: 'own-menu',
		path: '/?marks',
		prepare: async (page) => {
			await page.getByRole('link', { name: 'Garden & tools' }).dispatchEvent('contextmenu');
			await page.getByRole('menuitem', { name: 'Unmute' }).waitFor();
		}
	},
	{
		name: 'own-mute',
		path: '/c/conv-island',
		prepare: async (page) => {
			await openDetails(page);
			await page.getByRole('button', { name: 'Mute' }).click();
			await page.getByRole('menuitem', { name: 'Always' }).waitFor();
		}
	},
	{
		name: 'own-toast',
		path: '/c/conv-island',
		prepare: async (page) => {
			await settled(page);
			await page.evaluate(() =>
				(window as unknown as { preview: { receive(id: string, text: string): void } }).preview.receive(
					'conv-garden',
					'The tomatoes are *in*, who waters them on Sunday?'
				)
			);
			await page.getByRole('button', { name: 'Open' }).waitFor();
		}
	},
	...['Clear conversation', 'Export'].map((item): Shot => ({
		name: `own-${item.split(' ')[0]?.toLowerCase() ?? ''}`,
		path: '/c/conv-island',
		prepare: async (page) => {
			await openDetails(page);
			await page.getByRole('button', { name: item }).click();
			await page.locator('[role=dialog],[role=alertdialog]').waitFor();
		}
	})),
	{
		name: 'own-notifications',
		path: '/settings/notifications?marks',
		prepare: (page) => page.getByRole('switch').first().waitFor()
	},
	{
		name: 'own-starred',
		path: '/starred?marks',
		prepare: (page) => page.getByRole('list', { name: 'Starred messages' }).waitFor()
	},
	{
		name: 'own-starred-none',
		path: '/starred',
		prepare: (page) => page.getByRole('heading', { name: 'No starred messages' }).waitFor()
	}
];
