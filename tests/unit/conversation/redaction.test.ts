/** What is deleted goes from every device that hears of it, whenever and from whomever (docs/decisions/0027). */
import { describe, expect, it } from 'vitest';
import { fromBase64url } from '../../../src/lib/protocol/base64url';
import { decodeOwnUpdate, isPlaceholder } from '../../../src/lib/protocol/guard/update';
import { noAuthority, type DeleteRecord } from '../../../src/lib/protocol/records';
import { group, joinBy, linkOf, type Person } from './people';

/** Clocks of a lane that stand in a segment without their bytes. */
function holesOf(person: Person, lane: number): readonly number[] {
	const runs = decodeOwnUpdate(person.stateOf(1), Number.MAX_SAFE_INTEGER);
	if (!runs.ok) throw new Error(runs.reason);
	const run = runs.value.find((each) => each.lane === lane);
	return (run?.entries ?? []).flatMap((entry, clock) => (isPlaceholder(entry) ? [clock] : []));
}

/** Ben has said three things, and the founder has heard them. */
async function benHasSpoken() {
	const { founder, ben, cleo } = await group('ben', 'cleo');
	for (const text of ['one', 'two', 'three']) await ben.say(text);
	await founder.hear(ben);
	const { lane } = ben.entryOf('two');
	return { founder, ben, cleo, lane };
}

const recordOf = (by: Person, text: string, auth: Uint8Array): DeleteRecord => {
	const { segment, lane, clock, id } = by.entryOf(text);
	const bytes = fromBase64url(id);
	if (!bytes.ok) throw new Error(bytes.reason);
	return { type: 'delete', auth, targets: [{ segment, lane, clock, id: bytes.value }] };
};

describe('what is deleted', () => {
	it('goes from the device of its author, and from whoever has it', async () => {
		const { founder, ben, lane } = await benHasSpoken();
		const { id } = ben.entryOf('two');
		expect(await ben.delete('two')).toEqual({ ok: true, value: undefined });
		expect(ben.shown).toEqual(['one', 'three']);
		await founder.hear(ben, [0]);
		expect(founder.deletions.map((each) => [each.id, each.author])).toEqual([[id, ben.conversation.account]]);
		for (const person of [ben, founder]) expect(holesOf(person, lane)).toEqual([2]);
		expect(founder.stateOf(1)).toEqual(ben.stateOf(1));
		const journalled = ben.journalled.find((entry) => entry.lane === lane && entry.clock === 2);
		expect(journalled?.bytes.length ?? 0).toBe(0);
		for (const person of [ben, founder])
			expect(person.erasures).toEqual([{ segment: 1, lane, clock: 2, token: expect.any(Uint8Array) }]);
		expect(ben.erasures[0]?.token).toEqual(founder.erasures[0]?.token);
	});

	it('is never stored nor shown where the deletion is heard first', async () => {
		const { founder, ben, cleo, lane } = await benHasSpoken();
		await ben.delete('two');
		await cleo.hear(ben, [0]);
		await cleo.hear(founder, [1]);
		expect(cleo.shown).toEqual(['one', 'three']);
		expect(holesOf(cleo, lane)).toEqual([2]);
		expect(cleo.erasures).toHaveLength(1);
		expect(cleo.stateOf(1)).toEqual(ben.stateOf(1));
	});

	it('is a hole in the history of a newcomer, who can check it', async () => {
		const { founder, ben, lane } = await benHasSpoken();
		await ben.delete('two');
		await ben.delete('three');
		await founder.hear(ben);
		const dora = await joinBy(founder, await linkOf(founder), 'dora', founder);
		expect(dora.shown).toEqual(['one']);
		expect(holesOf(dora, lane)).toEqual([2, 3]);
		expect(dora.stateOf(1)).toEqual(ben.stateOf(1));
		// Both agree that they hold the same, and what comes next stands upon what nobody has.
		const digests = [ben, dora].map(
			(person) => person.conversation.inventory().find(({ segment }) => segment === 1)?.digest
		);
		expect(digests[0]).toEqual(digests[1]);
		await ben.say('four');
		await dora.hear(ben);
		expect(dora.shown).toEqual(['one', 'four']);
	});

	it('waits where the deletion is not known, and goes on once it is', async () => {
		const { ben, cleo, lane } = await benHasSpoken();
		await ben.delete('two');
		await cleo.hear(ben, [1]);
		expect(cleo.shown).toEqual(['one']);
		expect(cleo.rejected).toContain('unexplained-placeholder');
		await cleo.hear(ben);
		expect(cleo.shown).toEqual(['one', 'three']);
		expect(holesOf(cleo, lane)).toEqual([2]);
	});

	it('stays away after a restart, also from a disk that had it', async () => {
		const { founder, ben, cleo, lane } = await benHasSpoken();
		await cleo.hear(ben);
		const before = cleo.stateOf(1);
		await ben.delete('two');
		await cleo.hear(ben, [0]);
		await cleo.close();
		// A crash before the disk had let go.
		cleo.setBack(1, before);
		await cleo.open();
		await cleo.conversation.project(1);
		expect(holesOf(cleo, lane)).toEqual([2]);
		expect(cleo.shown).toEqual(['one', 'three']);
		await cleo.hear(founder);
		expect(cleo.stateOf(1)).toEqual(ben.stateOf(1));
		await cleo.close();
		await cleo.open();
		await cleo.conversation.project(1);
		expect(holesOf(cleo, lane)).toEqual([2]);
	});

	it('goes from segments that nobody has loaded', async () => {
		const { ben, cleo, lane } = await benHasSpoken();
		await cleo.hear(ben);
		await cleo.close();
		await cleo.open();
		expect(cleo.conversation.loadedSegments).toEqual([0]);
		await ben.delete('two');
		await cleo.hear(ben, [0]);
		await cleo.conversation.document(0);
		expect(holesOf(cleo, lane)).toEqual([2]);
	});
});

describe('who may delete', () => {
	it('nobody else’s words, as a plain member', async () => {
		const { ben, cleo, lane } = await benHasSpoken();
		await cleo.hear(ben);
		expect(await cleo.delete('two')).toEqual({ ok: false, reason: 'not-allowed' });
		for (const auth of [noAuthority, cleo.conversation.identity.conversation]) {
			await cleo.conversation.write(recordOf(cleo, 'two', auth));
			await ben.hear(cleo);
		}
		for (const person of [ben, cleo]) expect(holesOf(person, lane)).toEqual([]);
		expect(ben.shown).toEqual(['one', 'two', 'three']);
	});

	it('everybody’s, as the owner, and of plain members as a moderator', async () => {
		const { founder, ben, cleo, lane } = await benHasSpoken();
		const role = await founder.conversation.write({
			type: 'role',
			auth: founder.conversation.identity.conversation,
			grant: cleo.identity.grant,
			role: 'moderator',
			caps: []
		});
		expect(role.ok).toBe(true);
		await founder.say('mine');
		await cleo.hear(founder);
		expect(await cleo.delete('one')).toMatchObject({ ok: true });
		expect(await cleo.delete('mine')).toEqual({ ok: false, reason: 'protected' });
		expect(await founder.delete('two')).toMatchObject({ ok: true });
		await ben.hear(founder);
		await ben.hear(cleo);
		expect(ben.shown).toEqual(['three', 'mine']);
		expect(holesOf(ben, lane)).toEqual([1, 2]);
	});

	it('and no other entry than the one that is named', async () => {
		const { founder, ben, lane } = await benHasSpoken();
		const record = recordOf(ben, 'two', noAuthority);
		const [target] = record.targets;
		if (target === undefined) throw new Error('no target');
		await ben.conversation.write({ ...record, targets: [{ ...target, id: target.id.toReversed() }] });
		await founder.hear(ben);
		for (const person of [ben, founder]) expect(holesOf(person, lane)).toEqual([]);
	});
});
