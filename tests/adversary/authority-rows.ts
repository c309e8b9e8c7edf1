/** People who do what they may not: members, moderators, former ones, owners. */
import { expect } from 'vitest';
import { mayDelete, mayEdit } from '../../src/lib/conversation/authority';
import { epochsInPace, epochsPerLaneAndHour } from '../../src/lib/conversation/epochs/epoch-pace';
import { toBase64url } from '../../src/lib/protocol/base64url';
import { hlcOfMs } from '../../src/lib/protocol/clock';
import { noAuthority, type KnownRecord } from '../../src/lib/protocol/records';
import { recipientOf } from '../../src/lib/protocol/seal';
import { GroupTable, type TablePerson } from '../unit/conversation/group-table';
import { group, type Person } from '../unit/conversation/people';
import { must } from '../must';
import { current, removalOf, remove, settle } from '../unit/conversation/people-act';
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

const bytesOf = (id: string): Uint8Array => Uint8Array.from(Buffer.from(id, 'base64url'));

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
		run: async () => {
			const people = await honestGroup();
			const { founder, ben, cleo } = people;
			const { segment, lane, clock, id } = founder.entryOf('two');
			const target = { segment, lane, clock, id: bytesOf(id) };
			const edits = await HandLane.begin(cleo.crypto, cleo.identity, 1);
			await edits.say({ type: 'edit', target: target.id, text: 'FORGED', mentions: [] });
			const deletes = await HandLane.begin(cleo.crypto, cleo.identity, 0);
			for (const auth of [noAuthority, founder.identity.conversation, cleo.identity.grant])
				await deletes.say({ type: 'delete', auth, targets: [target] });
			for (const person of [founder, ben]) {
				const before = person.stateOf(1).length;
				await person.conversation.ingest(0, deletes.update(), cleo);
				await person.conversation.ingest(1, edits.update(), cleo);
				await person.conversation.warm();
				expect(person.shown).toEqual(['one', 'two']);
				expect(person.deletions).toEqual([]);
				const two = person.shownMessages.find((message) => message.id === id);
				expect([two?.isDeleted, two?.versions.map(({ text }) => text)]).toEqual([false, ['two']]);
				expect(person.stateOf(1).length).toBeGreaterThan(before);
			}
			await goOn(people);
		}
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
		run: async () => {
			const { founder, ben, cleo, dora } = await group('ben', 'cleo', 'dora');
			const { conversation, grant } = { ...founder.identity, grant: cleo.identity.grant };
			must(
				await founder.conversation.write({
					type: 'role',
					auth: conversation,
					role: 'moderator',
					caps: [],
					grant
				})
			);
			await cleo.hear(founder);
			await remove(founder, ben);
			const auth = bytesOf(cleo.conversation.authority.roleIdByGrant.get(toBase64url(grant)) ?? '');
			const records = await removalOf(cleo.conversation, dora);
			must(await cleo.conversation.act(records.map((record) => ({ ...record, auth }) as KnownRecord)));
			const one = [current(founder), current(cleo)];
			await founder.hear(cleo);
			await cleo.hear(founder);
			await settle(founder, cleo);
			const joined = current(founder) as string;
			expect(current(cleo)).toBe(joined);
			expect(one).not.toContain(joined);
			const parents = founder.conversation.keys.graph.byId.get(joined)?.parts[0]?.parents ?? [];
			expect(parents.map(toBase64url)).toEqual(expect.arrayContaining(one as string[]));
			await founder.say('without both');
			await cleo.hear(founder);
			expect(cleo.shown).toContain('without both');
			for (const gone of [ben, dora]) {
				for (const other of [founder, cleo]) await gone.hear(other);
				expect(isRemoved(founder, gone)).toBe(true);
				expect(gone.conversation.keys.ring.holds(joined, 'control')).toBe(false);
				expect(gone.shown).not.toContain('without both');
			}
		}
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
		outcome:
			'said not to open, not clean, or never named: nobody writes under it, and what is said is read by all',
		run: async () => {
			const people = await honestGroup();
			const { founder, ben, cleo } = people;
			const before = current(founder) as string;
			const recipients = [founder, ben].map(({ identity }) => recipientOf(identity.certificate.agreement));
			const strangers = [cleo.crypto.randomBytes(8)];
			const lane = await HandLane.begin(cleo.crypto, cleo.identity, 0, { hlc: hlcOfMs(1_800_000_000_000) });
			const made: string[] = [];
			for (const sealed of [recipients, [...recipients, ...strangers], strangers, []]) {
				const commitment = cleo.crypto.randomBytes(32);
				made.push(toBase64url(commitment.subarray(0, 16)));
				await lane.say({
					type: 'epoch',
					newcomers: 'secret',
					parents: [bytesOf(before)],
					commitment,
					seals: sealed.map((recipient) => ({
						recipient,
						encapsulated: cleo.crypto.randomBytes(32),
						ciphertext: cleo.crypto.randomBytes(48)
					}))
				});
			}
			for (const person of [founder, ben]) await person.conversation.ingest(0, lane.update(), cleo);
			await settle(founder, ben);
			for (const person of [founder, ben]) {
				expect(made).not.toContain(current(person));
				expect(made.some((id) => person.conversation.keys.ring.holds(id, 'control'))).toBe(false);
			}
			expect(current(founder)).toBe(current(ben));
			const unopened = founder.conversation.controlEntries.flatMap(({ record }) =>
				record.type === 'unopened' ? record.epochs.map(toBase64url) : []
			);
			expect(unopened).toEqual(expect.arrayContaining(made.slice(0, 2)));
			await founder.say('as before');
			await ben.hear(founder);
			expect(ben.shown).toContain('as before');
			// Cleo made no other epoch, and is a member: she is sealed the next.
			await cleo.hear(founder);
			await settle(founder, ben, cleo);
			await goOn(people);
		}
	}
];
