/** From the first run to a conversation of three: what the person who was invited sees, and what the others do. */
import QRCode from 'qrcode';
import { expect, test } from './fixtures';
import {
	closeTab,
	connection,
	createGroup,
	gather,
	inConversation,
	inviteLink,
	linked,
	mark,
	message,
	say,
	sees,
	send,
	start
} from './people';

test.describe.configure({ timeout: 180_000 });

test('first run, a group, a link, a second person, a conversation', async ({ person }) => {
	const alice = await person('Alice');
	await start(alice);
	await expect(alice.page.getByRole('heading', { name: 'No conversations yet' })).toBeVisible();
	await createGroup(alice, 'Trip to Lisbon');
	const link = await inviteLink(alice);

	const bob = await person('Bob');
	await bob.page.goto(link);
	await expect(bob.page.getByRole('heading', { name: 'Join Trip to Lisbon' })).toBeVisible();
	await bob.page.getByRole('textbox', { name: 'Your name' }).fill('Bob');
	await bob.page.getByRole('button', { name: 'Join' }).click();
	await inConversation(bob, 'Trip to Lisbon');

	await say(alice, 'Hello Bob');
	await sees(bob, 'Hello Bob');
	await say(bob, 'Hello Alice');
	await sees(alice, 'Hello Alice');
	await linked(alice, bob);
	await expect(mark(alice, 'Hello Bob', 'Delivered')).toBeVisible();
	await expect(mark(bob, 'Hello Alice', 'Delivered')).toBeVisible();
	await expect(alice.page.getByRole('article', { name: /^Bob, / })).toContainText('Hello Alice');
});

test('the QR code on screen is the link', async ({ person }) => {
	const alice = await person('Alice');
	await start(alice);
	await createGroup(alice, 'Trip');
	await alice.page.getByRole('button', { name: 'Invite people' }).first().click();
	const picture = alice.page.getByRole('img', { name: 'Invite QR code' });
	await expect(picture).toBeVisible();
	const link = await alice.page.getByRole('textbox', { name: 'Invite link' }).inputValue();
	const { modules } = QRCode.create(link, { errorCorrectionLevel: 'M' });
	// As a camera would: is the middle of each module dark? Four modules around it stay white.
	const shown = await picture.evaluate((svg) => {
		const path = svg.querySelector('path');
		if (!(svg instanceof SVGSVGElement) || path === null) throw new Error('there is no picture');
		const { width } = svg.viewBox.baseVal;
		return Array.from({ length: width * width }, (_, at) =>
			Number(path.isPointInFill(new DOMPoint((at % width) + 0.5, Math.floor(at / width) + 0.5)))
		);
	});
	const size = modules.size + 8;
	const expected = Array.from({ length: size * size }, (_, at) => {
		const [x, y] = [(at % size) - 4, Math.floor(at / size) - 4];
		return x >= 0 && y >= 0 && x < modules.size && y < modules.size ? modules.get(y, x) : 0;
	});
	expect(shown).toEqual(expected);
	const colours = await picture.evaluate((svg) => [
		getComputedStyle(svg.parentElement ?? svg).backgroundColor,
		svg.querySelector('path')?.getAttribute('fill')
	]);
	expect(colours).toEqual(['rgb(255, 255, 255)', '#15191b']);
});

test('the key in a link leaves the address bar and the history before anybody presses Join', async ({
	person
}) => {
	const alice = await person('Alice');
	await start(alice);
	await createGroup(alice, 'Trip');
	const link = await inviteLink(alice);
	const secret = new URL(link).hash.slice(1);
	expect(secret.length).toBeGreaterThan(128);

	const bob = await person('Bob');
	await bob.page.goto(link);
	await expect(bob.page.getByRole('heading', { name: 'Join Trip' })).toBeVisible();
	const addresses = async (): Promise<string> => {
		const cdp = await bob.context.newCDPSession(bob.page);
		const { entries } = await cdp.send('Page.getNavigationHistory');
		const state = await bob.page.evaluate(() =>
			JSON.stringify([location.href, document.title, history.state])
		);
		// Not `userTypedURL`: what was typed or opened is the browser's own to remember.
		return JSON.stringify([entries.map(({ url, title }) => [url, title]), state]);
	};
	// After the version and the group's id (32 bytes, no secret) comes the key: no part of it may be left.
	const part = secret.slice(46, 66);
	await expect.poll(addresses).not.toContain(part);
	await bob.page.getByRole('textbox', { name: 'Your name' }).fill('Bob');
	expect(await addresses()).not.toContain(part);
	await bob.page.getByRole('button', { name: 'Join' }).click();
	await inConversation(bob, 'Trip');
	expect(await addresses()).not.toContain(part);
});

test('three people: who is there, and how far a message has come', async ({ person }) => {
	const [alice, bob, carol] = [await person('Alice'), await person('Bob'), await person('Carol')];
	await gather('Trip', alice, bob, carol);
	await linked(alice, bob, carol);

	await alice.page.getByRole('button', { name: 'Details' }).click();
	const members = alice.page.getByRole('list', { name: 'Members', exact: true }).getByRole('listitem');
	await expect(members).toHaveCount(3);
	await expect(members.filter({ hasText: 'Alice' })).toContainText('Owner');
	await expect(members.filter({ hasText: 'Bob' })).not.toContainText('Owner');
	for (const name of ['Bob', 'Carol'])
		await expect(members.filter({ hasText: name })).toContainText('Online');

	const [bobReturns, carolReturns] = [await closeTab(bob), await closeTab(carol)];
	for (const name of ['Bob', 'Carol'])
		await expect(members.filter({ hasText: name })).toContainText('Not connected');
	await expect(connection(alice)).toHaveText('Connected through the relay');

	await say(alice, 'Who is awake?');
	await expect(mark(alice, 'Who is awake?', 'Sent')).toBeVisible();
	await bobReturns();
	await sees(bob, 'Who is awake?');
	await expect(mark(alice, 'Who is awake?', 'Delivered')).toBeVisible();
	await expect(members.filter({ hasText: 'Bob' })).toContainText('Online');
	await carolReturns();
	await sees(carol, 'Who is awake?');
	await expect(mark(alice, 'Who is awake?', 'Delivered to all')).toBeVisible();
});

test('whoever reads further up and writes sees what they wrote; others writing moves nothing', async ({
	person
}) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	await gather('Trip', alice, bob);
	for (let number = 0; number < 30; number++) await send(alice, `line-${number}\nand\nmore`);
	await sees(bob, 'line-29');
	const log = bob.page.getByRole('log', { name: 'Messages' });
	await log.hover();
	await bob.page.mouse.wheel(0, -1_500);
	await expect(bob.page.getByRole('button', { name: 'Jump to newest' })).toBeVisible();
	const before = await log.evaluate((element) => element.scrollTop);

	await say(alice, 'said meanwhile');
	await expect.poll(() => bob.page.getByRole('button', { name: /Jump to newest/ }).isVisible()).toBe(true);
	expect(await log.evaluate((element) => element.scrollTop)).toBe(before);

	await send(bob, 'an answer');
	await expect(message(bob, 'an answer')).toBeInViewport();
	await expect(bob.page.getByRole('button', { name: /Jump to newest/ })).toBeHidden();
	for (let number = 0; number < 12; number++) await send(bob, `own-${number}`);
	await expect(message(bob, 'own-11')).toBeInViewport();
});
