/** The list of conversations: order, last message, unread, who is shown. */
import type { PageAnchor } from '../../../src/lib/store/types';
import { expectEqual, farFuture, small, summary, type StoreCase } from './store-case';
import { baseTime, conversation, member, message, messages, placeOf } from './store-rows';

export const conversationCases: readonly StoreCase[] = [
	{
		name: 'lists conversations by activity, with last message, unread and members',
		run: async (store) => {
			await store.apply({
				...small,
				conversations: [
					conversation('c1'),
					conversation('c2', { createdTime: message(50).time }),
					conversation('c3', { createdTime: 1, left: true })
				]
			});
			const list = await store.conversations(farFuture);
			expectEqual(
				list.map(({ id }) => id),
				['c2', 'c1', 'c3']
			);
			expectEqual(list[1], {
				id: 'c1',
				name: 'Name of c1',
				createdTime: baseTime,
				left: false,
				unread: 10,
				readPosition: null,
				memberCount: 2,
				mentions: 0,
				last: {
					author: 'bob',
					authorName: 'Name of bob',
					own: false,
					text: 'message number 19',
					deleted: false,
					sentAtMs: message(19).sentAtMs,
					position: placeOf(message(19))
				}
			});
			expectEqual([list[0]?.last, list[0]?.unread, list[2]?.left], [null, 0, true]);
			await store.apply({
				messages: [message(60, { conversation: 'c3', author: 'stranger' })],
				members: [member('bob', { name: 'Robert' })]
			});
			const after = await store.conversations(farFuture);
			expectEqual(
				after.map(({ id }) => id),
				['c3', 'c2', 'c1']
			);
			expectEqual([after[0]?.last?.authorName, after[2]?.last?.authorName], ['', 'Robert']);
		}
	},
	{
		name: 'shows a conversation only when its row is there, in whatever order rows come',
		run: async (store) => {
			await store.markRead('c1', placeOf(message(2)));
			await store.apply({ messages: messages(0, 4), members: [member('bob')] });
			expectEqual(await store.conversations(farFuture), []);
			await store.apply({ conversations: [conversation('c1')] });
			const listed = await summary(store);
			expectEqual([listed?.unread, listed?.memberCount, listed?.last?.authorName], [1, 1, 'Name of bob']);
		}
	},
	{
		name: 'moves the read position forward, never back',
		run: async (store) => {
			await store.apply(small);
			await store.markRead('c1', placeOf(message(10)));
			expectEqual(
				[(await summary(store))?.unread, (await summary(store))?.readPosition],
				[5, placeOf(message(10))]
			);
			await store.markRead('c1', placeOf(message(4)));
			await store.markRead('c1', { time: message(10).time, id: 'a' });
			expectEqual((await summary(store))?.readPosition, placeOf(message(10)));
			await store.markRead('c1', { time: message(10).time, id: 'z' });
			expectEqual((await summary(store))?.readPosition, { time: message(10).time, id: 'z' });
			await store.markRead('c1', placeOf(message(19)));
			expectEqual((await summary(store))?.unread, 0);
		}
	},
	{
		name: 'counts unread up to 1 000',
		run: async (store) => {
			await store.apply({ conversations: [conversation('c1')], messages: messages(0, 2400) });
			expectEqual((await summary(store))?.unread, 1000);
			await store.markRead('c1', placeOf(message(1000)));
			expectEqual((await summary(store))?.unread, 700);
		}
	},
	{
		name: 'shows nothing of hidden authors, and all of it again when they are not',
		run: async (store) => {
			await store.apply(small);
			const shown = async () => {
				const texts: string[][] = [];
				const anchors: PageAnchor[] = [
					{ at: 'newest' },
					{ at: 'before', position: placeOf(message(9)) },
					{ at: 'after', position: placeOf(message(9)) },
					{ at: 'around', position: placeOf(message(9)) }
				];
				for (const anchor of anchors) {
					const page = await store.page({ conversation: 'c1', anchor, limit: 50, dueTime: farFuture });
					texts.push(page.messages.map(({ author, text }) => `${author}: ${text}`));
				}
				const listed = await summary(store);
				const found = await store.search({ text: 'message', limit: 50, dueTime: farFuture });
				const hits = found.map(({ message: { author } }) => author);
				return { texts, unread: listed?.unread, last: listed?.last?.author, hits };
			};
			const all = await shown();
			await store.hide(['bob', 'nobody-known-here']);
			const less = await shown();
			for (const page of less.texts) {
				if (page.length === 0 || page.some((text) => !text.startsWith('ann')))
					throw new Error(`not what Ann said alone: ${page.join()}`);
			}
			expectEqual([less.unread, less.last, new Set(less.hits)], [0, 'ann', new Set(['ann'])]);
			await store.hide([]);
			expectEqual(await shown(), all);
		}
	}
];
