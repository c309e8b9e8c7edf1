/**
 * Arrow keys, Home and End among the links and buttons of a list (`keydown` on the list), but for those that open a
 * menu beside one of them. Leaves every other key, and keys with modifiers, alone.
 */
export function moveByArrows(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
	if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
	const items = [...event.currentTarget.querySelectorAll<HTMLElement>('a, button:not([aria-haspopup])')];
	const index = items.findIndex((item) => item === document.activeElement);
	const target = {
		ArrowDown: items[index + 1],
		ArrowUp: items[Math.max(0, index - 1)],
		Home: items[0],
		End: items[items.length - 1]
	}[event.key];
	if (!target) return;
	event.preventDefault();
	target.focus();
}
