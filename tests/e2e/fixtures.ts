/**
 * What every test of the app starts with: a relay of its own that serves the built app, and people.
 *
 *     test('two people talk', async ({ relay, person }) => {
 *         const alice = await person('Alice');
 *         await start(alice);
 *
 * `person(name, options)` opens a browser with a blank page; the acts are in people.ts. A test fails if a page of
 * anybody complains of something that the test did not `allow`.
 */
import { expect as baseExpect, test as base } from '@playwright/test';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browserOpener, Person, type PersonOptions } from './person';
import { RelayProcess, type RelayProcessOptions } from './relay-process';

export { noDirectLinks, Person, relayAway, type PersonOptions } from './person';
export { RelayProcess } from './relay-process';

/** Three browsers and a relay share two cores with other tests: what takes a second alone can take ten. */
export const expect = baseExpect.configure({ timeout: 20_000 });

interface Fixtures {
	/** Set with `test.use({ relayOptions: … })`. */
	readonly relayOptions: RelayProcessOptions;
	readonly relay: RelayProcess;
	readonly person: (name: string, options?: PersonOptions) => Promise<Person>;
}

/** A folder for a profile that is kept. */
async function newProfile({ copyOf }: PersonOptions): Promise<string> {
	const profile = await mkdtemp(join(tmpdir(), 'skein-profile-'));
	if (copyOf !== undefined) await cp(copyOf, profile, { recursive: true });
	return profile;
}

export const test = base.extend<Fixtures>({
	relayOptions: [{}, { option: true }],

	relay: async ({ relayOptions }, use, info) => {
		await using relay = await RelayProcess.start(relayOptions);
		await use(relay);
		if (info.status !== info.expectedStatus) await info.attach('relay.log', { body: relay.log });
	},

	person: async ({ browser, relay, launchOptions }, use) => {
		const people: Person[] = [];
		const profiles: string[] = [];
		await use(async (name, options = {}) => {
			const profile = options.keepsProfile ? await newProfile(options) : null;
			if (profile !== null) profiles.push(profile);
			const person = await Person.open(
				name,
				relay.url,
				browserOpener(browser, launchOptions, options, profile),
				profile
			);
			people.push(person);
			return person;
		});
		await Promise.all(people.map((person) => person.close()));
		await Promise.all(
			profiles.map((profile) => rm(profile, { recursive: true, force: true, maxRetries: 3 }))
		);
		expect(people.flatMap(({ unexpected }) => unexpected)).toEqual([]);
	}
});
