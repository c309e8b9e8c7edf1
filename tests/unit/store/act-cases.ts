/** What is said about messages: edits, reactions, pins, votes, answers in threads, copies. */
import type { SaidMessage } from '../../../src/lib/store/types';
import { expectEqual, farFuture, found, frame, shown, summary, timeline, type StoreCase } from './store-case';
import { copyOf, edit, idOf, message, pin, react, vote } from './store-rows';

const poll = (index: number, multiple: boolean): SaidMessage =>
	message(index, { text: 'Where?', poll: { options: ['Here', 'There', 'Nowhere'], multiple } });

export const actCases: readonly StoreCase[] = [
	{
		name: 'gives back all that a message may say',
		run: async (store) => {
			const full = message(2, {
				own: false,
				mentions: ['ann', 'eve'],
				mentionsMe: true,
				mentionsEveryone: true,
				forwarded: true,
				expiresAtMs: 1_900_000_000_000,
				reply: idOf(1),
				thread: idOf(0),
				poll: { options: ['a', 'b'], multiple: true }
			});
			await store.apply({ ...frame, messages: [message(1, { text: '🚲'.repeat(300) }), full] });
			const {
				mentions,
				mentionsMe,
				mentionsEveryone,
				forwarded,
				expiresAtMs,
				reply,
				thread,
				poll: asked
			} = await shown(store, 2);
			expectEqual(
				{ mentions, mentionsMe, mentionsEveryone, forwarded, expiresAtMs, reply, thread, asked },
				{
					mentions: full.mentions,
					mentionsMe: true,
					mentionsEveryone: true,
					forwarded: true,
					expiresAtMs: 1_900_000_000_000,
					reply: {
						id: idOf(1),
						position: { time: message(1).time, id: idOf(1) },
						author: 'bob',
						own: false,
						text: '🚲'.repeat(256),
						deleted: false,
						thread: null
					},
					thread: idOf(0),
					asked: { options: ['a', 'b'], multiple: true, votes: [[], []], own: [], voters: 0 }
				}
			);
		}
	},
	{
		name: 'shows the newest edit by the author, keeps the others, and finds the text by it alone',
		run: async (store) => {
			await store.apply({ ...frame, acts: [edit(30, 1, 'newest wording')] });
			await store.apply({ messages: [message(1, { text: 'first wording' })] });
			await store.apply({ acts: [edit(20, 1, 'second wording'), edit(40, 1, 'forged', 'ann')] });
			const row = await shown(store, 1);
			expectEqual([row.text, row.edited], ['newest wording', { count: 2, atMs: 1_780_000_000_030 }]);
			expectEqual(
				(await store.entries({ conversation: 'c1', id: idOf(1) })).map(({ id }) => id),
				[idOf(1), 'act-000020', 'act-000030']
			);
			const versions = await store.versions({ conversation: 'c1', id: idOf(1) });
			expectEqual(
				versions.map(({ text }) => text),
				['newest wording', 'second wording', 'first wording']
			);
			expectEqual(
				[await found(store, 'newest'), await found(store, 'first'), await found(store, 'forged')],
				[[1], [], []]
			);
			expectEqual((await summary(store))?.last?.text, 'newest wording');
			await store.apply({ withdrawn: [{ conversation: 'c1', id: 'act-000030' }] });
			expectEqual((await shown(store, 1)).text, 'second wording');
			await store.apply({ retracted: [{ conversation: 'c1', segment: 1, lane: 77, next: 0 }] });
			expectEqual([(await shown(store, 1)).text, (await shown(store, 1)).edited], ['first wording', null]);
			expectEqual([await found(store, 'newest'), await found(store, 'first')], [[], [1]]);
		}
	},
	{
		name: 'counts reactions by account and emoji, the last word of each, twenty of one account',
		run: async (store) => {
			await store.apply({ ...frame, messages: [message(1)] });
			await store.apply({
				acts: [react(9, 1, '👍', false), react(8, 1, '👍'), react(7, 1, '❤️'), react(6, 1, '❤️', true, 'ann')]
			});
			expectEqual((await shown(store, 1)).reactions, [{ emoji: '❤️', accounts: ['ann', 'bob'], own: true }]);
			await store.apply({ withdrawn: [{ conversation: 'c1', id: 'act-000009' }] });
			expectEqual((await shown(store, 1)).reactions[1], { emoji: '👍', accounts: ['bob'], own: false });
			await store.apply({
				acts: Array.from({ length: 25 }, (_, index) => react(99 - index, 1, `e${index}`))
			});
			const ofBob = (await shown(store, 1)).reactions.filter(({ accounts }) => accounts.includes('bob'));
			expectEqual(
				ofBob.map(({ emoji }) => emoji),
				['❤️', '👍', ...Array.from({ length: 18 }, (_, index) => `e${24 - index}`)]
			);
			await store.apply({ acts: [react(200, 1, '👍', false), react(201, 1, 'e24', false)] });
			const after = (await shown(store, 1)).reactions.map(({ emoji }) => emoji);
			expectEqual([after.length, after.at(-1)], [20, 'e5']);
		}
	},
	{
		name: 'pins by the last word, whoever says it',
		run: async (store) => {
			await store.apply({ ...frame, messages: [message(1), message(2), message(3)] });
			await store.apply({ acts: [pin(10, 2), pin(20, 1), pin(15, 3), pin(16, 3, false)] });
			const pinned = async () =>
				(await store.pinned({ conversation: 'c1', dueTime: farFuture })).map(({ clock }) => clock);
			expectEqual(
				[await pinned(), (await shown(store, 2)).pinned, (await shown(store, 3)).pinned],
				[[1, 2], true, false]
			);
			await store.apply({ acts: [pin(30, 1, false)], withdrawn: [{ conversation: 'c1', id: 'act-000016' }] });
			expectEqual(await pinned(), [3, 2]);
		}
	},
	{
		name: 'counts the last vote of each, and nothing that was not asked',
		run: async (store) => {
			await store.apply({ ...frame, messages: [poll(1, false), poll(2, true)] });
			await store.apply({
				acts: [
					vote(9, 1, [2, 7]),
					vote(8, 1, [0]),
					vote(7, 1, [1, 2], 'ann'),
					vote(6, 2, [0, 2], 'ann'),
					vote(5, 2, [2]),
					vote(4, 2, [9], 'eve'),
					vote(12, 2, [], 'ann')
				]
			});
			const result = async (index: number) => {
				const { votes, own, voters } = (await shown(store, index)).poll ?? {};
				return { votes, own, voters };
			};
			expectEqual(await result(1), { votes: [[], ['ann'], ['bob']], own: [1], voters: 2 });
			expectEqual(await result(2), { votes: [[], [], ['bob']], own: [], voters: 1 });
		}
	},
	{
		name: 'keeps threads out of the timeline, with what stands in them at their root',
		run: async (store) => {
			const inThread = (index: number, more: Partial<SaidMessage> = {}) =>
				message(index, { thread: idOf(1), text: `deep ${index}`, ...more });
			await store.apply({
				...frame,
				messages: [inThread(5), message(1), message(2), inThread(4), inThread(7, { mentionsMe: true })]
			});
			expectEqual(
				(await timeline(store)).map(({ clock }) => clock),
				[1, 2]
			);
			expectEqual(
				(await timeline(store, idOf(1))).map(({ clock }) => clock),
				[4, 5, 7]
			);
			expectEqual((await shown(store, 1)).replies, {
				count: 3,
				unread: 0,
				lastTime: message(7).time,
				lastAuthors: ['bob', 'ann']
			});
			await store.markRead('c1', { time: message(4).time, id: idOf(4) }, idOf(1));
			expectEqual((await shown(store, 1)).replies?.unread, 2);
			expectEqual((await shown(store, 2)).replies, null);
			expectEqual(await found(store, 'deep'), [7, 5, 4]);
			const row = await summary(store);
			expectEqual([row?.last?.text, row?.unread, row?.mentions], ['message number 2', 1, 1]);
			await store.markRead('c1', { time: message(9).time, id: idOf(9) });
			expectEqual([(await summary(store))?.unread, (await summary(store))?.mentions], [0, 1]);
			await store.markRead('c1', { time: message(7).time, id: idOf(7) }, idOf(1));
			expectEqual([(await summary(store))?.mentions, (await shown(store, 1)).replies?.unread], [0, 0]);
		}
	},
	{
		name: 'takes what names one copy of a message to name the one that is shown',
		run: async (store) => {
			const again = (id: string, author = 'bob') => ({ ...copyOf(1, id), author });
			await store.apply({ ...frame, acts: [react(20, 1, '👍'), edit(21, 1, 'mended')] });
			await store.apply({ messages: [message(3), message(4)], again: [again(idOf(3)), again('other-copy')] });
			await store.apply({
				acts: [
					{ ...react(22, 1, '❤️'), target: 'other-copy' },
					{ ...react(23, 1, '👍', false), target: idOf(3) }
				]
			});
			const row = await shown(store, 3);
			expectEqual([row.text, row.reactions.map(({ emoji }) => emoji)], ['mended', ['❤️']]);
			expectEqual((await shown(store, 1)).clock, 3);
			// Nobody takes over what was said about somebody else.
			await store.apply({ messages: [message(1)], again: [again(idOf(4), 'ann')] });
			expectEqual((await shown(store, 4)).reactions, []);
			await store.apply({ retracted: [{ conversation: 'c1', segment: 1, lane: 5, next: 0 }] });
			expectEqual((await shown(store, 3)).text, 'message number 3');
		}
	},
	{
		name: 'shows nothing of what somebody who is hidden says about messages',
		run: async (store) => {
			await store.apply({
				...frame,
				messages: [message(1), message(2, { reply: idOf(1) }), message(3, { thread: idOf(2) })],
				acts: [react(9, 2, '👍'), react(8, 2, '👍', true, 'ann')]
			});
			await store.hide(['bob']);
			const row = await shown(store, 2);
			expectEqual(
				[row.reactions, row.reply?.position, row.replies],
				[[{ emoji: '👍', accounts: ['ann'], own: true }], null, null]
			);
		}
	}
];
