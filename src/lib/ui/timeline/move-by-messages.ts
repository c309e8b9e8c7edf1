/**
 * The keys of a log (`keydown` on it): up and down from message to message, Escape from a part of a message to the
 * message, and from there to the field. Leaves keys that a part has used, and keys with modifiers, alone.
 * @param out leaves the log for the field, if there is one
 */
export function moveByMessages(
	event: KeyboardEvent & { currentTarget: HTMLElement },
	out: () => boolean
): void {
	if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
	if (!(event.target instanceof HTMLElement)) return;
	const log = event.currentTarget;
	const message = event.target.closest<HTMLElement>('[data-row]');
	if (event.key === 'Escape') {
		const isPart = message !== null && event.target !== message;
		if (isPart) message.focus();
		if (isPart || out()) event.preventDefault();
		return;
	}
	if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
	// Within a field of its own (a poll's options) the arrows have their own meaning.
	if (event.target instanceof HTMLInputElement) return;
	const rows = [...log.querySelectorAll<HTMLElement>('[data-row]')];
	const last = rows.at(-1);
	const index = message === null ? -1 : rows.indexOf(message);
	const next = index < 0 ? last : rows[index + (event.key === 'ArrowUp' ? -1 : 1)];
	if (next === undefined) return;
	event.preventDefault();
	next.focus();
}
