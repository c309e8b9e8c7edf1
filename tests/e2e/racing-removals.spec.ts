/** Two moderators who remove somebody at once, each without a network, and who comes back first does not matter. */
import { expect, relayAway, test } from './fixtures';
import { gather, message, say, sees, send, withoutNetwork } from './people';
import { act, gone, members, openDetails } from './running-a-group';
import { everythingKept } from './what-is-kept';
import type { Person } from './person';

test.describe.configure({ timeout: 240_000 });

const slow = { timeout: 60_000 };

/** Goes on in a tab without a network. */
async function away(person: Person): Promise<void> {
	await withoutNetwork(person, 'Trip');
	await openDetails(person);
}

for (const first of ['Alice', 'Bob'] as const)
	test(`who stays goes on under one key, and neither of the removed reads it (${first} is back first)`, async ({
		person
	}) => {
		const [alice, bob] = [await person('Alice'), await person('Bob')];
		const [carol, dora] = [await person('Carol'), await person('Dora')];
		for (const anyone of [alice, bob, carol, dora]) anyone.allow(relayAway);
		await gather('Trip', alice, bob, carol, dora);
		await say(carol, 'all four');
		for (const anyone of [alice, bob, dora]) await sees(anyone, 'all four');
		await openDetails(alice);
		await act(alice, 'Bob', 'Make moderator');
		await openDetails(bob);
		await expect(bob.page.getByRole('button', { name: 'Group settings' })).toBeVisible(slow);

		for (const anyone of [alice, bob]) await away(anyone);
		await act(alice, 'Carol', 'Remove from group');
		await act(bob, 'Dora', 'Remove from group');
		await send(alice, 'without Carol');
		await send(bob, 'without Dora');
		const order = first === 'Alice' ? [alice, bob] : [bob, alice];
		for (const anyone of order) {
			await anyone.context.setOffline(false);
			const out = anyone === alice ? carol : dora;
			await expect(out.page.getByText(`You were removed from this group by ${anyone.name}.`)).toBeVisible(
				slow
			);
		}
		for (const anyone of [alice, bob]) {
			await expect(gone(anyone)).toHaveCount(2, slow);
			await expect(members(anyone)).toHaveCount(2);
		}
		await sees(alice, 'without Dora');
		await sees(bob, 'without Carol');
		await say(alice, 'just the two of us');
		await sees(bob, 'just the two of us');
		await say(bob, 'so it is');
		await sees(alice, 'so it is');
		for (const out of [carol, dora])
			for (const text of ['just the two of us', 'so it is']) {
				await expect(message(out, text)).toHaveCount(0);
				expect(await everythingKept(out)).not.toContain(text);
			}
	});
