import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byPosition } from '../../../src/lib/store/position';
import { asSaid } from '../../../src/lib/store/as-said';
import type { MessageRow, SaidMessage, ProjectionBatch, Store } from '../../../src/lib/store/types';
import { memoryStore } from './memory-store';
import { conversation, member, message } from './store-rows';

const dueTime = 1000;
const row: fc.Arbitrary<SaidMessage> = fc
	.record({
		id: fc.stringMatching(/^[\w-]{1,3}$/),
		conversation: fc.constantFrom('c1', 'c2', 'c3'),
		time: fc.integer({ min: 0, max: 12 }).map((time) => time * 100),
		author: fc.constantFrom('ann', 'bob'),
		text: fc.constantFrom('one two', 'two three', 'éins 東京', '')
	})
	.map((fields) => message(1, { ...fields, own: fields.author === 'ann' }));
/** No two entries have one id, wherever they are: it is a hash. */
const rows = fc.uniqueArray(row, { selector: ({ id }) => id, maxLength: 60 });

/** The same rows in another order, some twice, cut into batches. */
const arrivals = rows.chain((all) =>
	fc.record({
		all: fc.constant(all),
		order: fc.shuffledSubarray([...all, ...all.slice(0, 10)], {
			minLength: Math.min(all.length + 10, all.length * 2)
		}),
		cuts: fc.array(fc.nat(70), { maxLength: 6 }),
		reads: fc.array(fc.record({ conversation: fc.constantFrom('c1', 'c2'), at: fc.nat(12) }), {
			maxLength: 4
		})
	})
);

const frame: ProjectionBatch = {
	conversations: ['c1', 'c2', 'c3'].map((id) => conversation(id)),
	members: ['c1', 'c2'].map((of) => member('bob', { conversation: of }))
};

test(
	'rows, pages and summaries do not depend on order, batches or repetition',
	{ timeout: 120_000 },
	async () => {
		await fc.assert(
			fc.asyncProperty(arrivals, async ({ all, order, cuts, reads }) => {
				const read = (store: Store) =>
					reads.map(({ conversation: of, at }) => store.markRead(of, { time: at * 100, id: 'm' }));
				const plain = memoryStore();
				await plain.open();
				await plain.apply({ ...frame, messages: all });
				await Promise.all(read(plain));
				const other = memoryStore();
				await other.open();
				await Promise.all(read(other).reverse());
				const bounds = [0, ...cuts.filter((cut) => cut < order.length).sort((a, b) => a - b), order.length];
				for (let index = 1; index < bounds.length; index++)
					await other.apply({ messages: order.slice(bounds[index - 1], bounds[index]) });
				await other.apply(frame);
				expect(await look(other)).toEqual(await look(plain));
				expect(await look(plain)).toMatchObject({ pages: pagesOf(all) });
				await plain.close();
				await other.close();
			}),
			{ numRuns: 150 }
		);
	}
);

/** What a plain sort says that the pages are. */
const pagesOf = (all: readonly SaidMessage[]): MessageRow[][] =>
	['c1', 'c2', 'c3'].map((of) =>
		all
			.filter((each) => each.conversation === of && each.time <= dueTime)
			.sort(byPosition)
			.map(asSaid)
	);

async function look(store: Store): Promise<object> {
	await store.settled();
	const pages: MessageRow[][] = [];
	for (const of of ['c1', 'c2', 'c3']) pages.push(await walk(store, of));
	return {
		pages,
		conversations: await store.conversations(dueTime),
		stats: { messages: (await store.stats()).messages },
		hits: await store.search({ text: 'two', limit: 100, dueTime })
	};
}

/** All messages of a conversation, three at a time from the newest; and the same from the oldest. */
async function walk(store: Store, of: string): Promise<MessageRow[]> {
	let page = await store.page({ conversation: of, anchor: { at: 'newest' }, limit: 3, dueTime });
	const found = [...page.messages];
	while (page.hasOlder) {
		page = await store.page({
			conversation: of,
			anchor: { at: 'before', position: found[0]! },
			limit: 3,
			dueTime
		});
		found.unshift(...page.messages);
	}
	let after = await store.page({
		conversation: of,
		anchor: { at: 'after', position: { time: -1, id: '' } },
		limit: 4,
		dueTime
	});
	const upwards = [...after.messages];
	while (after.hasNewer) {
		after = await store.page({
			conversation: of,
			anchor: { at: 'after', position: upwards.at(-1)! },
			limit: 4,
			dueTime
		});
		upwards.push(...after.messages);
	}
	expect(upwards).toEqual(found);
	for (const [index, position] of found.entries()) {
		const around = await store.page({
			conversation: of,
			anchor: { at: 'around', position },
			limit: 4,
			dueTime
		});
		const first = found.findIndex(
			({ id, time }) => id === around.messages[0]?.id && time === around.messages[0].time
		);
		expect(around.messages).toEqual(found.slice(first, first + 4));
		expect(first <= index && index < first + 4).toBe(true);
		expect([around.hasOlder, around.hasNewer]).toEqual([first > 0, first + 4 < found.length]);
	}
	return found;
}
