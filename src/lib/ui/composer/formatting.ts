/** Formatting by keyboard: what is selected is wrapped in the marks of Markdown-lite, or freed of them. Pure. */
import type { FieldEdit } from './field-edit';

export type Format = 'bold' | 'italic' | 'struck' | 'code' | 'fence' | 'link';

const markByFormat = { bold: '**', italic: '_', struck: '~~', code: '`' } as const;

/** What is asked of a key event. */
export interface KeyPress {
	readonly key: string;
	readonly ctrlKey: boolean;
	readonly metaKey: boolean;
	readonly shiftKey: boolean;
	readonly altKey: boolean;
}

const formatByKey: Readonly<Record<string, Format>> = { b: 'bold', i: 'italic', e: 'code', k: 'link' };
const formatByShiftKey: Readonly<Record<string, Format>> = { x: 'struck', c: 'code', u: 'link' };

/** The format that a shortcut asks for (⌘ or Ctrl with B, I, E, K, Shift+X), or null. */
export function formatOf({ key, ctrlKey, metaKey, shiftKey, altKey }: KeyPress): Format | null {
	if (ctrlKey === metaKey || altKey) return null;
	const formats = shiftKey ? formatByShiftKey : formatByKey;
	const lower = key.toLowerCase();
	return (Object.hasOwn(formats, lower) ? formats[lower] : undefined) ?? null;
}

/**
 * The edit that gives a selection a format, or takes it away if it has it. With nothing selected, the caret stands
 * between the marks; of a link, the address is selected, to be pasted over.
 */
export function formatEdit(text: string, from: number, to: number, format: Format): FieldEdit {
	const selected = text.slice(from, to);
	if (format === 'link') return linkEdit(from, to, selected);
	if (format === 'fence' || (format === 'code' && selected.includes('\n'))) {
		// A fence stands at the beginning of a line.
		const lead = from === 0 || text[from - 1] === '\n' ? '```\n' : '\n```\n';
		const start = from + lead.length;
		return { from, to, text: `${lead}${selected}\n\`\`\``, select: [start, start + selected.length] };
	}
	const mark = markByFormat[format];
	const { length } = mark;
	if (text.slice(from - length, from) === mark && text.slice(to, to + length) === mark && from >= length)
		return { from: from - length, to: to + length, text: selected, select: [from - length, to - length] };
	// A mark beside a space pairs up with nothing: spaces at either end stay outside.
	const [lead = ''] = /^\s*/u.exec(selected) ?? [];
	const inner = selected.trim();
	const start = from + lead.length + length;
	const wrapped =
		inner === ''
			? mark + selected + mark
			: lead + mark + inner + mark + selected.slice(lead.length + inner.length);
	if (inner === '') return { from, to, text: wrapped, select: [from + length, to + length] };
	return { from, to, text: wrapped, select: [start, start + inner.length] };
}

function linkEdit(from: number, to: number, selected: string): FieldEdit {
	const address = 'https://';
	const isAddress = /^https?:\/\/\S+$/u.test(selected);
	if (isAddress) return { from, to, text: `[](${selected})`, select: [from + 1, from + 1] };
	const start = from + selected.length + 3;
	return { from, to, text: `[${selected}](${address})`, select: [start, start + address.length] };
}
