/**
 * Pictures and an axe run of every screen of the preview, in both themes, on a phone and on a desk.
 * `npx tsx tests/preview/pictures.ts <folder> [part of a name] [phone|desk]` with the preview server on port 4560 (or PREVIEW_URL).
 * Ends with a non-zero code if axe finds anything.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { chromium, type Page } from '@playwright/test';

const base = process.env['PREVIEW_URL'] ?? 'http://localhost:4560';
const folder = process.argv[2] ?? 'reports/preview';
const only = process.argv[3];
const sizeOnly = process.argv[4];

interface Shot {
	readonly name: string;
	readonly path: string;
	readonly prepare?: (page: Page) => Promise<void>;
}

const wide = (page: Page): boolean => (page.viewportSize()?.width ?? 0) >= 768;

const shots: readonly Shot[] = [
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
		name: 'details',
		path: '/c/conv-island',
		prepare: async (page) => {
			await settled(page);
			await page.getByRole('button', { name: 'Details' }).click();
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
			await settled(page);
			await page.getByRole('button', { name: 'Details' }).click();
			await page.getByRole('button', { name: button, exact: true }).click();
			await page.getByRole(name === 'member-menu' ? 'menu' : 'dialog').waitFor();
		}
	})),
	{
		name: 'group-remove',
		path: '/c/conv-island',
		prepare: async (page) => {
			await settled(page);
			await page.getByRole('button', { name: 'Details' }).click();
			await page.getByRole('button', { name: 'Actions for Jun' }).click();
			await page.getByRole('menuitem', { name: 'Remove from group' }).click();
			await page.getByRole('alertdialog').waitFor();
		}
	},
	{
		name: 'group-waiting',
		path: '/c/conv-island?waiting&offer&role=moderator',
		prepare: async (page) => {
			await settled(page);
			await page.getByRole('button', { name: 'Details' }).click();
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
			await settled(page);
			await page.getByRole('button', { name: 'Details' }).click();
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
	{
		name: 'join',
		path: '/join?phase=first-run#1.conv-new.key',
		prepare: (page) => page.getByRole('button', { name: 'Join' }).waitFor()
	},
	{
		name: 'join-broken',
		path: '/join#expired',
		prepare: (page) => page.getByText('This invitation does not work').waitFor()
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

/** The opening position is taken, and the list has stopped measuring. */
async function settled(page: Page): Promise<void> {
	await page.getByRole('article').last().waitFor();
	await page.waitForFunction(() => {
		const log = document.querySelector('[role=log]');
		return log !== null && getComputedStyle(log).visibility === 'visible';
	});
	await page.evaluate(
		() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
	);
}

const executablePath = process.env['PW_CHROMIUM'] ?? ['/usr/bin/chromium'].find((path) => existsSync(path));
const browser = await chromium.launch({
	...(executablePath ? { executablePath } : {}),
	args: ['--no-sandbox']
});
mkdirSync(folder, { recursive: true });
let violations = 0;

for (const [size, viewport] of Object.entries({
	phone: { width: 390, height: 844 },
	desk: { width: 1280, height: 800 }
})) {
	if (sizeOnly && size !== sizeOnly) continue;
	for (const colorScheme of ['light', 'dark'] as const) {
		const context = await browser.newContext({
			viewport,
			colorScheme,
			reducedMotion: 'reduce',
			locale: 'en-GB',
			timezoneId: 'Europe/Berlin'
		});
		for (const shot of shots) {
			if (only && only !== 'all' && !shot.name.includes(only)) continue;
			const page = await context.newPage();
			page.setDefaultTimeout(5_000);
			page.on('pageerror', (error) => report(`${shot.name} ${size} ${colorScheme}: ${error.message}`));
			page.on('console', (message) => {
				if (message.type() === 'error')
					report(`${shot.name} ${size} ${colorScheme}: console ${message.text()}`);
			});
			await page.goto(base + shot.path);
			try {
				await shot.prepare?.(page);
			} catch (error) {
				report(`${shot.name} ${size} ${colorScheme}: ${String(error).split('\n')[0]}`);
			}
			await page.screenshot({ path: join(folder, `${shot.name}-${size}-${colorScheme}.png`) });
			const { violations: found } = await new AxeBuilder({ page }).analyze();
			for (const violation of found) {
				report(
					`${shot.name} ${size} ${colorScheme}: axe ${violation.id} ${violation.nodes
						.map((node) => `${node.target.join(' ')} ${node.any[0]?.message ?? ''}`)
						.slice(0, 2)
						.join(' | ')}`
				);
			}
			if (!wide(page)) {
				const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
				if (overflow > 0) report(`${shot.name} ${size}: wider than the screen by ${overflow} px`);
			}
			await page.close();
		}
		await context.close();
	}
}
await browser.close();
process.exitCode = violations === 0 ? 0 : 1;

function report(text: string): void {
	violations += 1;
	process.stderr.write(`${text}\n`);
}
