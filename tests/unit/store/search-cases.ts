/** Search: by words in any script, by author, links and dates. */
import { expectEqual, farFuture, found, frame, page, type StoreCase } from './store-case';
import { conversation, idOf, member, message, messages } from './store-rows';

export const searchCases: readonly StoreCase[] = [
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
		name: 'finds by author, links and dates, page after page',
		run: async (store) => {
			const links = [
				message(1, { text: 'see https://skein.example/a(b). and (https://skein.example/c)' }),
				message(2, { text: 'nothing http:// here' }),
				message(4, { text: 'https://skein.example/d', conversation: 'c2' })
			];
			await store.apply({ ...frame, messages: [...links, message(3), message(5, { thread: idOf(1) })] });
			const shared = await store.links({ conversation: 'c1', limit: 10, dueTime: farFuture });
			expectEqual(
				shared.map(({ url }) => url),
				['https://skein.example/a(b)', 'https://skein.example/c']
			);
			expectEqual(await found(store, '', { has: 'link' }), [4, 1]);
			expectEqual(await found(store, '', { has: 'link', conversation: 'c1' }), [1]);
			expectEqual(await found(store, '', { from: 'bob' }), [5, 3, 1]);
			expectEqual(await found(store, 'mess', { from: 'bob' }), [5, 3]);
			expectEqual(await found(store, '', { from: 'nobody' }), []);
			expectEqual(await found(store, '', { since: message(2).time, before: message(4).time }), [3, 2]);
			expectEqual(await found(store, '', { since: 0, limit: 2, conversation: 'c1' }), [5, 3]);
			const after = { time: message(3).time, id: idOf(3) };
			expectEqual(await found(store, '', { since: 0, limit: 2, conversation: 'c1', after }), [2, 1]);
			const place = async (time: number) =>
				(await store.placeAt({ conversation: 'c1', time, dueTime: farFuture }))?.id;
			expectEqual(
				[await place(message(2).time + 1), await place(farFuture), await place(0)],
				[idOf(3), idOf(3), idOf(1)]
			);
		}
	}
];
