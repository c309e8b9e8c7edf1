/**
 * Messages on their way to the store's worker: their numbers in one buffer that is handed over rather than copied, their
 * texts in one string. A thousand objects would be taken apart and put together again name by name.
 */
import { plainlySaid } from './as-said';
import type { ProjectionBatch, SaidMessage } from './types';

export interface PackedMessages {
	/** `columnCount` for each message, in the order of `pack`. */
	readonly numbers: Float64Array<ArrayBuffer>;
	/** Id, text and what more there is of each message, one after the other. */
	readonly strings: string;
	/** Conversations and authors, each once. */
	readonly names: readonly string[];
}

export type PackedBatch = Omit<ProjectionBatch, 'messages'> & { readonly messages: PackedMessages };

const columnCount = 11;
const flags = { own: 1 } as const;

/** What most messages have none of: written as JSON, with null for a plain one. */
type More = Pick<SaidMessage, keyof typeof plainlySaid>;

export function packBatch(batch: ProjectionBatch): PackedBatch {
	return { ...batch, messages: pack(batch.messages ?? []) };
}

export function unpackBatch(batch: PackedBatch): ProjectionBatch {
	return { ...batch, messages: unpack(batch.messages) };
}

function pack(messages: readonly SaidMessage[]): PackedMessages {
	const numbers = new Float64Array(messages.length * columnCount);
	const indexByName = new Map<string, number>();
	const indexOf = (name: string): number => {
		const index = indexByName.get(name) ?? indexByName.size;
		indexByName.set(name, index);
		return index;
	};
	let strings = '';
	let at = 0;
	for (const row of messages) {
		numbers[at++] = row.segment;
		numbers[at++] = row.lane;
		numbers[at++] = row.clock;
		numbers[at++] = row.time;
		numbers[at++] = row.sentAtMs;
		numbers[at++] = row.id.length;
		numbers[at++] = row.text.length;
		const more = moreOf(row);
		numbers[at++] = more.length;
		numbers[at++] = indexOf(row.conversation);
		numbers[at++] = indexOf(row.author);
		numbers[at++] = row.own ? flags.own : 0;
		strings += row.id + row.text + more;
	}
	return { numbers, strings, names: [...indexByName.keys()] };
}

export function unpack({ numbers, strings, names }: PackedMessages): SaidMessage[] {
	const rows: SaidMessage[] = [];
	let from = 0;
	const take = (length: number): string => strings.slice(from, (from += length));
	for (let at = 0; at < numbers.length; at += columnCount) {
		const column = (index: number): number => numbers[at + index] as number;
		rows.push({
			segment: column(0),
			lane: column(1),
			clock: column(2),
			time: column(3),
			sentAtMs: column(4),
			id: take(column(5)),
			text: take(column(6)),
			...readMore(take(column(7))),
			conversation: names[column(8)] as string,
			author: names[column(9)] as string,
			own: (column(10) & flags.own) !== 0
		});
	}
	return rows;
}

function moreOf(row: SaidMessage): string {
	const { reply, thread, mentions, mentionsEveryone, mentionsMe, forwarded, poll, expiresAtMs } = row;
	const isPlain =
		reply === null &&
		thread === null &&
		mentions.length === 0 &&
		!mentionsEveryone &&
		!mentionsMe &&
		!forwarded &&
		poll === null &&
		expiresAtMs === null;
	if (isPlain) return '';
	const more: More = { reply, thread, mentions, mentionsEveryone, mentionsMe, forwarded, poll, expiresAtMs };
	return JSON.stringify(more);
}

const readMore = (more: string): More => (more === '' ? plainlySaid : (JSON.parse(more) as More));
