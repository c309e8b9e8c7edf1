/** Batches: written once, written again, changed, taken back, refused. */
import { expectEqual, farFuture, found, page, small, summary, type StoreCase } from './store-case';
import { conversation, idOf, member, message, messages } from './store-rows';

export const writeCases: readonly StoreCase[] = [
	{
		name: 'changes nothing when a batch is written again',
		run: async (store) => {
			await store.apply(small);
			const look = async () => [
				await store.conversations(farFuture),
				await store.members('c1'),
				await store.cursors('c1'),
				await page(store, { at: 'newest' }, 50),
				await found(store, 'number'),
				(await store.stats()).messages
			];
			const before = await look();
			await store.apply(small);
			expectEqual(await look(), before);
		}
	},
	{
		name: 'takes a changed text, and a changed time',
		run: async (store) => {
			await store.apply(small);
			await store.apply({
				messages: [message(3, { text: 'quite another thing' }), message(4, { time: message(18).time + 1 })]
			});
			expectEqual(await found(store, 'another thing'), [3]);
			expectEqual(await found(store, 'number 3'), []);
			expectEqual((await page(store, { at: 'newest' }, 3)).clocks, [18, 4, 19]);
			expectEqual(await found(store, 'number 4'), [4]);
			expectEqual((await store.stats()).messages, 20);
			// Twice in one batch, where the first has not been written yet.
			await store.apply({ messages: [message(30, { text: 'draft' }), message(30, { text: 'final' })] });
			expectEqual([await found(store, 'draft'), await found(store, 'final')], [[], [30]]);
		}
	},
	{
		name: 'withdraws messages, unknown ones too',
		run: async (store) => {
			await store.apply(small);
			await store.apply({
				withdrawn: [
					{ conversation: 'c1', id: idOf(19) },
					{ conversation: 'c1', id: 'nobody knows' },
					{ conversation: 'c9', id: idOf(1) }
				]
			});
			expectEqual((await page(store, { at: 'newest' }, 2)).clocks, [17, 18]);
			expectEqual(await found(store, 'number 19'), []);
			expectEqual((await summary(store))?.last?.position.id, idOf(18));
			await store.apply({ messages: [message(21)], withdrawn: [{ conversation: 'c1', id: idOf(21) }] });
			expectEqual((await page(store, { at: 'newest' }, 1)).clocks, [18]);
			// Many at once take another way through the index.
			await store.apply({ withdrawn: messages(0, 18).map(({ id }) => ({ conversation: 'c1', id })) });
			expectEqual([await found(store, 'message'), (await store.stats()).messages], [[18], 1]);
			await store.settled();
			expectEqual(await found(store, 'message'), [18]);
		}
	},
	{
		name: 'takes back what a lane said from a clock on, and its cursor with it',
		run: async (store) => {
			await store.apply(small);
			const { segment, lane } = message(5);
			await store.apply({ cursors: [{ conversation: 'c1', segment, lane, next: 20 }] });
			const taken = { conversation: 'c1', segment, lane, next: 12 };
			await store.apply({ retracted: [taken] });
			const kept = messages(0, 20).filter((row) => row.lane !== lane || row.clock < 12);
			expectEqual(
				(await page(store, { at: 'newest' }, 50)).clocks,
				kept.map((row) => row.clock)
			);
			expectEqual(
				(await store.cursors('c1')).filter((cursor) => cursor.lane === lane && cursor.segment === segment),
				[taken]
			);
			// It may come again, and no cursor is raised by taking back.
			await store.apply({
				retracted: [
					{ ...taken, next: 15 },
					{ ...taken, conversation: 'c9' }
				]
			});
			await store.apply({ ...small, cursors: [{ ...taken, next: 20 }] });
			expectEqual((await store.stats()).messages, 20);
			expectEqual((await store.cursors('c1')).find((cursor) => cursor.lane === lane)?.next, 20);
		}
	},
	{
		name: 'keeps the furthest cursor of each lane',
		run: async (store) => {
			const cursor = (segment: number, lane: number, next: number) => ({
				conversation: 'c1',
				segment,
				lane,
				next
			});
			await store.apply({ cursors: [cursor(0, 5, 10), cursor(1, 4, 3)] });
			await store.apply({ cursors: [cursor(0, 5, 7), cursor(0, 2 ** 53 - 1, 1)] });
			expectEqual(await store.cursors('c1'), [cursor(0, 5, 10), cursor(0, 2 ** 53 - 1, 1), cursor(1, 4, 3)]);
			expectEqual(await store.cursors('unknown'), []);
		}
	},
	{
		name: 'forgets a conversation and nothing else',
		run: async (store) => {
			await store.apply({ ...small, conversations: [conversation('c1'), conversation('c2')] });
			await store.apply({
				messages: messages(100, 1300, { conversation: 'c2' }),
				members: [member('bob', { conversation: 'c2' })],
				cursors: [{ conversation: 'c2', segment: 0, lane: 1, next: 5 }]
			});
			await store.forget('c2');
			expectEqual(
				(await store.conversations(farFuture)).map(({ id }) => id),
				['c1']
			);
			expectEqual(
				[await store.members('c2'), await store.cursors('c2'), (await store.stats()).messages],
				[[], [], 20]
			);
			expectEqual((await found(store, 'message')).length, 20);
			await store.forget('unknown');
			// The same conversation again begins from nothing.
			await store.apply({
				conversations: [conversation('c2')],
				messages: [message(100, { conversation: 'c2' })]
			});
			const again = await summary(store, 'c2');
			expectEqual(
				[again?.unread, again?.memberCount, again?.readPosition, await found(store, 'number 100')],
				[0, 0, null, [100]]
			);
		}
	},
	{
		name: 'rejects with a StoreError, and writes nothing of a batch that fails',
		run: async (store) => {
			await store.apply(small);
			const bad = message(31, { sentAtMs: 0.5 });
			const outcome = await store.apply({ messages: [message(30), bad] }).then(
				() => 'written',
				(error: Error) => error.name
			);
			expectEqual(
				[outcome, await found(store, 'number 30'), (await store.stats()).messages],
				['StoreError', [], 20]
			);
		}
	}
];
