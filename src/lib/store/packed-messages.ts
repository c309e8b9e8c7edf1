/**
 * Messages on their way to the store's worker: their numbers in one buffer that is handed over rather than copied, their
 * texts in one string. A thousand objects would be taken apart and put together again name by name.
 */
import { plainlySaid } from './as-said';
import type { ProjectionBatch, SaidMessage } from './types';

export interface PackedMessages {
	/** `columnCount` for each message, in the order of `pack`. */
	readonly numbers: Float64Array<ArrayBuffer>;
	/** Id and text of each message, one after the other. */
	readonly strings: string;
	/** Conversations and authors, each once. */
	readonly names: readonly string[];
}

export type PackedBatch = Omit<ProjectionBatch, 'messages'> & { readonly messages: PackedMessages };

const columnCount = 10;
const flags = { own: 1 } as const;

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
		numbers[at++] = indexOf(row.conversation);
		numbers[at++] = indexOf(row.author);
		numbers[at++] = row.own ? flags.own : 0;
		strings += row.id + row.text;
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
			conversation: names[column(7)] as string,
			author: names[column(8)] as string,
			own: (column(9) & flags.own) !== 0,
			...plainlySaid
		});
	}
	return rows;
}
