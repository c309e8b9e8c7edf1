/**
 * What is pasted, as Markdown-lite: tables of spreadsheets and pages, and text with formats. Pictures and styles are
 * left behind. Loaded when something of the kind is first pasted.
 */
import { writeTable } from '../text/table';

/** What a clipboard offers; '' if it does not. */
export interface Pasted {
	readonly plain: string;
	readonly html: string;
}

/** Larger ones are pasted as they are: nobody formats a book in a message. */
const htmlLimit = 512 * 1024;

/** @returns what is to be put into the field; null: leave it to the browser, the plain text is all there is to it */
export function pastedText({ plain, html }: Pasted): string | null {
	if (html !== '' && html.length <= htmlLimit) {
		const written = writeNode(parsed(html).body)
			.replace(/\n{3,}/g, '\n\n')
			.trim();
		// Without a format it would be the same, but for the blanks that pages are full of.
		if (written !== '' && hasFormat(written)) return written;
	}
	const rows = tabbedRows(plain);
	return rows === null ? null : writeTable(rows);
}

/** A table as spreadsheets put it: rows of cells with tabs between them; null if it is none. */
export function tabbedRows(plain: string): readonly (readonly string[])[] | null {
	const lines = plain.replace(/\r\n?/g, '\n').replace(/\n+$/, '').split('\n');
	if (lines.length < 2) return null;
	const rows = lines.map((line) => line.split('\t'));
	const [first = []] = rows;
	return first.length > 1 && rows.every((row) => row.length === first.length) ? rows : null;
}

const hasFormat = (text: string): boolean =>
	/\*\*|~~|`|\]\(|^(?:> |- |\d+\. |\| )|\n(?:> |- |\d+\. |\| )|(?<!\w)_\S/u.test(text);

/** Named in the content security policy (svelte.config.js). */
const policy = (globalThis as { readonly trustedTypes?: PastedPolicyFactory }).trustedTypes?.createPolicy(
	'skein-pasted',
	// Of the document that this becomes, only text is read; it is never shown, runs nothing and fetches nothing.
	{ createHTML: (html) => html }
);

/** What is used of the browser's factory; TypeScript's library does not know it. */
interface PastedPolicyFactory {
	createPolicy(
		name: string,
		rules: { createHTML(html: string): string }
	): { createHTML(html: string): unknown };
}

function parsed(html: string): Document {
	const quiet = withoutHandlers(html);
	return new DOMParser().parseFromString((policy?.createHTML(quiet) ?? quiet) as string, 'text/html');
}

/**
 * The same without handlers in its tags. They would not run, but the browser reports each to the console. Where a value
 * holds a bracket one may stay, which does no harm.
 */
const withoutHandlers = (html: string): string =>
	html.replace(/<[a-z][^<>]*/gi, (tag) => tag.replace(/([\s/"'])on\w+(?=\s*=)/gi, '$1data-off'));

/** Marks around what stands in an element. */
const markByTag: Readonly<Record<string, string>> = {
	B: '**',
	STRONG: '**',
	I: '_',
	EM: '_',
	S: '~~',
	DEL: '~~',
	STRIKE: '~~'
};
const blockTags = new Set(
	'P DIV SECTION ARTICLE HEADER FOOTER MAIN ASIDE H1 H2 H3 H4 H5 H6 UL OL LI PRE BLOCKQUOTE TABLE HR'.split(
		' '
	)
);
const skippedTags = new Set(
	'SCRIPT STYLE TEMPLATE NOSCRIPT HEAD META LINK TITLE IFRAME OBJECT SVG'.split(' ')
);

function writeNode(node: Node): string {
	if (node.nodeType === Node.TEXT_NODE) return (node.textContent ?? '').replace(/\s+/gu, ' ');
	if (!(node instanceof Element) && !isElement(node)) return '';
	const element = node as HTMLElement;
	const tag = element.tagName.toUpperCase();
	if (skippedTags.has(tag)) return '';
	const written = writeElement(element, tag);
	return blockTags.has(tag) ? `\n${written}\n` : written;
}

/** Elements of another document are none of this page's classes in every browser. */
const isElement = (node: Node): node is Element => node.nodeType === Node.ELEMENT_NODE;

function writeElement(element: HTMLElement, tag: string): string {
	if (tag === 'BR') return '\n';
	if (tag === 'HR') return '';
	if (tag === 'PRE') return `\`\`\`\n${(element.textContent ?? '').replace(/\n$/, '')}\n\`\`\``;
	if (tag === 'CODE') return wrapped(element.textContent ?? '', '`');
	if (tag === 'TABLE') return writeRows(element);
	if (tag === 'UL' || tag === 'OL') return writeList(element, tag === 'OL');
	const inner = [...element.childNodes].map(writeNode).join('');
	if (tag === 'A') return writeLink(element.getAttribute('href') ?? '', inner);
	if (tag === 'BLOCKQUOTE') return inner.trim().replace(/^/gm, '> ');
	if (/^H[1-6]$/.test(tag)) return wrapped(inner, '**');
	// Google Docs wraps everything in a <b> that says it is not bold.
	const isMarked = markByTag[tag] !== undefined && !/normal/.test(element.style.fontWeight);
	return isMarked ? wrapped(inner, markByTag[tag] ?? '') : inner;
}

/** Marks go beside the first and the last letter, and span no lines. */
function wrapped(text: string, mark: string): string {
	const inner = text.trim();
	if (inner === '' || inner.includes('\n') || inner.startsWith(mark)) return text;
	return text.replace(inner, () => mark + inner + mark);
}

function writeLink(href: string, label: string): string {
	const text = label.trim();
	if (!/^(?:https?:|mailto:)/i.test(href) || text === '') return label;
	return text === href || /[[\]\n]/.test(text)
		? href
		: `[${text}](${href.replace(/[()\s]/g, encodeURIComponent)})`;
}

function writeList(list: HTMLElement, ordered: boolean): string {
	const items = [...list.children].filter((child) => child.tagName.toUpperCase() === 'LI');
	return items
		.map((item, index) => {
			const sign = ordered ? `${index + 1}. ` : '- ';
			return sign + writeNode(item).trim().replace(/\n+/g, '\n');
		})
		.join('\n');
}

function writeRows(table: HTMLElement): string {
	const rows = [...table.querySelectorAll('tr')].map((row) =>
		[...row.children].map((cell) => [...cell.childNodes].map(writeNode).join('').trim())
	);
	const filled = rows.filter((row) => row.length > 0);
	if (filled.length === 0) return '';
	return filled.length === 1 || filled.every((row) => row.length === 1)
		? filled.map((row) => row.join(' ')).join('\n')
		: writeTable(filled);
}
