/** While the page is hidden there are no frames; then this is often enough. */
const hiddenMs = 200;

/** Runs `task` before the next frame, or soon if the page is hidden. */
export function nextFrame(task: () => void): void {
	if (document.hidden) setTimeout(task, hiddenMs);
	else requestAnimationFrame(task);
}
