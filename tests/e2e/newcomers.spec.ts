/** What newcomers can read: nothing before they are let in, and afterwards as much as the group's settings say. */
import { expect, relayAway, test } from './fixtures';
import {
	closeTab,
	gather,
	inConversation,
	inviteLink,
	join,
	message,
	say,
	sees,
	send,
	withoutNetwork
} from './people';
import type { Person } from './person';
import { log, members, openDetails, rule, shows } from './running-a-group';
import { everythingKept, keptSegments, readableEpochs } from './what-is-kept';

test.describe.configure({ timeout: 180_000 });

const slow = { timeout: 40_000 };

test('whoever waits to be let in has nothing on their device that opens a message; once in, they read all', async ({
	person
}) => {
	const [alice, bob, dora] = [await person('Alice'), await person('Bob'), await person('Dora')];
	await gather('Trip', alice, bob);
	await say(bob, 'before the rule');
	await sees(alice, 'before the rule');
	await openDetails(alice);
	await rule(alice, { approval: true });
	await say(alice, 'under the rule');
	await sees(bob, 'under the rule');

	await join(dora, await inviteLink(alice), 'Trip');
	await expect(dora.page.getByText('You asked to come in.')).toBeVisible(slow);
	await expect(dora.page.getByText('Not in yet')).toBeVisible();
	await say(bob, 'while Dora waits');
	await sees(alice, 'while Dora waits');
	// She has met the others: their names are there, and hers with them.
	await openDetails(dora);
	await shows(dora, 'Bob', '');
	await expect(alice.page.getByRole('button', { name: 'Let Dora in' })).toBeVisible(slow);
	await dora.page.reload();
	await inConversation(dora, 'Trip');
	await expect(dora.page.getByText('You asked to come in.')).toBeVisible(slow);
	expect(await readableEpochs(dora)).toBe(0);
	for (const text of ['before the rule', 'under the rule', 'while Dora waits']) {
		await expect(message(dora, text)).toHaveCount(0);
		expect(await everythingKept(dora)).not.toContain(text);
	}

	await alice.page.getByRole('button', { name: 'Let Dora in' }).click();
	for (const text of ['before the rule', 'under the rule', 'while Dora waits']) await sees(dora, text);
	await say(dora, 'thank you');
	for (const anyone of [alice, bob]) await sees(anyone, 'thank you');
	expect(await readableEpochs(dora)).toBeGreaterThan(0);
});

/** Alice and Bob have said something, and then she has set what newcomers can read; her details are open. Dora is out. */
async function twoWithOldNews(
	open: (name: string) => Promise<Person>,
	history: string
): Promise<readonly [Person, Person, Person]> {
	const [alice, bob, dora] = [await open('Alice'), await open('Bob'), await open('Dora')];
	await gather('Trip', alice, bob);
	await say(bob, 'old news');
	await sees(alice, 'old news');
	await openDetails(alice);
	await rule(alice, { history });
	return [alice, bob, dora];
}

test('where the past is closed a newcomer sees who is in the group and what was done, and no earlier message', async ({
	person
}) => {
	const [alice, bob, dora] = await twoWithOldNews(person, 'What is written after they join');
	await say(alice, 'still old');
	await sees(bob, 'still old');
	await join(dora, await inviteLink(alice), 'Trip');
	await openDetails(bob);
	await shows(bob, 'Dora', '');
	await say(bob, 'for everybody');
	await sees(dora, 'for everybody');
	await openDetails(dora);
	await expect(members(dora)).toHaveCount(3, slow);
	await shows(dora, 'Alice', 'Owner');
	expect(await log(dora)).toEqual(await log(alice));
	await dora.page.reload();
	await sees(dora, 'for everybody');
	for (const text of ['old news', 'still old']) {
		await expect(message(dora, text)).toHaveCount(0);
		expect(await everythingKept(dora)).not.toContain(text);
	}
	await say(dora, 'hello');
	for (const anyone of [alice, bob]) await sees(anyone, 'hello');
});

test('where nothing older is handed on a newcomer’s device keeps not one entry from before, whoever was away, and all go on together', async ({
	person
}) => {
	const [alice, bob, dora] = await twoWithOldNews(person, 'Nothing from before, not even sealed');
	expect(await log(alice)).toContain(
		'Alice let newcomers read only what is written after they join, and has nothing older handed on'
	);
	await say(alice, 'still old');
	await sees(bob, 'still old');
	const before = await keptSegments(alice);
	expect(before).toHaveLength(2);
	bob.allow(relayAway);
	await withoutNetwork(bob, 'Trip');
	await send(bob, 'said meanwhile');

	await join(dora, await inviteLink(alice), 'Trip');
	await shows(alice, 'Dora', '');
	await say(dora, 'hello');
	await sees(alice, 'hello');
	// Bob is back, and of those who know that she has come there is nobody but Dora.
	const returns = await closeTab(alice);
	await bob.context.setOffline(false);
	await sees(bob, 'hello');
	await say(bob, 'for everybody');
	await sees(dora, 'for everybody');
	await returns();
	await inConversation(alice, 'Trip');
	for (const text of ['said meanwhile', 'for everybody']) await sees(alice, text);
	await openDetails(alice);
	await openDetails(dora);
	await expect(members(dora)).toHaveCount(3, slow);
	expect(await log(dora)).toEqual(await log(alice));
	// Whoever comes back asks the relay and everybody again.
	await dora.page.reload();
	await sees(dora, 'for everybody');
	await say(alice, 'welcome');
	for (const anyone of [bob, dora]) await sees(anyone, 'welcome');
	await expect(dora.page.getByText('Older messages are coming in')).toHaveCount(0);
	for (const text of ['old news', 'still old', 'said meanwhile']) {
		await expect(message(dora, text)).toHaveCount(0);
		for (const anyone of [alice, bob]) await expect(message(anyone, text)).toHaveCount(1);
	}
	// Of what there was before she came she has who is in the group, and nothing else; what is said now she has.
	const kept = await keptSegments(dora);
	expect(kept.filter((segment) => before.includes(segment))).toHaveLength(1);
	expect(await keptSegments(alice)).toEqual([...new Set([...before, ...kept])].sort());
});
