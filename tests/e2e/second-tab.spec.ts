/** One tab writes at a time. Whichever way it changes hands, no lane ever has two writers. */
import type { Page } from '@playwright/test';
import { expect, test, type Person } from './fixtures';
import { diagnostics, gather, inConversation, linked, matches, say, sees } from './people';

test.describe.configure({ timeout: 180_000 });

const elsewhere = (page: Page) => page.getByRole('heading', { name: 'Skein is open in another tab' });

/** Two entries at one place of a lane would show up as a fork, on whichever device sees both. */
async function expectNoForks(...people: readonly Person[]): Promise<void> {
	for (const person of people) {
		const { conversations, rejections } = await diagnostics(person);
		expect(conversations.map(({ forks, quarantinedLanes }) => forks + quarantinedLanes)).toEqual([0]);
		expect(rejections).toEqual([]);
	}
}

/** In a tab that is not the active one: what a person could still try finds nothing to write with. */
async function expectSilent(page: Page): Promise<void> {
	await expect(page.getByRole('button', { name: 'Use here' })).toBeVisible();
	await expect(page.getByRole('textbox')).toHaveCount(0);
	await page.keyboard.type('typed into the wrong tab');
	await page.keyboard.press('Enter');
}

test('a second tab offers to take over, and so does the first one after it', async ({ person }) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	await gather('Trip', alice, bob);
	await linked(alice, bob);
	await say(alice, 'said-1');
	await sees(bob, 'said-1');
	const address = alice.page.url();
	const first = alice.page;
	const second = await alice.newTab();

	await second.goto(address);
	await expect(elsewhere(second)).toBeVisible();
	await expectSilent(second);
	await say(alice, 'said-2');

	await second.getByRole('button', { name: 'Use here' }).click();
	alice.useTab(second);
	await inConversation(alice, 'Trip');
	await expect(elsewhere(first)).toBeVisible();
	await expectSilent(first);
	await linked(alice, bob);
	await say(alice, 'said-3');
	await sees(bob, 'said-3');
	await say(bob, 'said-4');
	await sees(alice, 'said-4');

	await first.getByRole('button', { name: 'Use here' }).click();
	alice.useTab(first);
	await inConversation(alice, 'Trip');
	await expect(elsewhere(second)).toBeVisible();
	await expectSilent(second);
	await say(alice, 'said-5');
	await sees(bob, 'said-5');
	const all = ['said-1', 'said-2', 'said-3', 'said-4', 'said-5'];
	for (const anyone of [alice, bob]) await expect.poll(() => matches(anyone, /said-\d/)).toEqual(all);
	await expectNoForks(alice, bob);

	// With the active tab closed, a reload of the other one just opens.
	await first.close();
	alice.useTab(second);
	await second.reload();
	await inConversation(alice, 'Trip');
	await say(alice, 'said-6');
	await sees(bob, 'said-6');
	await expectNoForks(alice, bob);
});

test('a frozen tab loses the lock, and writes nothing when it thaws', async ({ person }) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	await gather('Trip', alice, bob);
	await linked(alice, bob);
	await say(alice, 'said-1');
	await sees(bob, 'said-1');
	const first = alice.page;
	const second = await alice.newTab();

	// What a person was about to send when the browser froze the tab: it goes off as soon as the tab thaws.
	await first.getByRole('textbox', { name: 'Message', exact: true }).fill('too-late');
	const cdp = await alice.context.newCDPSession(first);
	await first.evaluate(() => {
		const press = document.querySelector<HTMLButtonElement>('button[type="submit"][aria-label="Send"]');
		addEventListener('resume', () => press?.click());
		document.addEventListener('resume', () => press?.click());
		setInterval(() => press?.click(), 100);
	});
	await cdp.send('Page.setWebLifecycleState', { state: 'frozen' });

	await second.goto(alice.home);
	await expect(elsewhere(second)).toBeVisible();
	await second.getByRole('button', { name: 'Use here' }).click();
	alice.useTab(second);
	await second.getByRole('navigation', { name: 'Conversations' }).getByRole('link', { name: 'Trip' }).click();
	await inConversation(alice, 'Trip');
	await say(alice, 'said-2');
	await sees(bob, 'said-2');

	await cdp.send('Page.setWebLifecycleState', { state: 'active' });
	await expect(elsewhere(first)).toBeVisible();
	await expectSilent(first);
	await say(alice, 'said-3');
	await sees(bob, 'said-3');
	for (const anyone of [alice, bob]) {
		expect(await matches(anyone, /said-\d|too-late/)).toEqual(['said-1', 'said-2', 'said-3']);
	}
	await expectNoForks(alice, bob);
});
