/** What a message says, in one line. */

/** The beginning without the marks that the conversation itself renders. Plain text, at most 200 units. */
export function firstLine(text: string): string {
	return text
		.slice(0, 200)
		.replace(/[*_`~>]/g, '')
		.replace(/\s+/g, ' ')
		.trim();
}
