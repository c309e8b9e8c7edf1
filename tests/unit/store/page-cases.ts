/** Pages of a timeline: what is on one, in which order, and what is held back. */
import { asSaid } from '../../../src/lib/store/as-said';
import { expectEqual, farFuture, found, page, small, summary, type StoreCase } from './store-case';
import { conversation, idOf, message, messages, placeOf } from './store-rows';

export const pageCases: readonly StoreCase[] = [
	{
		name: 'gives back every field of a message as it was',
		run: async (store) => {
			const rows = [
				message(1, { text: '' }),
				message(2, { text: 'Zażółć gęślą jaźń 東京 👩‍👩‍👧 \u0000 end' }),
				message(3, { time: 5, id: 'a', segment: 7, lane: 1, clock: 0, sentAtMs: 0 })
			];
			await store.apply({ messages: rows });
			const got = await store.page({
				conversation: 'c1',
				anchor: { at: 'newest' },
				limit: 10,
				dueTime: farFuture
			});
			const order = [rows[2], rows[0], rows[1]];
			expectEqual(
				got.messages,
				order.map((row) => row && asSaid(row))
			);
		}
	},
	{
		name: 'pages at the newest, before, after and around',
		run: async (store) => {
			await store.apply(small);
			expectEqual(await page(store, { at: 'newest' }), {
				clocks: [15, 16, 17, 18, 19],
				hasOlder: true,
				hasNewer: false
			});
			expectEqual(await page(store, { at: 'newest' }, 20), {
				clocks: [...Array(20).keys()],
				hasOlder: false,
				hasNewer: false
			});
			const at = (index: number) => placeOf(message(index));
			expectEqual(await page(store, { at: 'before', position: at(15) }), {
				clocks: [10, 11, 12, 13, 14],
				hasOlder: true,
				hasNewer: true
			});
			expectEqual(await page(store, { at: 'before', position: at(2) }), {
				clocks: [0, 1],
				hasOlder: false,
				hasNewer: true
			});
			expectEqual(await page(store, { at: 'before', position: at(0) }), {
				clocks: [],
				hasOlder: false,
				hasNewer: true
			});
			expectEqual(await page(store, { at: 'after', position: at(12) }), {
				clocks: [13, 14, 15, 16, 17],
				hasOlder: true,
				hasNewer: true
			});
			expectEqual(await page(store, { at: 'after', position: at(17) }), {
				clocks: [18, 19],
				hasOlder: true,
				hasNewer: false
			});
			expectEqual(await page(store, { at: 'after', position: at(19) }), {
				clocks: [],
				hasOlder: true,
				hasNewer: false
			});
			expectEqual(await page(store, { at: 'around', position: at(10) }), {
				clocks: [8, 9, 10, 11, 12],
				hasOlder: true,
				hasNewer: true
			});
			expectEqual(await page(store, { at: 'around', position: at(0) }), {
				clocks: [0, 1, 2, 3, 4],
				hasOlder: false,
				hasNewer: true
			});
			expectEqual(await page(store, { at: 'around', position: at(19) }), {
				clocks: [15, 16, 17, 18, 19],
				hasOlder: true,
				hasNewer: false
			});
		}
	},
	{
		name: 'orders messages of one time by id',
		run: async (store) => {
			const rows = ['b', 'a', 'B', '_', '-', 'aa'].map((id, clock) => message(1, { id, clock }));
			await store.apply({ messages: rows });
			expectEqual((await page(store, { at: 'newest' }, 9)).clocks, [4, 2, 3, 1, 5, 0]);
			expectEqual(
				(await page(store, { at: 'around', position: { time: message(1).time, id: 'aa' } }, 2)).clocks,
				[1, 5]
			);
			expectEqual(
				(await page(store, { at: 'after', position: { time: message(1).time, id: 'a' } }, 9)).clocks,
				[5, 0]
			);
		}
	},
	{
		name: 'holds back messages from the future until they are due',
		run: async (store) => {
			await store.apply({ conversations: [conversation('c1')], messages: messages(0, 6) });
			const due = message(2).time;
			expectEqual(await page(store, { at: 'newest' }, 2, due), {
				clocks: [1, 2],
				hasOlder: true,
				hasNewer: false
			});
			expectEqual(await page(store, { at: 'after', position: placeOf(message(1)) }, 5, due), {
				clocks: [2],
				hasOlder: true,
				hasNewer: false
			});
			expectEqual(await page(store, { at: 'before', position: placeOf(message(5)) }, 5, due), {
				clocks: [0, 1, 2],
				hasOlder: false,
				hasNewer: false
			});
			expectEqual(await page(store, { at: 'around', position: placeOf(message(4)) }, 2, due), {
				clocks: [1, 2],
				hasOlder: true,
				hasNewer: false
			});
			expectEqual(await found(store, 'message', { dueTime: due }), [2, 1, 0]);
			const held = await summary(store, 'c1', due);
			expectEqual([held?.last?.position.id, held?.unread], [idOf(2), 1]);
			// The list that was computed before must not be given when more has become due.
			const later = await summary(store, 'c1', message(3).time);
			expectEqual([later?.last?.position.id, later?.unread], [idOf(3), 2]);
			const earlier = await summary(store, 'c1', message(0).time);
			expectEqual([earlier?.last?.position.id, earlier?.unread], [idOf(0), 0]);
		}
	},
	{
		name: 'knows which news came above what had been read, and goes on knowing',
		run: async (store) => {
			await store.apply({ ...small, messages: [message(1), message(9)] });
			const lateOnes = async (): Promise<number[]> => {
				const query = {
					conversation: 'c1',
					anchor: { at: 'newest' },
					limit: 50,
					dueTime: farFuture
				} as const;
				return (await store.page(query)).messages.filter(({ late }) => late).map(({ clock }) => clock);
			};
			await store.apply({ messages: [message(3)], news: true });
			expectEqual(await lateOnes(), []);
			await store.markRead('c1', placeOf(message(9)));
			await store.apply({ messages: [message(5)] });
			await store.apply({ messages: [message(6), message(7), message(11)], news: true });
			// 6 is one's own, 11 stands after what has been read, 5 was history.
			expectEqual(await lateOnes(), [7]);
			await store.apply({ messages: [message(5), message(7), message(11)], news: true });
			await store.apply({ messages: [message(7, { time: message(8).time })] });
			expectEqual(await lateOnes(), [7]);
		}
	}
];
