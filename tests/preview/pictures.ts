/**
 * Pictures and an axe run of every screen of the preview, in both themes, on a phone and on a desk.
 * `npx tsx tests/preview/pictures.ts <folder> [part of a name] [phone|desk|narrow]` with the preview server on port 4560 (or PREVIEW_URL);
 * PREVIEW_DIRECTION=rtl turns them round.
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
/** As if the language were written from right to left. */
const direction = process.env['PREVIEW_DIRECTION'];

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
	...peopleShots(),
	...actShots(),
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
			await settled(page);
			await page.getByRole('button', { name: 'Details' }).click();
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
			await settled(page);
			await page.getByRole('button', { name: 'Details' }).click();
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

/** Contacts, requests, safety numbers, privacy. */
function peopleShots(): readonly Shot[] {
	const someone = async (page: Page): Promise<void> => {
		await page.getByRole('button', { name: 'New conversation' }).click();
		await page.getByRole('menuitem', { name: 'Message someone' }).click();
		await page.getByRole('img', { name: 'Contact QR code' }).waitFor();
	};
	const details = async (page: Page): Promise<void> => {
		await settled(page);
		await page.getByRole('button', { name: 'Details' }).click();
		await page.getByRole('textbox', { name: 'Nickname' }).waitFor();
	};
	const safety = async (page: Page): Promise<void> => {
		await details(page);
		await page.getByRole('button', { name: 'Safety number' }).click();
		await page.getByRole('img', { name: 'Safety QR code' }).waitFor();
	};
	return [
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
				await settled(page);
				await page.getByRole('button', { name: 'Details' }).click();
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
}

/** What is said about messages, and where. */
function actShots(): Shot[] {
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
	const add = async (page: Page, item: string): Promise<void> => {
		await settled(page);
		await page.getByRole('button', { name: 'Add', exact: true }).click();
		await page.getByRole('menuitem', { name: item }).click();
		await page.getByRole('dialog').waitFor();
	};
	return [
		{ name: 'acts', path, prepare: settled },
		{ name: 'acts-vanishing', path: `${path}?marks`, prepare: settled },
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
				await settled(page);
				await page.getByRole('button', { name: 'Details' }).click();
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
}

/** A script for the page: a browser whose camera sees this code (or none, if it is empty). */
const seeingCode = (text: string): string => `window.BarcodeDetector = class {
	static getSupportedFormats() { return Promise.resolve(['qr_code']); }
	detect() { return Promise.resolve(${text === '' ? '[]' : `[{ rawValue: '${text}' }]`}); }
}`;

/** Run in the page, before the app, which sets the direction of its language when it starts. */
function keepTurned(direction: string): void {
	new MutationObserver(() => {
		const { documentElement } = document;
		if (documentElement.dir !== direction) documentElement.dir = direction;
	}).observe(document, { subtree: true, attributeFilter: ['dir'] });
}

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
	args: ['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']
});
mkdirSync(folder, { recursive: true });
let violations = 0;

for (const [size, viewport] of Object.entries({
	phone: { width: 390, height: 844 },
	desk: { width: 1280, height: 800 },
	narrow: { width: 320, height: 640 }
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
			page.setDefaultTimeout(15_000);
			page.on('pageerror', (error) => report(`${shot.name} ${size} ${colorScheme}: ${error.message}`));
			page.on('console', (message) => {
				if (message.type() === 'error')
					report(`${shot.name} ${size} ${colorScheme}: console ${message.text()}`);
			});
			if (direction !== undefined) await page.addInitScript(keepTurned, direction);
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
