/** A device whose clock is wrong: its person is told, by what the others take the time for. */
import type { Locator } from '@playwright/test';
import { expect, test, type Person } from './fixtures';
import { gather, linked, say, sees } from './people';

const hourMs = 60 * 60_000;
const notice = (person: Person): Locator =>
	person.page.getByRole('status').filter({ hasText: 'Your device’s clock seems to be' });

test('whose clock is an hour off is told, and nobody else', async ({ person }) => {
	const [alice, bob, carol] = await Promise.all([person('Alice'), person('Bob'), person('Carol')]);
	await carol.page.clock.install({ time: Date.now() + hourMs });
	await gather('Trip', alice, bob, carol);
	await linked(alice, bob, carol);
	await expect(notice(carol)).toContainText('60 minutes ahead', { timeout: 60_000 });
	// The others have had a word of hers by then, and one of each other.
	await say(alice, 'Is it late?');
	await sees(carol, 'Is it late?');
	for (const other of [alice, bob]) await expect(notice(other)).toHaveCount(0);
	await notice(carol).getByRole('button', { name: 'Dismiss' }).click();
	await expect(notice(carol)).toHaveCount(0);
});
