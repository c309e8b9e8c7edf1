/**
 * What a search has to find, by reading every text, written without anything of the search: words by the platform's
 * classes of characters, accents off, the last word as a beginning, Han and Kana as part of a stretch of them.
 */

const asciiOnly = /^[\0-\x7f]*$/;

function plain(text: string): string {
	if (asciiOnly.test(text)) return text.toLowerCase();
	return text
		.normalize('NFD')
		.replace(/[\u0300-\u036f]/g, '')
		.normalize('NFC')
		.toLowerCase();
}

const stretches = (plainText: string): string[] =>
	plainText.match(
		/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+|[a-z0-9\p{Script=Greek}\p{Script=Cyrillic}]+/gu
	) ?? [];

const isEast = (stretch: string): boolean =>
	/^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(stretch);

/** @returns whether a text is a hit of the query; nothing is for a query without words */
export function scanFor(query: string): (text: string) => boolean {
	const wanted = stretches(plain(query));
	return (text) => {
		const plainText = plain(text);
		// Quick, and true of all hits.
		if (wanted.length === 0 || !wanted.every((part) => plainText.includes(part))) return false;
		const words = stretches(plainText);
		return wanted.every((part, at) =>
			words.some((word) => {
				if (isEast(part)) return isEast(word) && word.includes(part);
				return at === wanted.length - 1 ? word.startsWith(part) : word === part;
			})
		);
	};
}

/** Indices of all hits, in order. */
export function linearScan(texts: readonly string[], query: string): number[] {
	const isHit = scanFor(query);
	return texts.flatMap((text, index) => (isHit(text) ? [index] : []));
}
