/** While the page is hidden there are no frames; then this is often enough. */
const hiddenMs = 200;

/**
 * Runs `task` before the next frame, or soon if the page is hidden.
 * @returns a token, so that a caller can tell that it has asked already
 */
export function nextFrame(task: () => void): object {
	if (document.hidden) setTimeout(task, hiddenMs);
	else requestAnimationFrame(task);
	return task;
}
