/** Who is attacked: real conversations of three people with a few messages, and what must stay as it was. */
import * as Y from 'yjs';
import { expect } from 'vitest';
import type { IngestReport } from '../../src/lib/conversation/conversation';
import { decodeUpdate, type LaneRun } from '../../src/lib/protocol/guard/update';
import { group, type Person } from '../unit/conversation/people';

export type HonestGroup = Readonly<Record<'founder' | 'ben' | 'cleo', Person>>;

export async function honestGroup(): Promise<HonestGroup> {
	const people = await group('ben', 'cleo');
	await people.founder.say('one');
	await people.ben.hear(people.founder);
	await people.ben.say('two');
	await people.founder.hear(people.ben);
	await people.cleo.hear(people.founder);
	return people;
}

/** A segment's document as bytes, a whole sound update. */
export async function documentOf(person: Person, segment: number): Promise<Uint8Array> {
	const { doc } = await person.conversation.document(segment);
	expect(doc.store.pendingStructs).toBeNull();
	return Y.encodeStateAsUpdate(doc);
}

/** The lane of a segment that an author has begun first, as somebody else holds it. */
export async function laneRun(holder: Person, segment: number, author: Person): Promise<LaneRun> {
	const { doc } = await holder.conversation.document(segment);
	const runs = decodeUpdate(Y.encodeStateAsUpdate(doc));
	const own = runs.ok ? runs.value.find(({ lane }) => author.conversation.isOwnLane(lane)) : undefined;
	if (own === undefined) throw new Error('the author has no lane there');
	return own;
}

/** What must not change: documents byte for byte, what is shown, who is in, what the group is called. */
export async function stateOf(person: Person): Promise<unknown> {
	const { authority } = person.conversation;
	return {
		documents: [await documentOf(person, 0), await documentOf(person, 1)],
		shown: [...person.shown],
		name: authority.name,
		members: [...authority.memberByAccount.values()],
		seat: authority.seat,
		forks: person.conversation.forks
	};
}

/** Hands an update in, and sees that the person's state is the same afterwards. */
export async function ingestInVain(
	person: Person,
	update: Uint8Array,
	segment = 1,
	origin: unknown = 'somebody'
): Promise<IngestReport> {
	const before = await stateOf(person);
	const report = await person.conversation.ingest(segment, update, origin);
	expect(report.admitted).toBe(0);
	expect(await stateOf(person)).toEqual(before);
	return report;
}

/** The same, for what is refused: with this reason, which is counted. */
export async function expectRefused(
	person: Person,
	update: Uint8Array,
	reason: string | readonly string[],
	segment = 1
): Promise<void> {
	const counted = person.rejected.length;
	const report = await ingestInVain(person, update, segment);
	const reasons = [reason].flat();
	expect(report.violations).toHaveLength(1);
	expect(reasons).toContain(report.violations[0]);
	expect(person.rejected.slice(counted)).toEqual(report.violations);
}

/** Whoever was attacked goes on: what they say now arrives, and the other way round. */
export async function goOn({ founder, cleo }: HonestGroup, text = 'still here'): Promise<void> {
	await founder.say(text);
	await cleo.hear(founder);
	expect(cleo.shown.at(-1)).toBe(text);
	await cleo.say(`${text}, too`);
	await founder.hear(cleo);
	expect(founder.shown.at(-1)).toBe(`${text}, too`);
}
