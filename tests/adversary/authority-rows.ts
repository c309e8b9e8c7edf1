/** People who do what they may not: members, moderators, former ones, owners. */
import { expect } from 'vitest';
import { mayDelete, mayEdit } from '../../src/lib/conversation/authority';
import { epochsInPace, epochsPerLaneAndHour } from '../../src/lib/conversation/epochs/epoch-pace';
import { toBase64url } from '../../src/lib/protocol/base64url';
import { hlcOfMs } from '../../src/lib/protocol/clock';
import type { KnownRecord } from '../../src/lib/protocol/records';
import { GroupTable, type TablePerson } from '../unit/conversation/group-table';
import type { Person } from '../unit/conversation/people';
import { HandLane } from './hand-lane';
import { goOn, honestGroup, type HonestGroup } from './honest-group';
import type { Row } from './row';

function table(...names: readonly string[]) {
	const group = new GroupTable();
	const key = group.invite(group.owner);
	const people = names.map((name) => group.join(name, key));
	const promote = (person: TablePerson): Uint8Array => {
		const { id } = group.say(group.owner, {
			type: 'role',
			auth: group.conversation,
			grant: person.grant,
			role: 'moderator',
			caps: []
		});
		return Uint8Array.from(Buffer.from(id, 'base64url'));
	};
	const remove = (by: TablePerson, auth: Uint8Array, whom: TablePerson): string => {
		const record: KnownRecord = { type: 'remove', auth, grants: [whom.grant], caps: [], epoch: null };
		return group.verdictOn(group.say(by, record)) ?? 'unknown';
	};
	const isIn = ({ account }: TablePerson): boolean =>
		group.authority.memberByAccount.get(account)?.removed === false;
	return { group, people, promote, remove, isIn };
}

/** Ben was removed; the founder and Cleo know of it, and of all that he had said. */
async function benIsGone(): Promise<HonestGroup> {
	const people = await honestGroup();
	const { founder, ben, cleo } = people;
	const { conversation } = founder;
	const grant = ben.identity.grant;
	const written = await conversation.write({
		type: 'remove',
		auth: conversation.identity.conversation,
		grants: [grant],
		caps: await conversation.capsOver(new Set([toBase64url(grant)])),
		epoch: null
	});
	if (!written.ok) throw new Error(written.reason);
	await cleo.hear(founder);
	return people;
}

const isRemoved = (at: Person, whom: Person): boolean =>
	at.conversation.authority.memberByAccount.get(whom.conversation.account)?.removed ?? false;

/** What Ben says by hand after he was removed reaches everybody and changes nothing. */
async function inVainAfterRemoval(say: (people: HonestGroup) => Promise<readonly HandLane[]>): Promise<void> {
	const people = await benIsGone();
	const { founder, ben, cleo } = people;
	const before = [founder, cleo].map(({ shown, conversation }) => [
		[...shown],
		[...conversation.authority.memberByAccount.values()],
		conversation.authority.name
	]);
	for (const lane of await say(people)) {
		for (const person of [founder, cleo])
			await person.conversation.ingest(lane.segment, lane.update(), 'ben');
	}
	for (const person of [founder, cleo]) await person.conversation.warm();
	const after = [founder, cleo].map(({ shown, conversation }) => [
		[...shown],
		[...conversation.authority.memberByAccount.values()],
		conversation.authority.name
	]);
	expect(after).toEqual(before);
	expect([founder, cleo].map((person) => isRemoved(person, ben))).toEqual([true, true]);
	await goOn(people);
}

const forged = { type: 'message', text: 'FORGED' } as const;

export const authorityRows: readonly Row[] = [
	{
		no: 18,
		input:
			"editing another's message; deleting it as a member, or as a moderator where the author ever moderated",
		outcome: 'has no effect: the fold says who may',
		run: () => {
			const { group, people, promote } = table('Mo', 'Ben', 'Cleo');
			const [mo, ben, cleo] = people as [TablePerson, TablePerson, TablePerson];
			promote(mo);
			const { authority } = group;
			expect(mayEdit(ben.account, cleo.account)).toBe(false);
			expect(mayDelete(authority, cleo.account, ben.account, null)).toBe(false);
			expect(mayDelete(authority, mo.account, cleo.account, 'moderator')).toBe(false);
			expect(mayDelete(authority, cleo.account, cleo.account, null)).toBe(true);
		}
	},
	{
		no: 18,
		input: 'such an edit or deletion as a record in a lane',
		outcome: 'counts for nobody',
		todo: 'messages cannot be edited or deleted yet'
	},
	{
		no: 18,
		input: "an act that cites another's role, or the owner's seat",
		outcome: 'void (no-authority), and in the moderation log as such',
		run: () => {
			const { group, people, promote, remove, isIn } = table('Mo', 'Ben', 'Cleo');
			const [mo, ben, cleo] = people as [TablePerson, TablePerson, TablePerson];
			const role = promote(mo);
			expect([remove(ben, role, cleo), remove(ben, group.conversation, cleo)]).toEqual([
				'no-authority',
				'no-authority'
			]);
			expect(isIn(cleo)).toBe(true);
		}
	},
	{
		no: 19,
		input: 'a removed member goes on: in the lane that the caps list, dated before the removal',
		outcome: 'beyond the caps nothing counts; no clock is asked',
		run: () =>
			inVainAfterRemoval(async ({ founder, ben, cleo }) => {
				await ben.say('FORGED');
				for (const person of [founder, cleo]) await person.hear(ben, [1]);
				return [];
			})
	},
	{
		no: 19,
		input: 'a removed member begins a fresh lane, dated before the removal, for messages and for control',
		outcome: 'lanes that the caps do not list count for nothing',
		run: () =>
			inVainAfterRemoval(async ({ ben }) => {
				const messages = await HandLane.begin(ben.crypto, ben.identity, 1, { hlc: 1 });
				await messages.say(forged, { hlc: 2 });
				const control = await HandLane.begin(ben.crypto, ben.identity, 0, { hlc: 1 });
				await control.say({ type: 'profile', name: 'FORGED' }, { hlc: 2 });
				return [messages, control];
			})
	},
	{
		no: 19,
		input: 'a removed member leaves, consents to own the group, offers it, lets somebody in, renames it',
		outcome: 'without effect, in the listed lane and in fresh ones; leaving has no caps that could be forged',
		run: () =>
			inVainAfterRemoval(async ({ ben, founder }) => {
				const lane = await HandLane.begin(ben.crypto, ben.identity, 0, { hlc: 1 });
				const seat = founder.identity.conversation;
				const { grant } = ben.identity;
				const records: readonly KnownRecord[] = [
					{ type: 'leave' },
					{ type: 'consent', seat },
					{ type: 'offer', seat, grant },
					{ type: 'add', auth: seat, account: ben.crypto.randomBytes(32), way: 'direct', subject: null },
					{ type: 'remove', auth: seat, grants: [founder.identity.grant], caps: [], epoch: null }
				];
				for (const record of records) await lane.say(record);
				return [lane];
			})
	},
	{
		no: 20,
		input: 'a removal whose caps name an entry that does not exist, or a clock to come',
		outcome: 'nothing of that lane counts; the log says what was removed',
		run: () => {
			for (const change of [{ clock: 9_000 }, { id: new Uint8Array(16).fill(9) }]) {
				const { group, people, promote, remove, isIn } = table('Mo', 'Ben');
				const [mo, ben] = people as [TablePerson, TablePerson];
				remove(mo, promote(mo), ben);
				expect(isIn(ben)).toBe(false);
				const cap = { segment: 0, lane: mo.lane, clock: 1, id: new Uint8Array(16), ...change };
				group.say(group.owner, {
					type: 'remove',
					auth: group.conversation,
					grants: [mo.grant],
					caps: [cap],
					epoch: null
				});
				expect([isIn(mo), isIn(ben)]).toEqual([false, true]);
			}
		}
	},
	{
		no: 21,
		input: 'moderators remove each other; one removes the owner; the owner removes themselves',
		outcome: 'all void (protected)',
		run: () => {
			const { group, people, promote, remove, isIn } = table('Mo', 'Max');
			const [mo, max] = people as [TablePerson, TablePerson];
			const [first, second] = [promote(mo), promote(max)];
			const { owner } = group;
			expect([
				remove(mo, first, max),
				remove(max, second, mo),
				remove(mo, first, owner),
				remove(owner, group.conversation, owner)
			]).toEqual(Array(4).fill('protected'));
			expect([mo, max, owner].every(isIn)).toBe(true);
		}
	},
	{
		no: 22,
		input: 'two transfers of one seat; one without consent; one to somebody who was removed',
		outcome: 'the first counts; the others are void',
		run: async () => {
			const { group, people, remove } = table('Mo', 'Ben', 'Cleo');
			const [mo, ben, cleo] = people as [TablePerson, TablePerson, TablePerson];
			const { owner, conversation } = group;
			const give = async (to: TablePerson, consent: Uint8Array): Promise<void> => {
				const caps = await group.capsOf(new Set([toBase64url(owner.grant)]));
				group.say(owner, {
					type: 'owner',
					seat: conversation,
					account: owner.accountKey,
					grant: to.grant,
					lane: to.lane,
					consent,
					caps,
					signature: group.random.bytes(64)
				});
			};
			const consentOf = (person: TablePerson): Uint8Array =>
				Uint8Array.from(
					Buffer.from(group.say(person, { type: 'consent', seat: conversation }).id, 'base64url')
				);
			const ownerNow = (): string | undefined =>
				[...group.authority.memberByAccount.values()].find(({ role }) => role === 'owner')?.account;
			await give(mo, group.random.bytes(32));
			expect(ownerNow()).toBe(owner.account);
			const gone = consentOf(cleo);
			remove(owner, conversation, cleo);
			await give(cleo, gone);
			expect(ownerNow()).toBe(owner.account);
			await give(mo, consentOf(mo));
			await give(ben, consentOf(ben));
			expect(ownerNow()).toBe(mo.account);
		}
	},
	{
		no: 23,
		input: 'two removals at once, each with an epoch of its own',
		outcome: 'both are removed, an epoch joins the two, and neither opens it',
		todo: 'tests/unit/conversation/epochs.test.ts lets two removals race; random histories: `npm run simulate -- --model keys`'
	},
	{
		no: 24,
		input: 'epochs by the dozen from one device, dated ahead, or before their parents',
		outcome: 'at most 32 an hour and lane count, none from the future, none older than its parents',
		run: () => {
			const part = (parents: readonly Uint8Array[]) => ({
				newcomers: 'secret' as const,
				parents,
				commitment: new Uint8Array(32),
				seals: []
			});
			const genesis = new Uint8Array(16);
			const nowMs = 1_800_000_000_000;
			const statements = Array.from({ length: 100 }, (_, clock) => ({
				id: `epoch-${clock}`,
				entryId: `entry-${clock}`,
				counts: true,
				lane: 1,
				clock,
				hlc: hlcOfMs(nowMs + clock),
				part: part([genesis])
			}));
			const latest = hlcOfMs(nowMs + 1_000);
			const taken = epochsInPace(statements, latest);
			expect(taken).toHaveLength(epochsPerLaneAndHour);
			const late = statements.slice(0, 1).map((each) => ({ ...each, hlc: latest + 1 }));
			expect(epochsInPace(late, latest)).toEqual([]);
		}
	},
	{
		no: 24,
		input: 'an epoch with seals that do not open, for people who are not members, or with a false commitment',
		outcome: 'said not to open, not clean, or never named: another epoch follows',
		todo: 'the model of keys spoils seals; not yet run against whole conversations'
	}
];
