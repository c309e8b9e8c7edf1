import { describe, expect, it } from 'vitest';
import { exportedPages, type ExportedMessage } from '../../../src/lib/app/export/exported-conversation';
import { escaped, htmlExport } from '../../../src/lib/app/export/html-export';
import { jsonExport } from '../../../src/lib/app/export/json-export';
import type { ExportPart } from '../../../src/lib/app/export-contract';
import { asSaid } from '../../../src/lib/store/as-said';
import { conversation, member, message, messages } from '../store/store-rows';
import { memoryStore } from '../store/memory-store';

const nasty = `</p><script>alert(1)</script> "quoted" 'single' & <img src=x onerror=alert(1)>`;
const words = {
	language: 'en',
	direction: 'ltr',
	lead: 'exported <now>',
	members: 'Members',
	edited: 'edited',
	deleted: 'deleted',
	time: (atMs: number) => `at ${atMs}`
} as const;
const described = {
	id: 'c1',
	name: nasty,
	kind: 'group',
	members: [{ account: 'ann', name: nasty, role: 'owner', left: false }],
	exportedAtMs: 1_780_000_000_000
} as const;

async function* pagesOf(...pages: readonly ExportedMessage[][]): AsyncGenerator<readonly ExportedMessage[]> {
	for (const page of pages) yield await Promise.resolve(page);
}

async function whole(parts: AsyncIterable<ExportPart>): Promise<string> {
	let text = '';
	for await (const part of parts) text += part.text;
	return text;
}

const said = (index: number, text: string): ExportedMessage => ({
	...asSaid(message(index, { text })),
	authorName: nasty
});

describe('an export', () => {
	it('as a page holds every text as text', async () => {
		const html = await whole(
			htmlExport(described, pagesOf([said(0, nasty)], [said(1, 'line\nline')]), words)
		);
		expect(html).not.toMatch(/<(script|img)/);
		expect(html.split(escaped(nasty))).toHaveLength(7);
		expect(html).toContain(`default-src 'none'`);
		expect(html).toContain('line\nline');
	});

	it('as data can be read again', async () => {
		const json = await whole(jsonExport(described, pagesOf([said(0, nasty), said(1, 'b')], [said(2, 'c')])));
		const read = JSON.parse(json) as { version: number; messages: { text: string; sentAt: string }[] };
		expect(read).toMatchObject({ format: 'skein-export', version: 1, conversation: { name: nasty } });
		expect(read.messages.map(({ text }) => text)).toEqual([nasty, 'b', 'c']);
		expect(new Date(read.messages[1]?.sentAt ?? '').getTime()).toBe(message(1).sentAtMs);
		expect(JSON.parse(await whole(jsonExport(described, pagesOf())))).toMatchObject({ messages: [] });
	});

	it('holds all messages, oldest first, a page at a time', async () => {
		const store = memoryStore();
		await store.open();
		await store.apply({ conversations: [conversation('c1')], members: [member('ann')] });
		await store.apply({ messages: messages(0, 1201) });
		const sizes: number[] = [];
		const clocks: number[] = [];
		for await (const page of exportedPages(store, 'c1', Number.MAX_SAFE_INTEGER - 1, (account) => account)) {
			sizes.push(page.length);
			clocks.push(...page.map(({ clock }) => clock));
		}
		expect(sizes).toEqual([500, 500, 201]);
		expect(clocks).toEqual([...Array(1201).keys()]);
	});
});
