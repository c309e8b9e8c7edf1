/** Fixtures of the tests under bad conditions: a bad network, long histories, people behind it. */
import { expect } from '@playwright/test';
import { rm } from 'node:fs/promises';
import { copySeed } from '../../seed/cached-seed';
import type { Seed, SeedOptions } from '../../seed/seed';
import { RelayProcess, test as base, type Person, type PersonOptions } from '../fixtures';
import { browserOpener, Person as People } from '../person';
import { Door, type DoorOptions } from './door';

export { expect } from '@playwright/test';

/** High enough that all messages of a short test are in the document at once (the list is windowed). */
export const tall = { viewport: { width: 1280, height: 2600 } } as const;

interface Fixtures {
	/** Set with `test.use({ doorOptions: … })`. */
	readonly doorOptions: DoorOptions;
	/** A proxy in front of `relay`. */
	readonly door: Door;
	/** A person who reaches the relay through `door` only. */
	readonly outsider: (name: string, options?: PersonOptions) => Promise<Person>;
}

export const test = base.extend<Fixtures>({
	doorOptions: [{}, { option: true }],

	door: async ({ relay, doorOptions }, use) => {
		await using door = await Door.open(relay.url, doorOptions);
		await use(door);
	},

	outsider: async ({ browser, door, launchOptions }, use) => {
		const people: Person[] = [];
		await use(async (name, options = {}) => {
			const person = await People.open(name, door.url, browserOpener(browser, launchOptions, options, null));
			people.push(person);
			return person;
		});
		await Promise.all(people.map((person) => person.close()));
		expect(people.flatMap(({ unexpected }) => unexpected)).toEqual([]);
	}
});

/** Puts a long history into the relay, which is empty and runs. @returns what its link and messages are */
export async function seed(relay: RelayProcess, options: SeedOptions): Promise<Seed> {
	await relay.stop();
	await rm(relay.dataDir, { recursive: true, force: true });
	const seeded = await copySeed(relay.dataDir, options);
	await relay.start();
	return seeded;
}

/** A whole number from the environment, for counts that are larger outside of CI. */
export function count(variable: string, otherwise: number): number {
	const value = Number(process.env[variable] ?? otherwise);
	if (!Number.isSafeInteger(value) || value < 1)
		throw new Error(`${variable} has to be a whole number from 1`);
	return value;
}
