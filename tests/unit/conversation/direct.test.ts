import { webcrypto } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldAuthority, mayInvite, type ControlEntry } from '../../../src/lib/conversation/authority';
import { beginDirect, writeDirect } from '../../../src/lib/conversation/direct';
import { toBase64url } from '../../../src/lib/protocol/base64url';
import { sha256, webCryptoPort } from '../../../src/lib/protocol/crypto';
import { directConversationOf, directGrantOf, sortedPair } from '../../../src/lib/protocol/direct';
import { accountIdOf, joinGrantOf, laneOf } from '../../../src/lib/protocol/ids';
import { noAuthority, type KnownRecord } from '../../../src/lib/protocol/records';
import { hpkeSealPort } from '../../../src/lib/protocol/seal';
import { newAccount } from '../../new-account';
import { SeededRandom } from '../../simulation/seeded-random';
import { Person } from './people';
import { propertyRuns } from '../../property-runs';

const random = new SeededRandom(20);
const [annKey, bobKey, eveKey] = [random.bytes(32), random.bytes(32), random.bytes(32)];
const [ann, bob, eve] = [annKey, bobKey, eveKey].map((key) => sha256(key)) as [
	Uint8Array,
	Uint8Array,
	Uint8Array
];
const conversation = directConversationOf(ann, bob);
const id = (bytes: Uint8Array): string => toBase64url(bytes);

/** Who speaks in a lane, and under which grant they claim to. */
interface Speaker {
	readonly key: Uint8Array;
	readonly grant: Uint8Array;
	readonly lane: number;
}

const speaker = (key: Uint8Array, grant: Uint8Array): Speaker => ({
	key,
	grant,
	lane: laneOf(random.bytes(32))
});
const annSpeaks = speaker(annKey, directGrantOf(conversation, ann));
const bobSpeaks = speaker(bobKey, directGrantOf(conversation, bob));
const invitePublicKey = random.bytes(32);
/** Under every grant that she could name. */
const eveSpeaks = [
	directGrantOf(conversation, ann),
	directGrantOf(conversation, eve),
	conversation,
	noAuthority,
	joinGrantOf(conversation, invitePublicKey, eveKey)
].map((grant) => speaker(eveKey, grant));

const certificateOf = ({ key, grant }: Speaker): KnownRecord => ({
	type: 'lane',
	grant,
	account: key,
	device: key,
	agreement: key,
	deviceNumber: 1,
	deviceSignature: random.bytes(64),
	laneSignature: random.bytes(64)
});

function said(by: Speaker, records: readonly KnownRecord[]): ControlEntry[] {
	return [certificateOf(by), ...records].map((record, clock) => ({
		id: id(sha256(Uint8Array.of(by.lane % 256, clock, ...random.bytes(8)))),
		lane: by.lane,
		clock,
		hlc: 1_000 + clock,
		record,
		sound: true
	}));
}

const direct: KnownRecord = { type: 'direct', accounts: sortedPair(ann, bob) };
const settings: KnownRecord = {
	type: 'settings',
	auth: conversation,
	name: 'Mine',
	description: '',
	picture: null,
	whoMayPost: 'owner',
	whoMayInvite: 'members',
	approval: false,
	history: 'all',
	accepted: eveSpeaks.map(({ grant }) => grant)
};
/** What might let somebody in, or put somebody out, in a group. */
const acts: readonly KnownRecord[] = [
	{ type: 'direct', accounts: sortedPair(ann, eve) },
	{ type: 'direct', accounts: sortedPair(bob, eve) },
	{
		type: 'genesis',
		account: eveKey,
		controlLanePublicKey: eveKey,
		commitment: eveKey,
		salt: new Uint8Array(16)
	},
	...[noAuthority, conversation].flatMap((auth): KnownRecord[] => [
		{ type: 'add', auth, account: eveKey, way: 'direct', subject: null },
		{ type: 'add', auth, account: eveKey, way: 'personal', subject: invitePublicKey },
		{ type: 'add', auth, account: eveKey, way: 'approval', subject: eveSpeaks[4]?.grant ?? eveKey },
		{
			type: 'invite',
			auth,
			invitePublicKey,
			agreement: eveKey,
			kind: 'open',
			expiresAtMs: 9_999_999_999_999,
			approval: false
		},
		{ type: 'remove', auth, grants: [directGrantOf(conversation, ann)], caps: [], epoch: null },
		{ type: 'role', auth, grant: directGrantOf(conversation, bob), role: 'moderator', caps: [] }
	]),
	{ type: 'join', invitePublicKey, account: eveKey, signature: new Uint8Array(64) },
	{ type: 'profile', name: 'Somebody' },
	{ type: 'leave' },
	{ ...settings },
	{
		type: 'owner',
		seat: conversation,
		account: annKey,
		grant: directGrantOf(conversation, bob),
		lane: bobSpeaks.lane,
		consent: noAuthority,
		caps: [],
		signature: new Uint8Array(64)
	}
];

describe('authority in a direct conversation', () => {
	it('has its two members by the id alone, and nobody has power', () => {
		const authority = foldAuthority(
			conversation,
			said(annSpeaks, [direct, { type: 'profile', name: 'Ann' }])
		);
		expect(authority.kind).toBe('direct');
		expect([...authority.memberByAccount.keys()].sort()).toEqual([id(ann), id(bob)].sort());
		expect(authority.memberByAccount.get(id(ann))?.name).toBe('Ann');
		expect([...authority.memberByAccount.values()].map(({ role }) => role)).toEqual(['member', 'member']);
		expect(authority.seat).toBeNull();
		expect(mayInvite(authority, id(ann))).toBe(false);
	});

	it('lets both say how long messages last, and nobody else', () => {
		const timer = (afterS: number, auth = noAuthority): KnownRecord => ({
			type: 'timer',
			auth,
			afterS,
			replaces: []
		});
		const own = said(annSpeaks, [direct, timer(3_600)]);
		expect(foldAuthority(conversation, own).timer.afterS).toBe(3_600);
		const both = [...own, ...said(bobSpeaks, [direct, { type: 'profile', name: 'Bob' }, timer(300)])];
		const { timer: held } = foldAuthority(conversation, both);
		expect(held).toMatchObject({ afterS: 300, changes: [{ by: id(ann) }, { by: id(bob) }] });
		const foreign = [
			...eveSpeaks.flatMap((each) => said(each, [timer(60), timer(60, conversation)])),
			...said(annSpeaks, [direct, timer(60, conversation)])
		];
		expect(foldAuthority(conversation, foreign).timer.afterS).toBe(0);
	});

	it('is not founded by a word about another conversation', () => {
		const authority = foldAuthority(conversation, said(annSpeaks, [acts[0] as KnownRecord]));
		expect(authority.founded).toBe(false);
		expect(authority.memberByAccount.size).toBe(0);
	});

	it('lets nobody in, and nobody out, whatever anybody says, in any order', () => {
		const act = fc.constantFrom(...acts);
		const speeches = fc.tuple(
			fc.array(act, { maxLength: 12 }),
			fc.array(act, { maxLength: 12 }),
			...eveSpeaks.map(() => fc.array(act, { maxLength: 8 }))
		);
		fc.assert(
			fc.property(speeches, fc.integer(), ([anns, bobs, ...eves], seed) => {
				const entries = [
					...said(annSpeaks, [direct, ...anns]),
					...said(bobSpeaks, bobs),
					...eves.flatMap((each, i) => said(eveSpeaks[i] as Speaker, each))
				];
				const authority = foldAuthority(conversation, entries);
				expect([...authority.memberByAccount.keys()].sort()).toEqual([id(ann), id(bob)].sort());
				for (const member of authority.memberByAccount.values()) {
					expect(member.left || member.removed).toBe(false);
					expect(member.role).toBe('member');
				}
				expect([...authority.accountByGrant.values()].sort()).toEqual([id(ann), id(bob)].sort());
				expect([...authority.controlLaneByNumber.keys()].sort()).toEqual(
					[annSpeaks.lane, bobSpeaks.lane].sort()
				);
				expect(new Set([...authority.devices.values()].map(({ account }) => account))).toEqual(
					new Set([id(ann), id(bob)])
				);
				expect(authority.openInvites.size + authority.capsByGrant.size + authority.roleById.size).toBe(0);
				expect(authority.whoMayPost).toBe('members');
				const order = new SeededRandom(seed >>> 0);
				const shuffled = entries
					.map((entry) => ({ entry, at: order.below(1_000_000) }))
					.sort((a, b) => a.at - b.at)
					.map(({ entry }) => entry);
				const again = foldAuthority(conversation, shuffled);
				expect([...again.memberByAccount]).toEqual([...authority.memberByAccount]);
			}),
			{ numRuns: propertyRuns(300) }
		);
	});
});

describe('two people who write to each other at the same time', () => {
	const crypto = webCryptoPort(webcrypto as Crypto);

	it('land in one conversation and read each other; a third is not admitted', async () => {
		const [one, two, three] = [await newAccount(crypto), await newAccount(crypto), await newAccount(crypto)];
		const begin = async (own: typeof one, other: typeof one): Promise<Person> => {
			const begun = await beginDirect(crypto, own.author, own.agreement.privateKey, other.certificate);
			if (!begun.ok) throw new Error(begun.reason);
			const person = new Person(crypto, hpkeSealPort(), own.author, own.account, begun.value.identity, []);
			await person.open();
			const ids = [own, other].map((each) => sha256(each.account.publicKey)) as [Uint8Array, Uint8Array];
			expect(await writeDirect(person.conversation, ids, 'name')).toEqual({ ok: true, value: undefined });
			// Said once, however often it is begun.
			const entries = person.conversation.controlEntries.length;
			await writeDirect(person.conversation, ids, 'name');
			expect(person.conversation.controlEntries.length).toBe(entries);
			return person;
		};
		const [ann, bob] = [await begin(one, two), await begin(two, one)];
		await ann.say('hello from Ann');
		await bob.say('hello from Bob');
		expect(id(ann.identity.conversation)).toBe(id(bob.identity.conversation));
		await ann.hear(bob);
		await bob.hear(ann);
		for (const person of [ann, bob]) await person.conversation.project(1);
		expect([...ann.shown].sort()).toEqual(['hello from Ann', 'hello from Bob']);
		expect(ann.shown).toEqual(bob.shown);

		// Somebody who has got at the keys writes under one of the two grants.
		const eve = new Person(
			crypto,
			hpkeSealPort(),
			three.author,
			three.account,
			{ ...ann.identity, ...three.author },
			[]
		);
		await eve.open();
		await eve.hear(ann);
		await eve.say('hello from Eve');
		await ann.hear(eve);
		await bob.hear(eve);
		for (const person of [ann, bob]) await person.conversation.project(1);
		expect(ann.shown).not.toContain('hello from Eve');
		expect(bob.shown).not.toContain('hello from Eve');
		expect(ann.conversation.authority.memberByAccount.has(accountIdOf(three.account.publicKey))).toBe(false);
		for (const person of [ann, bob, eve]) await person.close();
	});
});
