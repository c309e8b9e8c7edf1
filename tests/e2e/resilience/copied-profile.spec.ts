/** A profile that was copied to a second device: one identity, two browsers that both write. */
import type { Locator } from '@playwright/test';
import type { Person } from '../fixtures';
import { gather, inConversation, say, sees } from '../people';
import { expect, tall, test } from './resilience-test';

const notice = (person: Person): Locator =>
	person.page.getByRole('status').filter({ hasText: 'a copy of this device’s data' });

test('a copied profile: both go on, nothing is lost, and its person is told', async ({ person }) => {
	test.setTimeout(180_000);
	const [alice, bob] = await Promise.all([
		person('Alice', tall),
		person('Bob', { ...tall, keepsProfile: true })
	]);
	await gather('Trip', alice, bob);
	await say(bob, 'Before');
	await sees(alice, 'Before');
	const address = bob.page.url();
	await bob.close();
	const { profile } = bob;
	if (profile === null) throw new Error('Bob has a profile of his own');
	const copy = await person('Bob', { ...tall, keepsProfile: true, copyOf: profile });
	await bob.reopen();
	for (const each of [bob, copy]) {
		await each.page.goto(address);
		await inConversation(each, 'Trip');
		await sees(each, 'Before');
	}
	await say(bob, 'On the one');
	await say(copy, 'On the other');
	for (const text of ['On the one', 'On the other']) await sees(alice, text, 60_000);
	await expect(notice(bob)).toBeVisible({ timeout: 60_000 });
	await expect(notice(copy)).toBeVisible({ timeout: 60_000 });
	await expect(notice(alice)).toHaveCount(0);

	// It stays until it is put away, and is not said again.
	await bob.page.reload();
	await inConversation(bob, 'Trip');
	await expect(notice(bob)).toBeVisible();
	await notice(bob).getByRole('button', { name: 'Dismiss' }).click();
	await expect(notice(bob)).toHaveCount(0);
	await bob.page.reload();
	await inConversation(bob, 'Trip');
	for (const text of ['On the one', 'On the other']) await sees(bob, text);
	await say(bob, 'Again');
	await sees(alice, 'Again', 60_000);
	await expect(notice(bob)).toHaveCount(0);
	await expect(notice(copy)).toBeVisible();
});
