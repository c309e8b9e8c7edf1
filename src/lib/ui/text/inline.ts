/**
 * The inline half of Markdown-lite: one pass over a paragraph, linear in its length and at most five levels deep.
 *
 * Bold `**x**`, italic `*x*` and `_x_`, struck `~~x~~`, code `` `x` ``, links `[label](https://…)` and bare
 * `https://…`, mentions of those who are named to it. Whatever does not pair up stays as it was typed, so no character
 * that a person wrote gets lost.
 */
import { mentionAt, type Mentioned } from './mention';

export type Inline =
	| { readonly kind: 'text'; readonly text: string }
	| { readonly kind: 'break' }
	| { readonly kind: 'code'; readonly text: string }
	/** With its `@`, as it was typed. */
	| { readonly kind: 'mention'; readonly text: string; readonly self: boolean }
	| { readonly kind: 'link'; readonly href: string; readonly children: readonly Inline[] }
	| { readonly kind: 'strong' | 'emphasis' | 'struck'; readonly children: readonly Inline[] };

type Marker = '**' | '*' | '_' | '~~';

interface Frame {
	readonly marker: Marker | null;
	readonly children: Inline[];
}

const kindByMarker = { '**': 'strong', '*': 'emphasis', _: 'emphasis', '~~': 'struck' } as const;

/** Only these leave the app; everything else that looks like an address stays text. */
const linkProtocols: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:']);

// Both parts stop at the next bracket, so a run of brackets is walked once and not once per bracket.
const labelledLink = /\[([^[\]\n]{1,512})\]\(((?:https?:\/\/|mailto:)[^\s()<>[\]]{1,2048})\)/iy;
const bareLink = /(?:https?:\/\/|mailto:)[^\s<>"`]{1,2048}/iy;
const trailingPunctuation = /[.,;:!?'")\]}*_~]/;
const wordCharacter = /[\p{L}\p{N}]/u;
const space = /\s/;
const special = /[`*_~[\\\nhHmM@¯]/g;
/** Made of marks, and never meant as such. */
const shrug = '¯\\_(ツ)_/¯';
const escapable = /[`*_~[\]\\()>#+\-.!/@|]/;

/** Gives the address in its normal form, or null if it is none that a message may lead to. Never throws. */
export function safeHref(address: string): string | null {
	if (!URL.canParse(address)) return null;
	const url = new URL(address);
	return linkProtocols.has(url.protocol) ? url.href : null;
}

/**
 * Parses one paragraph (`\n` becomes a break). Takes any string, never throws.
 * @param mentioned who is mentioned in the message that it is of
 */
export function parseInline(source: string, mentioned: readonly Mentioned[] = []): readonly Inline[] {
	const frames: Frame[] = [{ marker: null, children: [] }];
	const nextBacktickRun = backtickRuns(source);
	let position = 0;

	const top = (): Frame => frames[frames.length - 1] as Frame;
	const addText = (text: string): void => appendText(top().children, text);

	while (position < source.length) {
		special.lastIndex = position;
		const stop = special.exec(source)?.index ?? source.length;
		if (stop > position) addText(source.slice(position, stop));
		position = stop;
		const character = source[position];
		if (character === undefined) break;

		if (character === '\n') {
			top().children.push({ kind: 'break' });
			position += 1;
		} else if (character === '\\') {
			const next = source[position + 1];
			const escapes = next !== undefined && escapable.test(next);
			addText(escapes ? next : character);
			position += escapes ? 2 : 1;
		} else if (character === '`') {
			position = readCode();
		} else if (character === '[') {
			position = readLabelledLink();
		} else if (character === '¯') {
			const said = source.startsWith(shrug, position) ? shrug : character;
			addText(said);
			position += said.length;
		} else if (character === '@') {
			position = readMention();
		} else if (character === 'h' || character === 'H' || character === 'm' || character === 'M') {
			position = readBareLink(character);
		} else {
			position = readMarker(character);
		}
	}
	while (frames.length > 1) dissolveTop(frames);
	return top().children;

	function readCode(): number {
		const run = nextBacktickRun(position);
		if (run.closesAt === null) {
			addText(source.slice(position, position + run.length));
			return position + run.length;
		}
		top().children.push({ kind: 'code', text: source.slice(position + run.length, run.closesAt) });
		return run.closesAt + run.length;
	}

	function readLabelledLink(): number {
		labelledLink.lastIndex = position;
		const match = labelledLink.exec(source);
		const href = match?.[2] === undefined ? null : safeHref(match[2]);
		if (match?.[1] === undefined || href === null) {
			addText('[');
			return position + 1;
		}
		top().children.push({ kind: 'link', href, children: [{ kind: 'text', text: match[1] }] });
		return position + match[0].length;
	}

	function readMention(): number {
		const mention = mentionAt(source, position, mentioned);
		if (mention === null) {
			addText('@');
			return position + 1;
		}
		const end = position + mention.length;
		top().children.push({ kind: 'mention', text: source.slice(position, end), self: mention.who.self });
		return end;
	}

	function readBareLink(character: string): number {
		bareLink.lastIndex = position;
		const insideWord = wordCharacter.test(source[position - 1] ?? ' ');
		const match = insideWord ? null : bareLink.exec(source);
		const address = match === null ? '' : trimAddress(match[0]);
		const href = address === '' ? null : safeHref(address);
		if (href === null) {
			addText(character);
			return position + 1;
		}
		top().children.push({ kind: 'link', href, children: [{ kind: 'text', text: address }] });
		return position + address.length;
	}

	function readMarker(character: string): number {
		const doubled = source[position + 1] === character;
		const marker: Marker | null =
			character === '*' ? (doubled ? '**' : '*') : character === '_' ? '_' : doubled ? '~~' : null;
		if (marker === null) {
			addText(character);
			return position + 1;
		}
		const end = position + marker.length;
		const before = source[position - 1] ?? ' ';
		const after = source[end] ?? ' ';
		const insideWord = marker === '_' && wordCharacter.test(before) && wordCharacter.test(after);
		const isOpen = frames.some((frame) => frame.marker === marker);
		if (isOpen && !space.test(before) && !insideWord && source[position - 1] !== marker[0]) {
			while (top().marker !== marker) dissolveTop(frames);
			const { children } = frames.pop() as Frame;
			top().children.push({ kind: kindByMarker[marker], children });
		} else if (!isOpen && !space.test(after) && !insideWord) {
			// One frame per marker at most: this is what bounds the depth.
			frames.push({ marker, children: [] });
		} else {
			addText(marker);
		}
		return end;
	}
}

/** A marker that found no partner becomes text again, in front of what it would have wrapped. */
function dissolveTop(frames: Frame[]): void {
	const { marker, children } = frames.pop() as Frame;
	const below = (frames[frames.length - 1] as Frame).children;
	if (marker !== null) appendText(below, marker);
	for (const child of children) {
		if (child.kind === 'text') appendText(below, child.text);
		else below.push(child);
	}
}

function appendText(children: Inline[], text: string): void {
	const last = children[children.length - 1];
	if (last?.kind === 'text') children[children.length - 1] = { kind: 'text', text: last.text + text };
	else children.push({ kind: 'text', text });
}

/** Punctuation after an address belongs to the sentence, a closing bracket only if the address opened none. */
function trimAddress(address: string): string {
	let end = address.length;
	let unopened = 0;
	for (const character of address) unopened += character === ')' ? 1 : character === '(' ? -1 : 0;
	while (end > 0 && trailingPunctuation.test(address[end - 1] as string)) {
		if (address[end - 1] === ')') {
			if (unopened <= 0) break;
			unopened -= 1;
		}
		end -= 1;
	}
	return address.slice(0, end);
}

/**
 * For a backtick at `position`: the length of its run, and where the next run of the same length begins.
 * Runs are indexed once, and each length is walked by a pointer that only moves forward.
 */
function backtickRuns(source: string): (position: number) => { length: number; closesAt: number | null } {
	const startsByLength = new Map<number, number[]>();
	const pointerByLength = new Map<number, number>();
	const lengthByStart = new Map<number, number>();
	for (const match of source.matchAll(/`+/g)) {
		lengthByStart.set(match.index, match[0].length);
		const starts = startsByLength.get(match[0].length);
		if (starts) starts.push(match.index);
		else startsByLength.set(match[0].length, [match.index]);
	}
	return (position) => {
		// A run that begins after an escaped backtick is shorter than the one indexed.
		const length = lengthByStart.get(position);
		if (length === undefined) return { length: 1, closesAt: null };
		const starts = startsByLength.get(length) ?? [];
		let pointer = pointerByLength.get(length) ?? 0;
		while (pointer < starts.length && (starts[pointer] as number) <= position) pointer += 1;
		pointerByLength.set(length, pointer);
		return { length, closesAt: starts[pointer] ?? null };
	};
}
