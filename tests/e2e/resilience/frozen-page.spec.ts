/**
 * A page is stopped (SIGSTOP to its renderer, since a headless page that is "frozen" goes on running its timers) while
 * its network changes: the relay restarts, the other page reloads. It catches up by itself within ten seconds;
 * a build server, which does other things as well, is given a minute. FREEZE_MS: two minutes; 20 s in CI, for its time
 * budget.
 */
import { relayAway, type Person } from '../fixtures';
import { connection, gather, inConversation, linked, mark, say, sees } from '../people';
import { rendererPids } from './browser-processes';
import { count, expect, test } from './resilience-test';

const freezeMs = count('FREEZE_MS', process.env['CI'] === undefined ? 120_000 : 20_000);
const wakeMs = process.env['CI'] === undefined ? 10_000 : 60_000;

/** Stops a person's pages while `meanwhile` runs, and for `freezeMs` at least. @returns when they go on */
async function frozen(person: Person, meanwhile: () => Promise<void>): Promise<void> {
	const pids = await rendererPids(person);
	const thawAtMs = Date.now() + freezeMs;
	for (const pid of pids) process.kill(pid, 'SIGSTOP');
	try {
		await meanwhile();
		await expect
			.poll(() => Date.now(), { timeout: freezeMs + 5_000, intervals: [500] })
			.toBeGreaterThan(thawAtMs);
	} finally {
		for (const pid of pids) process.kill(pid, 'SIGCONT');
	}
}

async function catchesUp(sleeper: Person, other: Person, wokenAtMs: number): Promise<void> {
	const left = (): number => Math.max(1, wokenAtMs + wakeMs - Date.now());
	for (let i = 1; i <= 3; i++) await sees(sleeper, `while you slept ${i}.`, left());
	const caughtUpMs = Date.now() - wokenAtMs;
	await say(sleeper, 'I am awake');
	await sees(other, 'I am awake', left());
	const heardMs = Date.now() - wokenAtMs;
	await expect(connection(sleeper)).toHaveText('Connected', { timeout: 60_000 });
	test.info().annotations.push({
		type: 'figures',
		description: `after waking: caught up ${caughtUpMs} ms, heard ${heardMs} ms, direct link ${Date.now() - wokenAtMs} ms`
	});
}

test('a page that slept while relay and peer changed catches up', async ({ person, relay }) => {
	test.setTimeout(freezeMs + 150_000);
	const alice = await person('Alice', { keepsProfile: true });
	const bob = await person('Bob');
	for (const each of [alice, bob]) each.allow(relayAway);
	await gather('Trip', alice, bob);
	await linked(alice, bob);
	await frozen(alice, async () => {
		await relay.stop();
		await relay.start();
		await bob.page.reload();
		await inConversation(bob, 'Trip');
		for (let i = 1; i <= 3; i++) await say(bob, `while you slept ${i}.`);
		await expect(mark(bob, 'while you slept 3.', 'Sent')).toBeVisible({ timeout: 30_000 });
	});
	await catchesUp(alice, bob, Date.now());
});

test.describe('without documents on the relay', () => {
	test.use({ doorOptions: { blocked: ['/doc'] } });

	test('a page that slept finds its peer again', async ({ outsider }) => {
		test.setTimeout(freezeMs + 150_000);
		// A browser of her own, so that only her pages are stopped.
		const alice = await outsider('Alice', { args: ['--mute-audio'] });
		const bob = await outsider('Bob');
		for (const each of [alice, bob]) each.allow(relayAway);
		await gather('Trip', alice, bob);
		await linked(alice, bob);
		await frozen(alice, async () => {
			await bob.page.reload();
			await inConversation(bob, 'Trip');
			for (let i = 1; i <= 3; i++) await say(bob, `while you slept ${i}.`);
		});
		await catchesUp(alice, bob, Date.now());
	});
});
