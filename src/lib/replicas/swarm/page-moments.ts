/**
 * The moments of a page's life at which connections are in doubt. Nothing waits for these events alone: they only
 * make what a timer does anyway happen sooner.
 *
 *     online   the browser has a network again, or another one
 *     awake    the page is seen again, or runs again after a freeze or the back-forward cache
 *     leaving  the page goes away, perhaps into the back-forward cache
 */
export type PageMoment = 'online' | 'awake' | 'leaving';

/** Calls `listener` at each moment until the returned function is called. */
export type PageMoments = (listener: (moment: PageMoment) => void) => () => void;

export const pageMoments: PageMoments = (listener) => {
	const listening = new AbortController();
	const { signal } = listening;
	window.addEventListener('online', () => listener('online'), { signal });
	window.addEventListener('pageshow', (event) => event.persisted && listener('awake'), { signal });
	window.addEventListener('pagehide', () => listener('leaving'), { signal });
	document.addEventListener('resume', () => listener('awake'), { signal });
	document.addEventListener(
		'visibilitychange',
		() => document.visibilityState === 'visible' && listener('awake'),
		{
			signal
		}
	);
	// Network Information API, where there is one: from Wi-Fi to mobile without an "online" in between.
	networkInformation()?.addEventListener('change', () => listener('online'), { signal });
	return () => listening.abort();
};

function networkInformation(): EventTarget | null {
	const connection: unknown = 'connection' in navigator ? navigator.connection : null;
	return connection instanceof EventTarget ? connection : null;
}
