/**
 * A picture small enough to stand in a record: WebP or JPEG, a few KiB. Nobody else's bytes are handed to a decoder before
 * their first ones have said what they are and how many pixels they make: a few bytes can claim gigabytes of them.
 */
import { fail, ok, type Result } from './result';

/** Beside all that a `settings` record may hold it still fits into an entry. */
export const pictureLimitBytes = 8 * 1024;
/** Of each side, in pixels. */
export const pictureLimitPixels = 256;

export interface SmallPicture {
	readonly type: 'image/webp' | 'image/jpeg';
	/** Pixels. */
	readonly width: number;
	readonly height: number;
}

export type PictureRejection = 'picture-size' | 'picture-kind' | 'picture-pixels';

/** What the bytes say they are. They may still not decode; they are not large. */
export function readSmallPicture(bytes: Uint8Array): Result<SmallPicture, PictureRejection> {
	if (bytes.length === 0 || bytes.length > pictureLimitBytes) return fail('picture-size');
	const picture = readWebp(bytes) ?? readJpeg(bytes);
	if (picture === null) return fail('picture-kind');
	const { width, height } = picture;
	const isDrawn = width > 0 && height > 0 && width <= pictureLimitPixels && height <= pictureLimitPixels;
	return isDrawn ? ok(picture) : fail('picture-pixels');
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
	new DataView(buffer, byteOffset, byteLength);

const textAt = (bytes: Uint8Array, at: number, text: string): boolean =>
	[...text].every((letter, i) => bytes[at + i] === letter.charCodeAt(0));

/**
 * The pixels of a WebP alone, as browsers do not write it: without colour profile, transparency or anything else.
 * @returns other bytes as they are
 */
export function pixelsOfWebp(bytes: Uint8Array): Uint8Array {
	if (!textAt(bytes, 0, 'RIFF') || !textAt(bytes, 8, 'WEBP')) return bytes;
	const view = viewOf(bytes);
	for (let at = 12; at + 8 <= bytes.length;) {
		// Chunks begin at even places.
		const length = 8 + view.getUint32(at + 4, true);
		const end = at + length + (length % 2);
		if (end > bytes.length) return bytes;
		if (textAt(bytes, at, 'VP8 ') || textAt(bytes, at, 'VP8L')) {
			const plain = new Uint8Array(12 + end - at);
			plain.set(bytes.subarray(0, 12));
			plain.set(bytes.subarray(at, end), 12);
			viewOf(plain).setUint32(4, plain.length - 8, true);
			return plain;
		}
		at = end;
	}
	return bytes;
}

/** RFC 9649. One still picture; what is animated or comes in parts is not ours. */
function readWebp(bytes: Uint8Array): SmallPicture | null {
	if (bytes.length < 30 || !textAt(bytes, 0, 'RIFF') || !textAt(bytes, 8, 'WEBP')) return null;
	const view = viewOf(bytes);
	const type = 'image/webp' as const;
	if (textAt(bytes, 12, 'VP8 ') && bytes[23] === 0x9d && bytes[24] === 0x01 && bytes[25] === 0x2a)
		return { type, width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
	if (textAt(bytes, 12, 'VP8L') && bytes[20] === 0x2f) {
		const bits = view.getUint32(21, true);
		return { type, width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
	}
	return null;
}

/** ITU T.81, B.2: segments up to the first frame header, which has the size. */
function readJpeg(bytes: Uint8Array): SmallPicture | null {
	if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
	const view = viewOf(bytes);
	for (let at = 2; at + 9 <= bytes.length;) {
		const marker = bytes[at + 1] ?? 0;
		if (bytes[at] !== 0xff) return null;
		if (marker === 0xc0 || marker === 0xc2)
			return { type: 'image/jpeg', height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
		// Only tables and application data may come before.
		const isAhead = marker === 0xdb || marker === 0xc4 || marker === 0xdd || marker >= 0xe0;
		if (!isAhead) return null;
		at += 2 + view.getUint16(at + 2);
	}
	return null;
}
