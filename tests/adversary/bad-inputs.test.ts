/**
 * Bad inputs, numbered, against the real parts: what comes of each is in docs/adversary.md, which is made from the rows
 * (`npx vitest run tests/adversary -u`).
 */
import { readFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { authorityRows } from './authority-rows';
import { contactRows } from './contact-rows';
import { deviceRows } from './device-rows';
import { entryRows } from './entry-rows';
import { fileRows } from './file-rows';
import { handshakeRows } from './handshake-rows';
import { invitationRows } from './invitation-rows';
import { relayRows } from './relay-rows';
import type { BrowserTest, Row } from './row';
import { textRows } from './text-rows';
import { timeRows } from './time-rows';
import { updateRows } from './update-rows';

const rows: readonly Row[] = [
	...updateRows,
	...entryRows,
	...authorityRows,
	...timeRows,
	...invitationRows,
	...contactRows,
	...handshakeRows,
	...fileRows,
	...textRows,
	...deviceRows,
	...relayRows
].sort((a, b) => a.no - b.no);
const inputs = 45;

describe('bad input', () => {
	for (const row of rows) {
		const name = `${row.no}: ${row.input}`;
		if (row.todo !== undefined) it.todo(`${name} (${row.todo})`);
		else if (row.browser === undefined) it(name, row.run, 60_000);
		else it(`${name} (in the browser)`, () => Promise.all(row.browser.map(isInItsSpec)));
	}
});

describe('the list', () => {
	it('leaves no number out', () => {
		expect([...new Set(rows.map(({ no }) => no))]).toEqual(Array.from({ length: inputs }, (_, i) => i + 1));
	});

	it('is what docs/adversary.md says', async () => {
		const page = new URL('../../docs/adversary.md', import.meta.url).pathname;
		const options = await resolveConfig(page);
		const text = await format(pageOf(rows), { ...options, parser: 'markdown' });
		await expect(text).toMatchFileSnapshot(page);
	});
});

/** A test that is skipped there is none. */
async function isInItsSpec({ spec, title }: BrowserTest): Promise<void> {
	const source = await readFile(new URL(`../../${spec}`, import.meta.url), 'utf8');
	const found = ["'", '`'].some((quote) => source.includes(`test(${quote}${title}${quote}`));
	expect(found, `${spec} holds a test of this title: ${title}`).toBe(true);
}

function pageOf(all: readonly Row[]): string {
	const cell = (text: string): string => text.replaceAll(/[|_]/g, '\\$&').replaceAll('<', '&lt;');
	const lines = all.map((row) => {
		const specs = new Set((row.browser ?? []).map(({ spec }) => `\`${spec}\``));
		const where = specs.size === 0 ? '' : ` (${[...specs].join(', ')})`;
		const outcome = row.todo === undefined ? `${row.outcome}${where}` : `_open: ${row.todo}._ ${row.outcome}`;
		return `| ${row.no} | ${cell(row.input)} | ${cell(outcome)} |`;
	});
	return [
		'# Bad input, and what comes of it',
		'',
		'Made from the rows of `tests/adversary`, which run each against the real parts; do not edit by hand. "Refused" means: ',
		'with a typed reason that is counted, nothing stored, documents byte for byte as before. Rows that say _open_ are ',
		'not tested and not counted as passed; rows that name a spec are tested in a real browser. The same misdeeds by a member in a real browser, beside two people who ',
		'go on talking: `tests/e2e/adversary`.',
		'',
		'| no. | input | what comes of it |',
		'| --- | --- | --- |',
		...lines,
		''
	].join('\n');
}
