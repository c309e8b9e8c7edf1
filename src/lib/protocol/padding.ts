/**
 * Padmé (Nikitin et al., 2019): a length keeps only as many significant bits as its exponent has bits, so sizes leak
 * O(log log n) bits for at most 12 % more bytes. The end of the content is marked by 0x80 (ISO/IEC 7816-4).
 */
import { Malformed } from './bytes';
import type { Bytes } from './crypto';

const minimumLength = 32;

export function padmeLength(length: number): number {
	if (length <= minimumLength) return minimumLength;
	const exponent = Math.floor(Math.log2(length));
	const mantissaBits = Math.floor(Math.log2(exponent)) + 1;
	const unit = 2 ** (exponent - mantissaBits);
	return Math.ceil(length / unit) * unit;
}

export function pad(content: Uint8Array): Bytes {
	const padded = new Uint8Array(padmeLength(content.length + 1));
	padded.set(content);
	padded[content.length] = 0x80;
	return padded;
}

/** @throws Malformed if the padding is not exactly what `pad` makes */
export function unpad(padded: Uint8Array): Uint8Array {
	const end = padded.findLastIndex((byte) => byte !== 0);
	if (padded[end] !== 0x80 || padmeLength(end + 1) !== padded.length) throw new Malformed('padding');
	return padded.subarray(0, end);
}
