/** Everything on screen can be read, reached and heard: axe in both themes, the keyboard, zoom, live regions. */
import type { Page } from '@playwright/test';
import { expect, relayAway, test, type Person, type PersonOptions } from './fixtures';
import { desktop, expectNoSidewaysScroll, inspect, phone } from './inspection';
import {
	connection,
	createGroup,
	inConversation,
	inviteLink,
	join,
	keptForOffline,
	message,
	openConversation,
	say,
	sees,
	send,
	start
} from './people';

test.describe.configure({ timeout: 300_000 });

/** Goes through the pages and states of the app one by one. `look` is called when each is on screen. */
async function tour(
	alice: Person,
	bob: Person,
	look: (page: Page, state: string) => Promise<void>
): Promise<void> {
	const { page } = alice;
	const small = (page.viewportSize()?.width ?? 0) < 768;
	const list = async (): Promise<void> => {
		if (small) await page.getByRole('main').getByRole('link', { name: 'Back' }).click();
	};
	await page.goto(alice.home);
	await page.getByRole('button', { name: 'Start' }).waitFor();
	await look(page, 'first run');
	await page.getByRole('button', { name: 'Start' }).click();
	await page.getByRole('alert').waitFor();
	await look(page, 'first run, refused');
	await start(alice);
	await look(page, 'no conversations');
	await page.getByRole('button', { name: 'New conversation' }).click();
	await page.getByRole('menuitem', { name: 'New group' }).waitFor();
	await look(page, 'menu');
	await page.getByRole('menuitem', { name: 'New group' }).click();
	await page.getByRole('textbox', { name: 'Group name' }).waitFor();
	await look(page, 'new group');
	await page.keyboard.press('Escape');
	await createGroup(alice, 'Trip to a very long place name that does not end soon at all');
	await page.getByText('Nobody has written yet').waitFor();
	await look(page, 'empty conversation');
	const link = await inviteLink(alice);
	await page.getByRole('button', { name: 'Invite people' }).first().click();
	await page.getByRole('img', { name: 'Invite QR code' }).waitFor();
	await look(page, 'invite');
	await page.keyboard.press('Escape');

	await bob.page.goto(`${bob.home}/join#1.broken`);
	await bob.page.getByRole('heading', { name: 'This invitation does not work' }).waitFor();
	await look(bob.page, 'broken link');
	await bob.page.goto('about:blank');
	await bob.page.goto(link);
	await bob.page.getByRole('heading', { name: /^Join Trip/ }).waitFor();
	await look(bob.page, 'join');
	await join(bob, link, 'Trip');

	await send(alice, 'A **bold** word, `code`, [a link](https://example.org/)\n> a quote\n- one\n- two');
	await say(alice, `W${'i'.repeat(400)}de`);
	await send(
		bob,
		'```ts\nconst answer: number = 42; // a line of code that is longer than a phone is wide, by far\n```'
	);
	await say(bob, 'Second of Bob');
	await sees(alice, 'Second of Bob');
	await message(alice, 'A bold word').getByRole('img', { name: 'Read' }).waitFor();
	await look(page, 'conversation');
	await page.getByRole('button', { name: 'Details' }).click();
	await page.getByRole('list', { name: 'Members', exact: true }).waitFor();
	await look(page, 'details');
	await page.getByRole('button', { name: 'Leave group' }).click();
	await page.getByRole('dialog', { name: /^You own/ }).waitFor();
	await look(page, 'leave?');
	await page.getByRole('button', { name: 'Cancel' }).click();
	await page.getByRole('button', { name: 'Actions for Bob' }).click();
	await page.getByRole('menuitem', { name: 'Safety number' }).click();
	await page.getByRole('dialog', { name: 'Safety number' }).waitFor();
	await look(page, 'safety number');
	await page.keyboard.press('Escape');
	await page.getByRole('button', { name: 'Close' }).click();
	await page.getByRole('textbox', { name: 'Message', exact: true }).fill('x'.repeat(17 * 1024));
	await page.getByRole('status').filter({ hasText: 'Too long' }).waitFor();
	await look(page, 'too long');
	await page.getByRole('textbox', { name: 'Message', exact: true }).fill('');

	await list();
	await look(page, 'list');
	await page.getByRole('searchbox', { name: 'Search' }).fill('bold');
	await page.getByRole('status').filter({ hasText: '1 message found' }).waitFor();
	await look(page, 'search');
	await page.getByRole('searchbox', { name: 'Search' }).fill('');
	await page.keyboard.press('Control+k');
	await page.getByRole('dialog', { name: 'Switch conversation' }).waitFor();
	await look(page, 'switcher');
	await page.keyboard.press('Escape');
	await page.getByRole('link', { name: 'Settings' }).click();
	await page.getByText('on this device').waitFor();
	await look(page, 'settings');
	await page.getByRole('link', { name: 'Privacy' }).click();
	await page.getByRole('heading', { name: 'Who may write to you first' }).waitFor();
	await look(page, 'privacy');
	await page.getByRole('link', { name: 'Requests' }).first().click();
	await page.getByText('No requests').waitFor();
	await look(page, 'requests');
	await page.goto(alice.home);
	await page.getByRole('button', { name: 'New conversation' }).click();
	await page.getByRole('menuitem', { name: 'Message someone' }).click();
	await page.getByRole('img', { name: 'Contact QR code' }).waitFor();
	await look(page, 'message someone');
	const contactLink = await page.getByRole('textbox', { name: 'Your link' }).inputValue();
	await page.keyboard.press('Escape');
	await bob.page.goto(contactLink);
	await bob.page.getByRole('button', { name: 'Send request' }).waitFor();
	await look(bob.page, 'add');
	await page.getByRole('link', { name: 'Diagnostics' }).first().click();
	await page.getByRole('heading', { name: 'Recent events' }).waitFor();
	await look(page, 'diagnostics');
	await list();

	const second = await alice.newTab();
	await second.goto(alice.home);
	await second.getByRole('button', { name: 'Use here' }).waitFor();
	await look(second, 'second tab');
	await second.close();
	alice.allow(/Not found: \/nowhere/); // The router's own word on it.
	await page.goto(`${alice.home}/nowhere`);
	await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
	await look(page, 'nothing here');

	for (const anyone of [alice, bob]) anyone.allow(relayAway);
	await bob.close();
	await page.goto(alice.home);
	await keptForOffline(alice);
	await alice.context.setOffline(true);
	await page.reload();
	await openConversation(alice, 'Trip to a very long place name that does not end soon at all');
	await expect(connection(alice)).toHaveText('You are offline');
	await say(alice, 'This waits');
	await expect(connection(alice)).toHaveText('You are offline – 1 message waits here');
	await look(page, 'offline');
	await page.getByRole('button', { name: 'Details' }).click();
	await page.getByRole('button', { name: 'Leave group' }).click();
	const question = page.getByRole('dialog', { name: /^You own/ });
	await question.getByRole('button', { name: 'Leave without an owner' }).click();
	await question.waitFor({ state: 'detached' });
	await page.getByRole('button', { name: 'Close' }).click();
	await page.getByText('You left this group.').waitFor();
	await look(page, 'left');
}

for (const [device, options] of [
	['desktop', desktop],
	['phone', phone]
] as const) {
	test(`axe finds nothing on any page in either theme, on a ${device}`, async ({ person }) => {
		await tour(await person('Alice', options), await person('Bob', options), inspect);
	});
}

for (const [what, options] of [
	['320 px wide', { viewport: { width: 320, height: 640 } }],
	['at 200 % zoom', { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }]
] as const) {
	test(`nothing sticks out ${what}`, async ({ person }) => {
		const settings: PersonOptions = { ...options, reducedMotion: 'reduce' };
		await tour(await person('Alice', settings), await person('Bob', settings), expectNoSidewaysScroll);
	});
}

test('from the first run to a sent message without a mouse', async ({ person }) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	const { page } = alice;
	const { keyboard } = page;
	const focused = (role: Parameters<Page['getByRole']>[0], name: string) =>
		expect(page.getByRole(role, { name, exact: true }).and(page.locator(':focus'))).toHaveCount(1);
	/** Presses Tab until this has the focus; a person would not go round more than once. */
	const tabTo = async (role: Parameters<Page['getByRole']>[0], name: string): Promise<void> => {
		const target = page.getByRole(role, { name, exact: true }).and(page.locator(':focus'));
		for (let step = 0; step < 30; step++) {
			await keyboard.press('Tab');
			if ((await target.count()) > 0) return;
		}
		throw new Error(`Tab never comes to ${role} “${name}”`);
	};

	await page.goto(alice.home);
	await focused('textbox', 'Your name');
	await keyboard.type('Alice');
	await keyboard.press('Enter');
	await page.getByRole('button', { name: 'New conversation' }).waitFor();
	await tabTo('button', 'New conversation');
	await keyboard.press('Enter');
	await focused('menuitem', 'New group');
	await keyboard.press('Enter');
	await focused('textbox', 'Group name');
	await keyboard.type('Trip');
	await keyboard.press('Enter');
	await inConversation(alice, 'Trip');
	await focused('textbox', 'Message');
	await tabTo('button', 'Invite people');
	await keyboard.press('Enter');
	const link = page.getByRole('textbox', { name: 'Invite link' });
	await expect(link).toHaveValue(/^http/);
	const url = await link.inputValue();
	await tabTo('button', 'Copy link');
	await keyboard.press('Escape');
	await expect(page.getByRole('dialog')).toHaveCount(0);
	await focused('button', 'Invite people');
	await tabTo('textbox', 'Message');
	await join(bob, url, 'Trip');
	await keyboard.type('Written by hand');
	await keyboard.press('Shift+Enter');
	await keyboard.type('in two lines');
	await keyboard.press('Enter');
	await sees(bob, 'Written by hand');
	await sees(bob, 'in two lines');
	await focused('textbox', 'Message');
	await tabTo('button', 'Details');
	await keyboard.press('Enter');
	await page.getByRole('list', { name: 'Members', exact: true }).waitFor();
	await keyboard.press('Escape');
	await expect(page.getByRole('list', { name: 'Members', exact: true })).toHaveCount(0);
});

test('a new message is announced once, and one’s own are not', async ({ person }) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	await start(alice);
	await createGroup(alice, 'Trip');
	await say(alice, 'before Bob');
	await join(bob, await inviteLink(alice), 'Trip');
	await say(bob, 'the first word');
	await sees(alice, 'the first word');
	await alice.page.evaluate(() => {
		const said: string[] = [];
		Object.assign(globalThis, { said });
		const watch = (): void => {
			for (const region of document.querySelectorAll('[aria-live="polite"]')) {
				new MutationObserver(() => said.push(region.textContent)).observe(region, {
					childList: true,
					characterData: true,
					subtree: true
				});
			}
		};
		watch();
	});
	const heard = () => alice.page.evaluate(() => (globalThis as typeof globalThis & { said: string[] }).said);
	await say(bob, 'good morning');
	await sees(alice, 'good morning');
	await expect.poll(heard).toEqual(['Bob: good morning']);
	await say(alice, 'to you too');
	await say(bob, 'thank you');
	await expect.poll(heard).toEqual(['Bob: good morning', 'Bob: thank you']);
	await send(bob, 'thank you');
	await expect.poll(heard).toHaveLength(3);
});
