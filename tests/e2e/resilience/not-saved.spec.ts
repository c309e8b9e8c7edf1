/** A message that cannot be saved is not shown as sent: clear words, and the text is still in the composer. */
import type { Person } from '../fixtures';
import { gather, message, say, sees } from '../people';
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

/** What a small write into a database of its own comes to: the browser takes its time to notice a new quota. */
function writeProbe(person: Person): Promise<string> {
	return person.page.evaluate(async () => {
		const opening = indexedDB.open('probe', 1);
		opening.onupgradeneeded = () => opening.result.createObjectStore('rows', { autoIncrement: true });
		const db = await new Promise<IDBDatabase | null>((resolve) => {
			opening.onsuccess = () => resolve(opening.result);
			opening.onerror = () => resolve(null);
		});
		if (db === null) return opening.error?.name ?? 'unknown';
		const tx = db.transaction('rows', 'readwrite', { durability: 'strict' });
		tx.objectStore('rows').add(new Uint8Array(2_048));
		const outcome = await new Promise<string>((resolve) => {
			tx.oncomplete = () => resolve('written');
			tx.onabort = () => resolve(tx.error?.name ?? 'unknown');
		});
		db.close();
		return outcome;
	});
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

test('the device is full', async ({ person }) => {
	const [alice, bob] = await Promise.all([person('Alice'), person('Bob')]);
	await gather('Trip', alice, bob);
	const cdp = await alice.context.newCDPSession(alice.page);
	await cdp.send('Storage.overrideQuotaForOrigin', { origin: alice.home, quotaSize: 1 });
	await expect.poll(() => writeProbe(alice), { timeout: 30_000 }).toBe('QuotaExceededError');
	await fails(alice, 'This device has no space left');
	await cdp.send('Storage.overrideQuotaForOrigin', { origin: alice.home });
	await expect.poll(() => writeProbe(alice)).toBe('written');
	await succeeds(alice, bob);
});

test('the browser does not commit', async ({ person }) => {
	const [alice, bob] = await Promise.all([person('Alice'), person('Bob')]);
	await gather('Trip', alice, bob);
	await alice.page.evaluate(() => {
		const { put } = IDBObjectStore.prototype;
		Object.assign(window, { commitsAgain: () => void (IDBObjectStore.prototype.put = put) });
		IDBObjectStore.prototype.put = function (...args: Parameters<typeof put>) {
			const request = put.apply(this, args);
			if (this.name === 'journal') request.addEventListener('success', () => this.transaction.abort());
			return request;
		};
	});
	await fails(alice, 'It was not saved on this device');
	await alice.page.evaluate(() => (window as unknown as { commitsAgain(): void }).commitsAgain());
	await succeeds(alice, bob);
});
