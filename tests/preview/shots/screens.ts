/** The app as a whole: starting, the list, conversations, searching, settings, what goes wrong. */
import { settled, type Shot } from './shot';

export const screenShots: readonly Shot[] = [
	{
		name: 'first-run',
		path: '/?phase=first-run',
		prepare: (page) => page.getByRole('textbox', { name: 'Your name' }).waitFor()
	},
	{
		name: 'home',
		path: '/',
		prepare: (page) => page.getByRole('navigation', { name: 'Conversations' }).waitFor()
	},
	{
		name: 'home-empty',
		path: '/?empty',
		prepare: (page) => page.getByRole('heading', { name: 'No conversations yet' }).waitFor()
	},
	{ name: 'conversation', path: '/c/conv-island', prepare: settled },
	{
		name: 'conversation-older',
		path: '/c/conv-island?connection=waiting&sync&rebuild&update',
		prepare: async (page) => {
			await settled(page);
			await page.getByRole('log', { name: 'Messages' }).hover();
			await page.mouse.wheel(0, -1500);
			await page.getByRole('button', { name: 'Jump to newest' }).waitFor();
		}
	},
	{ name: 'unread', path: '/c/conv-garden', prepare: settled },
	{ name: 'rtl', path: '/c/conv-family', prepare: settled },
	{
		name: 'conversation-empty',
		path: '/c/conv-new',
		prepare: (page) => page.getByText('Nobody has written yet').waitFor()
	},
	{ name: 'left', path: '/c/conv-left', prepare: settled },
	{
		name: 'search',
		path: '/',
		prepare: async (page) => {
			await page.getByRole('searchbox', { name: 'Search' }).fill('thursday');
			await page.getByText('messages found').waitFor();
		}
	},
	{
		name: 'switcher',
		path: '/c/conv-garden',
		prepare: async (page) => {
			await settled(page);
			await page.keyboard.press('Control+k');
			await page.getByRole('dialog').waitFor();
		}
	},
	{
		name: 'composer-problem',
		path: '/c/conv-garden?fail=not-saved',
		prepare: async (page) => {
			await settled(page);
			await page.getByRole('textbox', { name: 'Message' }).fill('line\n'.repeat(12) + 'The text stays.');
			await page.getByRole('button', { name: 'Send' }).click();
			await page.getByRole('alert').waitFor();
		}
	},
	{ name: 'settings', path: '/settings', prepare: (page) => page.getByText('on this device').waitFor() },
	{
		name: 'diagnostics',
		path: '/diagnostics',
		prepare: (page) => page.getByText('Recent events').first().waitFor()
	},
	{
		name: 'elsewhere',
		path: '/?phase=elsewhere',
		prepare: (page) => page.getByRole('button', { name: 'Use here' }).waitFor()
	},
	{
		name: 'failed',
		path: '/?phase=failed&problem=storage-unavailable',
		prepare: (page) => page.getByRole('button', { name: 'Reload' }).waitFor()
	},
	{
		name: 'storage-banner',
		path: '/?problem=storage-full',
		prepare: (page) => page.getByRole('alert').waitFor()
	}
];
