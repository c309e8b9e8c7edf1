import { takeFragment } from '$lib/ui/pages/take-fragment';

/** What is in the link leaves the address bar before anything is rendered; the page gets it as data. */
export const load = (): { fragment: string } => ({ fragment: takeFragment(location, history) });
