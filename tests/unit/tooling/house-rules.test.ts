/** The lint rules that hold the architecture: each is shown a breach that it must report and a neighbour that it must not. */
import { ESLint } from 'eslint';
import { describe, expect, test } from 'vitest';

const eslint = new ESLint();

/** Lints `code` as if it stood in the file `path`. @returns the names of the rules it breaks. */
async function brokenRules(path: string, code: string): Promise<string[]> {
	const [result] = await eslint.lintText(code, { filePath: path });
	expect(result?.messages.filter(({ fatal }) => fatal)).toEqual([]);
	return [...new Set(result?.messages.map(({ ruleId }) => String(ruleId)))];
}

describe('imports go one way', () => {
	const direction = 'boundaries/dependencies';

	test.each([
		['a lower room may not see a higher one', 'src/lib/protocol/probe.ts', '../store/types'],
		['nor by the alias', 'src/lib/link/probe.ts', '$lib/store/types'],
		['the store does not know the app', 'src/lib/store/probe.ts', '../app/contract'],
		['screens do not reach below the app', 'src/lib/ui/probe.ts', '../protocol/result'],
		['nor do pages', 'src/routes/probe.ts', '$lib/store/types'],
		['the app does not know the screens', 'src/lib/app/probe.ts', '../../routes/+layout'],
		[
			'nor by a folder below that is named as another room',
			'src/lib/replicas/relay/probe.ts',
			'../../store/types'
		],
		['the relay sees the protocol alone', 'relay/probe.ts', '../src/lib/store/types'],
		['nothing imports tests', 'src/lib/app/probe.ts', '../../../tests/bench/run'],
		['nor scripts', 'relay/probe.ts', '../scripts/chromium']
	])('%s: %s -> %s', async (_why, path, source) => {
		expect(await brokenRules(path, `export * from '${source}';\n`)).toEqual([direction]);
	});

	test.each(['import { x } from', 'import type { x } from', 'export * from', 'export type { x } from'])(
		'in every form: %s',
		async (form) => {
			const use = form.startsWith('import type')
				? 'export type y = x;'
				: form.startsWith('import')
					? 'export const y = x;'
					: '';
			expect(await brokenRules('relay/probe.ts', `${form} '../src/lib/store/types';\n${use}\n`)).toEqual([
				direction
			]);
		}
	);

	test('also when imported late', async () => {
		expect(
			await brokenRules('relay/probe.ts', `export const store = import('../src/lib/store/types');\n`)
		).toEqual([direction]);
	});

	test('in a component', async () => {
		const code = `<script lang="ts">\n\timport type { MessageRow } from '$lib/store/types';\n\tlet { row }: { row: MessageRow } = $props();\n</script>\n\n{row.id}\n`;
		expect(await brokenRules('src/lib/ui/Probe.svelte', code)).toEqual([direction]);
	});

	test.each([
		['src/lib/store/probe.ts', '../protocol/result'],
		['src/lib/app/probe.ts', '$lib/store/types'],
		['src/lib/ui/probe.ts', '$lib/app/contract'],
		['src/routes/probe.ts', '$lib/app/contract'],
		['relay/probe.ts', '../src/lib/protocol/result'],
		['relay/probe.ts', 'ws'],
		['src/lib/replicas/relay/probe.ts', '../../conversation/conversation'],
		['src/lib/replicas/relay/probe.ts', '../peer-sync'],
		['src/lib/app/probe.ts', '../replicas/relay/relay-replica'],
		['relay/probe.ts', 'node:http'],
		['tests/unit/probe.test.ts', '../../src/lib/store/types']
	])('%s may import %s', async (path, source) => {
		expect(await brokenRules(path, `export * from '${source}';\n`)).toEqual([]);
	});
});

describe('rooms that run anywhere', () => {
	test.each([
		['src/lib/protocol/probe.ts', 'yjs'],
		['src/lib/protocol/probe.ts', 'y-protocols/sync'],
		['src/lib/protocol/probe.ts', 'node:crypto'],
		['src/lib/conversation/probe.ts', 'y-webrtc'],
		['src/lib/ui/probe.ts', 'yjs']
	])('%s may not import %s', async (path, source) => {
		expect(await brokenRules(path, `export * from '${source}';\n`)).toEqual(['no-restricted-imports']);
	});

	test.each([
		['no-restricted-globals', 'document.title'],
		['no-restricted-properties', 'Date.now()'],
		['no-restricted-properties', 'Math.random()']
	])('%s: %s', async (rule, expression) => {
		expect(await brokenRules('src/lib/conversation/probe.ts', `export const x = ${expression};\n`)).toEqual([
			rule
		]);
	});
});

describe('habits', () => {
	test.each([
		['no-console', `console.log(1);`],
		['no-empty', `try {\n\tf();\n} catch {}`],
		['no-restricted-syntax', `await f().catch(() => {});`],
		['no-restricted-syntax', `await new Promise((resolve) => setTimeout(resolve, 100));`],
		['no-restricted-syntax', `await page.waitForTimeout(100);`],
		['no-restricted-imports', `export * from 'node:timers/promises';`],
		['@typescript-eslint/no-explicit-any', `export const x: any = 1;`],
		['@typescript-eslint/ban-ts-comment', `// @ts-ignore\nf();`],
		['@typescript-eslint/no-unused-vars', `const x = 1;`]
	])('%s', async (rule, code) => {
		expect(await brokenRules('tests/e2e/probe.spec.ts', `${code}\n`)).toEqual([rule]);
	});

	test('a deadline is not a sleep', async () => {
		const code = `export const deadline = new Promise((_, reject) => setTimeout(reject, 100));\n`;
		expect(await brokenRules('tests/e2e/probe.spec.ts', code)).toEqual([]);
	});

	test('raw HTML never reaches the page', async () => {
		expect(await brokenRules('src/lib/ui/Probe.svelte', `{@html 'x'}\n`)).toEqual(['svelte/no-at-html-tags']);
	});
});
