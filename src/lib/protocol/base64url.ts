/** Base64url without padding (RFC 4648, 5), strict: one text for one sequence of bytes. */
import { fail, ok, type Result } from './result';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const valueByCode = new Int8Array(128).fill(-1);
for (let i = 0; i < alphabet.length; i++) valueByCode[alphabet.charCodeAt(i)] = i;

export function toBase64url(bytes: Uint8Array): string {
	let text = '';
	for (let i = 0; i < bytes.length; i += 3) {
		const a = bytes[i] as number;
		const b = bytes[i + 1];
		const c = bytes[i + 2];
		text += alphabet[a >> 2];
		text += alphabet[((a & 3) << 4) | ((b ?? 0) >> 4)];
		if (b === undefined) break;
		text += alphabet[((b & 15) << 2) | ((c ?? 0) >> 6)];
		if (c === undefined) break;
		text += alphabet[c & 63];
	}
	return text;
}

/** @returns the bytes, or 'base64url' for a foreign character, an impossible length or non-zero spare bits. */
export function fromBase64url(text: string): Result<Uint8Array<ArrayBuffer>, 'base64url'> {
	if (text.length % 4 === 1) return fail('base64url');
	const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
	let at = 0;
	let bits = 0;
	let held = 0;
	for (let i = 0; i < text.length; i++) {
		const value = valueByCode[text.charCodeAt(i)] ?? -1;
		if (value < 0) return fail('base64url');
		held = (held << 6) | value;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			bytes[at++] = (held >> bits) & 255;
		}
		held &= (1 << bits) - 1;
	}
	return held === 0 ? ok(bytes) : fail('base64url');
}
