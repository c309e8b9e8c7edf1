/** What a start shows before the read model has been opened: the store's worker is held back, for as long as it takes. */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import {
	createGroup,
	diagnostics,
	inConversation,
	matches,
	message,
	openConversation,
	say,
	saved,
	sees,
	start
} from './people';
import type { Person } from './person';

test.describe.configure({ timeout: 120_000 });

/** A service worker's own requests cannot be held back. */
const withoutServiceWorker = { serviceWorkers: 'block' } as const;
const workerScript = /\/workers\/worker-[^/]+\.js$/;

/** From now on the read model of every page of this person waits for the returned function. */
async function holdStore({ context }: Person): Promise<() => void> {
	let release = (): void => undefined;
	const held = new Promise<void>((resolve) => (release = resolve));
	await context.route(workerScript, async (route) => {
		await held;
		await route.continue();
	});
	return release;
}

type Row = Record<string, unknown>;

/** Changes what was kept for the next start, from a page of the same origin that is not the app. */
async function changeKept({ page, home }: Person, change: (row: Row) => unknown): Promise<void> {
	await page.goto(`${home}/icon.svg`);
	await page.evaluate(async (source) => {
		const changed = new Function('row', `return (${source})(row)`) as (row: Row) => unknown;
		const opening = indexedDB.open('skein-device');
		await new Promise((resolve) => (opening.onsuccess = resolve));
		const tx = opening.result.transaction('snapshots', 'readwrite');
		const cursor = tx.objectStore('snapshots').openCursor();
		cursor.onsuccess = () => {
			cursor.result?.update(changed(cursor.result.value as Row));
			cursor.result?.continue();
		};
		await new Promise((resolve) => (tx.oncomplete = resolve));
		opening.result.close();
	}, change.toString());
}

/** How many rows are kept for the next start that quote this text: one of the list, one of the conversation. */
const quoting = (page: Page, text: string): Promise<number> =>
	page.evaluate(async (wanted) => {
		const opening = indexedDB.open('skein-device');
		await new Promise((resolve) => (opening.onsuccess = resolve));
		const rows = opening.result.transaction('snapshots').objectStore('snapshots').getAll();
		await new Promise((resolve) => (rows.onsuccess = resolve));
		opening.result.close();
		return rows.result.filter((row: unknown) => JSON.stringify(row).includes(wanted)).length;
	}, text);

async function talked(person: Person): Promise<string> {
	await start(person);
	await createGroup(person, 'Trip');
	for (const text of ['note-1', 'note-2', 'note-3']) await say(person, text);
	await expect.poll(() => quoting(person.page, 'note-3')).toBe(2);
	return person.page.url();
}

test('list and conversation are there before the read model, and can be written in', async ({ person }) => {
	const alice = await person('Alice', withoutServiceWorker);
	await talked(alice);
	const release = await holdStore(alice);
	await alice.page.reload();
	await inConversation(alice, 'Trip');
	expect(await matches(alice, /note-\d/)).toEqual(['note-1', 'note-2', 'note-3']);
	await expect(alice.page.getByRole('navigation', { name: 'Conversations' })).toContainText('note-3');
	const field = alice.page.getByRole('textbox', { name: 'Message', exact: true });
	await field.fill('note-4');
	await field.press('Enter');
	await sees(alice, 'note-4');
	release();
	await saved(alice, 'note-4');
	expect(await matches(alice, /note-\d/)).toEqual(['note-1', 'note-2', 'note-3', 'note-4']);
});

test('what was sent before there was anything to say it with, and what was being written, survive a reload', async ({
	person
}) => {
	const alice = await person('Alice', withoutServiceWorker);
	await talked(alice);
	const release = await holdStore(alice);
	await alice.page.reload();
	await inConversation(alice, 'Trip');
	const field = alice.page.getByRole('textbox', { name: 'Message', exact: true });
	await field.fill('note-4');
	await field.press('Enter');
	await sees(alice, 'note-4');
	await field.pressSequentially('not done');
	await alice.page.reload();
	await inConversation(alice, 'Trip');
	await expect(field).toHaveValue('note-4\nnot done');
	release();
	await field.press('Enter');
	await saved(alice, 'not done');
	await expect(field).toHaveValue('');
	expect(await matches(alice, /note-\d/)).toEqual(['note-1', 'note-2', 'note-3', 'note-4']);
});

test('a conversation can be left and entered before the read model is there', async ({ person }) => {
	const alice = await person('Alice', withoutServiceWorker);
	await talked(alice);
	const release = await holdStore(alice);
	await alice.page.goto(alice.home);
	await openConversation(alice, 'Trip');
	await expect.poll(() => matches(alice, /note-\d/)).toEqual(['note-1', 'note-2', 'note-3']);
	release();
	await say(alice, 'note-4');
});

test('what the read model says replaces what was shown, without moving what is read', async ({ person }) => {
	const alice = await person('Alice', withoutServiceWorker);
	alice.allow(/404/);
	const address = await talked(alice);
	await changeKept(alice, (row) => {
		const messages = row['messages'];
		if (!Array.isArray(messages)) return row;
		const [first, ...others] = messages as Row[];
		const invented = { ...first, id: 'AAAA', text: 'never said' };
		return { ...row, messages: [{ ...first, text: 'changed' }, invented, ...others] };
	});
	const release = await holdStore(alice);
	await alice.page.goto(address);
	await sees(alice, 'never said');
	await sees(alice, 'changed');
	const newest = message(alice, 'note-3');
	const before = await newest.boundingBox();
	release();
	await expect(message(alice, 'never said')).toHaveCount(0);
	await expect.poll(() => matches(alice, /note-\d/)).toEqual(['note-1', 'note-2', 'note-3']);
	expect(before?.y).toBe((await newest.boundingBox())?.y);
});

test('what was damaged or kept for another account is ignored, and counted', async ({ person }) => {
	const alice = await person('Alice', withoutServiceWorker);
	alice.allow(/404/);
	const address = await talked(alice);
	await changeKept(alice, (row) =>
		'messages' in row ? { ...row, messages: 'none' } : { ...row, account: 'another' }
	);
	const release = await holdStore(alice);
	await alice.page.goto(address);
	await expect(alice.page.getByRole('heading', { name: 'Opening Skein' })).toBeVisible();
	release();
	await inConversation(alice, 'Trip');
	await expect.poll(() => matches(alice, /note-\d/)).toEqual(['note-1', 'note-2', 'note-3']);
	const { rejections } = await diagnostics(alice);
	expect(rejections).toContainEqual({ reason: 'snapshot-damaged', count: 1 });
	expect(rejections).toContainEqual({ reason: 'snapshot-account', count: 1 });
});

test('what was begun to be written comes back', async ({ person }) => {
	const alice = await person('Alice', withoutServiceWorker);
	await talked(alice);
	const field = alice.page.getByRole('textbox', { name: 'Message', exact: true });
	await field.fill('half a thou');
	await alice.page.getByRole('link', { name: 'Settings' }).first().click();
	await openConversation(alice, 'Trip');
	await expect(field).toHaveValue('half a thou');
	await alice.page.reload();
	await expect(field).toHaveValue('half a thou');
});
