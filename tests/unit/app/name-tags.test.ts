import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameTags } from '../../../src/lib/app/name-tags';
import { toBase64url } from '../../../src/lib/protocol/base64url';

const accountOf = (...bytes: number[]): string =>
	toBase64url(Uint8Array.from({ length: 32 }, (_, i) => bytes[i] ?? 0));

describe('members of one name', () => {
	it.each([
		['the same', 'Ben', 'Ben'],
		['capitals and spaces', 'Ben  Kurz', 'ben kurz'],
		['an invisible sign', 'Ben', 'B\u200ben'],
		['a letter of another script', 'Вen', 'Ben'],
		['all letters of another script', 'РОМА', 'POMA'],
		['wide letters', 'Ｂｅｎ', 'Ben'],
		['a stroke', 'Ilse', 'llse'],
		['two letters for one', 'Kam', 'Karn'],
		['a digit', 'Otto', '0tto']
	])('%s: both have a tag', (_, one, other) => {
		const [a, b] = [accountOf(0xab, 0xcd), accountOf(0x12, 0x34)];
		const tags = nameTags([
			{ account: a, name: one },
			{ account: b, name: other },
			{ account: accountOf(9), name: 'Cleo' }
		]);
		expect([...tags]).toEqual([
			[a, 'abcd'],
			[b, '1234']
		]);
	});

	it.each([
		['Ben', 'Bea'],
		['José', 'Jose'],
		['Анна', 'Anna'],
		['', '']
	])('"%s" and "%s" have none', (one, other) => {
		expect(nameTags([one, other].map((name, i) => ({ account: accountOf(i), name }))).size).toBe(0);
	});

	it('somebody who has made a key whose fingerprint begins alike is told apart by more of it', () => {
		const [a, b] = [accountOf(0xab, 0xcd, 0x11), accountOf(0xab, 0xcd, 0x12)];
		const tags = nameTags([a, b].map((account) => ({ account, name: 'Ben' })));
		expect([...tags.values()]).toEqual(['abcd11', 'abcd12']);
	});

	it('no two namesakes ever have one tag', () => {
		const account = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toBase64url);
		fc.assert(
			fc.property(fc.uniqueArray(account, { minLength: 2, maxLength: 40 }), (accounts) => {
				const tags = nameTags(accounts.map((each) => ({ account: each, name: 'Ben' })));
				expect(new Set(tags.values()).size).toBe(accounts.length);
			})
		);
	});
});
