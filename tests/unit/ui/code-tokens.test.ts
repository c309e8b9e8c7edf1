import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { languageOf, tokensOf } from '../../../src/lib/ui/text/code-tokens';

const text = (tokens: readonly { readonly text: string }[]): string =>
	tokens.map((token) => token.text).join('');

describe('coloured code', () => {
	it('tells keywords, strings, numbers and comments apart', async () => {
		const tokens = await tokensOf('const a = "x"; // 1\nreturn 42', 'typescript');
		const kindOf = (piece: string): string | undefined => tokens.find((token) => token.text === piece)?.kind;
		expect(kindOf('const')).toBe('keyword');
		expect(kindOf('"x"')).toBe('string');
		expect(kindOf('42')).toBe('number');
		expect(kindOf('// 1')).toBe('comment');
	});

	it('goes by what people call a language, and knows no other', () => {
		expect(languageOf('TS')).toBe('typescript');
		expect(languageOf('html')).toBe('xml');
		for (const name of ['', 'klingon', 'constructor', '__proto__', 'toString'])
			expect(languageOf(name), name).toBeNull();
	});

	it('loses no character, whatever the code is', async () => {
		const language = fc.constantFrom('typescript', 'xml', 'python', 'bash', 'diff', 'css');
		const code = fc.oneof(
			fc.string({ unit: 'binary', maxLength: 200 }),
			fc
				.array(
					fc.constantFrom('<a href="', '${', '`', '"', "'", '/*', '*/', '</script>', '\n', '#', '{', '}')
				)
				.map((parts) => parts.join(''))
		);
		await fc.assert(
			fc.asyncProperty(language, code, async (name, source) => {
				expect(text(await tokensOf(source, name))).toBe(source);
			}),
			{ numRuns: 300 }
		);
	});
});
