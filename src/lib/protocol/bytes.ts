/**
 * Strict reading and plain writing of bytes: minimal varints, bounded lengths, valid UTF-8, nothing trailing.
 * A reader throws `Malformed` on the first byte that is wrong; `decodeWith` turns that into a Result, so that no
 * exception leaves a decoder.
 */
import { fail, ok, type Result } from './result';

export type MalformedReason =
	'truncated' | 'trailing' | 'varint' | 'length' | 'utf8' | 'version' | 'type' | 'range' | 'padding';

export class Malformed extends Error {
	constructor(readonly reason: MalformedReason) {
		super(reason);
	}
}

const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf8Encoder = new TextEncoder();

export class ByteReader {
	#at = 0;

	constructor(readonly bytes: Uint8Array) {}

	get position(): number {
		return this.#at;
	}

	get left(): number {
		return this.bytes.length - this.#at;
	}

	u8(): number {
		const value = this.bytes[this.#at];
		if (value === undefined) throw new Malformed('truncated');
		this.#at++;
		return value;
	}

	/** Unsigned LEB128, minimal, at most 2^53 - 1. */
	varuint(): number {
		let value = 0;
		let factor = 1;
		for (let length = 1; ; length++) {
			const byte = this.u8();
			value += (byte & 0x7f) * factor;
			if (length > 8 || value > Number.MAX_SAFE_INTEGER) throw new Malformed('varint');
			if (byte < 0x80) {
				if (byte === 0 && length > 1) throw new Malformed('varint');
				return value;
			}
			factor *= 128;
		}
	}

	/** A view, not a copy. */
	take(length: number): Uint8Array {
		if (length > this.left) throw new Malformed('truncated');
		const view = this.bytes.subarray(this.#at, this.#at + length);
		this.#at += length;
		return view;
	}

	/** Length-prefixed bytes of at most `limit`. A view, not a copy. */
	block(limit: number): Uint8Array {
		const length = this.varuint();
		if (length > limit) throw new Malformed('length');
		return this.take(length);
	}

	/** Length-prefixed, valid UTF-8 of at most `limit` bytes. */
	text(limit: number): string {
		const bytes = this.block(limit);
		try {
			return utf8Decoder.decode(bytes);
		} catch {
			throw new Malformed('utf8');
		}
	}

	end(): void {
		if (this.left !== 0) throw new Malformed('trailing');
	}
}

export class ByteWriter {
	#bytes: Uint8Array;
	#length = 0;

	constructor(capacity = 256) {
		this.#bytes = new Uint8Array(capacity);
	}

	#room(more: number): void {
		if (this.#length + more <= this.#bytes.length) return;
		const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
		grown.set(this.#bytes.subarray(0, this.#length));
		this.#bytes = grown;
	}

	u8(value: number): this {
		this.#room(1);
		this.#bytes[this.#length++] = value;
		return this;
	}

	varuint(value: number): this {
		this.#room(8);
		let rest = value;
		while (rest > 0x7f) {
			this.#bytes[this.#length++] = 0x80 | (rest % 128);
			rest = Math.floor(rest / 128);
		}
		this.#bytes[this.#length++] = rest;
		return this;
	}

	u32(value: number): this {
		return this.u8((value >>> 24) & 255)
			.u8((value >>> 16) & 255)
			.u8((value >>> 8) & 255)
			.u8(value & 255);
	}

	/** Big-endian, for numbers up to 2^53 - 1. */
	u64(value: number): this {
		return this.u32(Math.floor(value / 0x1_0000_0000)).u32(value % 0x1_0000_0000);
	}

	raw(bytes: Uint8Array): this {
		this.#room(bytes.length);
		this.#bytes.set(bytes, this.#length);
		this.#length += bytes.length;
		return this;
	}

	block(bytes: Uint8Array): this {
		return this.varuint(bytes.length).raw(bytes);
	}

	text(value: string): this {
		return this.block(utf8Encoder.encode(value));
	}

	/** ASCII label, raw; labels keep one kind of signed or hashed bytes from being taken for another. */
	label(value: string): this {
		for (let i = 0; i < value.length; i++) this.u8(value.charCodeAt(i));
		return this;
	}

	get length(): number {
		return this.#length;
	}

	/** What has been written. Free of copying if the capacity was exactly right. */
	done(): Uint8Array<ArrayBuffer> {
		if (this.#length === this.#bytes.length) return this.#bytes as Uint8Array<ArrayBuffer>;
		return this.#bytes.slice(0, this.#length) as Uint8Array<ArrayBuffer>;
	}
}

/**
 * Runs a strict decoder over all of `bytes`.
 * @returns what `read` gives, or why the bytes are refused. Never throws on bad input.
 */
export function decodeWith<T>(
	bytes: Uint8Array,
	read: (reader: ByteReader) => T
): Result<T, MalformedReason> {
	try {
		const reader = new ByteReader(bytes);
		const value = read(reader);
		reader.end();
		return ok(value);
	} catch (error) {
		if (error instanceof Malformed) return fail(error.reason);
		throw error;
	}
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
	const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
	return true;
}

/** Two lower-case hexadecimal digits a byte. */
export const toHex = (bytes: Uint8Array): string =>
	Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Order of unsigned bytes, shorter first: the tie-break wherever "lowest id" decides. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
	const length = Math.min(a.length, b.length);
	for (let i = 0; i < length; i++) {
		const difference = (a[i] as number) - (b[i] as number);
		if (difference !== 0) return difference;
	}
	return a.length - b.length;
}

export function utf8Length(text: string): number {
	return utf8Encoder.encode(text).length;
}
