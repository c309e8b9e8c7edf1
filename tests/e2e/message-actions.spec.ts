/** What can be said about messages, by two people: also while neither has a network. Names: docs, names that stay. */
import type { Locator } from '@playwright/test';
import { expect, noDirectLinks, relayAway, test, type Person, type PersonOptions } from './fixtures';
import {
	connection,
	createGroup,
	gather,
	inConversation,
	inviteLink,
	join,
	keptForOffline,
	linked,
	message,
	openConversation,
	say,
	sees
} from './people';

const field = (person: Person): Locator => person.page.getByRole('textbox', { name: 'Message', exact: true });

async function write(person: Person, text: string): Promise<void> {
	await field(person).fill(text);
	await field(person).press('Enter');
}

/** Opens the menu of a message by keyboard: nothing hangs on where a pointer is. */
async function menu(person: Person, text: string): Promise<void> {
	await message(person, text).focus();
	await person.page.keyboard.press('Enter');
	await person.page.getByRole('menu', { name: 'Actions for this message' }).waitFor();
}

async function choose(person: Person, text: string, action: string): Promise<void> {
	await menu(person, text);
	await person.page.getByRole('menuitem', { name: action, exact: true }).click();
}

async function react(person: Person, text: string, emoji: string): Promise<void> {
	await menu(person, text);
	await person.page.getByRole('menuitemcheckbox', { name: `React with ${emoji}` }).click();
}

const reaction = (person: Person, text: string, emoji: string): Locator =>
	message(person, text).getByRole('list', { name: 'Reactions' }).getByRole('button', { name: emoji });

const pinnedBar = (person: Person): Locator => person.page.getByRole('group', { name: 'Pinned messages' });

const conversations = (person: Person): Locator =>
	person.page.getByRole('navigation', { name: 'Conversations' });

/** Two in a group, with the relay as the only way between them: without a network nothing gets through. */
async function apart(
	open: (name: string, options: PersonOptions) => Promise<Person>
): Promise<readonly [Person, Person]> {
	const [alice, bob] = await Promise.all(['Alice', 'Bob'].map((name) => open(name, { args: noDirectLinks })));
	if (alice === undefined || bob === undefined) throw new Error('nobody came');
	for (const one of [alice, bob]) one.allow(relayAway);
	await gather('Acts', alice, bob);
	for (const one of [alice, bob]) await keptForOffline(one);
	return [alice, bob];
}

async function offline(isOff: boolean, ...people: readonly Person[]): Promise<void> {
	for (const { context } of people) await context.setOffline(isOff);
	if (!isOff) return;
	// Sockets that are open stay open; those of a page go with it.
	for (const one of people) {
		await one.page.reload();
		await expect(connection(one)).toContainText('You are offline');
	}
}

async function deleteForEveryone(person: Person, text: string): Promise<void> {
	await choose(person, text, 'Delete');
	const question = person.page.getByRole('alertdialog');
	await expect(question).toContainText('Honest devices remove it');
	await question.getByRole('button', { name: 'Delete for everyone' }).click();
	await expect(message(person, text)).toHaveCount(0);
}

test('an answer quotes, an edit shows what it said before, and a quotation follows it', async ({
	person
}) => {
	const [alice, bob] = await Promise.all([person('Alice'), person('Bob')]);
	await gather('Acts', alice, bob);
	await linked(alice, bob);
	await say(alice, 'we meet at eigth');
	await sees(bob, 'we meet at eigth');

	await choose(bob, 'we meet at eigth', 'Reply');
	await expect(bob.page.getByText('Reply to Alice')).toBeVisible();
	await expect(field(bob)).toBeFocused();
	await write(bob, 'rather at nine');
	const quote = (of: Person): Locator =>
		message(of, 'rather at nine').getByRole('button', { name: /^Answers Alice/ });
	await expect(quote(alice)).toContainText('we meet at eigth');

	// Up in an empty field edits what was said last, and Escape leaves it as it was.
	await field(alice).press('ArrowUp');
	await expect(field(alice)).toHaveValue('we meet at eigth');
	await field(alice).press('Escape');
	await expect(field(alice)).toHaveValue('');
	await field(alice).press('ArrowUp');
	await write(alice, 'we meet at eight');
	await expect(field(alice)).toHaveValue('');
	await expect(quote(bob)).toContainText('we meet at eight');
	await bob.page.getByRole('button', { name: 'Edited' }).click();
	const wordings = bob.page.getByRole('dialog', { name: 'What it said before' });
	await expect(wordings.getByRole('listitem')).toHaveCount(2);
	await expect(wordings.getByRole('listitem').last()).toContainText('eigth');
	await bob.page.keyboard.press('Escape');
	await expect(wordings).toHaveCount(0);
	// Others have nothing to edit here, and nothing to take away.
	await menu(bob, 'rather at nine');
	await expect(bob.page.getByRole('menuitem', { name: 'Edit', exact: true })).toBeVisible();
	await bob.page.keyboard.press('Escape');
	await bob.page.getByRole('article').filter({ hasText: 'we meet at eight' }).first().focus();
	await bob.page.keyboard.press('Enter');
	await expect(bob.page.getByRole('menuitem', { name: 'Copy text' })).toBeVisible();
	for (const name of ['Edit', 'Delete'])
		await expect(bob.page.getByRole('menuitem', { name, exact: true })).toHaveCount(0);
});

test('both react and pin without a network; when they are back they see the same', async ({ person }) => {
	const [alice, bob] = await apart(person);
	await say(alice, 'the boat is ready');
	await sees(bob, 'the boat is ready');

	await offline(true, alice, bob);
	await react(alice, 'the boat is ready', '🎉');
	await react(bob, 'the boat is ready', '👍');
	await react(bob, 'the boat is ready', '🎉');
	await choose(bob, 'the boat is ready', 'Pin');
	// At once, on the device where it was done.
	await expect(reaction(bob, 'the boat is ready', '🎉')).toHaveAttribute('aria-pressed', 'true');
	await expect(pinnedBar(bob)).toContainText('the boat is ready');
	await expect(reaction(alice, 'the boat is ready', '👍')).toHaveCount(0);
	await offline(false, alice, bob);

	for (const one of [alice, bob]) {
		await expect(reaction(one, 'the boat is ready', '🎉')).toContainText('2', { timeout: 40_000 });
		await expect(reaction(one, 'the boat is ready', '👍')).toContainText('1');
		await expect(pinnedBar(one)).toContainText('the boat is ready');
	}
	// Own ones are taken back by a press, others' are joined.
	await reaction(bob, 'the boat is ready', '👍').click();
	await expect(reaction(alice, 'the boat is ready', '👍')).toHaveCount(0);
	await choose(alice, 'the boat is ready', 'Unpin');
	await expect(pinnedBar(bob)).toHaveCount(0);
});

test('messages are deleted while the other reacts, answers in a thread and edits: they are gone for both', async ({
	person
}) => {
	const [alice, bob] = await apart(person);
	await say(bob, 'not for your eyes');
	await say(bob, 'we meet at seven');
	for (const text of ['not for your eyes', 'we meet at seven']) await sees(alice, text);

	await offline(true, alice, bob);
	await react(alice, 'not for your eyes', '😮');
	await choose(alice, 'not for your eyes', 'Reply in thread');
	await alice.page.getByRole('textbox', { name: 'Reply in thread' }).fill('whose then?');
	await alice.page.keyboard.press('Enter');
	await alice.page
		.getByRole('complementary', { name: 'Thread' })
		.getByRole('button', { name: 'Close' })
		.click();
	await deleteForEveryone(bob, 'not for your eyes');
	await expect(message(bob, 'Message deleted')).toHaveCount(1);
	// Who may remove others may delete what they said, too; meanwhile its author changes it.
	await expect(conversations(alice)).toContainText('we meet at seven');
	await deleteForEveryone(alice, 'we meet at seven');
	await expect(conversations(alice)).not.toContainText('we meet at seven');
	await choose(bob, 'we meet at seven', 'Edit');
	await write(bob, 'we meet at nine');
	await expect(message(bob, 'we meet at nine')).toHaveCount(1);
	await offline(false, alice, bob);

	for (const one of [alice, bob]) {
		await expect(message(one, 'Message deleted')).toHaveCount(2, { timeout: 40_000 });
		for (const text of ['not for your eyes', 'we meet at']) await expect(message(one, text)).toHaveCount(0);
		await expect(conversations(one)).not.toContainText('we meet at');
		await expect(one.page.getByRole('list', { name: 'Reactions' })).toHaveCount(0);
		// What others have said about it stays theirs.
		await one.page.getByRole('button', { name: /^1 reply/ }).click();
		await expect(one.page.getByRole('log', { name: 'Thread' })).toContainText('whose then?');
	}
});

/** Asks the conversation that is open. */
async function ask(
	person: Person,
	question: string,
	options: readonly string[],
	several = false
): Promise<void> {
	await write(person, `/poll ${question}`);
	const dialog = person.page.getByRole('dialog', { name: 'New poll' });
	for (const [i, option] of options.entries()) {
		if (i > 1) await dialog.getByRole('button', { name: 'Add a choice' }).click();
		await dialog.getByRole('textbox', { name: `Choice ${i + 1}` }).fill(option);
	}
	if (several) await dialog.getByRole('checkbox', { name: 'Several choices are allowed' }).check();
	await dialog.getByRole('button', { name: 'Ask', exact: true }).click();
	await expect(dialog).toBeHidden();
}

/** Chooses an option of a poll, or takes that back. */
const vote = (person: Person, question: string, option: string): Promise<void> =>
	message(person, question).getByText(option, { exact: true }).click();

const votes = (person: Person, question: string, option: string): Locator =>
	message(person, question).locator('label').filter({ hasText: option });

test('a vote is changed and taken back, and everybody sees who voted for what', async ({ person }) => {
	const [alice, bob] = await Promise.all([person('Alice'), person('Bob')]);
	await gather('Acts', alice, bob);
	await linked(alice, bob);
	await ask(alice, 'Where to?', ['Lisbon', 'Porto']);
	await sees(bob, 'Where to?');
	await vote(bob, 'Where to?', 'Porto');
	await vote(alice, 'Where to?', 'Lisbon');
	for (const one of [alice, bob])
		for (const option of ['Lisbon', 'Porto'])
			await expect(votes(one, 'Where to?', option)).toContainText('1 vote');
	// Another choice takes the place of the one before.
	await vote(bob, 'Where to?', 'Lisbon');
	for (const one of [alice, bob]) {
		await expect(votes(one, 'Where to?', 'Lisbon')).toContainText('2 votes');
		await expect(votes(one, 'Where to?', 'Porto')).toContainText('0 votes');
	}
	await message(alice, 'Where to?').getByRole('button', { name: '2 people voted' }).click();
	const voters = alice.page.getByRole('dialog', { name: 'Who voted for what' });
	await expect(voters.getByRole('listitem')).toContainText(['You', 'Bob']);
	await expect(voters).toContainText('Lisbon');
	await expect(voters).not.toContainText('Porto');
	await alice.page.keyboard.press('Escape');
	await message(bob, 'Where to?').getByRole('button', { name: 'Take vote back' }).click();
	for (const one of [alice, bob]) await expect(votes(one, 'Where to?', 'Lisbon')).toContainText('1 vote');
	await expect(message(bob, 'Where to?').getByRole('button', { name: 'Take vote back' })).toHaveCount(0);
});

test('both vote without a network for several things; when they are back they see the same', async ({
	person
}) => {
	const [alice, bob] = await apart(person);
	await ask(alice, 'What to bring?', ['Tent', 'Stove', 'Lamp'], true);
	await sees(bob, 'What to bring?');
	await offline(true, alice, bob);
	await vote(alice, 'What to bring?', 'Tent');
	await vote(alice, 'What to bring?', 'Lamp');
	await vote(bob, 'What to bring?', 'Stove');
	await vote(bob, 'What to bring?', 'Lamp');
	await vote(bob, 'What to bring?', 'Stove');
	await expect(votes(bob, 'What to bring?', 'Lamp').getByRole('checkbox')).toBeChecked();
	await expect(votes(bob, 'What to bring?', 'Stove').getByRole('checkbox')).not.toBeChecked();
	await expect(votes(bob, 'What to bring?', 'Tent')).toContainText('0 votes');
	await offline(false, alice, bob);
	for (const one of [alice, bob]) {
		await expect(votes(one, 'What to bring?', 'Lamp')).toContainText('2 votes', { timeout: 40_000 });
		await expect(votes(one, 'What to bring?', 'Tent')).toContainText('1 vote');
		await expect(votes(one, 'What to bring?', 'Stove')).toContainText('0 votes');
	}
});

test('a message is forwarded to another conversation, without saying whose it was', async ({ person }) => {
	const [alice, bob, carol] = await Promise.all([person('Alice'), person('Bob'), person('Carol')]);
	await gather('Boat', alice, bob);
	await say(bob, 'the boat is ready');
	await sees(alice, 'the boat is ready');
	await createGroup(alice, 'Crew');
	await join(carol, await inviteLink(alice), 'Crew');
	await openConversation(alice, 'Boat');
	await choose(alice, 'the boat is ready', 'Forward');
	const dialog = alice.page.getByRole('dialog', { name: 'Forward to' });
	await expect(dialog.getByRole('combobox')).toBeFocused();
	// Where it stands already is no place to forward it to.
	await expect(dialog.getByRole('option')).toHaveText([/Crew/]);
	await alice.page.keyboard.type('nowhere');
	await expect(dialog).toContainText('No conversation with that name.');
	await dialog.getByRole('combobox').fill('cre');
	await alice.page.keyboard.press('Enter');
	await expect(dialog).toBeHidden();
	await alice.page.getByRole('button', { name: 'Open', exact: true }).click();
	await inConversation(alice, 'Crew');
	for (const one of [alice, carol]) {
		await sees(one, 'the boat is ready');
		await expect(message(one, 'the boat is ready')).toContainText('Forwarded');
		await expect(message(one, 'the boat is ready')).not.toContainText('Bob');
	}
	await openConversation(alice, 'Boat');
	await expect(message(alice, 'the boat is ready')).not.toContainText('Forwarded');
});

test('all of it by keyboard', async ({ person }) => {
	const alice = await person('Alice');
	const { page } = alice;
	await gather('Acts', alice);
	await say(alice, 'first');
	await say(alice, 'second');
	const log = page.getByRole('log', { name: 'Messages' });
	const second = message(alice, 'second');

	// Into the log, and from message to message.
	await log.focus();
	await page.keyboard.press('ArrowUp');
	await expect(second).toBeFocused();
	await page.keyboard.press('ArrowUp');
	await expect(message(alice, 'first')).toBeFocused();
	await page.keyboard.press('ArrowDown');
	await expect(second).toBeFocused();
	// The bar beside it is the next stop, and moves by arrows.
	const bar = second.getByRole('toolbar', { name: 'Actions for this message' });
	await bar.getByRole('button', { name: 'React' }).focus();
	await page.keyboard.press('ArrowRight');
	await expect(bar.getByRole('button', { name: 'Reply', exact: true })).toBeFocused();
	await page.keyboard.press('ArrowLeft');
	await page.keyboard.press('Enter');
	const picker = page.getByRole('dialog', { name: 'React' });
	await expect(picker.getByRole('button', { name: 'React with 👍' })).toBeFocused();
	await page.keyboard.press('ArrowRight');
	await page.keyboard.press('Enter');
	await expect(reaction(alice, 'second', '❤️')).toHaveAttribute('aria-pressed', 'true');
	// The focus is back where it came from, and Escape leads to the message, then to the field.
	await expect(bar.getByRole('button', { name: 'React' })).toBeFocused();
	await page.keyboard.press('Escape');
	await expect(second).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(page.getByRole('menuitem', { name: 'React', exact: true })).toBeFocused();
	await page.keyboard.press('End');
	await expect(page.getByRole('menuitem', { name: 'Delete', exact: true })).toBeFocused();
	await page.keyboard.press('Escape');
	await expect(second).toBeFocused();
	await page.keyboard.press('Escape');
	await expect(field(alice)).toBeFocused();
});
