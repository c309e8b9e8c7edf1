/** Records at their limits: what is just written and read, and what neither a writer nor a reader takes. */
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../../src/lib/protocol/bytes';
import { kindForInvites, revealsPast } from '../../../src/lib/protocol/epoch-records';
import { greetingTextLimitBytes } from '../../../src/lib/protocol/greeting-record';
import { padmeLength } from '../../../src/lib/protocol/padding';
import {
	classOf,
	codecs,
	decodeRecord,
	encodeFields,
	encodeRecord,
	type KnownRecord
} from '../../../src/lib/protocol/records';
import { pictureLimitBytes } from '../../../src/lib/protocol/small-picture';
import { soundRecords } from '../../simulation/sound-records';
import { SeededRandom } from '../../simulation/seeded-random';

const fill = (length: number, byte = 7): Uint8Array => new Uint8Array(length).fill(byte);
/** So many ids of a length, in order. */
const ids = (count: number, length = 32): Uint8Array[] =>
	Array.from({ length: count }, (_, i) => Uint8Array.of(i >> 8, i & 255, ...fill(length - 2)));

const encoded = (record: KnownRecord): Uint8Array => encodeRecord({ hlc: 1, deps: [], record });
const readBack = (record: KnownRecord): unknown => decodeRecord(encoded(record), classOf(record.type));
const forged = (type: keyof typeof codecs, write: (writer: ByteWriter) => unknown): unknown => {
	const writer = new ByteWriter().u8(codecs[type].number).varuint(1).u8(0);
	write(writer);
	return decodeRecord(writer.done(), codecs[type].class);
};
const malformed = (reason: string): object => ({ ok: false, reason });

const auth = fill(32, 1);
const settings = {
	type: 'settings',
	auth,
	name: 'n',
	description: '',
	picture: null,
	whoMayPost: 'members',
	whoMayInvite: 'owner',
	approval: false,
	history: 'none',
	accepted: []
} as const;
const seal = { recipient: fill(8), encapsulated: fill(32), ciphertext: fill(48) };
const epoch = {
	type: 'epoch',
	newcomers: 'approved',
	parents: ids(1, 16),
	commitment: fill(32),
	seals: []
} as const;
const link = { epoch: fill(16), control: fill(48), secret: null };
const past = { type: 'past', epoch: fill(16), links: [link] } as const;
const sealed = { type: 'seal', epoch: fill(16), kind: 'secret', seals: [seal] } as const;
const unopened = { type: 'unopened', recipient: fill(8), epochs: ids(1, 16) } as const;
const target = { segment: 1, lane: 5, clock: 1, id: fill(32) };
const deletion = { type: 'delete', auth, targets: [target] } as const;
const greeting = { type: 'greeting', encapsulated: fill(32), ciphertext: fill(48) } as const;
const cap = { segment: 0, lane: 5, clock: 1, id: fill(16) };
const role = { type: 'role', auth, grant: fill(32), role: 'member', caps: [cap] } as const;
const remove = { type: 'remove', auth, grants: ids(1), caps: [], epoch: null } as const;
const message = { type: 'message', text: 't' } as const;
const targets = (count: number): (typeof target)[] =>
	Array.from({ length: count }, (_, i) => ({ ...target, clock: i + 1 }));
const longestGreeting = padmeLength(greetingTextLimitBytes + 3) + 16;

describe('records just within their limits', () => {
	it.each<[string, KnownRecord]>([
		[
			'a name of 256 bytes, a description of 1 024',
			{ ...settings, name: 'n'.repeat(256), description: 'd'.repeat(1_024) }
		],
		['the largest picture', { ...settings, picture: fill(pictureLimitBytes) }],
		['the smallest picture', { ...settings, picture: fill(1) }],
		['1 500 grants that stay', { ...settings, accepted: ids(1_500) }],
		['a profile of 256 bytes', { type: 'profile', name: 'n'.repeat(256) }],
		['an epoch of eight parents', { ...epoch, parents: ids(8, 16) }],
		['an epoch from the first segment on', { ...epoch, newcomers: 'none', firstSegment: 1 }],
		['an epoch from the last there is', { ...epoch, newcomers: 'none', firstSegment: 65_535 }],
		['320 seals', { ...epoch, seals: Array(320).fill(seal) }],
		[
			'a past of eight links',
			{ ...past, links: ids(8, 16).map((each) => ({ ...link, epoch: each, secret: fill(48) })) }
		],
		['320 seals said again', { ...sealed, seals: Array(320).fill(seal) }],
		['sixteen epochs that do not open', { ...unopened, epochs: ids(16, 16) }],
		['65 targets', { ...deletion, targets: targets(65) }],
		[
			'the last place there is',
			{ ...deletion, targets: [{ ...target, segment: 65_535, clock: 2 ** 31 - 1 }] }
		],
		['the longest greeting', { ...greeting, ciphertext: fill(longestGreeting) }],
		['the shortest greeting', greeting],
		['1 000 caps', { ...role, caps: Array.from({ length: 1_000 }, (_, i) => ({ ...cap, lane: i })) }],
		['no caps', { ...role, caps: [] }],
		['32 grants to remove', { ...remove, grants: ids(32) }],
		['two accounts', { type: 'direct', accounts: ids(2) }],
		['16 KiB of text', { ...message, text: 't'.repeat(16 * 1024) }],
		[
			'twelve options of 256 bytes',
			{ ...message, poll: { several: true, options: Array<string>(12).fill('o'.repeat(256)) } }
		],
		['32 mentions', { ...message, mentions: ids(32) }],
		['all twelve choices', { type: 'vote', target: fill(32), choices: [...Array(12).keys()] }],
		['64 bytes of an emoji', { type: 'reaction', target: fill(32), emoji: 'e'.repeat(64), on: false }]
	])('%s', (_, record) => {
		expect(readBack(record)).toEqual({ ok: true, value: { hlc: 1, deps: [], record } });
	});
});

describe('records just beyond them are not written', () => {
	it.each<[string, KnownRecord]>([
		['no name', { ...settings, name: '' }],
		['a name too long', { ...settings, name: 'n'.repeat(257) }],
		['a description too long', { ...settings, description: 'd'.repeat(1_025) }],
		['a picture of nothing', { ...settings, picture: fill(0) }],
		['a picture too large', { ...settings, picture: fill(pictureLimitBytes + 1) }],
		['too many grants that stay', { ...settings, accepted: ids(1_501) }],
		['a nameless profile', { type: 'profile', name: '' }],
		['an epoch from nothing', { ...epoch, parents: [] }],
		['an epoch that begins nowhere', { ...epoch, newcomers: 'none' }],
		['an epoch that begins too far', { ...epoch, newcomers: 'none', firstSegment: 65_536 }],
		['nine parents', { ...epoch, parents: ids(9, 16) }],
		['a parent of another length', { ...epoch, parents: [fill(15)] }],
		['321 seals', { ...epoch, seals: Array(321).fill(seal) }],
		['a seal for nobody', { ...epoch, seals: [{ ...seal, recipient: fill(7) }] }],
		['a seal with another key', { ...epoch, seals: [{ ...seal, encapsulated: fill(33) }] }],
		['a seal of another length', { ...epoch, seals: [{ ...seal, ciphertext: fill(47) }] }],
		['no seals said again', { ...sealed, seals: [] }],
		['a past without links', { ...past, links: [] }],
		['a past of nine', { ...past, links: ids(9, 16).map((each) => ({ ...link, epoch: each })) }],
		['a parent linked twice', { ...past, links: [link, link] }],
		['a link to another length', { ...past, links: [{ ...link, epoch: fill(17) }] }],
		['a link of another length', { ...past, links: [{ ...link, control: fill(47) }] }],
		['a secret of another length', { ...past, links: [{ ...link, secret: fill(49) }] }],
		['nothing that does not open', { ...unopened, epochs: [] }],
		['seventeen of them', { ...unopened, epochs: ids(17, 16) }],
		['no target', { ...deletion, targets: [] }],
		['66 targets', { ...deletion, targets: targets(66) }],
		['a target twice', { ...deletion, targets: [target, { ...target, id: fill(32, 9) }] }],
		['a control entry', { ...deletion, targets: [{ ...target, segment: 0 }] }],
		['a segment too far', { ...deletion, targets: [{ ...target, segment: 65_536 }] }],
		['a lane’s first entry', { ...deletion, targets: [{ ...target, clock: 0 }] }],
		['a clock too far', { ...deletion, targets: [{ ...target, clock: 2 ** 31 }] }],
		['half an id', { ...deletion, targets: [{ ...target, id: fill(16) }] }],
		['a greeting with another key', { ...greeting, encapsulated: fill(31) }],
		['a greeting too short', { ...greeting, ciphertext: fill(47) }],
		['a greeting too long', { ...greeting, ciphertext: fill(longestGreeting + 1) }],
		['a lane capped twice', { ...role, caps: [cap, { ...cap, clock: 4 }] }],
		['a cap by less of an id', { ...role, caps: [{ ...cap, id: fill(15) }] }],
		['too many caps', { ...role, caps: Array.from({ length: 1_001 }, (_, i) => ({ ...cap, lane: i })) }],
		['nobody to remove', { ...remove, grants: [] }],
		['33 to remove', { ...remove, grants: ids(33) }],
		['one account', { type: 'direct', accounts: ids(1) }],
		['three accounts', { type: 'direct', accounts: ids(3) }],
		['an add without its subject', { type: 'add', auth, account: fill(32), way: 'approval', subject: null }],
		[
			'one with a subject too many',
			{ type: 'add', auth, account: fill(32), way: 'direct', subject: fill(32) }
		],
		['thirteen options', { ...message, poll: { several: false, options: Array<string>(13).fill('o') } }],
		['an option too long', { ...message, poll: { several: false, options: ['o', 'o'.repeat(257)] } }],
		['an option of nothing', { ...message, poll: { several: false, options: ['o', ''] } }],
		['an expiry too late', { ...message, expiresAfterS: 365 * 24 * 60 * 60 + 1 }],
		['half a thread', { ...message, thread: fill(31) }],
		['half a choice', { type: 'vote', target: fill(32), choices: [1.5] }],
		['a text too long', { ...message, text: 't'.repeat(16 * 1024 + 1) }],
		['no words at all', { type: 'edit', target: fill(32), text: '', mentions: [] }],
		['an edit of nothing', { type: 'edit', target: fill(31), text: 't', mentions: [] }]
	])('%s', (_, record) => {
		expect(() => encoded(record)).toThrow(RangeError);
	});
});

describe('records just beyond them are not read', () => {
	const anEpoch = (w: ByteWriter): ByteWriter => w.u8(0).varuint(1).raw(fill(16)).raw(fill(32));
	const place = (w: ByteWriter, segment: number, clock: number): ByteWriter =>
		w.raw(auth).varuint(1).varuint(segment).varuint(5).varuint(clock).raw(fill(32));
	const twoLinks = (w: ByteWriter, first: number, second: number): ByteWriter =>
		[first, second].reduce(
			(writer, byte) => writer.raw(fill(16, byte)).raw(fill(48)).u8(0),
			w.raw(fill(16)).varuint(2)
		);

	it.each<[string, keyof typeof codecs, (w: ByteWriter) => unknown, string]>([
		['321 seals', 'epoch', (w) => anEpoch(w).varuint(321), 'length'],
		['no seals said again', 'seal', (w) => w.raw(fill(16)).u8(0).varuint(0), 'length'],
		['a kind that there is not', 'seal', (w) => w.raw(fill(16)).u8(2).varuint(1), 'range'],
		['terms that there are not', 'epoch', (w) => w.u8(4), 'range'],
		['an epoch that begins nowhere', 'epoch', (w) => w.u8(3).varuint(0), 'range'],
		['an epoch that begins too far', 'epoch', (w) => w.u8(3).varuint(65_536), 'range'],
		['links out of order', 'past', (w) => twoLinks(w, 2, 1), 'range'],
		['a link twice', 'past', (w) => twoLinks(w, 1, 1), 'range'],
		['a control entry deleted', 'delete', (w) => place(w, 0, 1), 'range'],
		['a segment too far', 'delete', (w) => place(w, 65_536, 1), 'range'],
		['a first entry', 'delete', (w) => place(w, 1, 0), 'range'],
		['a clock too far', 'delete', (w) => place(w, 1, 2 ** 31), 'range'],
		['no target', 'delete', (w) => w.raw(auth).varuint(0), 'length'],
		['a greeting too short', 'greeting', (w) => w.raw(fill(32)).block(fill(47)), 'length'],
		['a greeting too long', 'greeting', (w) => w.raw(fill(32)).block(fill(longestGreeting + 1)), 'length'],
		[
			'a picture too large',
			'settings',
			(w) =>
				w
					.raw(auth)
					.text('n')
					.text('')
					.varuint(pictureLimitBytes + 1),
			'length'
		],
		['no name', 'settings', (w) => w.raw(auth).text('').text(''), 'length'],
		['a nameless profile', 'profile', (w) => w.text(''), 'length'],
		['an emoji of nothing', 'reaction', (w) => w.raw(fill(32)).text('').u8(1), 'length'],
		['an edit without words', 'edit', (w) => w.raw(fill(32)).text('').varuint(0), 'length'],
		['a message without words', 'message', (w) => w.u8(0).text(''), 'length'],
		['a way that there is not', 'add', (w) => w.raw(auth).raw(fill(32)).u8(3), 'range'],
		['a flag that is none', 'pin', (w) => w.raw(fill(32)).u8(2), 'range']
	])('%s', (_, type, write, reason) => {
		expect(forged(type, write)).toEqual(malformed(reason));
	});

	it('not even five entries that it stands upon, of which four may be', () => {
		const dep = (lane: number): object => ({ lane, clock: 300, id: fill(8, lane) });
		const deps = [1, 2, 3, 4].map(dep) as { lane: number; clock: number; id: Uint8Array }[];
		const record: KnownRecord = { type: 'leave' };
		const bytes = encodeRecord({ hlc: 300, deps, record });
		expect(decodeRecord(bytes, 'control')).toEqual({ ok: true, value: { hlc: 300, deps, record } });
		expect(decodeRecord(Uint8Array.of(7, 1, 5), 'control')).toEqual(malformed('length'));
	});
});

describe('records', () => {
	it('are their type, their time, what they stand upon, and their fields', () => {
		for (const record of soundRecords(new SeededRandom(4))) {
			const fields = encodeFields(record);
			expect([...encoded(record)]).toEqual([codecs[record.type].number, 1, 0, ...fields]);
		}
		expect([...encodeFields({ ...deletion })]).toEqual([...auth, 1, 1, 5, 1, ...fill(32)]);
		expect([...encodeFields({ ...role, role: 'moderator' })]).toEqual([
			...auth,
			...fill(32),
			1,
			1,
			0,
			5,
			1,
			...fill(16) // prettier-ignore
		]);
		expect([...encodeFields(settings)]).toEqual([...auth, 1, 110, 0, 0, 0, 2, 0, 2, 0]);
	});

	it('have sets and caps in one order, whatever order they are given in', () => {
		const caps = [cap, { ...cap, lane: 4 }, { ...cap, segment: 1, lane: 1 }];
		const sorted = [caps[1]!, caps[0]!, caps[2]!];
		expect(encoded({ ...role, caps })).toEqual(encoded({ ...role, caps: sorted }));
		expect(readBack({ ...role, caps })).toMatchObject({ value: { record: { caps: sorted } } });
		expect(caps[0]).toBe(cap);
		const longer = { ...role, caps: [{ ...cap, id: fill(32) }] };
		expect(encoded(longer)).toEqual(encoded(role));
		const links = ids(3, 16).map((each) => ({ ...link, epoch: each }));
		expect(encoded({ ...past, links: [...links].reverse() })).toEqual(encoded({ ...past, links }));
	});

	it('say what newcomers may know', () => {
		const terms = ['secret', 'approved', 'control'] as const;
		expect(terms.map(revealsPast)).toEqual([true, true, false]);
		expect(terms.map(kindForInvites)).toEqual(['secret', 'control', 'control']);
	});
});
