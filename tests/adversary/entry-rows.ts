/** Entries and lanes that are not what they say: whose they are, where they stand, under which key. */
import { webcrypto } from 'node:crypto';
import { expect } from 'vitest';
import type { ConversationIdentity } from '../../src/lib/conversation/ports';
import { certifyDevice, certifyLane } from '../../src/lib/protocol/certificates';
import { importVerifyingKey, isSoundPoint, sign, verify, webCryptoPort } from '../../src/lib/protocol/crypto';
import { createEntry, entryIdOf } from '../../src/lib/protocol/entry';
import { deriveEpochKeys } from '../../src/lib/protocol/epoch';
import { encodeUpdate, type LaneRun } from '../../src/lib/protocol/guard/update';
import { contextOf, laneOf } from '../../src/lib/protocol/ids';
import { encodeRecord } from '../../src/lib/protocol/records';
import { hpkeSealPort } from '../../src/lib/protocol/seal';
import type { Person } from '../unit/conversation/people';
import { HandLane } from './hand-lane';
import { expectRefused, goOn, honestGroup, ingestInVain, laneRun, stateOf } from './honest-group';
import { oddPointCount, otherwiseJudged } from './odd-points';
import type { Row } from './row';

const forged = { type: 'message', text: 'FORGED' } as const;
const engine = webCryptoPort(webcrypto as unknown as Crypto);

/** Of Ed25519: 2^252 + 27742317777372353535851937790883648493. */
const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n;

/** An entry at somebody else's place, sealed as a member can, signed with the forger's key. */
async function entryAt(
	by: Person,
	{ lane }: LaneRun,
	clock: number,
	prev: Uint8Array,
	claimedKey?: Uint8Array
): Promise<Uint8Array> {
	const signer = await by.crypto.generateSigningKeys();
	const { bytes } = await createEntry(by.crypto, await by.conversation.keys.keysToWrite(), {
		place: { context: contextOf(by.identity.conversation, 1), lane, clock },
		class: clock === 0 ? 'lane' : 'message',
		prev,
		record: encodeRecord({ hlc: 1, deps: [], record: forged }),
		lanePublicKey: claimedKey ?? signer.publicKey,
		lanePrivateKey: signer.privateKey
	});
	return bytes;
}

const lastId = ({ entries }: LaneRun): Uint8Array => entryIdOf(entries.at(-1) as Uint8Array);
const at = (lane: number, start: number, ...entries: readonly Uint8Array[]): Uint8Array =>
	encodeUpdate([{ lane, start, entries }]);

async function newMember(by: Person, deviceNumber = 1): Promise<ConversationIdentity> {
	const { crypto, identity } = by;
	const [account, device] = [await crypto.generateSigningKeys(), await crypto.generateSigningKeys()];
	const keys = { device: device.publicKey, agreement: crypto.randomBytes(32), deviceNumber };
	const certificate = await certifyDevice(crypto, account, keys);
	return { ...identity, certificate, devicePrivateKey: device.privateKey };
}

/** A lane of segment 1 whose certificate is changed before it is sealed and signed, handed to the founder. */
async function laneIsKeptOut(
	identityOf: (founder: Person, ben: Person) => ConversationIdentity | Promise<ConversationIdentity>,
	options: { readonly grant?: Uint8Array; readonly segmentOfCertificate?: number } = {}
): Promise<readonly string[]> {
	const people = await honestGroup();
	const { founder, ben } = people;
	const identity = await identityOf(founder, ben);
	let lane = await HandLane.begin(ben.crypto, identity, 1, options);
	if (options.segmentOfCertificate !== undefined) {
		const { publicKey } = lane.signing;
		const elsewhere = contextOf(identity.conversation, options.segmentOfCertificate);
		const { certificate, devicePrivateKey, grant } = identity;
		const record = await certifyLane(ben.crypto, certificate, devicePrivateKey, elsewhere, publicKey, grant);
		lane = await HandLane.begin(ben.crypto, identity, 1, { certificate: record });
	}
	await lane.say(forged);
	const report = await ingestInVain(founder, lane.update());
	await goOn(people);
	expect(founder.shown).not.toContain('FORGED');
	return report.violations;
}

export const entryRows: readonly Row[] = [
	{
		no: 3,
		input: "an entry of the right shape at a member's next clock, signed with another key",
		outcome: "refused (entry-signature); the member's real next entry is taken afterwards",
		run: async () => {
			const people = await honestGroup();
			const { founder, ben, cleo } = people;
			const victim = await laneRun(founder, 1, ben);
			const next = victim.entries.length;
			const squat = at(victim.lane, next, await entryAt(cleo, victim, next, lastId(victim)));
			await expectRefused(founder, squat, 'entry-signature');
			await ben.say('real');
			await founder.hear(ben);
			expect(founder.shown.at(-1)).toBe('real');
			await goOn(people);
		}
	},
	{
		no: 3,
		input: "a member's own next entry with a spoilt signature",
		outcome: 'refused (entry-signature)',
		run: async () => {
			const { founder, ben } = await honestGroup();
			const held = await laneRun(founder, 1, ben);
			await ben.say('real');
			const { entries } = await laneRun(ben, 1, ben);
			const next = (entries.at(-1) as Uint8Array).slice();
			next[next.length - 1]! ^= 1;
			await expectRefused(founder, at(held.lane, held.entries.length, next), 'entry-signature');
		}
	},
	{
		no: 3,
		input: 'another entry at a clock that is held, without the key of the lane',
		outcome: 'refused (entry-signature); no fork is taken for proven',
		run: async () => {
			const { founder, ben, cleo } = await honestGroup();
			const victim = await laneRun(founder, 1, ben);
			for (const clock of [0, 1]) {
				const prev = clock === 0 ? new Uint8Array(32) : entryIdOf(victim.entries[0] as Uint8Array);
				const squat = at(victim.lane, clock, await entryAt(cleo, victim, clock, prev));
				await expectRefused(founder, squat, 'entry-signature');
			}
		}
	},
	{
		no: 3,
		input: 'the beginning of a lane under a number that is not the hash of its key',
		outcome: 'refused (lane-key)',
		run: async () => {
			const { founder, cleo } = await honestGroup();
			const nobody: LaneRun = { lane: 123_456_789, start: 0, entries: [] };
			await expectRefused(
				founder,
				at(nobody.lane, 0, await entryAt(cleo, nobody, 0, new Uint8Array(32))),
				'lane-key'
			);
		}
	},
	{
		no: 4,
		input: 'two entries of a lane at one clock, both with its signature, shown to different people',
		outcome: 'a fork: proven and said by whoever meets both; the lane is dead from there on for everybody',
		run: async () => {
			const people = await honestGroup();
			const { founder, ben, cleo } = people;
			const one = await HandLane.begin(ben.crypto, ben.identity, 1);
			await one.say({ type: 'message', text: 'to both' });
			const other = one.fork();
			await one.say({ type: 'message', text: 'to the founder' });
			await other.say({ type: 'message', text: 'to Cleo' });
			await founder.conversation.ingest(1, one.update(), ben);
			await cleo.conversation.ingest(1, other.update(), ben);
			for (let i = 0; i < 3; i++) {
				await founder.hear(cleo);
				await cleo.hear(founder);
			}
			for (const person of [founder, cleo]) {
				expect(person.conversation.forks).toBe(1);
				expect(person.shown).toContain('to both');
				expect(person.shown).not.toContain('to the founder');
				expect(person.shown).not.toContain('to Cleo');
			}
			await goOn(people);
		}
	},
	{
		no: 12,
		input: 'a sound entry again: in another conversation, segment, lane, or at another clock',
		outcome: 'refused everywhere but at its own place (entry-signature, lane-key, version of the chain)',
		run: async () => {
			const here = await honestGroup();
			const { founder, ben } = here;
			const held = await laneRun(founder, 1, ben);
			const [first, second] = held.entries as [Uint8Array, Uint8Array];
			const elsewhere = await HandLane.begin(ben.crypto, ben.identity, 2);
			await expectRefused(founder, elsewhere.update(), 'entry-signature');
			const conversation = ben.crypto.randomBytes(32);
			const abroad = await HandLane.begin(ben.crypto, { ...ben.identity, conversation }, 1);
			await expectRefused(founder, abroad.update(), 'entry-signature');
			await expectRefused(founder, at(held.lane + 1, 0, first, second), 'lane-key');
			await expectRefused(founder, at(held.lane, held.entries.length, second), ['chain', 'entry-signature']);
			await expectRefused(founder, at(held.lane, held.entries.length, first), ['entry-class', 'chain']);
			await goOn(here);
		}
	},
	{
		no: 13,
		input: 'an entry with any one of its bits flipped',
		outcome: 'refused, every bit of header, seal and signature',
		run: async () => {
			const { founder, ben } = await honestGroup();
			const lane = await HandLane.begin(ben.crypto, ben.identity, 1);
			await founder.conversation.ingest(1, lane.update(), 'ben');
			await lane.say(forged);
			const sound = lane.entries[1] as Uint8Array;
			const before = await stateOf(founder);
			for (let bit = 0; bit < sound.length * 8; bit++) {
				const flipped = sound.slice();
				flipped[bit >> 3]! ^= 1 << (bit & 7);
				const report = await founder.conversation.ingest(1, at(lane.lane, 1, flipped), 'somebody');
				expect([report.admitted, report.violations.length], `bit ${bit}`).toEqual([0, 1]);
			}
			expect(await stateOf(founder)).toEqual(before);
			expect((await founder.conversation.ingest(1, lane.update(1), 'ben')).admitted).toBe(1);
		}
	},
	{
		no: 14,
		input: 'lane keys that are the identity, of small order or not reduced; signatures whose R is; S + L',
		outcome: 'refused before any engine sees them',
		run: async () => {
			const identity = new Uint8Array(32);
			identity[0] = 1;
			const notReduced = new Uint8Array(32).fill(0xff);
			notReduced[0] = 0xee;
			notReduced[31] = 0x7f;
			for (const point of [new Uint8Array(32), identity, notReduced]) {
				for (const signBit of [0, 0x80]) {
					const bytes = point.slice();
					bytes[31]! |= signBit;
					expect(isSoundPoint(bytes)).toBe(false);
					expect(await importVerifyingKey(engine.subtle, bytes)).toBeNull();
				}
			}
			const keys = await engine.generateSigningKeys();
			const verifying = await importVerifyingKey(engine.subtle, keys.publicKey);
			if (verifying === null) throw new Error('a sound key was refused');
			const message = engine.randomBytes(40);
			const signature = await sign(engine.subtle, keys.privateKey, message);
			expect(await verify(engine.subtle, verifying, signature, message)).toBe(true);
			const small = signature.slice();
			small.set(identity);
			expect(await verify(engine.subtle, verifying, small, message)).toBe(false);
			let scalar = groupOrder;
			for (let i = 31; i >= 0; i--) scalar += BigInt(signature[32 + i] as number) << BigInt(8 * i);
			const malleable = signature.slice();
			for (let i = 0; i < 32; i++) malleable[32 + i] = Number((scalar >> BigInt(8 * i)) & 255n);
			expect(await verify(engine.subtle, verifying, malleable, message)).toBe(false);
		}
	},
	{
		no: 14,
		input: 'a lane of a key of small order, with a signature that would hold for any message',
		outcome: 'refused (entry-signature)',
		run: async () => {
			const { founder, ben } = await honestGroup();
			const publicKey = new Uint8Array(32);
			publicKey[0] = 1;
			const lane = laneOf(publicKey);
			const entry = await entryAt(ben, { lane, start: 0, entries: [] }, 0, new Uint8Array(32), publicKey);
			// R = identity, S = 0: sound under the identity for whatever is signed, if an engine lets it.
			entry.fill(0, entry.length - 64);
			entry[entry.length - 64] = 1;
			await expectRefused(founder, at(lane, 0, entry), 'entry-signature');
		}
	},
	{
		no: 14,
		input: 'keys and signatures with a part of small order',
		outcome: `one verdict on each of ${oddPointCount}, in Node and in Chromium (tests/e2e/protocol); Firefox and Safari are not run`,
		run: async () => {
			expect(await otherwiseJudged(engine.subtle)).toEqual([]);
		}
	},
	{
		no: 15,
		input: 'agreement keys that are zero, of small order or not reduced, as recipient or within a seal',
		outcome: 'refused (seal-key); nothing is sealed to them',
		run: async () => {
			const port = hpkeSealPort();
			const place = { conversation: engine.randomBytes(32), epoch: engine.randomBytes(16) };
			const keys = await engine.generateAgreementKeys();
			const sealed = await port.seal(place, keys.publicKey, engine.randomBytes(32));
			if (!sealed.ok) throw new Error(sealed.reason);
			const one = new Uint8Array(32);
			one[0] = 1;
			for (const bad of [new Uint8Array(32), one, new Uint8Array(32).fill(0xff)]) {
				const refused = { ok: false, reason: 'seal-key' };
				expect(await port.seal(place, bad, engine.randomBytes(32))).toEqual(refused);
				expect(await port.open(place, keys, { ...sealed.value, encapsulated: bad })).toEqual(refused);
			}
		}
	},
	{
		no: 16,
		input: "a lane certified by another member's device, or under another member's grant",
		outcome: 'refused (certificate)',
		run: async () => {
			expect(
				await laneIsKeptOut((founder, ben) => ({
					...ben.identity,
					certificate: founder.identity.certificate
				}))
			).toEqual(['certificate']);
			expect(
				await laneIsKeptOut((founder, ben) => ({ ...ben.identity, grant: founder.identity.grant }))
			).toEqual(['certificate']);
		}
	},
	{
		no: 16,
		input:
			'a lane whose device certificate the account has not signed, or whose certificate is for another lane',
		outcome: 'refused (certificate)',
		run: async () => {
			const changed = (person: Person): ConversationIdentity => ({
				...person.identity,
				certificate: { ...person.identity.certificate, deviceNumber: 7 }
			});
			expect(await laneIsKeptOut((_, ben) => changed(ben))).toEqual(['certificate']);
			expect(await laneIsKeptOut((_, ben) => ben.identity, { segmentOfCertificate: 2 })).toEqual([
				'certificate'
			]);
		}
	},
	{
		no: 16,
		input: 'a lane of an account that nobody has let in, under a grant that does not exist',
		outcome: 'waits in quarantine, out of document and screen; no violation, since a join may be on its way',
		run: async () => {
			const people = await honestGroup();
			const { founder } = people;
			const stranger = { ...(await newMember(founder)), grant: founder.crypto.randomBytes(32) };
			const lane = await HandLane.begin(founder.crypto, stranger, 1);
			await lane.say(forged);
			const report = await ingestInVain(founder, lane.update());
			expect([report.violations, founder.conversation.quarantined]).toEqual([[], 1]);
			await goOn(people);
			expect(founder.shown).not.toContain('FORGED');
		}
	},
	{
		no: 17,
		input: 'hundreds of sound lanes of nobody from one peer',
		outcome:
			'64 wait, the rest is dropped and counted (quarantine-full); others keep their room. Not a violation: ' +
			'whoever passes them on may know a grant that we do not. What a peer sends in vain costs its budget',
		run: async () => {
			const people = await honestGroup();
			const { founder } = people;
			const stranger = { ...(await newMember(founder)), grant: founder.crypto.randomBytes(32) };
			const runs: LaneRun[] = [];
			for (let i = 0; i < 200; i++) runs.push((await HandLane.begin(founder.crypto, stranger, 1)).run());
			await ingestInVain(founder, encodeUpdate(runs), 1, 'flooder');
			expect(founder.conversation.quarantined).toBe(64);
			expect(founder.rejected.filter((reason) => reason === 'quarantine-full')).toHaveLength(136);
			const another = await HandLane.begin(founder.crypto, stranger, 1);
			await ingestInVain(founder, another.update(), 1, 'somebody else');
			expect(founder.conversation.quarantined).toBe(65);
			await goOn(people);
		}
	},
	{
		no: 17,
		input:
			"another member's entries with the signatures spoilt of those that a later one vouches for, passed on before anybody else does",
		outcome:
			'refused from the first spoilt one on (entry-signature): its id covers its signature, so what follows does not ' +
			'stand upon it (0025); the rest comes from anybody who has it whole, and is passed on in pieces of any size',
		run: async () => {
			const people = await honestGroup();
			const { founder, ben, cleo } = people;
			const texts = Array.from({ length: 8 }, (_, i) => `passed on ${i}`);
			for (const text of texts) await ben.say(text);
			const sound = await laneRun(ben, 1, ben);
			const spoilt = sound.entries.map((entry, clock) => {
				const copy = entry.slice();
				if (clock % 3 === 0 && clock > 2) copy[copy.length - 1]! ^= 1;
				return copy;
			});
			const report = await founder.conversation.ingest(
				1,
				encodeUpdate([{ ...sound, entries: spoilt }]),
				'first'
			);
			expect(report.violations).toEqual(['entry-signature']);
			expect(founder.shown.filter((text) => texts.includes(text))).toHaveLength(1);
			await founder.hear(ben);
			for (let clock = 0; clock < sound.entries.length; clock++) {
				const held = await laneRun(founder, 1, ben);
				const piece = { ...held, start: clock, entries: held.entries.slice(clock, clock + 1) };
				expect((await cleo.conversation.ingest(1, encodeUpdate([piece]), founder)).violations).toEqual([]);
			}
			expect(cleo.shown).toEqual(expect.arrayContaining(texts));
			await goOn(people);
		}
	},
	{
		no: 25,
		input: 'a seal made with the keys of one epoch under the name of another, or of one that nobody knows',
		outcome:
			'only the key that the entry names is tried: refused when opened (entry-sealed), and counted; what stands under an ' +
			'epoch that is not held is kept, and shown if that is ever given',
		run: async () => {
			const people = await honestGroup();
			const { founder, ben } = people;
			const { subtle } = ben.crypto;
			const { conversation } = ben.identity;
			const keys = await ben.conversation.keys.keysToWrite();
			const other = await deriveEpochKeys(subtle, conversation, ben.crypto.randomBytes(32));
			const lane = await HandLane.begin(ben.crypto, ben.identity, 1);
			await lane.say(forged, { keys: { ...other, id: keys.id } });
			await lane.say(forged, { keys: other });
			await lane.say({ type: 'message', text: 'sound again' });
			await founder.conversation.ingest(1, lane.update(), ben);
			await founder.conversation.warm();
			expect(founder.rejected).toEqual(['entry-sealed']);
			expect(founder.shown).toContain('sound again');
			expect(founder.shown).not.toContain('FORGED');
			await goOn(people);
		}
	}
];
