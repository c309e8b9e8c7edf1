/** An app that can be installed, and that updates itself when the person agrees. */
import { rm } from 'node:fs/promises';
import { expect, relayAway, test } from './fixtures';
import { createGroup, diagnostics, inConversation, keptForOffline, say, sees, start } from './people';
import { buildAgain } from './second-build';

test('the browser would install it', async ({ person }) => {
	test.setTimeout(120_000);
	const alice = await person('Alice', { keepsProfile: true });
	await start(alice);
	await keptForOffline(alice);
	const cdp = await alice.context.newCDPSession(alice.page);
	const { installabilityErrors } = await cdp.send('Page.getInstallabilityErrors');
	expect(installabilityErrors).toEqual([]);
	const { errors, url } = await cdp.send('Page.getAppManifest');
	expect(errors).toEqual([]);
	expect(url).toBe(`${alice.home}/manifest.webmanifest`);
});

test('an account, its groups and messages survive the end of the browser, also the hard one', async ({
	person
}) => {
	test.setTimeout(180_000);
	const alice = await person('Alice', { keepsProfile: true });
	await start(alice);
	await createGroup(alice, 'Trip');
	await say(alice, 'before the end');
	const address = alice.page.url();
	await alice.reopen();
	await alice.page.goto(address);
	await sees(alice, 'before the end');
	await say(alice, 'before the crash');
	await alice.kill9();
	await alice.reopen();
	await alice.page.goto(address);
	await sees(alice, 'before the end');
	await sees(alice, 'before the crash');
	const { conversations } = await diagnostics(alice);
	expect(conversations.map(({ name, forks }) => [name, forks])).toEqual([['Trip', 0]]);
});

test('a new version waits, says so, and runs after Reload with everything in place', async ({
	relay,
	person
}) => {
	test.setTimeout(300_000);
	const alice = await person('Alice');
	alice.allow(relayAway);
	await start(alice);
	await createGroup(alice, 'Trip');
	await say(alice, 'from the old version');
	await keptForOffline(alice);
	const { version } = await diagnostics(alice);

	const { appDir, folder } = await buildAgain('e2e-second');
	try {
		await relay.stop();
		await relay.start({ appDir });
		// Opening the app again is when the browser looks for a new version; the old one still answers.
		await alice.page.reload();
		const notice = alice.page.getByRole('region', { name: 'Notices' });
		await expect(notice).toContainText('New version', { timeout: 60_000 });
		expect((await diagnostics(alice)).version).toBe(version);
		await say(alice, 'still the old version');
		await notice.getByRole('button', { name: 'Reload' }).click();
		await expect(notice).not.toContainText('New version');
		await inConversation(alice, 'Trip');
		await expect.poll(async () => (await diagnostics(alice)).version).toBe('e2e-second');
		await sees(alice, 'from the old version');
		await sees(alice, 'still the old version');
		await say(alice, 'from the new version');

		// The new one is kept whole as well.
		await relay.stop();
		await alice.page.reload();
		await sees(alice, 'from the new version');
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
});
