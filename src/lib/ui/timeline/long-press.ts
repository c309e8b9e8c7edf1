import type { Attachment } from 'svelte/attachments';

const pressMs = 450;
/** A finger trembles; further than this it scrolls. */
const slackPx = 10;

/**
 * A finger that stays on an element. Browsers on some phones tell it as `contextmenu`, others do not: whichever comes
 * first counts, and the click that would follow is swallowed.
 * @param pressed told where, in px of the viewport
 */
export function longPress(
	pressed: (at: { readonly x: number; readonly y: number }) => void
): Attachment<HTMLElement> {
	return (element) => {
		const controller = new AbortController();
		const options = { signal: controller.signal, passive: true };
		let timer: ReturnType<typeof setTimeout> | undefined;
		let from = { x: 0, y: 0 };
		const stop = (): void => clearTimeout(timer);

		element.addEventListener(
			'pointerdown',
			(event) => {
				stop();
				if (event.pointerType !== 'touch' || !event.isPrimary) return;
				from = { x: event.clientX, y: event.clientY };
				timer = setTimeout(() => {
					// What the finger leaves behind when it is lifted is no press on what lies beneath it.
					addEventListener('click', swallow, { capture: true, once: true });
					addEventListener('pointerdown', () => removeEventListener('click', swallow, true), {
						capture: true,
						once: true
					});
					pressed(from);
				}, pressMs);
			},
			options
		);
		element.addEventListener(
			'pointermove',
			({ clientX, clientY }) => Math.hypot(clientX - from.x, clientY - from.y) > slackPx && stop(),
			options
		);
		for (const end of ['pointerup', 'pointercancel', 'contextmenu'] as const)
			element.addEventListener(end, stop, options);
		return () => {
			stop();
			controller.abort();
		};
	};
}

function swallow(event: Event): void {
	event.preventDefault();
	event.stopPropagation();
}
