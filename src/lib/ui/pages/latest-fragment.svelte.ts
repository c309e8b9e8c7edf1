import { takeFragment } from './take-fragment';

/** The fragment of a page that is opened by a link, and of whatever link is pasted over it: then nothing is loaded again. */
export class LatestFragment {
	current = $state('');

	constructor(opened: string) {
		this.current = opened;
	}

	/** To be called when the address has changed. */
	readonly take = (): void => {
		const latest = takeFragment(location, history);
		if (latest !== '') this.current = latest;
	};
}
