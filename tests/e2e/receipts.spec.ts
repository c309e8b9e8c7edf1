/** Who has read what, who is typing, who is here: facts, and only what people let each other know. */
import { expect, noDirectLinks, test } from './fixtures';
import { closeTab, connection, gather, inConversation, linked, mark, message, say, sees } from './people';
import type { Person } from './person';

test.describe.configure({ timeout: 180_000 });

/** Another window has the focus: what comes in is on screen, and nobody looks. */
async function looksAway(person: Person): Promise<void> {
	await person.page.evaluate(() => {
		document.hasFocus = () => false;
	});
}

async function looksAgain(person: Person): Promise<void> {
	await person.page.evaluate(() => {
		Reflect.deleteProperty(document, 'hasFocus');
		dispatchEvent(new Event('focus'));
	});
}

/** As the settings do it, before the app has started again. */
async function shares(
	person: Person,
	consent: Record<'receipts' | 'typing' | 'online', boolean>
): Promise<void> {
	await person.page.evaluate(
		(value) =>
			new Promise<void>((resolve, reject) => {
				const opening = indexedDB.open('skein-device');
				opening.onerror = () => reject(opening.error);
				opening.onsuccess = () => {
					const tx = opening.result.transaction('reachability', 'readwrite');
					const row = { inbox: null, linkSecret: new Uint8Array(0), reach: 'link', consent: value };
					tx.objectStore('reachability').put(row, 'self');
					tx.oncomplete = () => {
						opening.result.close();
						resolve();
					};
				};
			}),
		consent
	);
	await person.page.reload();
}

const typing = (person: Person, name: string) => person.page.getByText(`${name} is typing…`).first();
const members = (person: Person) =>
	person.page.getByRole('list', { name: 'Members', exact: true }).getByRole('listitem');
const exactMark = (person: Person, text: string, name: string) =>
	message(person, text).getByRole('img', { name, exact: true });

test('a message is sent, delivered and read; a reload in the middle changes nothing', async ({ person }) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	await gather('Trip', alice, bob);
	await linked(alice, bob);
	const bobReturns = await closeTab(bob);
	await say(alice, 'Are you there?');
	await expect(exactMark(alice, 'Are you there?', 'Sent')).toBeVisible();

	// Bob's device gets it while he looks at something else.
	await bob.context.addInitScript(() => {
		document.hasFocus = () => false;
	});
	await bobReturns();
	await sees(bob, 'Are you there?');
	await expect(exactMark(alice, 'Are you there?', 'Delivered')).toBeVisible();
	await alice.page.reload();
	await expect(exactMark(alice, 'Are you there?', 'Delivered')).toBeVisible();

	await looksAgain(bob);
	await expect(exactMark(alice, 'Are you there?', 'Read')).toBeVisible();
	await alice.page.reload();
	await expect(exactMark(alice, 'Are you there?', 'Read')).toBeVisible();
	await linked(alice, bob);
	await expect(exactMark(alice, 'Are you there?', 'Read')).toBeVisible();

	await message(alice, 'Are you there?').getByRole('button', { name: 'Who has it' }).click();
	const dialog = alice.page.getByRole('dialog', { name: 'Who has it' });
	await expect(dialog.getByRole('list', { name: 'Read', exact: true })).toContainText('Bob');
	await expect(dialog.getByRole('time')).toHaveCount(1);
	await alice.page.keyboard.press('Escape');
	await expect(message(alice, 'Are you there?').getByRole('button', { name: 'Who has it' })).toBeFocused();
});

test('three people: read by one, then by all, and who', async ({ person }) => {
	const [alice, bob, carol] = [await person('Alice'), await person('Bob'), await person('Carol')];
	await gather('Trip', alice, bob, carol);
	await linked(alice, bob, carol);
	await looksAway(carol);
	await say(alice, 'Dinner at eight?');
	await sees(carol, 'Dinner at eight?');
	await expect(exactMark(alice, 'Dinner at eight?', 'Read')).toBeVisible();
	const who = message(alice, 'Dinner at eight?').getByRole('button', { name: 'Who has it' });
	await who.click();
	const dialog = alice.page.getByRole('dialog', { name: 'Who has it' });
	await expect(dialog.getByRole('list', { name: 'Read', exact: true })).toContainText('Bob');
	await expect(dialog.getByRole('list', { name: /^Delivered/ })).toContainText('Carol');
	await looksAgain(carol);
	await expect(dialog.getByRole('list', { name: 'Read', exact: true })).toContainText('Carol');
	await alice.page.keyboard.press('Escape');
	await expect(exactMark(alice, 'Dinner at eight?', 'Read by all')).toBeVisible();
});

test('who gives no receipts is not seen to read, and sees nobody read', async ({ person }) => {
	const [alice, bob, carol] = [await person('Alice'), await person('Bob'), await person('Carol')];
	await gather('Trip', alice, bob, carol);
	await shares(bob, { receipts: false, typing: false, online: false });
	await inConversation(bob, 'Trip');
	await linked(alice, bob, carol);

	await say(alice, 'Dinner at eight?');
	await say(bob, 'Yes');
	await Promise.all([sees(bob, 'Dinner at eight?'), sees(carol, 'Yes'), sees(alice, 'Yes')]);
	// Carol's word on both, and Bob's on the first, have come by the time his own message is known as delivered to all.
	await expect(mark(bob, 'Yes', 'Delivered to all')).toBeVisible();
	await say(carol, 'Me too');
	await sees(alice, 'Me too');
	await expect(mark(carol, 'Me too', 'Read')).toBeVisible();
	await expect(exactMark(bob, 'Yes', 'Delivered to all')).toBeVisible();
	await expect(exactMark(alice, 'Dinner at eight?', 'Read')).toBeVisible();
	await message(alice, 'Dinner at eight?').getByRole('button', { name: 'Who has it' }).click();
	const dialog = alice.page.getByRole('dialog', { name: 'Who has it' });
	await expect(dialog.getByRole('list', { name: 'Read', exact: true })).not.toContainText('Bob');
	await expect(dialog.getByRole('list', { name: /^Delivered/ })).toContainText('Bob');
	await alice.page.keyboard.press('Escape');

	// Nor is he seen to be online, or typing.
	await alice.page.getByRole('button', { name: 'Details' }).click();
	await expect(members(alice).filter({ hasText: 'Carol' })).toContainText('Online');
	await expect(members(alice).filter({ hasText: 'Bob' })).not.toContainText(/Online|connected|seen/);
	const field = bob.page.getByRole('textbox', { name: 'Message', exact: true });
	await field.pressSequentially('I could also');
	await carol.page.getByRole('textbox', { name: 'Message', exact: true }).pressSequentially('And');
	await expect(typing(alice, 'Carol')).toBeVisible();
	await expect(typing(alice, 'Bob')).toHaveCount(0);
});

test('typing is seen in the conversation and in the list, and ends by itself and with the message', async ({
	person
}) => {
	const [alice, bob] = [await person('Alice'), await person('Bob')];
	await gather('Trip', alice, bob);
	await linked(alice, bob);
	const field = bob.page.getByRole('textbox', { name: 'Message', exact: true });
	await field.pressSequentially('I am thinking');
	await expect(typing(alice, 'Bob')).toBeVisible();
	await expect(
		alice.page.getByRole('navigation', { name: 'Conversations' }).getByText('Bob is typing…')
	).toBeVisible();
	await expect(typing(alice, 'Bob')).toHaveCount(0);

	await field.pressSequentially(' about it');
	await expect(typing(alice, 'Bob')).toBeVisible();
	await field.press('Enter');
	await sees(alice, 'I am thinking about it');
	await expect(typing(alice, 'Bob')).toHaveCount(0);
	await expect(field).toHaveValue('');
});

test('receipts go through the relay alone', async ({ person }) => {
	const [alice, bob] = [
		await person('Alice', { args: noDirectLinks }),
		await person('Bob', { args: noDirectLinks })
	];
	await gather('Trip', alice, bob);
	for (const each of [alice, bob])
		await expect(connection(each)).toHaveText('Connected through the relay', { timeout: 30_000 });
	await say(alice, 'By the relay');
	await sees(bob, 'By the relay');
	await expect(exactMark(alice, 'By the relay', 'Read')).toBeVisible();
	await alice.page.getByRole('button', { name: 'Details' }).click();
	await expect(members(alice).filter({ hasText: 'Bob' })).toContainText('Not connected · seen');
});
