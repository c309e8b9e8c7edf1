/** Whatever is typed, pasted or opened: shown as text, or refused with a word on what to do. Nothing in it runs. */
import type { Page } from '@playwright/test';
import { decodeInviteLink, encodeInviteLink, type InviteLink } from '../../src/lib/protocol/invite-link';
import { expect, test } from './fixtures';
import {
	createGroup,
	gather,
	inConversation,
	inviteLink,
	join,
	mark,
	message,
	say,
	sees,
	send,
	start
} from './people';

test.describe.configure({ timeout: 180_000 });

declare global {
	/** Set by a payload that was run. */
	var payloadRan: string | undefined;
}

const payloads = [
	`<img src=x onerror="globalThis.payloadRan='img'">`,
	`<script>globalThis.payloadRan='script'</script>`,
	`"><svg onload=globalThis.payloadRan='svg'>`,
	`[click](javascript:globalThis.payloadRan='link')`,
	`javascript:globalThis.payloadRan='address'`,
	`<a href="javascript:globalThis.payloadRan='anchor'">anchor</a>`,
	`{@html "<b onclick=globalThis.payloadRan='svelte'>x</b>"} {{constructor.constructor('globalThis.payloadRan=1')()}}`,
	`<iframe srcdoc="<script>parent.payloadRan='frame'</script>"></iframe>`
];

/** Nothing came to life: no foreign element, no address that runs something, nothing set. */
async function expectInert(page: Page): Promise<void> {
	expect(await page.evaluate(() => globalThis.payloadRan)).toBeUndefined();
	expect(
		await page.evaluate(() =>
			[
				...document.querySelectorAll('iframe, object, embed, base, a[href^="javascript:" i], img[src="x"]')
			].map((element) => element.outerHTML)
		)
	).toEqual([]);
	const handlers = await page.evaluate(() =>
		[...document.querySelectorAll('*')].flatMap((element) =>
			element.getAttributeNames().filter((name) => name.startsWith('on'))
		)
	);
	expect(handlers).toEqual([]);
}

test('join links that are broken, expired or of another version say so', async ({ person }) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	await start(alice);
	await createGroup(alice, 'Trip');
	const url = await inviteLink(alice);
	const fragment = new URL(url).hash.slice(1);
	const read = decodeInviteLink(fragment);
	if (!read.ok) throw new Error(read.reason);
	const withChange = (change: Partial<InviteLink>): string => encodeInviteLink({ ...read.value, ...change });
	const cases: readonly (readonly [string, RegExp])[] = [
		['', /no invitation in it/],
		['1.', /incomplete or changed/],
		['nonsense', /incomplete or changed/],
		['%%%\u{1F600}<script>', /incomplete or changed/],
		[fragment.slice(0, -7), /incomplete or changed/],
		[
			fragment.slice(0, 60) + (fragment[60] === 'A' ? 'B' : 'A') + fragment.slice(61),
			/incomplete or changed/
		],
		[`${fragment}AAAA`, /incomplete or changed/],
		['1.' + 'A'.repeat(200_000), /incomplete or changed/],
		[`3${fragment.slice(1)}`, /another version of Skein/],
		[withChange({ expiresAtMs: Date.now() - 60_000 }), /has expired/],
		[withChange({ groupName: 'x'.repeat(10_000) }), /incomplete or changed/]
	];
	for (const [part, words] of cases) {
		await bob.page.goto('about:blank');
		await bob.page.goto(`${alice.home}/join#${part}`);
		await expect(bob.page.getByRole('heading', { name: 'This invitation does not work' })).toBeVisible();
		await expect(bob.page.getByRole('main')).toContainText(words);
		await expect(bob.page.getByRole('button', { name: 'Join' })).toHaveCount(0);
		expect(new URL(bob.page.url()).hash).toBe('');
	}
	// A good one, pasted over the last: works without a detour. Opened by a member: leads to the conversation.
	await join(bob, url, 'Trip');
	await bob.page.goto(url);
	await bob.page.getByRole('button', { name: 'Open conversation' }).click();
	await inConversation(bob, 'Trip');
});

test('a link whose key is not the group’s lets nobody in, and breaks nothing', async ({ person }) => {
	const [alice, mallory] = [await person('Alice'), await person('Mallory')];
	await start(alice);
	await createGroup(alice, 'Trip');
	await say(alice, 'for members');
	const url = await inviteLink(alice);
	const read = decodeInviteLink(new URL(url).hash);
	if (!read.ok) throw new Error(read.reason);
	const forged = encodeInviteLink({ ...read.value, epochSecret: new Uint8Array(32).fill(7) });
	await join(mallory, `${alice.home}/join#${forged}`, 'Trip');
	await say(mallory, 'let me in');
	await say(alice, 'still here');
	await expect(mark(alice, 'still here', 'Sent')).toBeVisible();
	await alice.page.getByRole('button', { name: 'Details' }).click();
	await expect(
		alice.page.getByRole('list', { name: 'Members', exact: true }).getByRole('listitem')
	).toHaveCount(1);
	await expect(message(alice, 'let me in')).toHaveCount(0);
	await expect(message(mallory, 'for members')).toHaveCount(0);
});

test('names that are too long or empty are refused with a word, and the text stays', async ({ person }) => {
	const alice = await person('Alice');
	const { page } = alice;
	await page.goto(alice.home);
	const name = page.getByRole('textbox', { name: 'Your name' });
	const start = page.getByRole('button', { name: 'Start' });
	for (const [text, words] of [
		['   ', 'Type a name first.'],
		['n'.repeat(10_000), 'That name is too long.'],
		['e\u0301\u0302'.repeat(4_000), 'That name is too long.']
	] as const) {
		await name.fill(text);
		await start.click();
		await expect(page.getByRole('alert')).toContainText(words);
		await expect(name).toHaveValue(text);
		await expect(name).toBeFocused();
	}
	await name.fill('Alice');
	await start.click();
	await page.getByRole('button', { name: 'New conversation' }).click();
	await page.getByRole('menuitem', { name: 'New group' }).click();
	const group = page.getByRole('textbox', { name: 'Group name' });
	for (const [text, words] of [
		['', 'Give the group a name first.'],
		['g'.repeat(10_000), 'That group name is too long.']
	] as const) {
		await group.fill(text);
		await page.getByRole('button', { name: 'Create group' }).click();
		await expect(page.getByRole('alert')).toContainText(words);
	}
});

test('a text of 17 KiB is not sent, is not lost, and goes when it was shortened', async ({ person }) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	await gather('Trip', alice, bob);
	const field = alice.page.getByRole('textbox', { name: 'Message', exact: true });
	const long = 'ä'.repeat((17 * 1024) / 2);
	await field.fill(long);
	await expect(alice.page.getByRole('status').filter({ hasText: 'Too long by about' })).toBeVisible();
	await field.press('Enter');
	// It says that it is disabled; somebody presses it anyway.
	await alice.page.getByRole('button', { name: 'Send' }).click({ force: true });
	await expect(field).toHaveValue(long);
	await expect(alice.page.getByRole('article')).toHaveCount(0);
	const allowed = long.slice(0, (16 * 1024) / 2);
	await field.fill(allowed);
	await field.press('Enter');
	await sees(bob, allowed);
});

test('markup in texts, names and group names is text', async ({ person }) => {
	const [bold = '', script = ''] = payloads;
	const [alice, bob] = [await person(bold), await person(script)];
	const group = `"><svg onload=globalThis.payloadRan='g'> **b**`;
	for (const anyone of [alice, bob]) anyone.page.on('dialog', () => expect('a dialog').toBe('no dialog'));
	await gather(group, alice, bob);
	// Marks that are in no time of day, which an article shows as well.
	const markOf = (index: number): string => `no. ${index}: `;
	for (const [index, payload] of payloads.entries()) {
		await say(alice, markOf(index) + payload);
		await sees(bob, markOf(index));
	}
	await say(bob, 'seen');
	await sees(alice, 'seen');
	// Character for character, save for the marks of Markdown-lite.
	for (const [index, payload] of payloads.entries()) {
		await expect(message(bob, markOf(index))).toContainText(payload);
	}
	await send(alice, '**bold** and `code` and [a link](https://example.org/a?b=c)');
	const rich = message(bob, 'bold and code and a link');
	await expect(rich.locator('strong')).toHaveText('bold');
	await expect(rich.locator('code')).toHaveText('code');
	const link = rich.getByRole('link', { name: 'a link' });
	await expect(link).toHaveAttribute('href', 'https://example.org/a?b=c');
	await expect(link).toHaveAttribute('rel', /noopener/);

	await bob.page.getByRole('button', { name: 'Details' }).click();
	await expect(bob.page.getByRole('list', { name: 'Members', exact: true })).toContainText(bold);
	await bob.page.getByRole('searchbox', { name: 'Search' }).fill('img');
	await expect(bob.page.getByRole('region', { name: 'Search results' })).toContainText('<img src=x');
	for (const { page } of [alice, bob]) {
		await expectInert(page);
		await page.getByRole('searchbox', { name: 'Search' }).fill('');
		await page.getByRole('link', { name: 'Diagnostics' }).first().click();
		await expect(page.getByRole('button', { name: 'Copy as JSON' })).toBeEnabled();
		await expectInert(page);
		await page.reload();
		await expect(page.getByRole('button', { name: 'Copy as JSON' })).toBeEnabled();
		await expectInert(page);
	}
});
