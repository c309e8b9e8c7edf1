/**
 * The same member says the same at the relay, to two people who reach each other through it alone: it refuses what it
 * can judge without a secret, they refuse the rest, and all three go on.
 */
import { behaviours } from '../../adversary/hostile-peer/behaviours';
import { expect } from '../fixtures';
import { inConversation } from '../people';
import { test } from './hostile-scene';

// One after the other in one scene; a row that fails is tried again alone, in a new one.
test.describe.configure({ mode: 'default', timeout: 240_000 });
test.use({ way: 'relay' });

for (const behaviour of behaviours.filter(({ atRelay }) => atRelay !== undefined)) {
	test(`${behaviour.name}: ${behaviour.what}`, async ({ scene }) => {
		await scene.endures(behaviour);
	});
}

test('after all of it both have the same on screen when they start anew', async ({ scene }) => {
	for (const { page } of scene.honest) await page.reload();
	for (const person of scene.honest) await inConversation(person, 'Trip');
	await scene.screensAreHonest();
	await scene.talk('a-new-start');
	expect(scene.relay.running).toBe(true);
});
