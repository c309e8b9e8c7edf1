/**
 * Tables of Markdown-lite: a line of cells between bars, a line of dashes, then lines of cells.
 *
 *     | Who   | Brings |
 *     | :---- | -----: |
 *     | Aiko  | coffee |
 */
export type Alignment = 'start' | 'center' | 'end';

export interface TableLines {
	/** One for each column. */
	readonly alignments: readonly Alignment[];
	readonly head: readonly string[];
	/** Each as long as the head; a cell that is missing is empty. */
	readonly rows: readonly (readonly string[])[];
	/** How many lines it takes. */
	readonly length: number;
}

/** More columns than anybody reads; what is wider stays text. */
const columnLimit = 20;

const dashes = /^:?-+:?$/;
/** A bar that is not escaped. */
const bar = /(?<!\\)\|/;

/** Reads the table that begins at a line, or null if none does. Linear in the lines that it takes. */
export function readTable(lines: readonly string[], start: number): TableLines | null {
	const [first, second] = [lines[start], lines[start + 1]];
	if (first === undefined || second === undefined || !bar.test(first) || !bar.test(second)) return null;
	const rules = cells(second);
	if (!rules.every((rule) => dashes.test(rule))) return null;
	const head = cells(first);
	if (head.length !== rules.length || head.length > columnLimit) return null;
	const alignments = rules.map(alignmentOf);
	const rows: string[][] = [];
	let end = start + 2;
	for (let line = lines[end]; line !== undefined && bar.test(line); line = lines[++end]) {
		const row = cells(line);
		// A row that says more than there are columns would lose something: it is no row of this table.
		if (row.length > head.length) break;
		rows.push(head.map((_, column) => row[column] ?? ''));
	}
	return { alignments, head, rows, length: end - start };
}

function cells(line: string): readonly string[] {
	const inner = line
		.trim()
		.replace(/^\|/, '')
		.replace(/(?<!\\)\|$/, '');
	return inner.split(bar).map((cell) => cell.trim().replaceAll('\\|', '|'));
}

function alignmentOf(rule: string): Alignment {
	if (!rule.endsWith(':')) return 'start';
	return rule.startsWith(':') ? 'center' : 'end';
}

/** Writes cells as a table that `readTable` reads; the first row is the head. Line breaks in cells become spaces. */
export function writeTable(rows: readonly (readonly string[])[]): string {
	const width = Math.max(...rows.map((row) => row.length));
	const line = (row: readonly string[]): string => {
		const padded = Array.from({ length: width }, (_, column) => (row[column] ?? '').trim());
		return `| ${padded.map((cell) => cell.replace(/\s+/gu, ' ').replaceAll('|', '\\|')).join(' | ')} |`;
	};
	const [head = [], ...rest] = rows;
	return [line(head), `|${' --- |'.repeat(width)}`, ...rest.map(line)].join('\n');
}
