/**
 * What is deleted for everyone is nowhere (docs/decisions/0027): not in what either person keeps, neither its words nor
 * the sealed bytes of its entries, and not in the relay's file as it lies on the disk.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isPlaceholder } from '../../src/lib/protocol/guard/update';
import { expect, noDirectLinks, test, type RelayProcess } from './fixtures';
import { gather, message, say, sees } from './people';
import type { Person } from './person';
import { documentDatabase, leaveApp, storedEntries } from './resilience/stored-documents';
import { asKept, everythingKept, placesOf } from './what-is-kept';

const wordings = ['canary as it was said', 'canary as it was edited'] as const;
const other = 'this one stays';

/** Of an entry, what nothing else holds: the end of its sealed text and its signature. */
const ownBytesOf = (entry: Uint8Array): Buffer => Buffer.from(entry).subarray(-80);

/** Of these, how many stand in the relay's file, read past LMDB. */
async function onDisk(relay: RelayProcess, entries: readonly Uint8Array[]): Promise<number> {
	const file = await readFile(join(relay.dataDir, 'data.mdb'));
	return entries.filter((entry) => file.includes(ownBytesOf(entry))).length;
}

/** Of these texts and entries, how many are in anything that a person's browser keeps for the app, and where texts are. */
async function kept(
	person: Person,
	texts: readonly string[],
	entries: readonly Uint8Array[]
): Promise<{ readonly texts: number; readonly entries: number; readonly places: readonly string[] }> {
	const all = await everythingKept(person);
	const sealed = await Promise.all(entries.map((entry) => asKept(person, ownBytesOf(entry))));
	return {
		texts: texts.filter((text) => all.includes(text)).length,
		entries: sealed.filter((bytes) => all.includes(bytes)).length,
		places: texts.flatMap((text) => placesOf(text, all))
	};
}

/** Everything of these is there, or nothing. */
async function keeps(
	person: Person,
	texts: readonly string[],
	entries: readonly Uint8Array[],
	isThere: boolean
) {
	const expected = isThere
		? { texts: texts.length, entries: entries.length }
		: { texts: 0, entries: 0, places: [] };
	await expect.poll(() => kept(person, texts, entries), { message: person.name }).toMatchObject(expected);
}

/** Does it, and finds the one message entry that it has made, in this person's document. */
async function entryOf(person: Person, deed: () => Promise<void>): Promise<Uint8Array> {
	const database = documentDatabase(person.page.url(), 1);
	const known = async (): Promise<Set<string>> =>
		new Set(
			(await storedEntries(person, database))
				.filter((entry) => !isPlaceholder(entry))
				.map((entry) => Buffer.from(entry).toString('hex'))
		);
	const before = await known();
	await deed();
	let made: string[] = [];
	await expect
		.poll(async () => (made = [...(await known())].filter((entry) => !before.has(entry))).length)
		.toBe(1);
	return Buffer.from(made[0] ?? '', 'hex');
}

async function choose(person: Person, text: string, action: string): Promise<void> {
	await message(person, text).focus();
	await person.page.keyboard.press('Enter');
	await person.page.getByRole('menuitem', { name: action, exact: true }).click();
}

async function edit(person: Person, from: string, to: string): Promise<void> {
	const field = person.page.getByRole('textbox', { name: 'Message', exact: true });
	await choose(person, from, 'Edit');
	await expect(field).toHaveValue(from);
	await field.fill(to);
	await field.press('Enter');
	await sees(person, to);
}

async function deleteForEveryone(person: Person, text: string): Promise<void> {
	await choose(person, text, 'Delete');
	await person.page.getByRole('alertdialog').getByRole('button', { name: 'Delete for everyone' }).click();
	await sees(person, 'Message deleted');
}

for (const isAway of [false, true])
	test(`what is deleted is in no file of anybody${isAway ? ', also of who was away then' : ''}`, async ({
		person,
		relay
	}) => {
		// Through the relay alone, so that what it is given is not for want of a peer.
		const [alice, bob] = [
			await person('Alice', { args: noDirectLinks }),
			await person('Bob', { args: noDirectLinks })
		];
		await gather('Walks', alice, bob);
		// With her first words her device opens a lane, which is an entry too.
		await say(alice, 'hello');
		const stays = await entryOf(alice, () => say(alice, other));
		const deleted = [
			await entryOf(alice, () => say(alice, wordings[0])),
			await entryOf(alice, () => edit(alice, wordings[0], wordings[1]))
		];
		await sees(bob, wordings[1]);
		// Otherwise nothing below would say anything.
		for (const one of [alice, bob]) await keeps(one, [...wordings, other], [...deleted, stays], true);
		await expect.poll(() => onDisk(relay, [...deleted, stays])).toBe(3);

		const address = bob.page.url();
		if (isAway) await leaveApp(bob);
		await deleteForEveryone(alice, wordings[1]);
		await expect.poll(() => onDisk(relay, deleted)).toBe(0);
		if (isAway) {
			await keeps(bob, wordings, deleted, true);
			await bob.page.goto(address);
		}
		await sees(bob, 'Message deleted');
		for (const again of [false, true])
			for (const one of [alice, bob]) {
				if (again) await one.page.reload();
				await sees(one, 'Message deleted');
				await keeps(one, wordings, deleted, false);
				await keeps(one, [other], [stays], true);
			}
		expect(await onDisk(relay, deleted)).toBe(0);
		expect(await onDisk(relay, [stays])).toBe(1);
	});
