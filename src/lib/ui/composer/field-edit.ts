/** A change to what stands in a text field, as data: what it makes of text and selection can be told without a page. */
export interface FieldEdit {
	/** What is replaced: from here … */
	readonly from: number;
	/** … up to here, in UTF-16 units, as selections are counted. */
	readonly to: number;
	readonly text: string;
	/** What is selected afterwards; behind the new text if absent. */
	readonly select?: readonly [from: number, to: number];
}

/** Gives the text that the edit makes. */
export const editedText = (text: string, { from, to, text: inserted }: FieldEdit): string =>
	text.slice(0, from) + inserted + text.slice(to);

/**
 * Edits as a person would by typing, so that the browser's undo takes it back and `input` is told. The command is old
 * and has no successor: everything else (`setRangeText`, `value`) empties the history of the field.
 */
export function applyEdit(field: HTMLTextAreaElement, edit: FieldEdit): void {
	field.focus({ preventScroll: true });
	field.setSelectionRange(edit.from, edit.to);
	const isDone =
		edit.text === ''
			? edit.from === edit.to || document.execCommand('delete')
			: document.execCommand('insertText', false, edit.text);
	if (!isDone) {
		field.setRangeText(edit.text, edit.from, edit.to, 'end');
		field.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertText' }));
	}
	const end = edit.from + edit.text.length;
	field.setSelectionRange(...(edit.select ?? ([end, end] as const)));
}
