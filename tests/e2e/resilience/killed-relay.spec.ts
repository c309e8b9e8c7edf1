/** The relay dies (SIGKILL) while people talk: what it had acknowledged is there for who comes later. KILLS_OF_RELAY (4). */
import { noDirectLinks, relayAway, type Person } from '../fixtures';
import { connection, gather, inviteLink, join, say } from '../people';
import { count, expect, tall, test } from './resilience-test';

const kills = count('KILLS_OF_RELAY', 4);

/** Own messages that another replica is said to hold; without direct links that is the relay, or somebody through it. */
async function sentTexts(person: Person): Promise<string[]> {
	return person.page
		.getByRole('log', { name: 'Messages' })
		.getByRole('article')
		.evaluateAll((articles) =>
			articles.flatMap((article) => {
				const state = article.querySelector('[role="img"][aria-label]')?.getAttribute('aria-label') ?? '';
				const text = /(?:alice|bob) \d+-\d+\./.exec(article.textContent ?? '')?.[0];
				return text !== undefined && /^(Sent|Delivered|Read)/.test(state) ? [text] : [];
			})
		);
}

test('what the relay has acknowledged survives its death', async ({ person, relay }) => {
	test.setTimeout(90_000 + kills * 20_000);
	const [alice, bob, carol] = await Promise.all([
		person('Alice', { args: noDirectLinks, ...tall }),
		person('Bob', { args: noDirectLinks, ...tall }),
		person('Carol', { args: noDirectLinks, ...tall })
	]);
	for (const each of [alice, bob, carol]) each.allow(relayAway);
	await gather('Trip', alice, bob);
	const link = await inviteLink(alice);
	for (let life = 1; life <= kills; life++) {
		await Promise.all(
			[alice, bob].map((each) =>
				expect(connection(each)).toHaveText('Connected through the relay', { timeout: 30_000 })
			)
		);
		// The relay dies while the first is on its way; both go on writing.
		await say(alice, `alice ${life}-1.`);
		const dying = relay.kill9();
		for (let i = 2; i <= 5; i++)
			await Promise.all([say(alice, `alice ${life}-${i}.`), say(bob, `bob ${life}-${i}.`)]);
		await dying;
		if (life < kills) await relay.start();
	}
	const sent = [...(await sentTexts(alice)), ...(await sentTexts(bob))];
	// The authors leave while the relay is down: nobody can send it anything again.
	await Promise.all([alice.close(), bob.close()]);
	await relay.start();
	await join(carol, link, 'Trip');
	expect(sent.length).toBeGreaterThan(0);
	const log = carol.page.getByRole('log', { name: 'Messages' }).getByRole('article');
	for (const text of sent) await expect(log.filter({ hasText: text })).toHaveCount(1, { timeout: 20_000 });
	test.info().annotations.push({ type: 'acknowledged', description: String(sent.length) });
});
