/** Longest name shown, in graphemes: names come from other people and must not push the screen around. */
export const nameGraphemeLimit = 64;

const control = /[\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069\u2028\u2029]/gu;

/**
 * A name as it may be shown: without control and direction-override characters, at most 64 graphemes, with an
 * ellipsis if there was more. Takes any string; an empty one stays empty.
 */
export function clipName(name: string): string {
	const clean = name.replace(control, '').trim();
	if (clean.length <= nameGraphemeLimit) return clean;
	let kept = '';
	let count = 0;
	for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(clean)) {
		if (count === nameGraphemeLimit) return `${kept}…`;
		// One "grapheme" can be thousands of combining marks: those are what makes text overflow its line.
		kept += segment.slice(0, 16);
		count += 1;
	}
	return kept;
}

/** A name as it is said where it has to stand alone. @param tag what tells namesakes apart, or '' */
export const taggedName = (name: string, tag: string): string =>
	tag === '' ? clipName(name) : `${clipName(name)} (${tag})`;

/** One or two letters for an avatar: the first grapheme of the first and the last word. */
export function initials(name: string): string {
	const words = clipName(name)
		.split(/\s+/u)
		.filter((word) => /[\p{L}\p{N}]/u.test(word));
	const first = firstGrapheme(words[0] ?? clipName(name));
	const last = words.length > 1 ? firstGrapheme(words[words.length - 1] ?? '') : '';
	return (first + last).toLocaleUpperCase();
}

function firstGrapheme(text: string): string {
	for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)) {
		return segment.slice(0, 16);
	}
	return '';
}

/** A hue (degrees) that belongs to an id for good, so that people and groups keep their colour. */
export function hueOf(id: string): number {
	let hash = 0;
	for (let index = 0; index < id.length; index += 1) hash = (hash * 31 + id.charCodeAt(index)) >>> 0;
	return (hash % 12) * 30 + 15;
}
