/** Invitations that are used twice, too late or by others, and links to a group that are not what they should be. */
import { expect } from 'vitest';
import { writeJoin } from '../../src/lib/conversation/founding';
import { decodeInviteLink, encodeInviteLink, signingKeysOfSeed } from '../../src/lib/protocol/invite-link';
import { noAuthority } from '../../src/lib/protocol/records';
import { must } from '../must';
import { joinBy, linkOf, newcomerBy, Person } from '../unit/conversation/people';
import { settle } from '../unit/conversation/people-act';
import { World } from '../simulation/authority/world';
import { invite, joinGrant } from '../simulation/authority/steps';
import { goOn, honestGroup, stateOf } from './honest-group';
import type { Row } from './row';

export const invitationRows: readonly Row[] = [
	{
		no: 28,
		input: 'a personal invitation used twice; used by another device than the one that made it',
		outcome: 'the first use counts, in the lane that made it; the others are void (used-up, no-invitation)',
		run: () => {
			const world = new World(1);
			const lane = world.lanes[0];
			if (lane === undefined) throw new Error('the founder has no lane');
			const auth = world.founderGrant;
			const add = (way: 'direct' | 'personal', by = lane) => {
				const account = world.newAccount();
				const isDirect = way === 'direct';
				const { id } = world.say(by, {
					type: 'add',
					auth,
					account,
					way,
					subject: isDirect ? '' : 'i-1',
					grant: isDirect ? '' : joinGrant('i-1', account)
				});
				return { id, account };
			};
			const other = add('direct');
			const others = world.newLane(world.newDevice(other.account), other.id);
			world.say(lane, invite(auth, 'i-1', 'personal', false));
			const uses = [add('personal', others), add('personal'), add('personal')].map(({ id }) => id);
			const log = world.fold().moderationLog();
			const verdicts = uses.map((id) => log.find((event) => event.id === id)?.verdict);
			expect(verdicts[1]).toBe('counts');
			expect(verdicts[2]).toBe('used-up');
			expect(verdicts[0]).not.toBe('counts');
		}
	},
	{
		no: 28,
		input: 'an open link used twice by one person, and by two people at once',
		outcome: 'one person is one grant; both people are in: an open link is for many',
		run: async () => {
			const people = await honestGroup();
			const { founder } = people;
			const link = {
				...(await linkOf(founder)),
				epochSecret: founder.crypto.randomBytes(32)
			};
			const before = founder.conversation.authority.memberByAccount.size;
			const newcomers: Person[] = [];
			for (let i = 0; i < 2; i++) {
				const identityOf = await newcomerBy(founder, link, founder);
				// The group's own keys: what matters here is the join.
				const person = new Person(
					founder.crypto,
					founder.seals,
					identityOf.author,
					identityOf.accountKeys,
					{ ...identityOf.identity, epoch: founder.identity.epoch },
					[]
				);
				await person.open();
				await person.hear(founder);
				newcomers.push(person);
			}
			for (const person of newcomers) {
				for (let i = 0; i < 2; i++) await writeJoin(person.crypto, person.conversation, link, 'again');
				await founder.hear(person);
			}
			expect(founder.conversation.authority.memberByAccount.size).toBe(before + 2);
			await goOn(people);
		}
	},
	{
		no: 28,
		input: 'a join dated after the expiry of its link, or by a key that nobody has published',
		outcome: 'lets nobody in',
		run: () => {
			const world = new World(1);
			const lane = world.lanes[0];
			if (lane === undefined) throw new Error('the founder has no lane');
			world.say(lane, invite(world.founderGrant, 'i-1', 'open', false, -1));
			for (const key of ['i-1', 'i-unknown']) {
				const account = world.newAccount();
				const grant = `j/${key}/${account}`;
				const theirs = world.newLane(world.newDevice(account), grant);
				world.say(theirs, { type: 'join', key, account, grant });
				expect(world.fold().memberByAccount.has(account)).toBe(false);
			}
		}
	},
	{
		no: 28,
		input: 'a personal invitation opened while its maker is away',
		outcome: 'pending until they are back',
		run: async () => {
			const people = await honestGroup();
			const { founder, ben, cleo } = people;
			const terms = { auth: noAuthority, approval: false, kind: 'personal' as const };
			const link = await linkOf(ben, terms);
			for (const person of [founder, cleo]) await person.hear(ben);
			// Ben is away: dora meets Cleo.
			const dora = await joinBy(founder, link, 'dora', cleo);
			for (const person of [cleo, founder]) await person.hear(dora);
			const isIn = ({ conversation: { authority } }: Person): boolean =>
				authority.memberByAccount.has(dora.conversation.account);
			await settle(founder, cleo, dora);
			expect([founder, cleo, dora].map(isIn)).toEqual([false, false, false]);
			expect(dora.shown).toEqual([]);
			expect(dora.conversation.keys.ring.held.every(({ secret }) => secret === null)).toBe(true);
			// Nobody else can let her in by it.
			const { publicKey: subject } = await signingKeysOfSeed(founder.crypto.subtle, link.seed);
			const { account } = dora.identity.certificate;
			const add = { type: 'add', way: 'personal', account, subject } as const;
			must(await founder.conversation.act([{ ...add, auth: founder.identity.conversation }]));
			expect(isIn(founder)).toBe(false);
			await ben.hear(cleo);
			must(await ben.conversation.act([{ ...add, auth: noAuthority }]));
			await settle(founder, ben, cleo, dora);
			expect([founder, ben, cleo, dora].map(isIn)).toEqual([true, true, true, true]);
			expect(dora.shown).toEqual(['one', 'two']);
		}
	},
	{
		no: 29,
		input: 'an invite link with any one of its characters changed, left out or doubled',
		outcome: 'a word on what is wrong (invite-broken, invite-other-version); the address bar is wiped (e2e)',
		run: () => {
			const sound = encodeInviteLink({
				conversation: new Uint8Array(32).fill(1),
				epochSecret: new Uint8Array(32).fill(2),
				epochKind: 'secret',
				meeting: new Uint8Array(16).fill(4),
				seed: new Uint8Array(32).fill(3),
				segment: 4,
				expiresAtMs: 1_800_000_000_000,
				groupName: 'Trip',
				kind: 'open'
			});
			expect(decodeInviteLink(`#${sound}`).ok).toBe(true);
			for (let i = 0; i < sound.length; i++) {
				const other = sound[i] === 'A' ? 'B' : 'A';
				for (const changed of [
					sound.slice(0, i) + other + sound.slice(i + 1),
					sound.slice(0, i) + sound.slice(i + 1),
					sound.slice(0, i) + sound.charAt(i) + sound.slice(i),
					sound.slice(0, i)
				]) {
					if (changed !== sound) expect(decodeInviteLink(changed).ok, `character ${i}`).toBe(false);
				}
			}
		}
	},
	{
		no: 29,
		input: 'a link of a conversation whose secret is not its own',
		outcome: 'meets nobody, reads nothing and is not heard (tests/e2e/bad-input.spec.ts shows the screens)',
		run: async () => {
			const people = await honestGroup();
			const { founder } = people;
			const link = { ...(await linkOf(founder)), epochSecret: new Uint8Array(32).fill(7) };
			const stranger = await newcomerBy(founder, link, founder);
			await writeJoin(stranger.crypto, stranger.conversation, link, 'FORGED');
			expect(stranger.shown).toEqual([]);
			const before = await stateOf(founder);
			await founder.hear(stranger);
			expect(await stateOf(founder)).toEqual(before);
			// Kept apart, in case that key is ever given.
			expect(founder.conversation.quarantined).toBe(1);
		}
	}
];
