/**
 * Runs before the router looks at the address. The router decodes the fragment and throws if it is not sound percent
 * encoding, as in a join link that was mangled on its way: such a fragment is replaced by one that is just wrong.
 */
import type { ClientInit } from '@sveltejs/kit';
import { getApp } from '$lib/app/current';

export const init: ClientInit = () => {
	// What it reads first comes from the disk while the router fetches the page.
	getApp();
	if (isDecodable(location.hash)) return;
	history.replaceState(history.state, '', `${location.pathname}${location.search}#mangled`);
};

function isDecodable(fragment: string): boolean {
	try {
		// Always so; but a bundler drops a call whose result is not used, even if it is there to throw.
		return decodeURIComponent(fragment).length <= fragment.length;
	} catch (error) {
		if (error instanceof URIError) return false;
		throw error;
	}
}
