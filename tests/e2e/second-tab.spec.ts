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

test('what is being sent while the tabs change over arrives once and in order', async ({ person }) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	await gather('Trip', alice, bob);
	await linked(alice, bob);
	const first = alice.page;
	const second = await alice.newTab();
	await second.goto(first.url());
	await expect(elsewhere(second)).toBeVisible();

	/** Sends one after the other until the tab has nothing left to write with. @returns how many were begun */
	const sendOn = async (): Promise<number> => {
		for (let count = 0; ; count++) {
			// Looking and typing are one step, or the field could go in between.
			const taken = await first.evaluate((text) => {
				const field = document.querySelector('textarea');
				if (field === null) return false;
				field.value = text;
				field.dispatchEvent(new InputEvent('input', { bubbles: true }));
				const enter = new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true });
				return !field.dispatchEvent(enter);
			}, `burst-${count}`);
			if (!taken) return count;
			// Saved, and on screen; or there is no screen any more.
			await first.waitForFunction(
				(text) =>
					document.querySelector('textarea') === null ||
					[...document.querySelectorAll('article')].some(({ textContent }) => textContent.includes(text)),
				`burst-${count}`
			);
		}
	};
	const sent = sendOn();
	await sees(bob, 'burst-2');
	await second.getByRole('button', { name: 'Use here' }).click();
	await expect(elsewhere(first)).toBeVisible();
	const begun = await sent;
	alice.useTab(second);
	await inConversation(alice, 'Trip');
	await say(alice, 'after');
	await sees(bob, 'after');
	// The log holds what is near the end; nothing is twice, nothing out of order, and no hole but at the end.
	const [ofAlice, ofBob] = await Promise.all(
		[alice, bob].map((anyone) => matches(anyone, /burst-\d+|after/))
	);
	expect(ofBob).toEqual(ofAlice);
	expect(ofBob?.at(-1)).toBe('after');
	const numbers = (ofBob ?? []).slice(0, -1).map((text) => Number(text.slice('burst-'.length)));
	expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
	expect(numbers.at(-1)).toBeLessThan(begun);
	await expectNoForks(alice, bob);
});
