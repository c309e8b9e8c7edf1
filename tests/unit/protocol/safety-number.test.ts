import { webcrypto } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { webCryptoPort } from '../../../src/lib/protocol/crypto';
import {
	checkSafetyCode,
	isSafetyNumber,
	safetyCode,
	safetyNumber
} from '../../../src/lib/protocol/safety-number';

const crypto = webCryptoPort(webcrypto as Crypto);
let [ann, bob, eve] = [new Uint8Array(32), new Uint8Array(32), new Uint8Array(32)];

beforeAll(async () => {
	[ann, bob, eve] = [
		(await crypto.generateSigningKeys()).publicKey,
		(await crypto.generateSigningKeys()).publicKey,
		(await crypto.generateSigningKeys()).publicKey
	];
});

describe('a safety number', () => {
	it('is 60 digits, the same on both sides and another one for every other key', () => {
		const number = safetyNumber(ann, bob);
		expect(number).toHaveLength(12);
		for (const group of number) expect(group).toMatch(/^[0-9]{5}$/);
		expect(safetyNumber(bob, ann)).toEqual(number);
		expect(safetyNumber(ann, eve)).not.toEqual(number);
	});

	it('never changes: people have written it down', () => {
		const number = safetyNumber(new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)).join('');
		expect(number).toMatchInlineSnapshot(`"689783268763104552657577706353886708967580594216383704252551"`);
	});

	it('is compared whatever the spaces, and only whole', () => {
		const typed = safetyNumber(ann, bob).join(' \n');
		expect(isSafetyNumber(typed, bob, ann)).toBe(true);
		expect(isSafetyNumber(typed, ann, eve)).toBe(false);
		expect(isSafetyNumber(typed.slice(1), ann, bob)).toBe(false);
		expect(isSafetyNumber(typed.replace(/[0-9]/, 'O'), ann, bob)).toBe(false);
		expect(isSafetyNumber('', ann, bob)).toBe(false);
	});

	it('is of two keys', () => {
		expect(() => safetyNumber(ann, ann)).toThrow(RangeError);
		expect(() => safetyNumber(ann, bob.subarray(1))).toThrow(RangeError);
	});
});

describe('a safety code', () => {
	it('says whether both sides know the same keys', () => {
		expect(checkSafetyCode(safetyCode(bob, ann), ann, bob)).toEqual({ ok: true, value: undefined });
		expect(checkSafetyCode(safetyCode(eve, ann), ann, bob)).toEqual({
			ok: false,
			reason: 'safety-code-other-person'
		});
		expect(checkSafetyCode(safetyCode(bob, eve), ann, bob)).toEqual({
			ok: false,
			reason: 'safety-code-differs'
		});
	});

	it('is refused in any other spelling', () => {
		const code = safetyCode(bob, ann);
		for (const text of [
			'',
			'skein-sn1:',
			code.slice(1),
			`${code}A`,
			code.slice(0, -1),
			` ${code}`,
			`${code}=`
		])
			expect(checkSafetyCode(text, ann, bob)).toEqual({ ok: false, reason: 'safety-code-broken' });
		expect(checkSafetyCode(safetyCode(new Uint8Array(32), ann), ann, bob).ok).toBe(false);
	});
});
