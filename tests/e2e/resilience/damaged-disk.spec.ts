/** Rows of a document and files of the read model are damaged while the app is closed: it opens, heals, and says so. */
import * as Y from 'yjs';
import { markerOf } from '../../seed/message-texts';
import { relayAway, type Person } from '../fixtures';
import {
	diagnostics,
	gather,
	inConversation,
	join,
	keptForOffline,
	mark,
	matches,
	say,
	sees
} from '../people';
import { count, expect, seed, tall, test } from './resilience-test';
import { damageFiles, damageRows, documentDatabase, leaveApp, type Damage } from './stored-documents';

const messages = 12;
const shown = /(?:alice|bob) \d\d\./;
const texts = Array.from(
	{ length: messages },
	(_, i) => `${i % 2 === 0 ? 'alice' : 'bob'} ${String(i).padStart(2, '0')}.`
);

/** A Y.js update that deletes; and one in the other encoding. */
function foreignUpdates(): { readonly deleting: number[]; readonly versionTwo: number[] } {
	const doc = new Y.Doc();
	doc.getMap('e').set('a', new Uint8Array(3));
	doc.getMap('e').delete('a');
	return { deleting: [...Y.encodeStateAsUpdate(doc)], versionTwo: [...Y.encodeStateAsUpdateV2(doc)] };
}

async function talk(alice: Person, bob: Person): Promise<void> {
	await gather('Trip', alice, bob);
	for (const [i, text] of texts.entries()) {
		const [from, to] = i % 2 === 0 ? [alice, bob] : [bob, alice];
		await say(from, text);
		await sees(to, text);
	}
	for (const person of [alice, bob]) {
		const own = texts.findLast((text) => text.startsWith(person.name.toLowerCase())) ?? '';
		await expect(mark(person, own, 'Delivered')).toBeVisible({ timeout: 20_000 });
	}
}

async function healed(alice: Person, bob: Person, address: string, damagedRows: number): Promise<void> {
	await alice.page.goto(address);
	await inConversation(alice, 'Trip');
	await expect.poll(() => matches(alice, shown), { timeout: 20_000 }).toEqual(texts);
	const entriesOf = async (person: Person): Promise<number> =>
		(await diagnostics(person)).conversations[0]?.segments.reduce((sum, { entries }) => sum + entries, 0) ??
		0;
	const whole = await entriesOf(bob);
	await expect.poll(() => entriesOf(alice), { timeout: 40_000 }).toBe(whole);
	const events = (await diagnostics(alice)).recentEvents.map(({ text }) => text);
	const told = events.flatMap((text) => /^(\d+) damaged rows/.exec(text)?.[1] ?? []);
	expect(told.reduce((sum, rows) => sum + Number(rows), 0)).toBeGreaterThanOrEqual(damagedRows);
	await say(alice, 'alice again');
	await sees(bob, 'alice again');
	await say(bob, 'bob again');
	await sees(alice, 'bob again');
	await alice.page.reload();
	await inConversation(alice, 'Trip');
	await expect.poll(() => matches(alice, shown)).toEqual(texts);
	await sees(alice, 'alice again');
	await sees(alice, 'bob again');
	expect((await diagnostics(alice)).conversations[0]?.forks).toBe(0);
}

const { deleting, versionTwo } = foreignUpdates();
const cases: readonly (readonly [string, readonly Damage[]])[] = [
	[
		'rows of the messages are cut, zeroed, foreign',
		[
			{ kind: 'truncate', row: 5 },
			{ kind: 'zero', row: 7 },
			{ kind: 'add', bytes: deleting },
			{ kind: 'add', bytes: versionTwo },
			{ kind: 'add', bytes: [] }
		]
	],
	[
		'first rows are gone or no bytes at all',
		[
			{ kind: 'text', row: 0 },
			{ kind: 'zero', row: 1 },
			{ kind: 'zero', row: 2 }
		]
	]
];

for (const [what, damages] of cases) {
	test(`documents: ${what}`, async ({ person }) => {
		test.setTimeout(180_000);
		const [alice, bob] = await Promise.all([person('Alice', tall), person('Bob', tall)]);
		await talk(alice, bob);
		const address = await leaveApp(alice);
		await damageRows(alice, documentDatabase(address, 1), damages);
		await healed(alice, bob, address, damages.length);
	});
}

test('documents: the control segment is damaged', async ({ person }) => {
	test.setTimeout(180_000);
	const [alice, bob] = await Promise.all([person('Alice', tall), person('Bob', tall)]);
	await talk(alice, bob);
	// Bob's side, whose right to write stands in the rows that go.
	const address = await leaveApp(bob);
	await damageRows(bob, documentDatabase(address, 0), [
		{ kind: 'zero', row: 0 },
		{ kind: 'truncate', row: 1 },
		{ kind: 'add', bytes: deleting }
	]);
	await bob.page.goto(address);
	await inConversation(bob, 'Trip');
	await expect.poll(() => matches(bob, shown), { timeout: 20_000 }).toEqual(texts);
	await say(bob, 'bob again');
	await sees(alice, 'bob again', 40_000);
	await say(alice, 'alice again');
	await sees(bob, 'alice again', 40_000);
	const report = await diagnostics(bob);
	expect(report.recentEvents.some(({ text }) => /damaged rows of segment 0/.test(text))).toBe(true);
	expect(report.conversations[0]?.forks).toBe(0);
});

const historyMessages = count('HISTORY_MESSAGES', 11_000);
const patienceMs = 120_000 + historyMessages * 10;

test('read model: its files are gone, then overwritten', async ({ person, relay }) => {
	test.setTimeout(patienceMs * 3);
	const seeded = await seed(relay, { messages: historyMessages, authors: 5 });
	const nora = await person('Nora');
	await join(nora, `${nora.home}/join#${seeded.fragment}`, seeded.groupName);
	const stored = async (): Promise<number> => (await diagnostics(nora)).storage.messages;
	await expect.poll(stored, { timeout: patienceMs, intervals: [2_000] }).toBe(historyMessages);
	// From here on everything has to come from this device's documents, the app itself too.
	await keptForOffline(nora);
	await relay.stop();
	nora.allow(relayAway);
	for (const how of ['delete', 'overwrite'] as const) {
		const address = await leaveApp(nora);
		expect(await damageFiles(nora, how)).toBeGreaterThan(0);
		await nora.page.goto(address);
		const progress = nora.page.getByRole('status').filter({ hasText: 'Preparing your messages' });
		await expect(progress).toBeVisible({ timeout: 20_000 });
		await inConversation(nora, seeded.groupName);
		await sees(nora, seeded.newestText, 60_000);
		expect(await progress.isVisible(), 'the newest messages are there before the rest').toBe(true);
		await expect(progress).toBeHidden({ timeout: patienceMs });
		expect(await stored()).toBe(historyMessages);
		const field = nora.page.getByRole('searchbox').first();
		for (const index of [0, historyMessages >> 1, historyMessages - 1]) {
			await field.fill(markerOf(index));
			await expect(nora.page.getByText('1 message found')).toBeVisible({ timeout: 60_000 });
		}
		await field.fill('');
	}
});
