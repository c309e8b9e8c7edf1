/** Without a network: the app and the history are there at once, and what is written goes out later, once, in order. */
import { expect, relayAway, test } from './fixtures';
import {
	closeTab,
	connection,
	gather,
	inConversation,
	keptForOffline,
	linked,
	mark,
	matches,
	message,
	say,
	sees
} from './people';
import type { Person } from './person';

test.describe.configure({ timeout: 180_000 });

const numbers = (from: number, to: number): string[] =>
	Array.from({ length: to - from + 1 }, (_, index) => `note-${String(from + index).padStart(2, '0')}`);

/** What is loaded when it is asked for is kept too: it opens for the first time, gets the focus and gives it back. */
async function opensByKeyboard(person: Person, text: string): Promise<void> {
	const { page } = person;
	await message(person, text).focus();
	await page.keyboard.press('Enter');
	await expect(page.getByRole('menuitem', { name: 'React', exact: true })).toBeFocused();
	await page.keyboard.press('Escape');
	await expect(message(person, text)).toBeFocused();
	const field = page.getByRole('textbox', { name: 'Message', exact: true });
	await field.fill('/poll Where to?');
	await field.press('Enter');
	await expect(page.getByRole('dialog', { name: 'New poll' }).locator(':focus')).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(field).toBeFocused();
}

test('opens offline with its history; what is written there arrives later, once, in order', async ({
	person
}) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	for (const anyone of [alice, bob]) anyone.allow(relayAway);
	await gather('Trip', alice, bob);
	await linked(alice, bob);
	for (const text of numbers(1, 3)) await say(alice, text);
	await say(bob, 'bob-was-here');
	await sees(alice, 'bob-was-here');
	await keptForOffline(alice);

	// Everything is closed, so there is no socket and no link left that could still carry something.
	const [aliceReturns, bobReturns] = [await closeTab(alice), await closeTab(bob)];
	await alice.context.setOffline(true);
	const opened = Date.now();
	await aliceReturns();
	await inConversation(alice, 'Trip');
	await sees(alice, 'bob-was-here');
	test.info().annotations.push({ type: 'history shown offline', description: `${Date.now() - opened} ms` });
	expect(await matches(alice, /note-\d\d/)).toEqual(numbers(1, 3));
	await expect(connection(alice)).toHaveText('You are offline');
	await opensByKeyboard(alice, 'bob-was-here');

	for (const text of numbers(4, 8)) await say(alice, text);
	await expect(connection(alice)).toHaveText('You are offline – 5 messages wait here');
	await expect(mark(alice, 'note-08', 'Queued')).toBeVisible();
	await alice.page.reload();
	await expect.poll(() => matches(alice, /note-\d\d/)).toEqual(numbers(1, 8));
	await expect(mark(alice, 'note-08', 'Queued')).toBeVisible();

	// Bob, elsewhere, has a network; he writes before he could have seen any of it.
	await bobReturns();
	await say(bob, 'bob-came-back');
	expect(await matches(bob, /note-\d\d/)).toEqual(numbers(1, 3));

	await alice.context.setOffline(false);
	await sees(bob, 'note-08');
	await sees(alice, 'bob-came-back');
	// They stand above what Bob had read, where he would not look again.
	await expect(message(bob, 'note-08')).toContainText('Came late');
	await expect(message(alice, 'bob-came-back')).not.toContainText('Came late');
	await expect(mark(alice, 'note-08', 'Delivered')).toBeVisible();
	for (const anyone of [alice, bob]) {
		await expect.poll(() => matches(anyone, /note-\d\d/)).toEqual(numbers(1, 8));
		await anyone.page.reload();
		await expect.poll(() => matches(anyone, /note-\d\d/)).toEqual(numbers(1, 8));
	}
});

test('history that was only ever on the other device opens offline too', async ({ person }) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	bob.allow(relayAway);
	await gather('Trip', alice, bob);
	for (const text of numbers(1, 4)) await say(alice, text);
	await sees(bob, 'note-04');
	await keptForOffline(bob);
	const bobReturns = await closeTab(bob);
	await bob.context.setOffline(true);
	await bobReturns();
	await expect.poll(() => matches(bob, /note-\d\d/)).toEqual(numbers(1, 4));
});
