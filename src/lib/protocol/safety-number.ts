/**
 * What two people compare to know that nobody stands between them: a number made from both account keys, the same on
 * both sides, and a payload for a QR code that holds the keys themselves.
 *
 *   number   60 digits: 12 groups of 5, each 5 bytes of HKDF-SHA-256 over both keys, sorted,
 *            modulo 100 000
 *   payload  "skein-sn1:" ‖ base64url(own account key 32 ‖ the other's as this side knows it 32)
 */
import { fromBase64url, toBase64url } from './base64url';
import { ByteWriter, compareBytes, concatBytes, equalBytes } from './bytes';
import { deriveBytes, isSoundPoint, publicKeyLength } from './crypto';
import { fail, ok, type Result } from './result';

const groupCount = 12;
const groupLengthBytes = 5;
const prefix = 'skein-sn1:';

export type SafetyCodeRejection = 'safety-code-broken' | 'safety-code-other-person' | 'safety-code-differs';

/**
 * @param one and other account keys (Ed25519, 32 bytes each), in any order
 * @returns twelve groups of five digits
 * @throws RangeError if they are one key, or of another length
 */
export function safetyNumber(one: Uint8Array, other: Uint8Array): readonly string[] {
	if (one.length !== publicKeyLength || other.length !== publicKeyLength || equalBytes(one, other))
		throw new RangeError('a safety number is of two account keys');
	const sorted = [one, other].sort(compareBytes);
	const label = new ByteWriter().label('sn/1').done();
	const bytes = deriveBytes(concatBytes(...sorted), label, label, groupCount * groupLengthBytes);
	return Array.from({ length: groupCount }, (_, group) => {
		const part = bytes.subarray(group * groupLengthBytes, (group + 1) * groupLengthBytes);
		const number = part.reduce((value, byte) => value * 256 + byte, 0);
		return String(number % 100_000).padStart(5, '0');
	});
}

/** For the QR code that the other person scans. */
export function safetyCode(own: Uint8Array, other: Uint8Array): string {
	return prefix + toBase64url(concatBytes(own, other));
}

/**
 * Compares what was scanned with what is known here.
 * @returns nothing if both sides know the same keys; 'safety-code-other-person' if it is not this contact's code,
 *   'safety-code-differs' if it is, and they know us under another key
 */
export function checkSafetyCode(
	text: string,
	own: Uint8Array,
	other: Uint8Array
): Result<void, SafetyCodeRejection> {
	if (!text.startsWith(prefix)) return fail('safety-code-broken');
	const bytes = fromBase64url(text.slice(prefix.length));
	if (!bytes.ok || bytes.value.length !== 2 * publicKeyLength) return fail('safety-code-broken');
	const theirs = bytes.value.subarray(0, publicKeyLength);
	const ours = bytes.value.subarray(publicKeyLength);
	if (!isSoundPoint(theirs) || !isSoundPoint(ours)) return fail('safety-code-broken');
	if (!equalBytes(theirs, other)) return fail('safety-code-other-person');
	return equalBytes(ours, own) ? ok(undefined) : fail('safety-code-differs');
}

/** Digits as somebody reads or types them: spaces and line breaks between, nothing else. */
export function isSafetyNumber(typed: string, one: Uint8Array, other: Uint8Array): boolean {
	const digits = typed.replace(/[\s\u00a0]/gu, '');
	return /^[0-9]{60}$/.test(digits) && digits === safetyNumber(one, other).join('');
}
