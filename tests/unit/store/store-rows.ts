/** Rows as the engine hands them to a store: conversations, members, messages, and what is said about messages. */
import { plainlySaid } from '../../../src/lib/store/as-said';
import type {
	ActRow,
	AgainRow,
	ConversationRow,
	DeletedRow,
	MemberRow,
	Position,
	SaidMessage
} from '../../../src/lib/store/types';

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
export const vote = (at: number, target: number, choices: readonly number[], author = 'bob') =>
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
