/** What every Store has to do with what is said about messages; run like store-cases.ts. */
import type {
	ActRow,
	AgainRow,
	DeletedRow,
	MessageRow,
	SaidMessage,
	Store
} from '../../../src/lib/store/types';
import {
	baseTime,
	conversation,
	expectEqual,
	farFuture,
	idOf,
	member,
	message,
	type StoreCase
} from './store-cases';

type ActFields = ActRow extends infer A
	? A extends ActRow
		? Omit<A, keyof typeof placeFields>
		: never
	: never;

const placeFields = { conversation: 'c1', segment: 1, lane: 77, own: false } as const;

/** An act by Bob about message `target`, said at tick `at`, in its own place. */
export function act(
	at: number,
	target: number,
	content: Pick<ActRow, 'kind'> & Partial<ActFields>,
	author = 'bob'
): ActRow {
	return {
		...placeFields,
		clock: at,
		time: baseTime + at * 1024,
		id: `act-${String(at).padStart(6, '0')}`,
		author,
		own: author === 'ann',
		sentAtMs: 1_780_000_000_000 + at,
		target: idOf(target),
		...content
	} as ActRow;
}

export const edit = (at: number, target: number, text: string, author = 'bob') =>
	act(at, target, { kind: 'edit', text, mentions: [], mentionsMe: false }, author);
export const react = (at: number, target: number, emoji: string, on = true, author = 'bob') =>
	act(at, target, { kind: 'reaction', emoji, on }, author);
export const pin = (at: number, target: number, on = true) => act(at, target, { kind: 'pin', on });
const vote = (at: number, target: number, choices: readonly number[], author = 'bob') =>
	act(at, target, { kind: 'vote', choices }, author);
/** A copy of message `of`, by Bob. */
export const copyOf = (of: number, id: string): AgainRow => ({
	conversation: 'c1',
	...{ segment: 1, lane: 5, clock: 5, id, author: 'bob', own: false, origin: idOf(of) }
});
export const deleted = (index: number, by = 'bob'): DeletedRow => ({
	conversation: 'c1',
	...{ segment: 0, lane: 1, clock: index, id: idOf(index) },
	author: index % 2 === 0 ? 'ann' : 'bob',
	...{ by, atMs: 5 }
});

const timeline = async (store: Store, thread?: string): Promise<readonly MessageRow[]> => {
	const query = { conversation: 'c1', anchor: { at: 'newest' }, limit: 50, dueTime: farFuture } as const;
	return (await store.page(thread === undefined ? query : { ...query, thread })).messages;
};
const shown = async (store: Store, index: number): Promise<MessageRow> => {
	const [row] = await store.messages({ conversation: 'c1', ids: [idOf(index)], dueTime: farFuture });
	if (!row) throw new Error(`message ${index} is not there`);
	return row;
};
const hits = async (store: Store, text: string, more: object = {}) =>
	(await store.search({ text, limit: 50, dueTime: farFuture, ...more })).map(
		({ message: { clock } }) => clock
	);
const summary = async (store: Store) => (await store.conversations(farFuture))[0];
const poll = (index: number, multiple: boolean): SaidMessage =>
	message(index, { text: 'Where?', poll: { options: ['Here', 'There', 'Nowhere'], multiple } });
const frame = { conversations: [conversation('c1')], members: [member('ann'), member('bob')] };

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
				[await hits(store, 'newest'), await hits(store, 'first'), await hits(store, 'forged')],
				[[1], [], []]
			);
			expectEqual((await summary(store))?.last?.text, 'newest wording');
			await store.apply({ withdrawn: [{ conversation: 'c1', id: 'act-000030' }] });
			expectEqual((await shown(store, 1)).text, 'second wording');
			await store.apply({ retracted: [{ conversation: 'c1', segment: 1, lane: 77, next: 0 }] });
			expectEqual([(await shown(store, 1)).text, (await shown(store, 1)).edited], ['first wording', null]);
			expectEqual([await hits(store, 'newest'), await hits(store, 'first')], [[], [1]]);
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
			expectEqual(await hits(store, 'deep'), [7, 5, 4]);
			const row = await summary(store);
			expectEqual([row?.last?.text, row?.unread, row?.mentions], ['message number 2', 1, 1]);
			await store.markRead('c1', { time: message(9).time, id: idOf(9) });
			expectEqual([(await summary(store))?.unread, (await summary(store))?.mentions], [0, 1]);
			await store.markRead('c1', { time: message(7).time, id: idOf(7) }, idOf(1));
			expectEqual([(await summary(store))?.mentions, (await shown(store, 1)).replies?.unread], [0, 0]);
		}
	},
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
			expectEqual(await hits(store, 'secret'), []);
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
				[await hits(store, 'wording'), await hits(store, 'message'), await store.nextExpiry()],
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
			expectEqual([(await store.stats()).messages, (await hits(store, 'number')).length], [20, 20]);
			expectEqual((await shown(store, 890)).reactions.length, 1);
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
		name: 'finds by author, links and dates, page after page',
		run: async (store) => {
			const links = [
				message(1, { text: 'see https://skein.example/a(b). and (https://skein.example/c)' }),
				message(2, { text: 'nothing http:// here' }),
				message(4, { text: 'https://skein.example/d', conversation: 'c2' })
			];
			await store.apply({ ...frame, messages: [...links, message(3), message(5, { thread: idOf(1) })] });
			const found = await store.links({ conversation: 'c1', limit: 10, dueTime: farFuture });
			expectEqual(
				found.map(({ url }) => url),
				['https://skein.example/a(b)', 'https://skein.example/c']
			);
			expectEqual(await hits(store, '', { has: 'link' }), [4, 1]);
			expectEqual(await hits(store, '', { has: 'link', conversation: 'c1' }), [1]);
			expectEqual(await hits(store, '', { from: 'bob' }), [5, 3, 1]);
			expectEqual(await hits(store, 'mess', { from: 'bob' }), [5, 3]);
			expectEqual(await hits(store, '', { from: 'nobody' }), []);
			expectEqual(await hits(store, '', { since: message(2).time, before: message(4).time }), [3, 2]);
			expectEqual(await hits(store, '', { since: 0, limit: 2, conversation: 'c1' }), [5, 3]);
			const after = { time: message(3).time, id: idOf(3) };
			expectEqual(await hits(store, '', { since: 0, limit: 2, conversation: 'c1', after }), [2, 1]);
			const place = async (time: number) =>
				(await store.placeAt({ conversation: 'c1', time, dueTime: farFuture }))?.id;
			expectEqual(
				[await place(message(2).time + 1), await place(farFuture), await place(0)],
				[idOf(3), idOf(3), idOf(1)]
			);
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
