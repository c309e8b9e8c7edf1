/** Members of a group with one name, or with names that look the same. */
import { expect, test } from './fixtures';
import { gather, message, say, sees } from './people';

test('members whose names look the same are told apart wherever they are named', async ({ person }) => {
	test.setTimeout(180_000);
	// The second one's "o" is Cyrillic.
	const [alice, bob, other] = await Promise.all([person('Alice'), person('Bob'), person('B\u043eb')]);
	await gather('Trip', alice, bob, other);
	await say(bob, 'From the one');
	await say(other, 'From the other');
	const tags: string[] = [];
	for (const text of ['From the one', 'From the other']) {
		await sees(alice, text);
		await expect(message(alice, text)).toHaveAttribute('aria-label', /\([0-9a-f]{4,}\)/);
		const name = await message(alice, text).getAttribute('aria-label');
		const tag = /\(([0-9a-f]{4,})\)/.exec(name ?? '')?.[1] ?? '';
		await expect(message(alice, text).getByText(tag, { exact: true })).toBeVisible();
		tags.push(tag);
	}
	expect(new Set(tags).size).toBe(2);
	// Whoever looks on their own device sees the same.
	await sees(bob, 'From the other');
	await expect(message(bob, 'From the other').getByText(tags[1] ?? '', { exact: true })).toBeVisible();
	// Who has a name of their own has no tag.
	await say(alice, 'From Alice');
	await sees(bob, 'From Alice');
	await expect(message(bob, 'From Alice')).toHaveAttribute('aria-label', /^Alice,/);

	const field = alice.page.getByRole('textbox', { name: 'Message', exact: true });
	await field.pressSequentially('@b');
	for (const tag of tags)
		await expect(alice.page.getByRole('option').filter({ hasText: tag })).toHaveCount(1);
	await field.fill('');

	await alice.page.getByRole('button', { name: 'Details' }).click();
	const members = alice.page.getByRole('list', { name: 'Members' }).getByRole('listitem');
	for (const tag of tags) await expect(members.filter({ hasText: tag })).toHaveCount(1);
	await expect(members.filter({ hasText: 'Alice' })).not.toContainText(/[0-9a-f]{4}/);
});
