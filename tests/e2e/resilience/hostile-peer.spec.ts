/**
 * Somebody who knows the link attacks with everything that plain Yjs falls for, over direct links and through the relay:
 * honest screens stay as they were, what was refused is counted, nobody's process dies.
 */
import type { Page } from '@playwright/test';
import { diagnostics, gather, inConversation, inviteLink, linked, say, sees } from '../people';
import { pageScript } from '../../page-script';
import type { Person, RelayProcess } from '../fixtures';
import { expect, tall, test } from './resilience-test';

/** A link is closed after a handful of violations; so each device of the attacker says a few things. */
const saidPerDevice = 2;

/** A page of the relay's origin that runs the attacker's code. */
async function hostilePage(attacker: Person, relay: RelayProcess, script: string): Promise<Page> {
	const { page } = attacker;
	// A file of the relay and not a made-up answer, which Chromium would not let connect to a local address.
	await page.goto(`${relay.url}/icon.svg`);
	await page.evaluate(script);
	return page;
}

/** What an honest person sees of the conversation: its name, its members, its messages. */
async function screenOf(person: Person): Promise<string[]> {
	const { page } = person;
	const articles = page.getByRole('log', { name: 'Messages' }).getByRole('article');
	const names = await page.getByRole('heading', { level: 1 }).allInnerTexts();
	// The time and the delivery state of a message may change; its words may not.
	return [...names, ...(await articles.locator('p').allInnerTexts())];
}

const rejectionsOf = async (person: Person): Promise<ReadonlyMap<string, number>> =>
	new Map((await diagnostics(person)).rejections.map(({ reason, count }) => [reason, count]));

test('a hostile peer who knows the link changes nothing', async ({ person, relay }) => {
	test.setTimeout(300_000);
	const [alice, bob, mallory] = await Promise.all([
		person('Alice', tall),
		person('Bob', tall),
		person('Mallory')
	]);
	await gather('Trip', alice, bob);
	const link = await inviteLink(alice);
	const fragment = new URL(link).hash;
	await linked(alice, bob);
	for (let i = 0; i < 4; i++) {
		await say(alice, `alice ${i}`);
		await say(bob, `bob ${i}`);
		await sees(bob, `alice ${i}`);
		await sees(alice, `bob ${i}`);
	}
	const report = await diagnostics(alice);
	const everything = report.conversations[0]?.segments.reduce((sum, { entries }) => sum + entries, 0);
	for (const honest of [alice, bob]) await sees(honest, 'bob 3');
	const before = { alice: await screenOf(alice), bob: await screenOf(bob) };
	mallory.allow(/favicon\.ico|WebSocket/);
	const page = await hostilePage(
		mallory,
		relay,
		await pageScript(new URL('./hostile-page.ts', import.meta.url))
	);
	const comeIn = async (): Promise<void> => {
		await page.evaluate((given) => window.hostile.comeIn(given), fragment);
		await expect
			.poll(() => page.evaluate(() => ({ links: window.hostile.links(), seen: window.hostile.seen() })), {
				timeout: 60_000
			})
			.toEqual({ links: 2, seen: everything });
	};

	await comeIn();
	const attacks = await page.evaluate(() => window.hostile.attacks());
	for (const [i, name] of attacks.entries()) {
		if (i > 0 && i % saidPerDevice === 0) {
			await page.evaluate(() => window.hostile.leave());
			await comeIn();
		}
		await page.evaluate(([attack, seed]) => window.hostile.say(attack, seed), [name, i] as const);
	}
	for (const name of ['deleteSet', 'squat', 'versionTwo', 'strangersLane']) {
		await page.evaluate(() => window.hostile.leave());
		await comeIn();
		await page.evaluate((attack) => window.hostile.lie(attack, 7), name);
	}
	const hungUp = await page.evaluate(() => window.hostile.sayToRelay(11));
	expect(hungUp).toBeGreaterThan(0);
	// One who does not stop is cut off.
	await page.evaluate(() => window.hostile.leave());
	await comeIn();
	for (let i = 0; i < 6; i++) {
		await page.evaluate(([attack, seed]) => window.hostile.say(attack, seed), ['noiseFrame', i] as const);
	}
	await page.waitForFunction(() => window.hostile.links() === 0, undefined, { timeout: 20_000 });

	expect({ alice: await screenOf(alice), bob: await screenOf(bob) }).toEqual(before);
	for (const honest of [alice, bob]) {
		const rejections = await rejectionsOf(honest);
		await sees(honest, 'bob 3');
		const total = [...rejections.values()].reduce((sum, times) => sum + times, 0);
		test
			.info()
			.annotations.push({ type: `refused by ${honest.name}`, description: JSON.stringify([...rejections]) });
		expect(total).toBeGreaterThanOrEqual(attacks.length);
		expect([...rejections.keys()].some((reason) => reason.startsWith('peer: '))).toBe(true);
	}
	await linked(alice, bob);
	await say(alice, 'Still here?');
	await sees(bob, 'Still here?');
	await say(bob, 'Still here.');
	await sees(alice, 'Still here.');
	// The same from disk, and from a relay that is still the same process.
	for (const honest of [alice, bob]) {
		await honest.page.reload();
		await inConversation(honest, 'Trip');
		await expect
			.poll(() => screenOf(honest))
			.toEqual([
				...before[honest === alice ? 'alice' : 'bob'],
				...(honest === alice
					? ['Still here?', 'Bob', 'Still here.']
					: ['Alice', 'Still here?', 'Still here.'])
			]);
		expect((await diagnostics(honest)).conversations[0]?.forks).toBe(0);
	}
	expect(relay.running).toBe(true);
	expect((await fetch(relay.url)).status).toBe(200);
});
