/** What its author's device does about words of what is deleted: real folds and a real read model, as the app joins them. */
import { afterEach, expect, it, vi } from 'vitest';
import { LateWords } from '../../../src/lib/app/late-words';
import { Projector } from '../../../src/lib/app/projector';
import { fromBase64url, toBase64url } from '../../../src/lib/protocol/base64url';
import { decodeOwnUpdate, isPlaceholder } from '../../../src/lib/protocol/guard/update';
import { fail } from '../../../src/lib/protocol/result';
import type { SaidPlace, Store } from '../../../src/lib/store/types';
import { group, type Person } from '../conversation/people';
import { memoryStore } from '../store/memory-store';
import { farFuture } from '../store/store-case';
import { noProjectorEvents } from './no-projector-events';

const stores: Store[] = [];
afterEach(async () => {
	for (const store of stores.splice(0)) await store.close();
});

/** Gives somebody the app's read model, filled with what they have. */
async function withReadModel(person: Person) {
	const store = memoryStore();
	stores.push(store);
	await store.open();
	const { account } = person.conversation;
	const conversation = toBase64url(person.identity.conversation);
	const removed: string[] = [];
	const late = new LateWords({
		store,
		conversation,
		maySay: () => true,
		remove: async (entries) => {
			removed.push(...entries.map(({ id }) => id));
			return person.conversation.delete(account, entries);
		},
		note: (text) => {
			throw new Error(text);
		}
	});
	const looks: Promise<void>[] = [];
	const projector = new Projector(
		store,
		conversation,
		account,
		{ name: 'Trip', createdTime: 0, left: false },
		{ ...noProjectorEvents, reworded: () => void looks.push(late.look()) },
		() => 0
	);
	person.alsoTell(projector);
	const shown = async () =>
		(await store.page({ conversation, anchor: { at: 'newest' }, limit: 10, dueTime: farFuture })).messages;
	const settled = async (): Promise<void> => {
		for (let look = looks.pop(); look !== undefined; look = looks.pop()) await look;
	};
	return { store, conversation, removed, shown, settled };
}

const holesOf = (person: Person, lane: number): readonly number[] => {
	const runs = decodeOwnUpdate(person.stateOf(1), Number.MAX_SAFE_INTEGER);
	const run = runs.ok ? runs.value.find((each) => each.lane === lane) : undefined;
	return (run?.entries ?? []).flatMap((entry, clock) => (isPlaceholder(entry) ? [clock] : []));
};

it('names an edit that was made before its author heard of the delete, for everybody', async () => {
	const { founder, ben } = await group('ben');
	const app = await withReadModel(ben);
	await ben.say('one');
	const { id, lane, clock } = ben.entryOf('one');
	await founder.hear(ben);
	expect(await founder.delete('one')).toMatchObject({ ok: true });
	const target = fromBase64url(id);
	if (!target.ok) throw new Error(target.reason);
	await ben.write({ type: 'edit', target: target.value, text: 'one, late', mentions: [] });
	expect((await app.shown()).map(({ text }) => text)).toEqual(['one, late']);
	await ben.hear(founder);
	await app.settled();
	expect((await app.shown()).map(({ text, deleted }) => [text, deleted?.by])).toEqual([
		['', founder.conversation.account]
	]);
	expect(app.removed).toHaveLength(1);
	await ben.conversation.document(1);
	await founder.hear(ben);
	for (const person of [ben, founder]) expect(holesOf(person, lane)).toEqual([clock, clock + 1]);
	expect(await app.store.lateWords({ conversation: app.conversation })).toEqual([]);
});

it('names nothing twice in a session, and nothing while nothing may be said', async () => {
	const place = { conversation: 'c', segment: 1, lane: 2, clock: 3, id: 'e' } as const;
	const remove = vi.fn(async (_entries: readonly SaidPlace[]) => fail('not-saved'));
	const note = vi.fn();
	let maySay = false;
	const late = new LateWords({
		store: { lateWords: async () => [place] },
		conversation: 'c',
		maySay: () => maySay,
		remove,
		note
	});
	await late.look();
	expect(remove).not.toHaveBeenCalled();
	maySay = true;
	await Promise.all([late.look(), late.look()]);
	await late.look();
	expect(remove.mock.calls).toEqual([[[place]]]);
	expect(note).toHaveBeenCalledTimes(1);
});
