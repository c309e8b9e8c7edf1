/** What the first screen must not wait for: script that reads records, folds authority, seals, or says what went wrong. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const source = join(import.meta.dirname, '../../../src');
/** As in scripts/initial-chunk.ts. */
const roots = ['+layout', '+error', '(shell)/+layout', '(shell)/+page', '(shell)/c/[id]/+page'].map((name) =>
	join(source, 'routes', `${name}.svelte`)
);
const statement = /^\s*(?:import|export)\s+(?!type\b)(?:([^;'"]*?)\s*from\s*)?['"]([^'"]+)['"]/gm;
const typesAlone = /^\{\s*(?:type\s+[\w\s]+,?\s*)+\}$/;

/** The files that a file imports at once, and not by `import()`. */
function importsOf(file: string): string[] {
	return [...readFileSync(file, 'utf8').matchAll(statement)].flatMap(([, names = '', address = '']) => {
		if (typesAlone.test(names)) return [];
		const base = address.startsWith('$lib/')
			? join(source, 'lib', address.slice('$lib/'.length))
			: address.startsWith('.')
				? join(dirname(file), address)
				: null;
		const found = ['.ts', '.svelte.ts', ''].find((end) => existsSync(`${base}${end}`));
		return base === null || found === undefined || address.includes('paraglide') ? [] : [base + found];
	});
}

function reached(): ReadonlySet<string> {
	const files = new Set(roots);
	for (const file of files)
		if (/\.(ts|svelte)$/.test(file)) importsOf(file).forEach((each) => files.add(each));
	return new Set([...files].map((file) => relative(source, file)));
}

describe('the first screen', () => {
	const files = reached();

	it('reaches what it shows', () => {
		for (const file of ['lib/app/conversation-view.svelte.ts', 'lib/ui/timeline/MessageBubble.svelte'])
			expect(files).toContain(file);
	});

	it.each([
		'lib/protocol/inbox.ts',
		'lib/protocol/records.ts',
		'lib/protocol/seal.ts',
		'lib/conversation/authority.ts',
		'lib/conversation/group-acts.ts',
		'lib/store/client.ts',
		'lib/ui/words/problem.ts',
		'lib/ui/words/group.ts'
	])('does not wait for %s', (file) => {
		expect(existsSync(join(source, file))).toBe(true);
		expect(files).not.toContain(file);
	});
});
