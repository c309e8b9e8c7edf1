/** While the page is hidden there are no frames; then this is often enough. */
const hiddenMs = 200;
/** Browsers do not promise to tell of the first paint: so long at most is waited for the word. */
const latestPaintMs = 1_000;

/** Runs `task` before the next frame, or soon if the page is hidden. */
export function nextFrame(task: () => void): void {
	if (document.hidden) setTimeout(task, hiddenMs);
	else requestAnimationFrame(task);
}

/** Resolves when the page has painted something for the first time, or soon if it is hidden or does not tell. */
export function firstPaint(): Promise<void> {
	return new Promise((resolve) => {
		if (document.hidden || !PerformanceObserver.supportedEntryTypes.includes('paint'))
			return nextFrame(resolve);
		const observer = new PerformanceObserver((list) => {
			if (list.getEntriesByName('first-contentful-paint').length > 0) done();
		});
		const done = (): void => {
			clearTimeout(latest);
			observer.disconnect();
			document.removeEventListener('visibilitychange', done);
			resolve();
		};
		const latest = setTimeout(done, latestPaintMs);
		document.addEventListener('visibilitychange', done);
		observer.observe({ type: 'paint', buffered: true });
	});
}
