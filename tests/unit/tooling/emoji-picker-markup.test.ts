import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { trustedMarkup } from '../../../scripts/emoji-picker-markup';

const installed = readFileSync(createRequire(import.meta.url).resolve('emoji-picker-element/picker'), 'utf8');

describe('the markup of the emoji picker', () => {
	it('is made by its own policy, and nothing else of the module is changed', () => {
		const made = trustedMarkup(installed);
		expect(made).toContain("createPolicy('skein-emoji-picker'");
		expect(made).toContain('markupPolicy.createHTML(htmlString)');
		// What is left is the emptying of a node, in browsers that have no replaceChildren.
		expect([...made.matchAll(/innerHTML = (?!markupPolicy)(.*);/g)].map(([, value]) => value)).toEqual([
			"''"
		]);
	});

	it('fails the build when the picker makes it elsewhere', () => {
		expect(() => trustedMarkup(installed.replace('htmlString;', 'html;'))).toThrow('another way');
		expect(() => trustedMarkup(installed + installed)).toThrow('another way');
	});
});
