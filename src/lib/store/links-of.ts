/** Web addresses as people type them, bare or as the target of a label: what the screen makes links of. */
const address = /https?:\/\/[^\s<>"`\\]{1,2048}/giu;
/** What ends a sentence rather than an address. */
const sentenceEnd = /[.,;:!?'’”…]+$/u;

/** True if `linksOf` would find any. Costs little: it is asked for every message that is written. */
export const hasLink = (text: string): boolean => /https?:\/\//iu.test(text) && linksOf(text).length > 0;

/** The web addresses in a text, each once, in order. */
export function linksOf(text: string): string[] {
	const found = new Set<string>();
	for (const [match] of text.matchAll(address)) {
		const url = withoutTail(match);
		if (URL.canParse(url)) found.add(url);
	}
	return [...found];
}

/** A bracket that is closed but not opened stands around the address, not in it. */
function withoutTail(match: string): string {
	for (let url = match; ;) {
		const open = url.split('(').length;
		const trimmed = url.endsWith(')') && url.split(')').length > open ? url.slice(0, -1) : url;
		const next = trimmed.replace(sentenceEnd, '');
		if (next === url) return url;
		url = next;
	}
}
