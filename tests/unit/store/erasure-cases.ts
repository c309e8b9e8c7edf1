/** What goes for good: deleted, expired, cleared. */
import { expectEqual, found, frame, shown, summary, timeline, type StoreCase } from './store-case';
import { deleted, edit, idOf, message, pin, react } from './store-rows';

export const erasureCases: readonly StoreCase[] = [
	{
		name: 'leaves a tombstone of what is deleted, whenever that comes',
		run: async (store) => {
			await store.apply({
				...frame,
				deleted: [deleted(3)],
				acts: [edit(20, 3, 'late edit'), react(21, 3, '👍')]
			});
			await store.apply({
				messages: [
					message(1, { text: 'secret one', mentionsMe: true }),
					message(2, { reply: idOf(1) }),
					message(3, { text: 'secret three', thread: idOf(9) })
				],
				acts: [edit(22, 1, 'secret edit'), pin(23, 1)]
			});
			await store.apply({
				deleted: [deleted(1), { ...deleted(1, 'eve'), atMs: 9 }, { ...deleted(1, 'ann'), atMs: 4 }]
			});
			await store.apply({ acts: [edit(24, 1, 'secret later')] });
			for (const index of [1, 3]) {
				const {
					text,
					deleted: tomb,
					reactions,
					pinned,
					edited,
					author,
					mentionsMe
				} = await shown(store, index);
				const by = index === 1 ? { by: 'ann', atMs: 4 } : { by: 'bob', atMs: 5 };
				expectEqual(
					[text, tomb, reactions, pinned, edited, author, mentionsMe],
					['', by, [], false, null, 'bob', false]
				);
			}
			expectEqual((await shown(store, 3)).thread, idOf(9));
			expectEqual((await shown(store, 2)).reply?.deleted, true);
			expectEqual(await found(store, 'secret'), []);
			expectEqual([await store.versions({ conversation: 'c1', id: idOf(1) })], [[]]);
			expectEqual([await store.entries({ conversation: 'c1', id: idOf(1) })], [[]]);
			const row = await summary(store);
			expectEqual([row?.unread, row?.mentions], [0, 0]);
			await store.apply({
				deleted: [{ ...deleted(2), id: 'act-000030' }],
				acts: [edit(30, 2, 'never', 'ann')]
			});
			expectEqual((await shown(store, 2)).text, 'message number 2');
		}
	},
	{
		name: 'erases what has expired, and lets nothing of it come back',
		run: async (store) => {
			await store.apply({
				...frame,
				messages: [message(1, { expiresAtMs: 50 }), message(2, { expiresAtMs: 60 }), message(3)],
				acts: [edit(20, 1, 'other wording')]
			});
			expectEqual(await store.nextExpiry(), 50);
			const gone = await store.expired({ nowMs: 55, limit: 10 });
			expectEqual(
				gone.map(({ id, own }) => ({ id, own })),
				[{ id: idOf(1), own: false }]
			);
			await store.apply({ erased: [{ conversation: 'c1', id: idOf(1) }] });
			await store.apply({
				messages: [message(1, { expiresAtMs: 50 })],
				acts: [edit(21, 1, 'third wording')]
			});
			expectEqual(
				(await timeline(store)).map(({ clock }) => clock),
				[2, 3]
			);
			expectEqual(
				[await found(store, 'wording'), await found(store, 'message'), await store.nextExpiry()],
				[[], [3, 2], 60]
			);
		}
	},
	{
		name: 'clears a conversation up to a place, for good',
		run: async (store) => {
			const many = Array.from({ length: 900 }, (_, index) => message(index));
			await store.apply({ ...frame, messages: many, acts: [react(2000, 3, '👍'), react(2001, 890, '👍')] });
			await store.apply({
				cleared: [{ conversation: 'c1', until: { time: message(880).time, id: idOf(880) } }]
			});
			await store.apply({
				messages: [message(7), message(901)],
				acts: [edit(8, 890, 'older than that', 'ann')]
			});
			expectEqual(
				(await timeline(store)).map(({ clock }) => clock),
				[...many.slice(881).map(({ clock }) => clock), 901]
			);
			expectEqual([(await store.stats()).messages, (await found(store, 'number')).length], [20, 20]);
			expectEqual((await shown(store, 890)).reactions.length, 1);
		}
	}
];
