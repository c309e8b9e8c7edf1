/** A message that cannot be saved is not shown as sent: clear words, and the text is still in the composer. */
import type { Person } from '../fixtures';
import { gather, inConversation, mark, message, say, sees } from '../people';
import { expect, test } from './resilience-test';

const text = 'This one matters';

async function fails(person: Person, words: string): Promise<void> {
	const field = person.page.getByRole('textbox', { name: 'Message', exact: true });
	await field.fill(text);
	await field.press('Enter');
	await expect(person.page.getByRole('alert').filter({ hasText: words })).toBeVisible();
	await expect(field).toHaveValue(text);
	await expect(message(person, text)).toHaveCount(0);
}

async function succeeds(alice: Person, bob: Person): Promise<void> {
	const field = alice.page.getByRole('textbox', { name: 'Message', exact: true });
	await expect(field).toHaveValue(text);
	await field.press('Enter');
	await sees(alice, text);
	await sees(bob, text);
	await expect(alice.page.getByRole('alert')).toHaveCount(0);
	await say(alice, 'And so does this');
	await sees(bob, 'And so does this');
}

/** From now on the journal's writes fail as `failure` says, until `window.worksAgain()`. */
async function journalFails(person: Person, failure: 'full' | 'aborted'): Promise<void> {
	await person.page.evaluate((how) => {
		const { put } = IDBObjectStore.prototype;
		Object.assign(window, { worksAgain: () => void (IDBObjectStore.prototype.put = put) });
		IDBObjectStore.prototype.put = function (...args: Parameters<typeof put>) {
			if (this.name === 'journal' && how === 'full') throw new DOMException('no room', 'QuotaExceededError');
			const request = put.apply(this, args);
			if (this.name === 'journal') request.addEventListener('success', () => this.transaction.abort());
			return request;
		};
	}, failure);
}

const worksAgain = (person: Person): Promise<void> =>
	person.page.evaluate(() => (window as unknown as { worksAgain(): void }).worksAgain());

for (const [failure, words] of [
	['full', 'This device has no space left'],
	['aborted', 'It was not saved on this device']
] as const) {
	test(`the journal cannot be written: ${failure}`, async ({ person }) => {
		const [alice, bob] = await Promise.all([person('Alice'), person('Bob')]);
		await gather('Trip', alice, bob);
		await say(alice, 'Before');
		// The request before the refused one ends with the transaction, and nobody is left to wait for it.
		if (failure === 'full') alice.allow(/: page: $/);
		await journalFails(alice, failure);
		await fails(alice, words);
		await worksAgain(alice);
		await succeeds(alice, bob);
	});
}

test('the device database is deleted while open', async ({ person }) => {
	const [alice, bob] = await Promise.all([person('Alice'), person('Bob')]);
	await gather('Trip', alice, bob);
	await say(alice, 'Before');
	await sees(bob, 'Before');
	// Said of whatever still wanted to be written: nobody is left to wait for it.
	alice.allow(/The database connection is closing/);
	const cdp = await alice.context.newCDPSession(alice.page);
	await cdp.send('Storage.clearDataForOrigin', { origin: alice.home, storageTypes: 'indexeddb' });
	// Nothing can be written any more, so nothing is offered that would have to be saved.
	await expect(alice.page.getByText('The browser does not let Skein store anything here')).toBeVisible();
	await expect(alice.page.getByRole('textbox', { name: 'Message', exact: true })).toHaveCount(0);
	for (const text of ['Alice?', 'Are you there?']) {
		await say(bob, text);
		await expect(mark(bob, text, 'Sent')).toBeVisible();
	}
	// What cannot be kept is not said to have arrived.
	await expect(mark(bob, 'Alice?', 'Sent')).toBeVisible();
	// Her keys are gone with it: she begins anew, and comes in again as somebody else.
	await alice.page.goto(alice.home);
	await expect(alice.page.getByRole('textbox', { name: 'Your name' })).toBeVisible();
});

/**
 * In Chromium the quota that a test can set holds for files, so for the read model, and not for IndexedDB, so not for
 * the journal: the message is saved, only the place to look it up in is full.
 */
test('the read model has no room: messages are saved, shown and delivered all the same', async ({
	person
}) => {
	test.setTimeout(120_000);
	const [alice, bob] = await Promise.all([person('Alice'), person('Bob')]);
	await gather('Trip', alice, bob);
	await say(alice, 'Before');
	const cdp = await alice.context.newCDPSession(alice.page);
	await cdp.send('Storage.overrideQuotaForOrigin', { origin: alice.home, quotaSize: 1 });
	const warning = alice.page.getByRole('alert').filter({ hasText: 'This device has no space left' });
	// What the database's file has to spare is used up first.
	const texts: string[] = [];
	await expect(async () => {
		texts.push(`${'full '.repeat(1_500)}${texts.length}.`);
		await say(alice, texts.at(-1) ?? '');
		await expect(warning).toBeVisible({ timeout: 1_000 });
	}).toPass({ timeout: 90_000 });
	await say(alice, 'On a full device');
	await sees(bob, 'On a full device');
	await say(bob, 'Got it');
	await sees(alice, 'Got it');
	await cdp.send('Storage.overrideQuotaForOrigin', { origin: alice.home });
	await expect(warning).toBeHidden({ timeout: 20_000 });
	await alice.page.reload();
	await inConversation(alice, 'Trip');
	for (const text of ['On a full device', 'Got it']) await sees(alice, text);
});
