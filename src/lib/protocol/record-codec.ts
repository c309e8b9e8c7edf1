/** What the codecs of records are made of: bounded lists, choices and texts, each with one spelling. */
import { Malformed, compareBytes, utf8Length, type ByteReader, type ByteWriter } from './bytes';
import type { EntryClass } from './entry';

export interface Codec<R> {
	/** Part of the wire: never reused. */
	readonly number: number;
	readonly class: EntryClass;
	write(writer: ByteWriter, record: R): void;
	read(reader: ByteReader): R;
}

export function nonEmpty(text: string): string {
	if (text.length === 0) throw new Malformed('length');
	return text;
}

/** @throws RangeError for a text that no reader would take: it would be saved, and lost */
export function writeText(writer: ByteWriter, text: string, limitBytes: number, leastBytes = 1): void {
	const length = utf8Length(text);
	if (length < leastBytes || length > limitBytes)
		throw new RangeError(`a text of ${length} bytes; ${leastBytes} to ${limitBytes} are allowed`);
	writer.text(text);
}

/** @throws RangeError if a list has too many or too few items */
export function writeList<T>(
	writer: ByteWriter,
	items: readonly T[],
	{ least, most }: ListBounds,
	write: (item: T) => void
): void {
	if (items.length < least || items.length > most)
		throw new RangeError(`a list of ${items.length}; ${least} to ${most} are allowed`);
	writer.varuint(items.length);
	for (const item of items) write(item);
}

export interface ListBounds {
	readonly least: number;
	readonly most: number;
}

export function readList<T>(reader: ByteReader, { least, most }: ListBounds, read: () => T): T[] {
	const count = reader.varuint();
	if (count < least || count > most) throw new Malformed('length');
	const items: T[] = [];
	for (let i = 0; i < count; i++) items.push(read());
	return items;
}

/** Byte strings of one length, ascending, each once: a set has one spelling. */
export function writeIdSet(
	writer: ByteWriter,
	ids: readonly Uint8Array[],
	idLength: number,
	bounds: ListBounds
): void {
	const sorted = [...ids].sort(compareBytes);
	const distinct = sorted.filter((id, i) => i === 0 || compareBytes(sorted[i - 1] as Uint8Array, id) !== 0);
	writeList(writer, distinct, bounds, (id) => {
		if (id.length !== idLength) throw new RangeError(`an id of ${id.length} bytes instead of ${idLength}`);
		writer.raw(id);
	});
}

export function readIdSet(reader: ByteReader, idLength: number, bounds: ListBounds): Uint8Array[] {
	const ids = readList(reader, bounds, () => reader.take(idLength));
	for (let i = 1; i < ids.length; i++) {
		if (compareBytes(ids[i - 1] as Uint8Array, ids[i] as Uint8Array) >= 0) throw new Malformed('range');
	}
	return ids;
}

export function writeFlag(writer: ByteWriter, flag: boolean): ByteWriter {
	return writer.u8(flag ? 1 : 0);
}

export function readFlag(reader: ByteReader): boolean {
	return readChoice(reader, [false, true]);
}

/** One of a closed list, by its place in it; lists only ever grow at their end. */
export function writeChoice<T>(writer: ByteWriter, choices: readonly T[], choice: T): ByteWriter {
	const at = choices.indexOf(choice);
	if (at < 0) throw new RangeError(`${String(choice)} is none of the choices`);
	return writer.u8(at);
}

export function readChoice<T>(reader: ByteReader, choices: readonly T[]): T {
	const at = reader.u8();
	if (at >= choices.length) throw new Malformed('range');
	return choices[at] as T;
}
