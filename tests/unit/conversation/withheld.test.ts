import { describe, expect, it } from 'vitest';
import { removeMember } from '../../../src/lib/conversation/group-acts';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import type { HistoryVisibility } from '../../../src/lib/protocol/records';
import { encodeSyncFrame, decodeSyncFrame } from '../../../src/lib/protocol/sync-frames';
import { PeerSync, type PeerSyncPorts } from '../../../src/lib/replicas/peer-sync';
import { meet, type Heard } from './links';
import { group, joinBy, linkOf, type Person } from './people';
import { must } from '../../must';

async function rule({ conversation }: Person, history: HistoryVisibility): Promise<void> {
	const { name, description, picture, whoMayPost, whoMayInvite, approval } = conversation.authority;
	const auth = conversation.identity.conversation;
	const rules = { name, description, picture, whoMayPost, whoMayInvite, approval, history, accepted: [] };
	must(await conversation.write({ type: 'settings', auth, ...rules }));
}

/** Whatever their devices are to do about epochs, until there is nothing. Nobody meets anybody by it. */
async function attend(...people: readonly Person[]): Promise<void> {
	for (const { conversation } of people)
		for (const { duty } of conversation.duties()) must(await conversation.fulfil(duty));
}

const held = ({ conversation }: Person): number[] =>
	conversation
		.inventory()
		.map(({ segment }) => segment)
		.filter((segment) => segment !== 0)
		.sort((a, b) => a - b);

/** A group in which something was said before the rule and after it. */
async function closedGroup(): Promise<Record<'founder' | 'ben' | 'cleo', Person>> {
	const people = await group('ben', 'cleo');
	const { founder, ben, cleo } = people;
	await founder.say('before the rule');
	await rule(founder, 'none');
	await meet(founder, ben);
	await ben.say('under the rule');
	await meet(ben, founder);
	await meet(ben, cleo);
	return people;
}

/** Comes by a new link, and has the control segment alone. */
async function newcomer(to: Person, name: string): Promise<Person> {
	const person = await joinBy(to, await linkOf(to), name, to);
	expect(person.shown).toEqual([]);
	return person;
}

/** Ports of a sync with a peer who takes all, and breaks no rule; the types of the frames go into `sent`. */
const portsInto = (sent: string[]): PeerSyncPorts => ({
	send: (frame) => {
		const { value } = decodeSyncFrame(frame) as { readonly value: { readonly type: string } };
		sent.push(value.type);
		return true;
	},
	queuedBytes: () => 0,
	drained: () => Promise.resolve(),
	violation: (reason) => expect.unreachable(reason),
	heard: () => undefined,
	progress: () => undefined
});

describe('where older messages are not passed on', () => {
	it('a newcomer gets what is said from then on, and not one entry that was there before', async () => {
		const { founder, ben, cleo } = await closedGroup();
		const old = new Set(founder.conversation.keys.ring.held.map(({ id }) => id));
		const nora = await newCameBy(founder);
		await attend(founder);
		await founder.say('with nora');
		const heard: Heard[] = [];
		for (const other of [founder, ben, cleo, founder]) heard.push((await meet(nora, other))[0]);
		await nora.say('hello');
		for (const other of [cleo, ben, founder, cleo]) heard.push((await meet(nora, other))[0]);
		expect(nora.shown).toEqual(['with nora', 'hello']);
		// Nor is one named that was there before.
		expect(new Set(heard.flatMap(({ segments }) => [...segments]))).toEqual(new Set([2]));
		expect(heard.flatMap(({ epochs }) => [...epochs]).filter((id) => old.has(id))).toEqual([]);
		expect(held(nora)).toEqual([2]);
		for (const other of [founder, ben, cleo])
			expect(other.shown).toEqual(['before the rule', 'under the rule', 'with nora', 'hello']);
	});

	it('whoever was away when they came writes where they are, in either order', async () => {
		for (const order of ['newcomer first', 'old members first'] as const) {
			const { founder, ben, cleo } = await closedGroup();
			// Cleo writes while she knows of nobody new, and has not met anybody for some time.
			await cleo.say('said meanwhile');
			const nora = await newCameBy(founder);
			await attend(founder);
			await founder.say('with nora');
			await meet(founder, nora);
			await nora.say('hello');
			await meet(nora, founder);
			const pairs = [
				[nora, cleo],
				[ben, cleo]
			] as const;
			for (const [one, other] of order === 'newcomer first' ? pairs : [...pairs].reverse())
				await meet(one, other);
			await cleo.say('now with nora');
			for (let round = 0; round < 2; round++)
				for (const other of [nora, ben, founder]) await meet(cleo, other);
			expect(nora.shown).toEqual(['with nora', 'hello', 'now with nora']);
			expect(held(nora)).toEqual([2]);
			for (const other of [founder, ben, cleo])
				expect([...other.shown].sort()).toEqual(
					[
						'before the rule',
						'under the rule',
						'said meanwhile',
						'with nora',
						'hello',
						'now with nora'
					].sort()
				);
		}
	});

	it('who comes later is not shown what those before them were, and all write in one place', async () => {
		const { founder, ben } = await closedGroup();
		const nora = await newCameBy(founder);
		await attend(founder);
		await founder.say('with nora');
		await meet(founder, nora);
		const omar = await newCameBy(nora);
		// Nobody is there but a member who came late herself.
		await attend(nora);
		await nora.say('with omar');
		await meet(nora, omar);
		await meet(nora, founder);
		await meet(founder, ben);
		await meet(ben, omar);
		expect([held(nora), held(omar)]).toEqual([[2, 3], [3]]);
		await ben.say('to all');
		for (const other of [omar, nora, founder]) await meet(ben, other);
		expect(omar.shown).toEqual(['with omar', 'to all']);
		expect(nora.shown).toEqual(['with nora', 'with omar', 'to all']);
		expect(held(founder)).toEqual([1, 2, 3]);
	});

	it('whoever writes before they have met anybody begins beyond what the link says', async () => {
		const { founder, ben } = await closedGroup();
		const nora = await newCameBy(founder);
		await nora.say('alone');
		await meet(nora, ben);
		await meet(nora, founder);
		await ben.say('answer');
		await meet(ben, nora);
		expect(nora.shown).toEqual(['alone', 'answer']);
		expect(held(nora)).toEqual([2]);
		await meet(ben, founder);
		expect(founder.shown).toEqual(['before the rule', 'under the rule', 'alone', 'answer']);
	});

	it('a restart changes nothing of it', async () => {
		const { founder, ben } = await closedGroup();
		const nora = await newCameBy(founder);
		await attend(founder);
		await meet(founder, nora);
		for (const person of [founder, nora]) {
			await person.close();
			await person.open();
		}
		await founder.say('with nora');
		await meet(founder, nora);
		await meet(ben, nora);
		expect([nora.shown, held(nora)]).toEqual([['with nora'], [2]]);
	});

	it('a pull for what is older ends at once, is counted, and is no violation', async () => {
		const { founder } = await closedGroup();
		const nora = await newCameBy(founder);
		await attend(founder);
		const sent: string[] = [];
		let withheld = 0;
		const sync = new PeerSync(founder.conversation, {
			...portsInto(sent),
			mayHave: (segment) => founder.conversation.isFor(nora.conversation.account, segment),
			withheld: () => withheld++
		});
		await sync.receive(encodeSyncFrame({ type: 'pull', segment: 1, heads: [] }));
		await expect.poll(() => sent).toEqual(['end']);
		expect(withheld).toBe(1);
	});

	it('what somebody claims to have of before is not missing, and not asked for', async () => {
		const { founder } = await closedGroup();
		const nora = await newCameBy(founder);
		await attend(founder);
		await meet(founder, nora);
		const sent: string[] = [];
		const sync = new PeerSync(nora.conversation, portsInto(sent));
		const claim = { segment: 1, entries: 500, digest: new Uint8Array(8).fill(7) };
		await sync.receive(encodeSyncFrame({ type: 'inventory', segments: [claim] }));
		expect([sync.missing, sync.pulling, sent]).toEqual([0, false, []]);
		// Once the group opens its past again it is.
		await rule(founder, 'since-join');
		await nora.hear(founder, [0]);
		sync.reconsider();
		expect([sync.missing, sync.pulling]).toEqual([500, true]);
	});

	it('opened again, older entries are passed on, and what was said meanwhile stays sealed', async () => {
		const { founder } = await closedGroup();
		const nora = await newCameBy(founder);
		await attend(founder);
		await founder.say('with nora');
		await meet(founder, nora);
		await rule(founder, 'all');
		for (let round = 0; round < 3; round++) {
			await attend(founder, nora);
			await meet(founder, nora);
		}
		// 0023: what was said while the past was open can be read, what was said while it was closed not.
		expect([nora.shown, held(nora)]).toEqual([
			['before the rule', 'with nora'],
			[1, 2]
		]);
	});

	it('what a newcomer will never have keeps no message of before from having been delivered to all', async () => {
		const { founder, ben, cleo } = await closedGroup();
		const place = founder.entryOf('before the rule');
		const nora = await newCameBy(founder);
		await attend(founder);
		for (const other of [ben, cleo, nora]) {
			await meet(founder, other);
			const frontier = await other.conversation.frontier(1_800_000_000_001);
			if (frontier !== null) await founder.conversation.receiveFrontier(frontier);
		}
		const { segment, lane, clock } = place;
		expect(founder.conversation.deliveryOf(segment, lane, clock)).toBe('delivered-to-all');
	});

	it('nobody removes somebody whose older messages they do not hold: those would be void for all', async () => {
		const { founder, ben } = await closedGroup();
		const nora = await newCameBy(founder);
		await attend(founder);
		await meet(founder, nora);
		const role = { type: 'role', auth: founder.identity.conversation, role: 'moderator', caps: [] } as const;
		must(await founder.conversation.write({ ...role, grant: nora.identity.grant }));
		const omar = await newCameBy(founder);
		await attend(founder);
		for (const other of [nora, ben, omar]) await meet(founder, other);
		const removing = (by: Person, whom: Person) =>
			removeMember(
				by.conversation.authority,
				{
					account: by.conversation.account,
					grant: toBase64url(by.identity.grant),
					controlLane: by.conversation.controlLane
				},
				whom.conversation.account,
				{
					capsOf: (grants) => by.conversation.capsOver(grants),
					seesLessThan: (account) => by.conversation.seesLessThan(account),
					joinsByKey: new Map()
				}
			);
		expect(await removing(nora, ben)).toEqual({ ok: false, reason: 'older-member' });
		expect(await removing(nora, omar)).toMatchObject({ ok: true });
		expect(await removing(founder, ben)).toMatchObject({ ok: true });
	});
});

/** Somebody who comes by a new link and is known to whoever made it. */
async function newCameBy(host: Person): Promise<Person> {
	const person = await newcomer(host, 'newcomer');
	await host.hear(person, [0]);
	return person;
}
