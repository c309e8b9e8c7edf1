import { webcrypto } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter, concatBytes, utf8Length } from '../../../src/lib/protocol/bytes';
import { webCryptoPort } from '../../../src/lib/protocol/crypto';
import { openGreeting, sealGreeting, type GreetingPlace } from '../../../src/lib/protocol/greeting';
import { greetingTextLimitBytes, type GreetingRecord } from '../../../src/lib/protocol/greeting-record';
import { pad } from '../../../src/lib/protocol/padding';
import { decodeRecord, encodeRecord } from '../../../src/lib/protocol/records';
import { fail, ok } from '../../../src/lib/protocol/result';
import { hpkeSuite } from '../../../src/lib/protocol/hpke';
import { propertyRuns } from '../../property-runs';

const crypto = webCryptoPort(webcrypto as Crypto);
const [bob, cleo] = [await crypto.generateAgreementKeys(), await crypto.generateAgreementKeys()];
const place: GreetingPlace = { group: crypto.randomBytes(32), from: crypto.randomBytes(32) };

async function sealed(text: string): Promise<GreetingRecord> {
	const record = await sealGreeting(place, bob.publicKey, text);
	if (!record.ok) throw new Error(record.reason);
	return record.value;
}

describe('a greeting', () => {
	it('says its text to whom it is for, through the record that carries it', async () => {
		const text = fc.string({ minLength: 1, maxLength: greetingTextLimitBytes, unit: 'grapheme' });
		const fits = text.filter((each) => utf8Length(each) <= greetingTextLimitBytes);
		await fc.assert(
			fc.asyncProperty(fits, async (said) => {
				const bytes = encodeRecord({ hlc: 1, deps: [], record: await sealed(said) });
				const read = decodeRecord(bytes, 'control');
				if (!read.ok || read.value.record.type !== 'greeting') throw new Error('not read');
				expect(await openGreeting(place, bob, read.value.record)).toEqual(ok(said));
			}),
			{ numRuns: propertyRuns(25), examples: [['x'], ['x'.repeat(greetingTextLimitBytes)]] }
		);
	});

	it('says nothing to anybody else, in another group, or as the words of somebody else', async () => {
		const record = await sealed('Hello');
		const other = crypto.randomBytes(32);
		expect(await openGreeting(place, cleo, record)).toEqual(fail('greeting-closed'));
		expect(await openGreeting({ ...place, group: other }, bob, record)).toEqual(fail('greeting-closed'));
		expect(await openGreeting({ ...place, from: other }, bob, record)).toEqual(fail('greeting-closed'));
	});

	it('is bound to its place as the protocol says, and has to hold a text in the one padding', async () => {
		const suite = hpkeSuite();
		const ascii = new ByteWriter().label('greeting/1').done();
		const byHand = async (plain: Uint8Array): ReturnType<typeof openGreeting> => {
			const { ct, enc } = await suite.seal(
				{
					recipientPublicKey: await suite.kem.deserializePublicKey(bob.publicKey),
					info: concatBytes(ascii, place.group)
				},
				concatBytes(plain),
				concatBytes(ascii, place.from, bob.publicKey)
			);
			const record = { encapsulated: new Uint8Array(enc), ciphertext: new Uint8Array(ct) };
			return openGreeting(place, bob, { type: 'greeting', ...record });
		};
		expect(await byHand(pad(new ByteWriter().text('Hello').done()))).toEqual(ok('Hello'));
		const longer = 'x'.repeat(greetingTextLimitBytes + 1);
		for (const plain of [
			new ByteWriter().text('Hello').done(),
			pad(new ByteWriter().text('').done()),
			pad(new ByteWriter().text(longer).done()),
			pad(Uint8Array.of(1, 0xff)),
			pad(Uint8Array.of(1, 65, 65))
		])
			expect(await byHand(plain)).toEqual(fail('greeting-text'));
	});

	it('does not open with a key of another length, or one that no device has', async () => {
		const record = await sealed('Hello');
		for (const encapsulated of [new Uint8Array(31).fill(9), new Uint8Array(33).fill(9), new Uint8Array(32)])
			expect(await openGreeting(place, bob, { ...record, encapsulated })).toEqual(fail('greeting-closed'));
	});

	it('is of an account, which has an id of 32 bytes', async () => {
		const wrong = { ...place, from: crypto.randomBytes(31) };
		await expect(sealGreeting(wrong, bob.publicKey, 'Hello')).rejects.toThrow(RangeError);
		await expect(openGreeting(wrong, bob, await sealed('Hello'))).rejects.toThrow(RangeError);
	});

	it('does not open with any of its bytes changed', async () => {
		const record = await sealed('Hello');
		for (const part of ['encapsulated', 'ciphertext'] as const)
			for (let i = 0; i < record[part].length; i++) {
				const bytes = record[part].slice();
				bytes[i] = (bytes[i] as number) ^ 1;
				expect(await openGreeting(place, bob, { ...record, [part]: bytes })).toEqual(fail('greeting-closed'));
			}
	});

	it('tells by its length no more than how long it is about', async () => {
		const lengths = new Set<number>();
		for (let i = 1; i <= 29; i++) lengths.add((await sealed('x'.repeat(i))).ciphertext.length);
		expect([...lengths]).toEqual([48]);
	});

	it('is not made without a text, of a longer one, or for a key that no device has', async () => {
		await expect(sealed('')).rejects.toThrow(RangeError);
		await expect(sealed('x'.repeat(greetingTextLimitBytes + 1))).rejects.toThrow(RangeError);
		expect(await sealGreeting(place, new Uint8Array(32), 'Hello')).toEqual(fail('agreement-key'));
	});

	it('has a length that readers take', async () => {
		const record = await sealed('Hello');
		for (const length of [47, 1_617]) {
			const wrong = { ...record, ciphertext: new Uint8Array(length) };
			expect(() => encodeRecord({ hlc: 1, deps: [], record: wrong })).toThrow(RangeError);
		}
	});
});
