/** What people do and see, in the words of the interface: roles and names only (docs: names that stay). */
import type { Locator } from '@playwright/test';
import type { DiagnosticsReport } from '../../src/lib/app/contract';
import { expect } from './fixtures';
import { letWorkerIn, relayAway, type Person } from './person';

/** Opens the app and gives a name: the first run. */
export async function start(person: Person): Promise<void> {
	await person.page.goto(person.home);
	await person.page.getByRole('textbox', { name: 'Your name' }).fill(person.name);
	await person.page.getByRole('button', { name: 'Start' }).click();
	await person.page.getByRole('button', { name: 'New conversation' }).waitFor();
}

/** Makes a group and ends in its conversation. */
export async function createGroup(person: Person, group: string): Promise<void> {
	const { page } = person;
	await page.getByRole('button', { name: 'New conversation' }).click();
	await page.getByRole('menuitem', { name: 'New group' }).click();
	await page.getByRole('textbox', { name: 'Group name' }).fill(group);
	await page.getByRole('button', { name: 'Create group' }).click();
	await inConversation(person, group);
}

/** @returns the invite link of the open conversation. */
export async function inviteLink(person: Person): Promise<string> {
	const { page } = person;
	await page.getByRole('button', { name: 'Invite people' }).first().click();
	const link = page.getByRole('textbox', { name: 'Invite link' });
	await expect(link).toHaveValue(/^http/);
	const url = await link.inputValue();
	await page.keyboard.press('Escape');
	await link.waitFor({ state: 'detached' });
	return url;
}

/** @returns a link for one person to the open conversation; each call makes another. */
export async function personalLink(person: Person): Promise<string> {
	const { page } = person;
	await page.getByRole('button', { name: 'Invite people' }).first().click();
	const dialog = page.getByRole('dialog', { name: 'Invite people' });
	await dialog.getByText('Link for one person').click();
	await dialog.getByRole('button', { name: 'Make link' }).click();
	const link = dialog.getByRole('textbox', { name: 'Invite link' });
	await expect(link).toHaveValue(/^http/);
	const url = await link.inputValue();
	await page.keyboard.press('Escape');
	await link.waitFor({ state: 'detached' });
	return url;
}

/** Opens a link and joins; somebody new gives a name there. Ends in the conversation. */
export async function join(person: Person, link: string, group: string): Promise<void> {
	const { page } = person;
	await page.goto(link);
	await page.getByRole('heading', { name: `Join ${group}` }).waitFor();
	const name = page.getByRole('textbox', { name: 'Your name' });
	if (await name.isVisible()) await name.fill(person.name);
	await page.getByRole('button', { name: 'Join' }).click();
	await inConversation(person, group);
}

/** One started person with a group, the others joined through its link. All end in the conversation. */
export async function gather(group: string, founder: Person, ...others: readonly Person[]): Promise<void> {
	await start(founder);
	await createGroup(founder, group);
	const link = await inviteLink(founder);
	await Promise.all(others.map((other) => join(other, link, group)));
}

/** Alice, who has founded it, Bob and Carol in a group whose relay may go away. All end in the conversation. */
export async function threeInAGroup(
	open: (name: string) => Promise<Person>,
	group: string
): Promise<readonly [Person, Person, Person]> {
	const three = await Promise.all([open('Alice'), open('Bob'), open('Carol')]);
	for (const anyone of three) anyone.allow(relayAway);
	await gather(group, ...three);
	return three;
}

/** Waits until the conversation of this name is on screen. */
export async function inConversation(person: Person, group: string): Promise<void> {
	await person.page.getByRole('heading', { name: group, level: 1 }).waitFor();
	await person.page.getByRole('log', { name: 'Messages' }).waitFor();
}

/** Opens a conversation from the list. */
export async function openConversation(person: Person, group: string): Promise<void> {
	await person.page
		.getByRole('navigation', { name: 'Conversations' })
		.getByRole('link', { name: group, exact: true })
		.click();
	await inConversation(person, group);
}

/** Sends a message in the open conversation, and waits until it is saved. Plain text only. */
export async function say(person: Person, text: string): Promise<void> {
	await send(person, text);
	await saved(person, text);
}

/** Sends a message; what it looks like in the log is not waited for. */
export async function send(person: Person, text: string): Promise<void> {
	const field = person.page.getByRole('textbox', { name: 'Message', exact: true });
	await field.fill(text);
	await field.press('Enter');
	await expect(field).toHaveValue('');
}

/** The message(s) with this text in the open conversation. */
export function message(person: Person, text: string | RegExp): Locator {
	return person.page.getByRole('log', { name: 'Messages' }).getByRole('article').filter({ hasText: text });
}

/** Waits until exactly one message with this text is there. */
export async function sees(person: Person, text: string, timeoutMs = 30_000): Promise<void> {
	await expect(message(person, text)).toHaveCount(1, { timeout: timeoutMs });
}

/** The mark of an own message, of this state or one that says more: `await expect(mark(alice, 'hi', 'Delivered')).toBeVisible()`. */
export function mark(person: Person, text: string, state: DeliveryName): Locator {
	const names = atLeast[state];
	return message(person, text).getByRole('img', { name: new RegExp(`^(${names.join('|')})$`) });
}

/** Waits until an own message is saved on its author's device. */
export async function saved(person: Person, text: string): Promise<void> {
	const states = /^(Queued|Sent|Delivered|Delivered to all|Read|Read by all)$/;
	await expect(message(person, text).getByRole('img', { name: states })).toHaveCount(1, { timeout: 30_000 });
}

export type DeliveryName = 'Queued' | 'Sent' | 'Delivered' | 'Delivered to all' | 'Read' | 'Read by all';

/** Who has a message may read it at once. 'Queued' and 'Sent' are meant as they are: nobody has it. */
const atLeast: Record<DeliveryName, readonly DeliveryName[]> = {
	Queued: ['Queued'],
	Sent: ['Sent'],
	Delivered: ['Delivered', 'Delivered to all', 'Read', 'Read by all'],
	'Delivered to all': ['Delivered to all', 'Read by all'],
	Read: ['Read', 'Read by all'],
	'Read by all': ['Read by all']
};

/** What matches in the messages on screen, one match each, in the order of the log; messages without one are left out. */
export async function matches(person: Person, pattern: RegExp): Promise<string[]> {
	const texts = await person.page.getByRole('log', { name: 'Messages' }).getByRole('article').allInnerTexts();
	return texts.flatMap((text) => pattern.exec(text)?.[0] ?? []);
}

/** The words on the connection: 'Connected', 'Connected through the relay', 'Waiting for another device …'. */
export function connection(person: Person): Locator {
	return person.page.getByRole('status', { name: 'Connection' });
}

/** Waits until these two or more have direct links in the open conversation. */
export async function linked(...people: readonly Person[]): Promise<void> {
	await Promise.all(
		people.map((person) => expect(connection(person)).toHaveText('Connected', { timeout: 30_000 }))
	);
}

/** Closes the tab that is open. @returns what opens another one at the same address */
export async function closeTab(person: Person): Promise<() => Promise<void>> {
	const address = person.page.url();
	await person.page.close();
	return async () => {
		person.useTab(await person.newTab());
		await person.page.goto(address);
	};
}

/** Lets the service worker keep the app, and waits until it opens without a network. */
export async function keptForOffline(person: Person): Promise<void> {
	await person.page.waitForFunction((event) => {
		// Again each time: a page that has just been loaded has not heard it.
		dispatchEvent(new Event(event));
		return navigator.serviceWorker.controller !== null;
	}, letWorkerIn);
}

/** Goes on in a tab without a network, until the context is online again. */
export async function withoutNetwork(person: Person, group: string): Promise<void> {
	await keptForOffline(person);
	const returns = await closeTab(person);
	await person.context.setOffline(true);
	await returns();
	await inConversation(person, group);
}

/** Opens Diagnostics, takes its report as "Copy as JSON" gives it, and goes back. Wide screens only. */
export async function diagnostics(person: Person): Promise<DiagnosticsReport> {
	const { page } = person;
	const before = page.url();
	await page.getByRole('link', { name: 'Diagnostics' }).first().click();
	const copy = page.getByRole('button', { name: 'Copy as JSON' });
	await expect(copy).toBeEnabled();
	// The clipboard is one for all people of a machine; the text is taken on its way there.
	const text = page.evaluate(
		() =>
			new Promise<string>((resolve) => {
				navigator.clipboard.writeText = (copied) => Promise.resolve(resolve(copied));
			})
	);
	await copy.click();
	const report = JSON.parse(await text) as DiagnosticsReport;
	await page.goBack();
	await page.waitForURL(before);
	return report;
}
