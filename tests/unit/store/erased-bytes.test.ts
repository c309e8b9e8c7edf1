import { expect, test } from 'vitest';
import { loadSqlite } from '../../../src/lib/store/sqlite-module';
import type { ProjectionBatch } from '../../../src/lib/store/types';
import { memoryStore } from './memory-store';
import { baseTime, conversation, copyOf, deleted, edit, idOf, message, messages, react } from './store-rows';
import { StoredHome } from './stored-home';

/** One word, so that the index holds it as it is. */
const canary = 'quetzalcoatlus';
const wordings = [`${canary} was here`, `it was a ${canary}`, `${canary}${canary}`];

/** Bytes of the database file after batches, each in a start of its own. */
async function bytesAfter(...batches: readonly ProjectionBatch[]): Promise<string> {
	const home = new StoredHome(await loadSqlite());
	for (const batch of batches) {
		const store = memoryStore(home);
		await store.open();
		await store.apply(batch);
		await store.settled();
		await store.close();
	}
	return new TextDecoder('latin1').decode(home.bytes ?? new Uint8Array());
}

const said: ProjectionBatch = {
	conversations: [conversation('c1')],
	messages: [
		...messages(10, 200),
		message(1, { text: wordings[0] ?? '' }),
		message(2, { poll: { options: [canary, 'other'], multiple: false }, thread: idOf(1) })
	],
	acts: [edit(300, 1, wordings[1] ?? ''), edit(301, 1, wordings[2] ?? ''), react(302, 1, `🦖${canary}`)]
};

test('what was said is in the file, or the tests below could not fail', async () => {
	expect((await bytesAfter(said)).split(canary).length).toBeGreaterThan(5);
});

test.each<readonly [string, ProjectionBatch]>([
	['deleted', { deleted: [deleted(1), deleted(2)] }],
	['erased', { erased: [1, 2].map((index) => ({ conversation: 'c1', id: idOf(index) })) }],
	['cleared', { cleared: [{ conversation: 'c1', until: { time: baseTime + 5 * 1024, id: '' } }] }]
])('nothing is left in the file of what is %s', async (_name, batch) => {
	expect(await bytesAfter(said, batch)).not.toContain(canary);
	// Nor if it comes afterwards.
	expect(await bytesAfter({ conversations: [conversation('c1')] }, batch, said)).not.toContain(canary);
});

test('nor of an edit that comes afterwards and names what an erased message is a copy of', async () => {
	const again = copyOf(1, 'copy');
	const copy: ProjectionBatch = {
		conversations: [conversation('c1')],
		messages: [message(3, { id: again.id, author: again.author, own: false })],
		again: [again]
	};
	const late: ProjectionBatch = { acts: [edit(300, 1, canary)] };
	expect(await bytesAfter(copy, late)).toContain(canary);
	const erased: ProjectionBatch = { erased: [{ conversation: 'c1', id: again.id }] };
	expect(await bytesAfter(copy, erased, late)).not.toContain(canary);
});
