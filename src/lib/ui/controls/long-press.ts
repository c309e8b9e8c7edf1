import type { Attachment } from 'svelte/attachments';

const longPressMs = 500;
/** A finger that rests moves by some pixels. */
const restPx = 10;

/**
 * Calls `pressed` when a finger rests on the element, where the browser has no menu of its own for that (Safari); the
 * click that follows is none. Elsewhere it is the `contextmenu` event that tells of a long press.
 */
export function longPress(pressed: () => void): Attachment<HTMLElement> {
	return (element) => {
		let timer: ReturnType<typeof setTimeout> | undefined;
		let from: { readonly x: number; readonly y: number } | null = null;
		let isPressed = false;
		const stop = (): void => clearTimeout(timer);
		const listeners: { [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void } = {
			pointerdown: (event) => {
				stop();
				isPressed = false;
				if (event.pointerType !== 'touch' || !event.isPrimary) return;
				from = { x: event.clientX, y: event.clientY };
				timer = setTimeout(() => {
					isPressed = true;
					pressed();
				}, longPressMs);
			},
			pointermove: ({ clientX, clientY }) => {
				if (from !== null && Math.hypot(clientX - from.x, clientY - from.y) > restPx) stop();
			},
			pointerup: stop,
			pointercancel: stop,
			click: (event) => {
				if (!isPressed) return;
				isPressed = false;
				event.preventDefault();
				event.stopPropagation();
			}
		};
		const all = Object.entries(listeners) as [string, EventListener][];
		for (const [type, listener] of all) element.addEventListener(type, listener, { capture: true });
		return () => {
			stop();
			for (const [type, listener] of all) element.removeEventListener(type, listener, { capture: true });
		};
	};
}
