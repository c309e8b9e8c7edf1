/** Nearly a third of all signalling frames is lost, up and down, and there is no relay for documents: all pairs connect. */
import { diagnostics, createGroup, inviteLink, join, say, sees, start } from '../people';
import { expect, tall, test } from './resilience-test';

test.describe.configure({ timeout: 120_000 });
test.use({ doorOptions: { blocked: ['/doc'], signalLoss: 0.3 } });

test('four people find each other through lossy signalling', async ({ outsider, door }) => {
	const people = await Promise.all(['Ada', 'Ben', 'Cleo', 'Dan'].map((name) => outsider(name, tall)));
	for (const person of people) person.allow(/WebSocket connection to/);
	const [ada, ...others] = people;
	if (ada === undefined) throw new Error('nobody is there');
	await start(ada);
	await createGroup(ada, 'Trip');
	const link = await inviteLink(ada);
	await Promise.all(others.map((other) => join(other, link, 'Trip')));
	const joinedAtMs = Date.now();
	for (const person of people) {
		await expect
			.poll(async () => (await diagnostics(person)).conversations[0]?.peers.length, { timeout: 45_000 })
			.toBe(people.length - 1);
	}
	test.info().annotations.push({
		type: 'figures',
		description: `all pairs after ${Date.now() - joinedAtMs} ms; frames lost ${door.losses.lost} of ${door.losses.lost + door.losses.passed}`
	});
	expect(door.losses.lost).toBeGreaterThan(0);
	for (const person of people) await say(person, `${person.name} is here`);
	for (const person of people) for (const { name } of people) await sees(person, `${name} is here`);
});
