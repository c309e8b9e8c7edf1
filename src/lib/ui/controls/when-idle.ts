import { firstPaint } from '$lib/app/next-frame';

/** Waits no longer than this for a page that is never idle. */
const latestMs = 2_000;
/** Where a browser cannot tell when it has nothing to do (Safari), this long after it was asked. */
const blindMs = 500;

/**
 * Runs `task` once the page has painted something and then has nothing better to do: a browser that waits for the last
 * file of the first screen is idle too, and what is asked for then comes in between. @returns what calls it off
 */
export function whenIdle(task: () => void): () => void {
	let wanted = true;
	let callOff = (): void => void (wanted = false);
	void firstPaint().then(() => {
		if (wanted) callOff = idle(task);
	});
	return () => callOff();
}

function idle(task: () => void): () => void {
	if (!('requestIdleCallback' in globalThis)) {
		const timer = setTimeout(task, blindMs);
		return () => clearTimeout(timer);
	}
	const asked = requestIdleCallback(task, { timeout: latestMs });
	return () => cancelIdleCallback(asked);
}

/**
 * Loads parts that will soon be wanted while the page is idle: they are there when somebody asks for them. What cannot
 * be had now is not worth a word: `Lazy` asks again, and then says so.
 * @returns what calls it off
 */
export function loadAhead(...parts: readonly (() => Promise<unknown>)[]): () => void {
	return whenIdle(() => void Promise.allSettled(parts.map((load) => load())));
}
