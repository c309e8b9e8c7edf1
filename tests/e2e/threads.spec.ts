/** Answers beside the conversation: a panel on a desk, a pane on a phone, and the same on both devices. */
import AxeBuilder from '@axe-core/playwright';
import type { Locator } from '@playwright/test';
import { expect, noDirectLinks, relayAway, test, type Person } from './fixtures';
import { gather, keptForOffline, message, say, sees } from './people';

const thread = (person: Person): Locator => person.page.getByRole('log', { name: 'Thread' });
const field = (person: Person): Locator => person.page.getByRole('textbox', { name: 'Reply in thread' });

async function openThread(person: Person, text: string): Promise<void> {
	await message(person, text).focus();
	await person.page.keyboard.press('Enter');
	await person.page.getByRole('menuitem', { name: 'Reply in thread' }).click();
	await expect(field(person)).toBeFocused();
}

async function answer(person: Person, text: string): Promise<void> {
	await field(person).fill(text);
	await field(person).press('Enter');
	await expect(thread(person).getByRole('article').filter({ hasText: text })).toHaveCount(1);
}

test('both answer in a thread without a network; both see both answers, and none in the conversation', async ({
	person
}) => {
	// The relay is the only way between them: without a network nothing gets through.
	const options = { args: noDirectLinks };
	const [alice, bob] = [await person('Alice', options), await person('Bob', options)];
	for (const one of [alice, bob]) one.allow(relayAway);
	await gather('Threads', alice, bob);
	for (const one of [alice, bob]) await keptForOffline(one);
	await say(alice, 'who brings the tent?');
	await sees(bob, 'who brings the tent?');

	for (const one of [alice, bob]) await openThread(one, 'who brings the tent?');
	await expect(thread(bob)).toContainText('No replies yet');
	for (const { context } of [alice, bob]) await context.setOffline(true);
	await answer(alice, 'the big one?');
	await answer(bob, 'I have one');
	await expect(thread(alice).getByText('I have one')).toHaveCount(0);
	for (const { context } of [alice, bob]) await context.setOffline(false);

	for (const one of [alice, bob]) {
		await expect(thread(one).getByRole('article')).toHaveCount(3, { timeout: 40_000 });
		await expect(message(one, 'I have one')).toHaveCount(0);
		await expect(one.page.getByRole('button', { name: /^2 replies/ })).toBeVisible();
	}
	const texts = (one: Person): Promise<string[]> =>
		thread(one)
			.getByRole('article')
			.allInnerTexts()
			.then((all) => all.flatMap((text) => /the big one\?|I have one/.exec(text)?.[0] ?? []));
	expect(await texts(alice)).toEqual(await texts(bob));

	// What is begun in a thread is kept apart from what is begun in the conversation.
	await field(bob).fill('half a thou');
	await bob.page
		.getByRole('complementary', { name: 'Thread' })
		.getByRole('button', { name: 'Close' })
		.click();
	await expect(thread(bob)).toHaveCount(0);
	await expect(bob.page.getByRole('textbox', { name: 'Message', exact: true })).toHaveValue('');
	await bob.page.getByRole('button', { name: /^2 replies/ }).click();
	await expect(field(bob)).toHaveValue('half a thou');
	const { violations } = await new AxeBuilder({ page: bob.page }).setLegacyMode(true).analyze();
	expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
});
