import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../../src/lib/protocol/bytes';
import {
	checkDeviceRemoval,
	checkHandover,
	checkOwner,
	signDeviceRemoval,
	signHandover,
	signOwner
} from '../../../src/lib/protocol/certificates';
import { controlEntryLimitBytes } from '../../../src/lib/protocol/entry';
import { seatOfHandover, seatOfOwner } from '../../../src/lib/protocol/ids';
import { agreementKeysOfSeed } from '../../../src/lib/protocol/invite-link';
import { codecs, decodeRecord, encodeRecord, type KnownRecord } from '../../../src/lib/protocol/records';
import { soundRecords } from '../../simulation/sound-records';
import { seededCryptoPort } from '../../simulation/seeded-crypto';
import { SeededRandom } from '../../simulation/seeded-random';

const random = new SeededRandom(9);
const b = (length: number): Uint8Array => random.bytes(length);
const envelope = (record: KnownRecord) => ({ hlc: 1, deps: [], record });
const forged = (type: keyof typeof codecs, write: (writer: ByteWriter) => unknown) => {
	const writer = new ByteWriter().u8(codecs[type].number).varuint(1).u8(0);
	write(writer);
	return decodeRecord(writer.done(), 'control');
};
const cap = (lane: number) => ({ segment: 0, lane, clock: 1, id: b(16) });

describe('records of authority', () => {
	it('have numbers of their own, and none that a draft used', () => {
		const numbers = Object.values(codecs).map((codec) => codec.number);
		expect(new Set(numbers).size).toBe(numbers.length);
		expect(numbers).not.toContain(4);
		expect(numbers).not.toContain(5);
		expect(new Set(soundRecords(new SeededRandom(1)).map(({ type }) => type)).size).toBe(numbers.length);
	});

	it('fit into a control entry at their largest', () => {
		const caps = Array.from({ length: 1_000 }, (_, i) => ({
			segment: 60_000,
			lane: 2 ** 52 + i,
			clock: 9_999,
			id: b(16)
		}));
		const seals = Array.from({ length: 320 }, () => ({
			recipient: b(8),
			encapsulated: b(32),
			ciphertext: b(48)
		}));
		const grants = Array.from({ length: 32 }, () => b(32));
		const parents = Array.from({ length: 8 }, () => b(16));
		const epoch = { newcomers: 'secret', parents, commitment: b(32), seals } as const;
		const largest: KnownRecord = { type: 'remove', auth: b(32), grants, caps, epoch };
		// Sealing adds the header, padding of at most an eighth, the tag and the signature.
		expect(encodeRecord(envelope(largest)).length * 1.04 + 400).toBeLessThan(controlEntryLimitBytes);
		const accepted = Array.from({ length: 1_500 }, () => b(32));
		const close: KnownRecord = {
			type: 'invite-close',
			auth: b(32),
			invitePublicKey: b(32),
			joins: accepted
		};
		expect(encodeRecord(envelope(close)).length * 1.04 + 400).toBeLessThan(controlEntryLimitBytes);
	});

	it('name a lane once, in order; sets have one spelling', () => {
		const role = { type: 'role', auth: b(32), grant: b(32), role: 'member' } as const;
		expect(() => encodeRecord(envelope({ ...role, caps: [cap(4), cap(4)] }))).toThrow(RangeError);
		const writeRole = (caps: readonly number[]) => (w: ByteWriter) => {
			w.raw(b(32)).raw(b(32)).u8(0).varuint(caps.length);
			for (const lane of caps) w.varuint(0).varuint(lane).varuint(1).raw(b(16));
		};
		expect(forged('role', writeRole([4, 5])).ok).toBe(true);
		expect(forged('role', writeRole([5, 4]))).toEqual({ ok: false, reason: 'range' });
		expect(forged('role', writeRole([4, 4]))).toEqual({ ok: false, reason: 'range' });
		const one = b(32);
		const twice = forged('remove', (w) => w.raw(b(32)).varuint(2).raw(one).raw(one).varuint(0).u8(0));
		expect(twice).toEqual({ ok: false, reason: 'range' });
		const remove = { type: 'remove', auth: b(32), caps: [], epoch: null } as const;
		const shuffled = [b(32), b(32), b(32)];
		expect(encodeRecord(envelope({ ...remove, grants: shuffled }))).toEqual(
			encodeRecord(envelope({ ...remove, grants: [...shuffled].reverse() }))
		);
	});

	it('refuse too many, too few and choices that do not exist', () => {
		expect(forged('remove', (w) => w.raw(b(32)).varuint(0).varuint(0).u8(0))).toEqual({
			ok: false,
			reason: 'length'
		});
		expect(forged('remove', (w) => w.raw(b(32)).varuint(33)).ok).toBe(false);
		expect(forged('role', (w) => w.raw(b(32)).raw(b(32)).u8(2).varuint(0))).toEqual({
			ok: false,
			reason: 'range'
		});
		expect(forged('role', (w) => w.raw(b(32)).raw(b(32)).u8(0).varuint(1_001))).toEqual({
			ok: false,
			reason: 'length'
		});
		expect(forged('epoch', (w) => w.u8(0).varuint(0))).toEqual({ ok: false, reason: 'length' });
		expect(forged('epoch', (w) => w.u8(0).varuint(9))).toEqual({ ok: false, reason: 'length' });
		// Terms `none` name a message segment.
		for (const segment of [0, 65_536])
			expect(forged('epoch', (w) => w.u8(3).varuint(segment))).toEqual({ ok: false, reason: 'range' });
		expect(forged('add', (w) => w.raw(b(32)).raw(b(32)).u8(1))).toEqual({ ok: false, reason: 'truncated' });
		const huge = forged('remove', (w) => w.raw(b(32)).varuint(Number.MAX_SAFE_INTEGER));
		expect(huge).toEqual({ ok: false, reason: 'length' });
	});
});

describe('what an account key signs', () => {
	it('verifies as it is and in no other way, nor in another conversation', async () => {
		const crypto = seededCryptoPort(new SeededRandom(2));
		const account = await crypto.generateSigningKeys();
		const [conversation, other] = [b(32), b(32)];
		const caps = [cap(9)];
		const owner = await signOwner(crypto, account, conversation, {
			type: 'owner',
			seat: b(32),
			grant: b(32),
			lane: 5,
			consent: b(32),
			caps
		});
		const handover = await signHandover(crypto, account, conversation, {
			type: 'handover',
			tenure: b(32),
			counter: 1,
			lane: 5,
			caps
		});
		const removal = await signDeviceRemoval(crypto, account, conversation, {
			type: 'device-remove',
			device: b(32),
			caps
		});
		const { subtle } = crypto;
		expect(await checkOwner(subtle, owner, conversation)).toBe(true);
		expect(await checkOwner(subtle, owner, other)).toBe(false);
		for (const changed of [{ seat: b(32) }, { grant: b(32) }, { lane: 6 }, { consent: b(32) }, { caps: [] }])
			expect(await checkOwner(subtle, { ...owner, ...changed }, conversation)).toBe(false);
		expect(await checkHandover(subtle, handover, conversation)).toBe(true);
		expect(await checkHandover(subtle, handover, other)).toBe(false);
		for (const changed of [{ tenure: b(32) }, { counter: 2 }, { lane: 6 }, { caps: [] }])
			expect(await checkHandover(subtle, { ...handover, ...changed }, conversation)).toBe(false);
		expect(await checkDeviceRemoval(subtle, removal, conversation)).toBe(true);
		expect(await checkDeviceRemoval(subtle, removal, other)).toBe(false);
		for (const changed of [{ device: b(32) }, { caps: [] }, { account: b(32) }])
			expect(await checkDeviceRemoval(subtle, { ...removal, ...changed }, conversation)).toBe(false);
	});

	it('names seats that differ by all that makes them', () => {
		const conversation = b(32);
		const handover = {
			type: 'handover' as const,
			tenure: b(32),
			account: b(32),
			counter: 1,
			lane: 5,
			caps: []
		};
		const seats = [
			handover,
			{ ...handover, counter: 2 },
			{ ...handover, lane: 6 },
			{ ...handover, caps: [cap(3)] }
		].map((each) => seatOfHandover(conversation, each).join());
		expect(new Set(seats).size).toBe(4);
		const transfer = {
			type: 'owner' as const,
			seat: b(32),
			account: b(32),
			grant: b(32),
			lane: 1,
			consent: b(32),
			caps: []
		};
		expect(seatOfOwner(conversation, transfer)).not.toEqual(
			seatOfOwner(conversation, { ...transfer, lane: 2 })
		);
	});
});

describe('the agreement key of an invitation', () => {
	it('comes from the seed alone', async () => {
		const { subtle } = seededCryptoPort(new SeededRandom(3));
		const seed = b(32);
		const [once, twice] = [await agreementKeysOfSeed(subtle, seed), await agreementKeysOfSeed(subtle, seed)];
		expect(once.publicKey).toEqual(twice.publicKey);
		expect((await agreementKeysOfSeed(subtle, b(32))).publicKey).not.toEqual(once.publicKey);
	});
});
