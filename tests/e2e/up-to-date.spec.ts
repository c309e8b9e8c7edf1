/** What calls for attention, and what keeps quiet: counts, marks in the list, toasts, notifications. */
import type { Locator } from '@playwright/test';
import { expect, test } from './fixtures';
import {
	createGroup,
	gather,
	inviteLink,
	join,
	keptForOffline,
	openConversation,
	say,
	sees,
	send
} from './people';
import type { Person } from './person';

const list = (person: Person): Locator => person.page.getByRole('navigation', { name: 'Conversations' });
const row = (person: Person, name: string): Locator => list(person).getByRole('link', { name, exact: true });
const toasts = (person: Person): Locator => person.page.getByRole('region', { name: 'Notices' });

/** Chooses from the menu of a conversation, which the context-menu key opens. */
async function choose(
	person: Person,
	conversation: string,
	...items: readonly (string | RegExp)[]
): Promise<void> {
	await row(person, conversation).focus();
	await row(person, conversation).dispatchEvent('contextmenu');
	for (const item of items) await person.page.getByRole('menuitem', { name: item }).click();
}

/** Alice and Bob in two groups; Alice reads Tea, Bob is in Walks. */
async function twoGroups(alice: Person, bob: Person): Promise<void> {
	await gather('Walks', alice, bob);
	await createGroup(alice, 'Tea');
	await join(bob, await inviteLink(alice), 'Tea');
	await say(alice, 'first of all');
	await sees(bob, 'first of all');
	await openConversation(bob, 'Walks');
}

test('counts what is unread, and tells of it in title, list and toast', async ({ person }) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	await twoGroups(alice, bob);

	await say(bob, 'shall we go');
	await expect(toasts(alice)).toContainText('Walks · Bob: shall we go');
	await expect(row(alice, 'Walks')).toHaveAccessibleDescription(/1 unread message/);
	await expect(alice.page).toHaveTitle(/^\(1\) Tea/);

	await toasts(alice).getByRole('button', { name: 'Open' }).click();
	await sees(alice, 'shall we go');
	await expect(alice.page).toHaveTitle(/^Walks/);
	await expect(row(alice, 'Walks')).not.toHaveAccessibleDescription(/unread/);
});

test('a muted conversation keeps quiet, and counts without calling', async ({ person }) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	await twoGroups(alice, bob);

	await choose(alice, 'Walks', 'Mute', 'For 8 hours');
	await expect(row(alice, 'Walks')).toHaveAccessibleDescription(/muted/);
	await say(bob, 'quietly');
	await expect(row(alice, 'Walks')).toHaveAccessibleDescription(/1 unread message/);
	await expect(alice.page).toHaveTitle(/^Tea/);
	await expect(toasts(alice)).not.toContainText('quietly');
	await expect(row(alice, 'Walks')).not.toHaveAccessibleDescription(/Mentions you/);
	await send(bob, '@Alice, you too');
	await expect(row(alice, 'Walks')).toHaveAccessibleDescription(/2 unread messages Mentions you/);
	await expect(alice.page).toHaveTitle(/^\(1\) Tea/);

	await alice.page.reload();
	await expect(row(alice, 'Walks')).toHaveAccessibleDescription(/muted/);
	await choose(alice, 'Walks', 'Unmute');
	await expect(alice.page).toHaveTitle(/^\(2\) Tea/);
});

test('the list: pinned first, archived away until something is said, filters, marked as unread', async ({
	person
}) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	await twoGroups(alice, bob);
	await expect(list(alice).getByRole('link')).toHaveText([/Tea/, /Walks/]);

	await choose(alice, 'Walks', 'Pin to top');
	await expect(list(alice).getByRole('link')).toHaveText([/Walks/, /Tea/]);

	await choose(alice, 'Tea', 'Archive');
	await expect(list(alice).getByRole('link')).toHaveText([/Walks/]);
	await alice.page.getByRole('radio', { name: 'Archived' }).check();
	await expect(list(alice).getByRole('link')).toHaveText([/Tea/]);
	await alice.page.getByRole('radio', { name: 'All' }).check();

	await choose(alice, 'Walks', 'Mark as unread');
	await expect(row(alice, 'Walks')).toHaveAccessibleDescription(/marked as unread/);
	await expect(alice.page).toHaveTitle(/^\(1\)/);
	await alice.page.getByRole('radio', { name: 'Unread' }).check();
	await expect(list(alice).getByRole('link')).toHaveText([/Walks/]);
	await row(alice, 'Walks').click();
	await expect(row(alice, 'Walks')).not.toHaveAccessibleDescription(/unread/);

	await alice.page.getByRole('radio', { name: 'People' }).check();
	await expect(list(alice).getByRole('link')).toHaveCount(0);
	await alice.page.getByRole('radio', { name: 'Groups' }).check();

	// Something new brings Tea back.
	await openConversation(bob, 'Tea');
	await say(bob, 'still warm');
	await expect(list(alice).getByRole('link')).toHaveText([/Walks/, /Tea/]);
});

test('a mute ends by itself', async ({ person }) => {
	const alice = await person('Alice');
	await alice.page.clock.install();
	await gather('Walks', alice);
	await choose(alice, 'Walks', 'Mute', 'For 1 hour');
	await expect(row(alice, 'Walks')).toHaveAccessibleDescription(/muted/);
	await alice.page.clock.fastForward('59:00');
	await expect(row(alice, 'Walks')).toHaveAccessibleDescription(/muted/);
	await alice.page.clock.fastForward('01:01');
	await expect(row(alice, 'Walks')).not.toHaveAccessibleDescription(/muted/);
});

test('the system tells of messages while nobody looks, and of none that is read', async ({ person }) => {
	const alice = await person('Alice', { permissions: ['notifications'] });
	const bob = await person('Bob');
	await twoGroups(alice, bob);
	await looks(alice, false);

	// On the first visit there is no service worker yet, which would show it.
	await say(bob, 'so soon?');
	// Its way here is one thing, being told of it another.
	await expect(row(alice, 'Walks')).toHaveAccessibleDescription(/1 unread message/, { timeout: 30_000 });
	await expect(toasts(alice)).toContainText('Walks · Bob: so soon?');
	await keptForOffline(alice);
	await say(bob, 'are you there?');
	await expect.poll(() => notifications(alice)).toEqual(['Walks: Bob: are you there?']);
	await say(bob, 'hello?');
	await expect.poll(() => notifications(alice)).toEqual(['Walks: Bob: hello?']);

	await choose(alice, 'Walks', 'Mute', 'Always');
	await send(bob, 'never mind');
	await expect(row(alice, 'Walks')).toHaveAccessibleDescription(/4 unread messages/);
	expect(await notifications(alice)).toEqual(['Walks: Bob: hello?']);

	await openConversation(alice, 'Walks');
	await looks(alice, true);
	await expect.poll(() => notifications(alice)).toEqual([]);
});

test('a notification that is pressed opens its conversation; a reply is sent from where one is', async ({
	person
}) => {
	const alice = await person('Alice', { permissions: ['notifications'] });
	const bob = await person('Bob');
	await twoGroups(alice, bob);
	await keptForOffline(alice);
	await looks(alice, false);
	await say(bob, 'are you there?');
	// Its way here is one thing, being told of it another.
	await expect(row(alice, 'Walks')).toHaveAccessibleDescription(/1 unread message/, { timeout: 30_000 });
	await expect.poll(() => notifications(alice)).toEqual(['Walks: Bob: are you there?']);
	const conversation = (await row(alice, 'Walks').getAttribute('href'))?.split('/').at(-1) ?? '';

	await press(alice, conversation, 'on my way');
	await sees(bob, 'on my way');
	await expect(row(alice, 'Walks')).not.toHaveAccessibleDescription(/unread/);
	await press(alice, conversation, null);
	await sees(alice, 'on my way');

	// A page that is loading listens once it has nothing better to do.
	const { page } = alice;
	await page.addInitScript(() => {
		const held: (() => void)[] = [];
		let told = 0;
		navigator.serviceWorker.addEventListener('message', () => (told += 1));
		Object.assign(globalThis, {
			requestIdleCallback: (task: () => void) => held.push(task),
			beIdle: () => held.forEach((task) => task()),
			timesTold: () => told
		});
	});
	await page.goto(alice.home);
	await row(alice, 'Walks').waitFor();
	await press(alice, conversation, 'nearly there');
	await press(alice, conversation, null);
	await expect.poll(() => page.evaluate('timesTold()')).toBe(2);
	await page.evaluate('beIdle()');
	await sees(bob, 'nearly there');
	await sees(alice, 'nearly there');
});

/** What a page is told when its window gets the focus, or another one. */
function looks(person: Person, focused: boolean): Promise<void> {
	return person.page.evaluate((isFocused) => {
		document.hasFocus = () => isFocused;
		dispatchEvent(new Event(isFocused ? 'focus' : 'blur'));
	}, focused);
}

/** Titles and texts of what the system shows. */
function notifications(person: Person): Promise<readonly string[]> {
	return person.page.evaluate(async () => {
		const registration = await navigator.serviceWorker.ready;
		return (await registration.getNotifications()).map(({ title, body }) => `${title}: ${body}`);
	});
}

/** The worker is told as the browser tells it. No driver can press what the system draws. */
async function press(person: Person, conversation: string, reply: string | null): Promise<void> {
	const worker = person.context.serviceWorkers()[0];
	if (worker === undefined) throw new Error('there is no service worker');
	await worker.evaluate(
		async ([id, text]) => {
			const registration = (globalThis as unknown as { registration: ServiceWorkerRegistration })
				.registration;
			const shown = await registration.getNotifications();
			const notification = shown[0] ?? { close: () => undefined, data: { conversation: id } };
			const event = new Event('notificationclick');
			Object.assign(event, {
				notification,
				waitUntil: () => undefined,
				action: text === null ? '' : 'reply',
				reply: text
			});
			globalThis.dispatchEvent(event);
		},
		[conversation, reply] as const
	);
}
