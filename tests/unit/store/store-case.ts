/** What a case of a store is, and how the cases look at one. */
import type {
	MessageRow,
	PageAnchor,
	ProjectionBatch,
	SearchQuery,
	Store
} from '../../../src/lib/store/types';
import { conversation, idOf, member, messages } from './store-rows';

export interface StoreCase {
	readonly name: string;
	/** @param store open and empty */
	readonly run: (store: Store) => Promise<void>;
}

export const farFuture = Number.MAX_SAFE_INTEGER - 1;

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

export const page = async (store: Store, anchor: PageAnchor, limit = 5, dueTime = farFuture) => {
	const {
		messages: found,
		hasOlder,
		hasNewer
	} = await store.page({ conversation: 'c1', anchor, limit, dueTime });
	return { clocks: found.map(({ clock }) => clock), hasOlder, hasNewer };
};

export const found = async (store: Store, text: string, more: Partial<SearchQuery> = {}) =>
	(await store.search({ text, limit: 50, dueTime: farFuture, ...more })).map(
		({ message: { clock } }) => clock
	);

export const summary = async (store: Store, id = 'c1', dueTime = farFuture) =>
	(await store.conversations(dueTime)).find((candidate) => candidate.id === id);

export const small: ProjectionBatch = {
	conversations: [conversation('c1')],
	members: [member('ann', { role: 'owner' }), member('bob'), member('eve', { left: true })],
	messages: messages(0, 20),
	cursors: [{ conversation: 'c1', segment: 0, lane: 9_007_199_254_740_000, next: 20 }]
};

export const shown = async (store: Store, index: number): Promise<MessageRow> => {
	const [row] = await store.messages({ conversation: 'c1', ids: [idOf(index)], dueTime: farFuture });
	if (!row) throw new Error(`message ${index} is not there`);
	return row;
};

/** Ann and Bob, who have said nothing yet. */
export const frame = { conversations: [conversation('c1')], members: [member('ann'), member('bob')] };

export const timeline = async (store: Store, thread?: string): Promise<readonly MessageRow[]> => {
	const query = { conversation: 'c1', anchor: { at: 'newest' }, limit: 50, dueTime: farFuture } as const;
	return (await store.page(thread === undefined ? query : { ...query, thread })).messages;
};
