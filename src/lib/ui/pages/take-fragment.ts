/**
 * Gives the fragment of the address (without '#', empty if there is none) and wipes it from the address bar and this
 * step of the history: it holds a group's key, and addresses end up in screenshots, histories and reports.
 */
export function takeFragment(
	location: Pick<Location, 'hash' | 'pathname' | 'search'>,
	history: Pick<History, 'state' | 'replaceState'>
): string {
	const fragment = location.hash.replace(/^#/, '');
	if (fragment !== '') history.replaceState(history.state, '', location.pathname + location.search);
	return fragment;
}
