/**
 * A member of the group, in a real browser with real links, does everything that is wrong (tests/adversary/hostile-peer):
 * the others never see it, go on talking while it happens, and find it counted on the Diagnostics page.
 */
import { behaviours } from '../../adversary/hostile-peer/behaviours';
import { expect, type Person } from '../fixtures';
import { diagnostics, inConversation, linked, message, sees } from '../people';
import { act, gone, openDetails } from '../running-a-group';
import { test } from './hostile-scene';

// One after the other in one scene; a row that fails is tried again alone, in a new one.
test.describe.configure({ mode: 'default', timeout: 240_000 });

/** In the timeline there is no word on what a message claims to stand on; in its details there is. */
async function tellsOfMissing(person: Person, text: string): Promise<void> {
	const { page } = person;
	await expect(page.getByText('not on this device')).toHaveCount(0);
	await message(person, text).focus();
	await page.keyboard.press('Enter');
	await page.getByRole('menuitem', { name: 'Message details' }).click();
	const details = page.getByRole('dialog', { name: 'Message details' });
	await expect(details).toContainText('names 1 earlier entry that is not on this device');
	await page.keyboard.press('Escape');
	await expect(details).toHaveCount(0);
}

for (const behaviour of behaviours) {
	test(`${behaviour.name}: ${behaviour.what}`, async ({ scene }) => {
		await scene.endures(behaviour);
	});
}

test('equivocates: one thing to Alice and another to Bob; nobody believes either', async ({ scene }) => {
	await scene.memberIsIn();
	await scene.mallory.page.evaluate(() => window.hostileMember.equivocate());
	await scene.talk('equivocates');
	for (const person of scene.honest) {
		await expect
			.poll(async () => (await diagnostics(person)).conversations[0]?.forks, { timeout: 120_000 })
			.toBe(1);
		await expect(message(person, 'FORGED')).toHaveCount(0);
	}
	await scene.screensAreHonest();
});

test('is removed, and goes on: nothing of it is seen', async ({ scene }) => {
	const { alice, bob, mallory } = scene;
	await scene.leaveAndComeIn();
	await mallory.page.evaluate(() => window.hostileMember.say('a last word'));
	for (const person of scene.honest) await sees(person, 'a last word', 60_000);
	await tellsOfMissing(alice, 'a last word');
	await openDetails(alice);
	await act(alice, scene.memberName, 'Remove from group');
	await openDetails(bob);
	for (const person of scene.honest)
		await expect(gone(person).filter({ hasText: scene.memberName })).toHaveCount(1, { timeout: 60_000 });
	await mallory.page.evaluate(() => window.hostileMember.goOn());
	await scene.talk('removal');
	await scene.screensAreHonest();
	await expect(alice.page.getByText('FORGED')).toHaveCount(0);
});

test('shuts everybody out at the relay: they go on over their links', async ({ scene }) => {
	await scene.leaveAndComeIn();
	await scene.mallory.page.evaluate(() => window.hostileMember.seizeRelay());
	for (const person of scene.honest)
		await expect
			.poll(async () => (await diagnostics(person)).conversations[0]?.relay, { timeout: 120_000 })
			.not.toBe('connected');
	await scene.talk('the-relay-is-shut');
	await scene.screensAreHonest();
});

test('after all of it both have the same on screen when they start anew', async ({ scene }) => {
	await linked(...scene.honest);
	for (const { page } of scene.honest) await page.reload();
	for (const person of scene.honest) await inConversation(person, 'Trip');
	await scene.screensAreHonest();
	await scene.talk('a-new-start');
	expect(scene.relay.running).toBe(true);
});
