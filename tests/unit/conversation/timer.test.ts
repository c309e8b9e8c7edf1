/** After how long what is said disappears, for everybody (docs/decisions/0035). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	foldAuthority,
	shorterLife,
	type Authority,
	type ControlEntry
} from '../../../src/lib/conversation/authority';
import {
	idOf,
	makeModerator,
	removeMember,
	rightsOf,
	setTimer
} from '../../../src/lib/conversation/group-acts';
import { noAuthority, type KnownRecord } from '../../../src/lib/protocol/records';
import { membershipAuth } from '../../simulation/authority/world';
import { groupOf, ofTwo, sayAt } from './authority-group';
import { GroupTable, type TablePerson } from './group-table';
import { group, type Person } from './people';
import { must } from '../../must';

const hourS = 60 * 60;

function table() {
	const room = new GroupTable();
	const key = room.invite(room.owner, room.conversation);
	const [mo, ben] = [room.join('Mo', key), room.join('Ben', key)];
	const [role] = room.act(room.owner, makeModerator(room.authority, room.actor(room.owner), mo.account));
	const set = (by: TablePerson, afterS: number): ControlEntry =>
		room.act(by, setTimer(room.authority, room.actor(by), afterS))[0] as ControlEntry;
	return { room, mo, ben, role: idOf(role?.id ?? ''), set };
}

const refused = (reason: string) => ({ ok: false, reason });
const saysOf = ({ timer }: Authority): readonly number[] => timer.changes.map(({ afterS }) => afterS);

describe('the timer of a group', () => {
	it('is set by its owner and its moderators, the last one for all; each setting can be read', () => {
		const { room, mo, set } = table();
		expect(room.authority.timer).toEqual({ afterS: 0, standing: [], changes: [] });
		set(room.owner, 7 * 24 * hourS);
		set(mo, hourS);
		expect(room.authority.timer.afterS).toBe(hourS);
		set(room.owner, 0);
		expect(room.authority.timer.afterS).toBe(0);
		expect(saysOf(room.authority)).toEqual([7 * 24 * hourS, hourS, 0]);
		expect(room.authority.timer.changes.map(({ by }) => by)).toEqual([
			room.owner.account,
			mo.account,
			room.owner.account
		]);
		expect(setTimer(room.authority, room.actor(mo), 0)).toEqual(refused('already'));
	});

	it('is nobody else’s to set, with whatever right they claim', () => {
		const { room, ben, role } = table();
		expect(rightsOf(room.authority, room.actor(ben)).timer).toBe(false);
		expect(rightsOf(room.authority, room.actor(room.owner)).timer).toBe(true);
		expect(setTimer(room.authority, room.actor(ben), hourS)).toEqual(refused('not-allowed'));
		const said = [noAuthority, room.conversation, role].map((auth) =>
			room.say(ben, { type: 'timer', auth, afterS: hourS, replaces: [] })
		);
		expect(room.authority.timer.changes).toEqual([]);
		expect(said.map((entry) => room.verdictOn(entry))).toEqual(Array(3).fill('no-authority'));
	});

	it('is not held by a clock that runs ahead: what has heard of a setting replaces it', () => {
		const { room, mo, set } = table();
		const ahead = set(mo, hourS);
		room.entries[room.entries.indexOf(ahead)] = { ...ahead, hlc: Number.MAX_SAFE_INTEGER };
		set(room.owner, 24 * hourS);
		expect(room.authority.timer.afterS).toBe(24 * hourS);
	});

	it('is of several that were set at once the latest; the next replaces them all, that one first', () => {
		const { world, founder, people, auth, promote } = groupOf(1);
		const [mo] = people as [(typeof people)[number]];
		const role = promote(mo);
		const ids = (
			[
				[founder, auth, 50, 300],
				[mo, role, 70, hourS],
				[founder, auth, 60, 0]
			] as const
		).map(([by, cited, hlc, afterS]) =>
			sayAt(world, hlc, by.lane, { type: 'timer', auth: cited, afterS, replaces: [] })
		);
		const { afterS, standing } = world.fold().timer;
		expect(afterS).toBe(hourS);
		expect(standing).toEqual([ids[1], ids[2], ids[0]]);
	});

	it('of two is set by either of them, with no more than that they are in it', () => {
		const { world, lane, direct } = ofTwo();
		world.say(lane, { type: 'timer', auth: membershipAuth, afterS: hourS, replaces: [] });
		expect(world.fold().timer.afterS).toBe(0);
		world.say(lane, direct);
		expect(world.fold().timer.afterS).toBe(hourS);
	});

	it('is what it was before, once the setting counts no more', async () => {
		const { room, mo, set } = table();
		set(room.owner, 24 * hourS);
		const capsOf = room.capsOf;
		const caps = await capsOf(new Set([room.actor(mo).grant]));
		set(mo, hourS);
		expect(room.authority.timer.afterS).toBe(hourS);
		room.act(
			room.owner,
			await removeMember(room.authority, room.actor(room.owner), mo.account, {
				capsOf: async () => caps,
				seesLessThan: () => false,
				joinsByKey: room.facts.joinsByKey
			})
		);
		expect(room.authority.timer.afterS).toBe(24 * hourS);
	});

	it('comes to the same in any order; who has heard of all that was set has the last word', () => {
		const step = fc.record({
			by: fc.constantFrom('owner', 'moderator', 'member'),
			afterS: fc.constantFrom(0, 300, hourS, 24 * hourS),
			hlc: fc.nat({ max: 4 }),
			/** Which of the settings before have been heard of. */
			heard: fc.array(fc.nat({ max: 9 }), { maxLength: 10 })
		});
		fc.assert(
			fc.property(fc.array(step, { maxLength: 10 }), fc.infiniteStream(fc.nat()), (steps, draws) => {
				const { room, mo, ben, role } = table();
				const beginning = [...room.entries];
				const settings: ControlEntry[] = [];
				for (const { by, afterS, hlc, heard } of steps) {
					const known = settings.filter((_, i) => heard.includes(i));
					const { timer } = foldAuthority(room.conversation, [...beginning, ...known]);
					const [who, auth] =
						by === 'owner'
							? [room.owner, room.conversation]
							: by === 'moderator'
								? [mo, role]
								: [ben, noAuthority];
					const replaces = timer.standing.map(idOf);
					const record: KnownRecord = { type: 'timer', auth, afterS, replaces };
					const said = { ...room.say(who, record), hlc };
					room.entries[room.entries.length - 1] = said;
					settings.push(said);
				}
				const { timer } = room.authority;
				const shuffled = room.entries
					.map((entry) => ({ entry, at: draws.next().value }))
					.sort((a, b) => a.at - b.at)
					.map(({ entry }) => entry);
				expect(foldAuthority(room.conversation, shuffled).timer).toEqual(timer);
				expect(timer.changes).toHaveLength(steps.filter(({ by }) => by !== 'member').length);
				room.act(room.owner, setTimer(room.authority, room.actor(room.owner), 2 * hourS));
				expect(room.authority.timer).toMatchObject({ afterS: 2 * hourS, standing: { length: 1 } });
			}),
			{ numRuns: 60 }
		);
	});
});

it('of two lives the shorter one holds; none is longer than any', () => {
	expect([shorterLife(), shorterLife(0, 5), shorterLife(7, 0), shorterLife(7, 5)]).toEqual([0, 5, 7, 5]);
});

describe('a message', () => {
	const lifeOf = (person: Person, text: string): number | null => person.shownAs(text).expiresAfterS;
	const setFor = async (person: Person, afterS: number): Promise<void> => {
		const { authority, account, identity, controlLane } = person.conversation;
		const grant = Buffer.from(identity.grant).toString('base64url');
		const act = setTimer(authority, { account, grant, controlLane }, afterS);
		must(await person.conversation.act(must(act)));
	};

	it('lasts no longer than its author wants all that they say here to last, whatever says it', async () => {
		const { founder, bea } = await group('bea');
		await bea.say('stays');
		bea.ownTimerS = 60;
		await bea.say('goes');
		await bea.write({ type: 'message', text: 'was said elsewhere', forwarded: true });
		await setFor(founder, hourS);
		await bea.hear(founder, [0]);
		await bea.say('goes sooner than the others');
		bea.ownTimerS = 24 * hourS;
		await bea.say('goes with the others');
		await founder.hear(bea);
		for (const person of [founder, bea]) {
			expect(lifeOf(person, 'stays')).toBeNull();
			expect(lifeOf(person, 'goes')).toBe(60);
			expect(lifeOf(person, 'was said elsewhere')).toBe(60);
			expect(lifeOf(person, 'goes sooner than the others')).toBe(60);
			expect(lifeOf(person, 'goes with the others')).toBe(hourS);
		}
	});

	it('lasts as long as its author’s device knew when it was said, on all devices, whatever they hear first', async () => {
		const { founder, bea, cem } = await group('bea', 'cem');
		await setFor(founder, hourS);
		await bea.say('did not know');
		await bea.hear(founder, [0]);
		await bea.say('knew');
		await bea.write({ type: 'message', text: 'wanted it shorter', expiresAfterS: 60 });
		await bea.write({ type: 'message', text: 'wanted it longer', expiresAfterS: 24 * hourS });
		// One hears the messages first, the other the setting.
		await cem.hear(bea, [1]);
		await cem.hear(founder, [0]);
		await founder.hear(bea);
		for (const person of [founder, bea, cem]) {
			expect(lifeOf(person, 'did not know')).toBeNull();
			expect(lifeOf(person, 'knew')).toBe(hourS);
			expect(lifeOf(person, 'wanted it shorter')).toBe(60);
			expect(lifeOf(person, 'wanted it longer')).toBe(hourS);
		}
		await setFor(founder, 0);
		await bea.hear(founder, [0]);
		await bea.say('stays');
		expect(lifeOf(bea, 'stays')).toBeNull();
		expect(lifeOf(bea, 'knew')).toBe(hourS);
	});
});
