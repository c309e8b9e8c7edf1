/** What happens to a device rather than comes from somebody: damaged disks, cuts, copies. */
import 'fake-indexeddb/auto';
import { expect } from 'vitest';
import { encodeUpdate } from '../../src/lib/protocol/guard/update';
import { salvage } from '../../src/lib/replicas/salvage';
import { loadedKeys, port, soundLane, storeRows } from '../unit/replicas/stored-group';
import { documentOf, goOn, honestGroup, laneRun } from './honest-group';
import type { Row } from './row';

/** How many entries are left of a lane of six whose middle row was damaged. */
async function leftOf(name: string, damage: (row: Uint8Array, i: number) => unknown): Promise<number> {
	const { context, run } = await soundLane(6);
	const rows = [0, 2, 4].map((from, i) =>
		damage(encodeUpdate([{ ...run, start: from, entries: run.entries.slice(from, from + 2) }]), i)
	);
	await storeRows(name, rows);
	await salvage(name, port.subtle, context, () => undefined);
	return (await loadedKeys(name)).length;
}

export const deviceRows: readonly Row[] = [
	{
		no: 38,
		input: 'a stored row that is cut off, zeros, no bytes, or has a flipped bit; all rows zeros',
		outcome: 'set aside; the conversation opens with what is sound, and the rest is fetched again',
		run: async () => {
			const middle =
				(damage: (row: Uint8Array) => unknown) =>
				(row: Uint8Array, i: number): unknown =>
					i === 1 ? damage(row) : row;
			const cases = [
				middle((row) => row.slice(0, -3)),
				middle((row) => new Uint8Array(row.length)),
				middle(() => ({ not: 'bytes' })),
				middle((row) => row.map((byte, at) => (at === 150 ? byte ^ 1 : byte)))
			];
			for (const [i, damage] of cases.entries()) expect(await leftOf(`adversary-${i}`, damage)).toBe(2);
			expect(await leftOf('adversary-zeros', (row) => new Uint8Array(row.length))).toBe(0);
		}
	},
	{
		no: 38,
		input: 'the device database is deleted while open; quota; a write that fails at any moment',
		outcome:
			'its person is told in words; nothing is called saved that is not, and the text stays where it was',
		browser: [
			'the device database is deleted while open',
			'the journal cannot be written: ${failure}',
			'the read model has no room: messages are saved, shown and delivered all the same'
		].map((title) => ({ spec: 'tests/e2e/resilience/not-saved.spec.ts', title }))
	},
	{
		no: 39,
		input: 'power fails between journal and document',
		outcome: 'what was committed is in the document after the start, and goes on in the same lane; no fork',
		run: async () => {
			const people = await honestGroup();
			const { founder, ben } = people;
			const held = await laneRun(founder, 1, ben);
			const before = await documentOf(ben, 1);
			await ben.say('committed');
			await ben.close();
			ben.setBack(1, before);
			await ben.open();
			await ben.conversation.warm();
			expect(ben.shown).toContain('committed');
			await ben.say('after');
			await founder.hear(ben);
			expect(founder.shown.slice(-2)).toEqual(['committed', 'after']);
			expect((await laneRun(founder, 1, ben)).lane).toBe(held.lane);
			expect([founder, ben].map(({ conversation }) => conversation.forks)).toEqual([0, 0]);
			await goOn(people);
		}
	},
	{
		no: 40,
		input: 'a profile copied to a second machine, both go on writing',
		outcome: 'a fork of that lane; each goes on in a new one, and what was said in either is said again',
		run: async () => {
			const people = await honestGroup();
			const { founder, ben } = people;
			const copy = ben.copy();
			await copy.open();
			await ben.say('on the one');
			await copy.say('on the other');
			for (let i = 0; i < 4; i++) {
				for (const each of [ben, copy]) {
					await founder.hear(each);
					await each.hear(founder);
				}
			}
			expect(founder.shown.filter((text) => text.startsWith('on the'))).toHaveLength(2);
			expect(founder.conversation.forks).toBe(1);
			for (const each of [ben, copy]) expect(each.copies).toBeGreaterThan(0);
			expect(founder.copies).toBe(0);
			for (const each of [ben, copy]) {
				await each.say('again');
				await founder.hear(each);
			}
			expect(founder.shown.filter((text) => text === 'again')).toHaveLength(2);
			await goOn(people);
		}
	},
	{
		no: 40,
		input: 'such a copy',
		outcome: 'its person is told, on both, until they put it away',
		browser: [
			{
				spec: 'tests/e2e/resilience/copied-profile.spec.ts',
				title: 'a copied profile: both go on, nothing is lost, and its person is told'
			}
		]
	}
];
