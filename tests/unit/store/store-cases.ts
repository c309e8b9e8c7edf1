/**
 * What every Store has to do, as data: run against the in-memory driver in Node (store.test.ts) and against the worker
 * on OPFS in a browser (tests/e2e/store), which has no test runner inside. Each case gets an open, empty store.
 */
import { asSaid, plainlySaid } from '../../../src/lib/store/as-said';
import type {
	ConversationRow,
	MemberRow,
	SaidMessage,
	PageAnchor,
	Position,
	ProjectionBatch,
	Store
} from '../../../src/lib/store/types';

export interface StoreCase {
	readonly name: string;
	readonly run: (store: Store) => Promise<void>;
}

export const farFuture = Number.MAX_SAFE_INTEGER - 1;
export const baseTime = 1_780_000_000_000 * 1024;

export const idOf = (index: number): string =>
	`entry-${String(index).padStart(6, '0')}-of-a-lane-with-a-long-name`;

export function message(index: number, more: Partial<SaidMessage> = {}): SaidMessage {
	return {
		...plainlySaid,
		conversation: 'c1',
		time: baseTime + index * 1024,
		id: idOf(index),
		segment: 0,
		lane: 9_007_199_254_740_000 + (index % 3),
		clock: index,
		author: index % 2 === 0 ? 'ann' : 'bob',
		own: index % 2 === 0,
		text: `message number ${index}`,
		sentAtMs: 1_780_000_000_000 + index,
		...more
	};
}

export const conversation = (id: string, more: Partial<ConversationRow> = {}): ConversationRow => ({
	id,
	name: `Name of ${id}`,
	createdTime: baseTime,
	left: false,
	...more
});

export const member = (account: string, more: Partial<MemberRow> = {}): MemberRow => ({
	conversation: 'c1',
	account,
	name: `Name of ${account}`,
	role: 'member',
	left: false,
	self: account === 'ann',
	...more
});

export const messages = (from: number, to: number, more: Partial<SaidMessage> = {}): SaidMessage[] =>
	Array.from({ length: to - from }, (_, offset) => message(from + offset, more));

export const placeOf = ({ time, id }: Position): Position => ({ time, id });

/** Keys in one order, so that only what they hold is compared. */
const inOrder = (_key: string, value: unknown): unknown =>
	typeof value === 'object' && value !== null && !Array.isArray(value)
		? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
		: value;

/** Deep equality by way of JSON, with both sides in the error. */
export function expectEqual(actual: unknown, expected: unknown): void {
	const [actualText, expectedText] = [
		JSON.stringify(actual, inOrder, 1),
		JSON.stringify(expected, inOrder, 1)
	];
	if (actualText !== expectedText) throw new Error(`expected ${expectedText}\nbut got ${actualText}`);
}

const page = async (store: Store, anchor: PageAnchor, limit = 5, dueTime = farFuture) => {
	const {
		messages: found,
		hasOlder,
		hasNewer
	} = await store.page({ conversation: 'c1', anchor, limit, dueTime });
	return { clocks: found.map(({ clock }) => clock), hasOlder, hasNewer };
};

const found = async (
	store: Store,
	text: string,
	more: { conversation?: string; limit?: number; dueTime?: number } = {}
) =>
	(await store.search({ text, limit: 50, dueTime: farFuture, ...more })).map(
		({ message: { clock } }) => clock
	);

const summary = async (store: Store, id = 'c1', dueTime = farFuture) =>
	(await store.conversations(dueTime)).find((candidate) => candidate.id === id);

const small: ProjectionBatch = {
	conversations: [conversation('c1')],
	members: [member('ann', { role: 'owner' }), member('bob'), member('eve', { left: true })],
	messages: messages(0, 20),
	cursors: [{ conversation: 'c1', segment: 0, lane: 9_007_199_254_740_000, next: 20 }]
};

export const storeCases: readonly StoreCase[] = [
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
	},
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
		name: 'finds all words, the last one as a prefix, without case and diacritics, newest first',
		run: async (store) => {
			const texts = [
				'Crème brûlée',
				'creme BRULEE tonight',
				'brulee, no cream',
				'Łódź straße',
				'naïve',
				'don’t do that',
				'messages',
				'messenger'
			];
			await store.apply({ messages: texts.map((text, index) => message(index, { text })) });
			expectEqual(await found(store, 'creme brul'), [1, 0]);
			expectEqual(await found(store, 'BRÛLÉE CRÈME'), [1, 0]);
			expectEqual(await found(store, 'brul creme'), []);
			expectEqual(await found(store, 'lodz STRASSE'), [3]);
			expectEqual(await found(store, 'mess'), [7, 6]);
			expectEqual(await found(store, 'messe'), [7]);
			expectEqual(await found(store, 'that don'), [5]);
			expectEqual(
				[await found(store, ''), await found(store, ' ?! '), await found(store, '" OR *')],
				[[], [], []]
			);
			expectEqual(await found(store, 'brulee', { limit: 1 }), [2]);
		}
	},
	{
		name: 'finds parts of texts without spaces between words, and emoji',
		run: async (store) => {
			const texts = [
				'我们明天去东京看电影',
				'京东东京',
				'東京タワーへ行きたい',
				'안녕하세요 여러분',
				'ｶﾞｲﾄﾞ',
				'see you 👍🏽 there',
				'สวัสดีชาวโลก'
			];
			await store.apply({ messages: texts.map((text, index) => message(index, { text })) });
			expectEqual(await found(store, '东京'), [1, 0]);
			expectEqual(await found(store, '东京看'), [0]);
			// All pairs occur in the second text, but not one after the other.
			expectEqual(await found(store, '京东京'), []);
			expectEqual(await found(store, '影'), [0]);
			expectEqual(await found(store, 'タワー'), [2]);
			expectEqual(await found(store, '하세요'), [3]);
			expectEqual(await found(store, 'ガイド'), [4]);
			expectEqual([await found(store, '👍'), await found(store, 'there 👍')], [[5], [5]]);
			expectEqual(await found(store, 'ชาว'), [6]);
		}
	},
	{
		name: 'searches within one conversation, and shows where the hit is',
		run: async (store) => {
			const long = `${'word '.repeat(200)}the needle lies here ${'tail '.repeat(200)}`;
			await store.apply({
				messages: [message(1, { text: 'a needle' }), message(2, { text: long, conversation: 'c2' })]
			});
			expectEqual(await found(store, 'needle', { conversation: 'c1' }), [1]);
			expectEqual(await found(store, 'needle', { conversation: 'unknown' }), []);
			const [hit, short] = await store.search({ text: 'need', limit: 5, dueTime: farFuture });
			expectEqual(hit?.authorName, '');
			await store.apply({ members: [member(message(1).author, { name: 'Nell' })] });
			const [named] = await store.search({
				text: 'a needle',
				limit: 5,
				dueTime: farFuture,
				conversation: 'c1'
			});
			expectEqual(named?.authorName, 'Nell');
			expectEqual(short?.snippet, [
				{ text: 'a ', hit: false },
				{ text: 'needle', hit: true }
			]);
			expectEqual(
				hit?.snippet.filter((part) => part.hit),
				[{ text: 'needle', hit: true }]
			);
			const shown = hit?.snippet.map(({ text }) => text).join('') ?? '';
			expectEqual(
				[shown.startsWith('…word'), shown.endsWith('tail…'), shown.length < 250],
				[true, true, true]
			);
		}
	},
	{
		name: 'makes a large import readable at once and searchable when it has settled',
		run: async (store) => {
			await store.apply({ conversations: [conversation('c1')], messages: messages(0, 2500) });
			expectEqual((await page(store, { at: 'newest' }, 1)).clocks, [2499]);
			await store.settled();
			const beginningWith7 = [...Array(2500).keys()]
				.reverse()
				.filter((index) => String(index).startsWith('7'));
			expectEqual(
				[(await store.stats()).unsearchable, await found(store, 'number 7')],
				[0, beginningWith7.slice(0, 50)]
			);
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
