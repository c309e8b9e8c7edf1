/** Profiles of people who are members of a seeded group and have its whole history. */
import { connection, inConversation, join } from '../../e2e/people';
import type { Person } from '../../e2e/person';
import { holds, probedPerson, type Way } from './probed-person';
import { progress } from './report';
import type { Scratch } from './scratch';
import type { SeededRelay } from './seeded-relay';

export interface Member {
	readonly name: string;
	readonly profileDir: string;
	/** From pressing Join to the whole history in the read model, through the relay, in ms. */
	readonly joinedMs: number;
}

/** Joins as a newcomer, fetches everything through the relay, closes the browser. */
export async function newMember(server: SeededRelay, scratch: Scratch, name: string): Promise<Member> {
	const profileDir = scratch.next();
	const person = await probedPerson(name, server.url, { profileDir, way: 'relay' });
	const startMs = Date.now();
	await join(person, server.link, server.seed.groupName);
	const joinedMs = (await holds(person, server.seed.messages)) - startMs;
	// What others hold as well is written when there is time; a browser that is closed at once would fetch it again.
	await person.page.waitForFunction(() => window.probe.pendingWrites() === 0, null, { timeout: 120_000 });
	await person.close();
	progress(`${name} has ${server.seed.messages} messages after ${Math.round(joinedMs)} ms`);
	return { name, profileDir, joinedMs };
}

/** Opens the member's browser again, in the conversation, connected in this way. */
export async function present(server: SeededRelay, member: Member, way: Way): Promise<Person> {
	const person = await probedPerson(member.name, server.url, { profileDir: member.profileDir, way });
	await person.page.goto(`${server.url}/c/${server.seed.conversation}`);
	await inConversation(person, server.seed.groupName);
	return person;
}

/** Resolves when all are connected with one another in this way. */
export async function together(people: readonly Person[], way: Way): Promise<void> {
	const words = way === 'relay' ? /Connected through the relay/ : /^\s*Connected\s*$/;
	await Promise.all(
		people.map((person) => connection(person).filter({ hasText: words }).waitFor({ timeout: 60_000 }))
	);
}
