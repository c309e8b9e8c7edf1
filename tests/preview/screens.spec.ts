import { expect, test, type Locator, type Page } from '@playwright/test';

declare global {
	interface Window {
		preview: { receive(conversation: string, text: string): void };
	}
}

const log = (page: Page): Locator => page.getByRole('log', { name: 'Messages' });
const composer = (page: Page): Locator => page.getByRole('textbox', { name: 'Message', exact: true });
const jump = (page: Page): Locator => page.getByRole('button', { name: 'Jump to newest' });

/** Distance of the log's end from the screen, in px. */
const below = (page: Page): Promise<number> =>
	log(page).evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight);

const receive = (page: Page, conversation: string, text: string): Promise<void> =>
	page.evaluate(([id, words]) => window.preview.receive(id as string, words as string), [conversation, text]);

async function scrollUp(page: Page, px: number): Promise<void> {
	await log(page).hover();
	await page.mouse.wheel(0, -px);
	await expect(jump(page)).toBeVisible();
}

test('first run: a name and a button', async ({ page }) => {
	await page.goto('/?phase=first-run');
	await page.getByRole('button', { name: 'Start' }).click();
	await expect(page.getByRole('alert')).toHaveText('Type a name first.');
	await page.getByRole('textbox', { name: 'Your name' }).fill('Ada');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('navigation', { name: 'Conversations' })).toBeVisible();
	await expect(page.getByText('Ada', { exact: true })).toBeVisible();
});

test('opens at the newest and stays there while messages come and go out', async ({ page }) => {
	await page.goto('/c/conv-island');
	await expect(page.getByRole('heading', { level: 1, name: 'Island weekend' })).toBeVisible();
	await expect(page.getByText('See you on Saturday!').last()).toBeInViewport();
	await expect.poll(() => below(page)).toBeLessThan(2);
	await expect(composer(page)).toBeFocused();

	await composer(page).fill('First line');
	await page.keyboard.press('Shift+Enter');
	await page.keyboard.type('second line');
	await page.keyboard.press('Enter');
	await expect(composer(page)).toHaveValue('');
	const own = page.getByRole('article').last();
	await expect(own).toHaveAccessibleName(/^Mara Lindqvist, \d?\d:\d\d$/);
	await expect(own).toContainText('First line');
	await expect(own.getByRole('img', { name: 'Queued' })).toBeVisible();
	await expect.poll(() => below(page)).toBeLessThan(2);

	await receive(page, 'conv-island', 'On my way');
	await expect(page.getByRole('article').last()).toContainText('On my way');
	await expect.poll(() => below(page)).toBeLessThan(2);
	await expect(page.locator('[aria-live=polite]').filter({ hasText: 'Tomás Ibarra: On my way' })).toHaveCount(
		1
	);
});

test('says how many came while reading older messages, and jumps to them', async ({ page }) => {
	await page.goto('/c/conv-island');
	await expect(composer(page)).toBeFocused();
	await expect.poll(() => below(page)).toBeLessThan(2);
	await scrollUp(page, 2_000);
	const reading = page.getByRole('article').nth(8);
	const text = await reading.textContent();
	const before = await reading.boundingBox();
	await receive(page, 'conv-island', 'one');
	await receive(page, 'conv-island', 'two');
	await expect(jump(page)).toHaveAccessibleDescription('2 unread messages');
	const same = page
		.getByRole('article')
		.filter({ hasText: text ?? '' })
		.first();
	expect((await same.boundingBox())?.y).toBeCloseTo(before?.y ?? Number.NaN, 0);
	await jump(page).click();
	await expect(page.getByText('two', { exact: true })).toBeInViewport();
	await expect(jump(page)).toBeHidden();
});

test('holds still while thousands of older messages load above, and comes back', async ({ page }) => {
	test.slow();
	await page.goto('/c/conv-island');
	await expect.poll(() => below(page)).toBeLessThan(2);
	await log(page).hover();
	// A marked message moves by exactly what was scrolled, whatever is loaded above it and trimmed below.
	const drift = await log(page).evaluate(async (element) => {
		const frame = (): Promise<void> => new Promise((resolve) => requestAnimationFrame(() => resolve()));
		let worst = 0;
		for (let round = 0; round < 150; round += 1) {
			const box = element.getBoundingClientRect();
			const middle = [...element.querySelectorAll('article')].find(
				(article) => article.getBoundingClientRect().top > box.top + box.height / 3
			);
			const text = middle?.textContent ?? '';
			const before = middle?.getBoundingClientRect().top ?? 0;
			element.dispatchEvent(new WheelEvent('wheel'));
			element.scrollTop -= 200;
			for (let frames = 0; frames < 3; frames += 1) await frame();
			if (middle?.isConnected && middle.textContent === text) {
				worst = Math.max(worst, Math.abs(middle.getBoundingClientRect().top - before - 200));
			}
		}
		return worst;
	});
	expect(drift).toBeLessThanOrEqual(1);
	expect(await page.getByRole('article').count()).toBeLessThan(80);
	await jump(page).click();
	await expect(page.getByText('See you on Saturday!').last()).toBeInViewport();
	await expect.poll(() => below(page)).toBeLessThan(2);
});

test('draws the unread line, opens there, and reading empties the count', async ({ page }) => {
	await page.goto('/');
	const link = page.getByRole('link', { name: 'Garden & tools' });
	await expect(link).toHaveAccessibleDescription(/^3 unread messages/);
	await link.click();
	await expect(page.getByRole('separator', { name: 'New messages' })).toBeInViewport();
	await expect(link).not.toHaveAccessibleDescription(/unread/);
});

test('keeps the place and the draft of each conversation', async ({ page }) => {
	await page.goto('/c/conv-island');
	await expect.poll(() => below(page)).toBeLessThan(2);
	await scrollUp(page, 3_000);
	await composer(page).fill('unfinished');
	const log1 = await log(page).boundingBox();
	const articles = page.getByRole('article');
	const first = async (): Promise<{ text: string; y: number }> => {
		for (const article of await articles.all()) {
			const box = await article.boundingBox();
			if (box && log1 && box.y >= log1.y) return { text: (await article.textContent()) ?? '', y: box.y };
		}
		return { text: '', y: 0 };
	};
	const before = await first();
	await page.getByRole('link', { name: 'Garden & tools' }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'Garden & tools' })).toBeVisible();
	await expect(composer(page)).toHaveValue('');
	await page.getByRole('link', { name: 'Island weekend' }).click();
	await expect(composer(page)).toHaveValue('unfinished');
	await expect.poll(async () => (await first()).text).toBe(before.text);
	expect(Math.abs((await first()).y - before.y)).toBeLessThanOrEqual(1.5);
});

test('a message that could not be saved stays, and the problem is said', async ({ page }) => {
	await page.goto('/c/conv-garden?fail=storage-full');
	await composer(page).fill('precious');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('alert')).toContainText('no space left');
	await expect(composer(page)).toHaveValue('precious');
	await page.getByRole('textbox', { name: 'Message', exact: true }).press('End');
	await page.keyboard.type('!');
	await expect(page.getByRole('alert')).toBeHidden();
});

test('does not send while an input method composes, nor what is too long', async ({ page }) => {
	await page.goto('/c/conv-garden');
	await composer(page).fill('にほん');
	await composer(page).dispatchEvent('keydown', { key: 'Enter', isComposing: true });
	await composer(page).dispatchEvent('keydown', { key: 'Enter', keyCode: 229 });
	await expect(composer(page)).toHaveValue('にほん');
	await composer(page).fill('x'.repeat(15 * 1024));
	await expect(page.getByText('About 1,024 characters left')).toBeVisible();
	await composer(page).fill('ü'.repeat(8 * 1024 + 5));
	await expect(page.getByText('Too long by about 5 characters')).toBeVisible();
	await page.keyboard.press('Enter');
	await expect(composer(page)).not.toHaveValue('');
});

test('search finds, marks, and jumps to the message', async ({ page }) => {
	await page.goto('/');
	await page.getByRole('searchbox', { name: 'Search' }).fill('ladder?');
	await expect(page.getByText('1 message found')).toBeVisible();
	await expect(page.locator('mark')).toHaveText('ladder?');
	await page.keyboard.press('Escape');
	await expect(page.getByRole('searchbox', { name: 'Search' })).toHaveValue('');
	await page.getByRole('searchbox', { name: 'Search' }).fill('tomatoes');
	await page.getByRole('region', { name: 'Search results' }).getByRole('button').nth(40).click();
	await expect(page.getByRole('article').filter({ hasText: 'tomatoes' }).first()).toBeInViewport();
	await expect(jump(page)).toBeVisible();
});

test('new group, by keyboard alone', async ({ page }) => {
	await page.goto('/');
	await page.getByRole('button', { name: 'New conversation' }).focus();
	await page.keyboard.press('Enter');
	await expect(page.getByRole('menuitem', { name: 'New group' })).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(
		page.getByRole('dialog', { name: 'New group' }).getByRole('textbox', { name: 'Group name' })
	).toBeFocused();
	await page.keyboard.type('Hut');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('heading', { level: 1, name: 'Hut' })).toBeVisible();
	await expect(page.getByText('Nobody has written yet')).toBeVisible();
	await expect(page).toHaveTitle('(4) Hut – Skein');
});

test('invite: link, code, copied; escape closes and gives the focus back', async ({ page, context }) => {
	await context.grantPermissions(['clipboard-read', 'clipboard-write']);
	await page.goto('/c/conv-island');
	await page.getByRole('button', { name: 'Invite people' }).click();
	const dialog = page.getByRole('dialog', { name: 'Invite people' });
	await expect(dialog.getByRole('img', { name: 'Invite QR code' })).toBeVisible();
	const link = dialog.getByRole('textbox', { name: 'Invite link' });
	await expect(link).toHaveValue(/\/join#1\./);
	await expect(link).toHaveJSProperty('readOnly', true);
	await dialog.getByRole('button', { name: 'Copy link' }).click();
	await expect(dialog.getByRole('status')).toHaveText('Copied');
	expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await link.inputValue());
	await page.keyboard.press('Escape');
	await expect(dialog).toBeHidden();
	await expect(page.getByRole('button', { name: 'Invite people' })).toBeFocused();
});

test('details are a step in the history; leaving asks first', async ({ page }) => {
	await page.goto('/c/conv-island');
	await page.getByRole('button', { name: 'Details' }).click();
	await expect(page.getByRole('list', { name: 'Members', exact: true }).getByRole('listitem')).toHaveCount(5);
	await page.goBack();
	await expect(page.getByRole('list', { name: 'Members', exact: true })).toBeHidden();
	await page.getByRole('button', { name: 'Details' }).click();
	await page.getByRole('button', { name: 'Leave group' }).click();
	const question = page.getByRole('alertdialog');
	await question.getByRole('button', { name: 'Cancel' }).click();
	await expect(question).toBeHidden();
	await page.getByRole('button', { name: 'Leave group' }).click();
	await page.getByRole('alertdialog').getByRole('button', { name: 'Leave group' }).click();
	await expect(page.getByText('You left this group.')).toBeVisible();
	await expect(composer(page)).toHaveCount(0);
});

test('join: the key leaves the address bar, and a newcomer gives a name first', async ({ page }) => {
	await page.goto('/join?phase=first-run#1.conv-new.secret');
	await expect(page.getByRole('heading', { name: 'Join Choir tour' })).toBeVisible();
	expect(new URL(page.url()).hash).toBe('');
	expect(await page.evaluate(() => JSON.stringify(history.state))).not.toContain('secret');
	await page.getByRole('textbox', { name: 'Your name' }).fill('Ada');
	await page.getByRole('button', { name: 'Join' }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'Choir tour' })).toBeVisible();

	await page.goto('/join#expired');
	await expect(page.getByText('The invitation has expired. Ask for a new one.')).toBeVisible();
	// A second link pasted over the first page changes the fragment only.
	await page.evaluate(() => void (location.hash = '1.conv-new.other'));
	await expect(page.getByRole('heading', { name: 'Join Choir tour' })).toBeVisible();
	expect(new URL(page.url()).hash).toBe('');
});

test('join in a second tab: the key is not lost while the other tab steps back', async ({ page }) => {
	await page.goto('/join?phase=elsewhere#1.conv-new.secret');
	await expect(page.getByRole('button', { name: 'Use here' })).toBeVisible();
	expect(new URL(page.url()).hash).toBe('');
	await page.getByRole('button', { name: 'Use here' }).click();
	await expect(page.getByRole('heading', { name: 'Join Choir tour' })).toBeVisible();
});

test('connection in plain words; switcher; list by arrows; theme; language', async ({ page }) => {
	await page.goto('/c/conv-garden?connection=waiting');
	await expect(page.getByRole('status', { name: 'Connection' })).toHaveText(
		'Waiting for another device – 2 messages wait here'
	);
	await page.keyboard.press('Control+k');
	await page.getByRole('combobox', { name: 'Switch conversation' }).fill('reading');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('heading', { level: 1, name: /^Reading circle/ })).toBeVisible();

	await page.getByRole('link', { name: /^Reading circle/ }).focus();
	await page.keyboard.press('ArrowUp');
	await expect(page.getByRole('link', { name: 'العائلة' })).toBeFocused();
	await page.keyboard.press('Home');
	await expect(page.getByRole('link', { name: 'Island weekend' })).toBeFocused();

	await page.getByRole('link', { name: 'Settings' }).click();
	await page.getByRole('radio', { name: 'Dark' }).check();
	await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
	await page.reload();
	await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
	await page.getByRole('combobox', { name: 'Language' }).selectOption({ label: 'Deutsch' });
	await expect(page.getByRole('heading', { level: 1, name: 'Einstellungen' })).toBeVisible();
	await expect(page.locator('html')).toHaveAttribute('lang', 'de');
});

test('phone: one pane at a time, back by history; nothing is wider than 320 px', async ({ page }) => {
	await page.setViewportSize({ width: 320, height: 640 });
	await page.goto('/');
	await page.getByRole('link', { name: 'Island weekend' }).click();
	await expect(log(page)).toBeVisible();
	await expect(page.getByRole('navigation', { name: 'Conversations' })).toBeHidden();
	expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
	await page.getByRole('button', { name: 'Details' }).click();
	await expect(page.getByRole('list', { name: 'Members', exact: true })).toBeVisible();
	await expect(log(page)).toBeHidden();
	await page.goBack();
	await expect(log(page)).toBeVisible();
	await page.goBack();
	await expect(page.getByRole('navigation', { name: 'Conversations' })).toBeVisible();
});

/** The camera of this page sees this code. */
const pointAt = (page: Page, code: string): Promise<void> =>
	page.evaluate((text) => {
		class Reader {
			static getSupportedFormats = () => Promise.resolve(['qr_code']);
			detect = () => Promise.resolve([{ rawValue: text }]);
		}
		Object.assign(globalThis, { BarcodeDetector: Reader });
	}, code);

test('message someone: a link, a first message; own link with code, copied and renewed', async ({
	page,
	context
}) => {
	await context.grantPermissions(['clipboard-read', 'clipboard-write']);
	await page.goto('/');
	await page.getByRole('button', { name: 'New conversation' }).click();
	await page.getByRole('menuitem', { name: 'Message someone' }).click();
	const dialog = page.getByRole('dialog', { name: 'Message someone' });
	const link = dialog.getByRole('textbox', { name: 'Contact link' });
	await expect(link).toBeFocused();
	await dialog.getByRole('button', { name: 'Send request' }).click();
	await expect(dialog.getByRole('alert')).toContainText('The link is incomplete');

	const own = dialog.getByRole('textbox', { name: 'Your link' });
	const before = await own.inputValue();
	await dialog.getByRole('button', { name: 'Copy link' }).click();
	await expect(dialog.getByText('Copied')).toBeVisible();
	expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(before);
	await dialog.getByRole('button', { name: 'Renew link' }).click();
	await page.getByRole('alertdialog').getByRole('button', { name: 'Renew link' }).click();
	await expect(own).not.toHaveValue(before);
	await link.fill(before);
	await expect(dialog.getByText('This is your own link.')).toBeVisible();

	await link.fill('http://localhost/add#1.ines');
	await expect(dialog.getByText('Inês Duarte')).toBeVisible();
	await dialog.getByRole('textbox', { name: 'First message' }).fill('Hello Inês');
	await dialog.getByRole('button', { name: 'Send request' }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'Inês Duarte' })).toBeVisible();
	await expect(page.getByRole('article')).toContainText('Hello Inês');
	await expect(page.getByRole('button', { name: 'Invite people' })).toHaveCount(0);
});

test('add: the link leaves the address bar; a newcomer gives a name and a message; somebody known is there at once', async ({
	page
}) => {
	await page.goto('/add?phase=first-run#1.ines.secret');
	await expect(page.getByRole('heading', { name: 'Write to Inês Duarte' })).toBeVisible();
	expect(new URL(page.url()).hash).toBe('');
	expect(await page.evaluate(() => JSON.stringify(history.state))).not.toContain('secret');
	await expect(page.getByRole('textbox', { name: 'Your name' })).toBeFocused();
	await page.getByRole('textbox', { name: 'First message' }).fill('Hello');
	await page.getByRole('button', { name: 'Send request' }).click();
	await expect(page.getByRole('alert')).toHaveText('Type a name first.');
	await page.getByRole('textbox', { name: 'Your name' }).fill('Ada');
	await page.getByRole('button', { name: 'Send request' }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'Inês Duarte' })).toBeVisible();

	await page.goto('/add#1.tomas');
	await expect(page).toHaveURL(/\/c\/conv-tomas$/);
	await page.goto('/add#broken');
	await expect(page.getByRole('heading', { name: 'This contact link does not work' })).toBeVisible();
});

test('requests: declined, blocked, accepted; then there are none', async ({ page }) => {
	await page.goto('/?requests');
	const link = page.getByRole('link', { name: 'Requests' });
	await expect(link).toHaveAccessibleDescription('2 requests');
	await link.click();
	const stranger = page.getByRole('article', { name: 'Tomás Ibarra' });
	await expect(stranger).toContainText('Nobody you know');
	// What a stranger writes is text alone.
	await expect(stranger.getByRole('link')).toHaveCount(0);
	await stranger.getByRole('button', { name: 'Block' }).click();
	await page.getByRole('alertdialog').getByRole('button', { name: 'Block' }).click();
	await expect(stranger).toHaveCount(0);
	await page.getByRole('button', { name: 'Accept' }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'Inês Duarte' })).toBeVisible();
	await expect(link).toHaveCount(0);
});

test('a direct conversation: no group things; a nickname, a warning, blocking', async ({ page }) => {
	await page.goto('/c/conv-tomas?changed=new-device');
	const warning = page.getByRole('alert').filter({ hasText: 'Safety number changed' });
	await expect(warning).toContainText('Tomás Ibarra has a device more');
	await warning.getByRole('button', { name: 'I understand' }).click();
	await expect(warning).toHaveCount(0);
	await page.getByRole('button', { name: 'Details' }).click();
	const details = page.getByRole('complementary', { name: 'Details' });
	for (const name of ['Leave group', 'Invite people', 'Links', 'Group settings'])
		await expect(details.getByRole('button', { name })).toHaveCount(0);
	await details.getByRole('textbox', { name: 'Nickname' }).fill('Tom');
	await page.keyboard.press('Enter');
	await expect(details.getByText('calls themselves Tomás Ibarra')).toBeVisible();
	await details.getByRole('button', { name: 'Block' }).click();
	await page.getByRole('alertdialog').getByRole('button', { name: 'Block' }).click();
	await expect(page.getByText('You blocked Tom.')).toBeVisible();
	await expect(composer(page)).toHaveCount(0);
	await page.getByRole('button', { name: 'Unblock' }).first().click();
	await page.getByRole('alertdialog').getByRole('button', { name: 'Unblock' }).click();
	await expect(composer(page)).toBeVisible();
});

test('a new group with a contact: they are invited where one talks', async ({ page }) => {
	await page.goto('/c/conv-noor');
	await page.getByRole('button', { name: 'Details' }).click();
	await page.getByRole('button', { name: /^Create group with/ }).click();
	await page.getByRole('textbox', { name: 'Group name' }).fill('Market');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('heading', { level: 1, name: 'Market' })).toBeVisible();
	await page.goBack();
	await expect(page.getByRole('article').last()).toContainText('Come into the group “Market”');
});

test('safety number: the camera is asked only when wanted, and what it sees is said', async ({ page }) => {
	await page.goto('/c/conv-noor');
	await page.getByRole('button', { name: 'Details' }).click();
	await page.getByRole('button', { name: 'Safety number' }).click();
	const dialog = page.getByRole('dialog', { name: 'Safety number' });
	await expect(dialog.getByRole('listitem')).toHaveCount(12);
	await dialog.getByRole('button', { name: 'Scan code' }).click();
	await expect(dialog.getByText('This browser cannot read codes.')).toBeVisible();
	await dialog.getByRole('button', { name: 'Stop scanning' }).click();
	await pointAt(page, 'skein-sn1:of-somebody-between');
	await dialog.getByRole('button', { name: 'Scan code' }).click();
	await expect(dialog.getByRole('alert')).toContainText('It does not match.');
	await expect(dialog.getByRole('button', { name: 'Mark as verified' })).toHaveCount(0);
});

test('privacy: what is refused does not look as if it were so', async ({ page }) => {
	await page.goto('/settings/privacy');
	const online = page.getByRole('switch', { name: 'Online' });
	await expect(online).not.toBeChecked();
	await online.focus();
	await page.keyboard.press('Space');
	await expect(online).toBeChecked();
	await page.getByRole('radio', { name: 'Nobody' }).check();
	await page.getByRole('button', { name: 'Settings for Tomás Ibarra' }).click();
	const dialog = page.getByRole('dialog', { name: 'What you tell Tomás Ibarra' });
	await dialog.getByRole('combobox', { name: 'Typing' }).selectOption('Off');
	await page.keyboard.press('Escape');
	await expect(page.getByText('Read receipts: off · Typing: off · Online: on')).toBeVisible();
	await page.getByRole('button', { name: 'Unblock' }).click();
	await page.getByRole('alertdialog').getByRole('button', { name: 'Unblock' }).click();
	await expect(page.getByText('You have blocked nobody.')).toBeVisible();

	await page.goto('/settings/privacy?fail=not-saved');
	const refused = page.getByRole('switch', { name: 'Online' });
	await refused.click();
	await expect(page.getByText('It was not saved on this device.')).toBeVisible();
	await expect(refused).not.toBeChecked();
});
